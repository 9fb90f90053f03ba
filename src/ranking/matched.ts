/** What matched in a paper: the sentence nearest to the query, and the shared words. */
import type { Hit } from "../api.js";
import { sentencesOf } from "../embedding/sentences.js";
import type { Paper } from "../core/paper.js";
import { tokensOf } from "../core/text.js";
import { beginningIn } from "../core/word.js";
import { shorterStems, stemOf } from "../words/stem.js";
import type { Block } from "../engine/engine.js";
import type { Term } from "../words/terms.js";

/** Distinct words reported for one hit. */
const MOST_WORDS = 50;

/**
 * @param sought Words of the paper that match are returned as written.
 * @param vector The query's vector; null in lexical mode: then the sentence with most of the words is chosen.
 */
export function matchedIn(
  block: Block,
  paper: Paper,
  label: number,
  sought: Sought,
  vector: Float32Array | null,
): Hit["matched"] {
  return {
    sentence: paper.abstract === null ? null : sentenceOf(block, paper.abstract, label, sought, vector),
    words: wordsIn(`${paper.title}\n${paper.abstract ?? ""}`, sought).slice(0, MOST_WORDS),
  };
}

/** How many letters at the end of a stem may differ from those of the word: `capabl` is the stem of `capability`. */
const CHANGED = 2;

/** What the terms of a query match. */
export type Sought = {
  /** The stem of a paper's term if it matches; `begins` if only its prefix does. Null if it does not match. */
  find: (term: string) => { stem: string; begins: boolean } | null;
  /** Whether a word whose first two letters have these codes can match: far faster than its stem. The second may be 0. */
  mayStart: (first: number, second: number) => boolean;
};

export function soughtBy(terms: readonly Term[]): Sought {
  const stems = new Set(terms.map(({ stem }) => stem));
  const beginnings = terms.map(({ stem }) => beginningIn(stem)).filter((beginning) => beginning !== null);
  for (const beginning of beginnings) for (const stem of shorterStems(beginning)) stems.add(stem);
  const starts = startsOf([...stems, ...beginnings]);
  const prefixes = [...stems].map((stem) => stem.slice(0, -CHANGED)).concat(beginnings);
  return {
    find: (term) => {
      // Far faster than the stem of every word.
      if (!prefixes.some((prefix) => term.startsWith(prefix))) return null;
      const stem = stemOf(term);
      if (stems.has(stem)) return { stem, begins: false };
      return beginnings.some((beginning) => stem.startsWith(beginning)) ? { stem, begins: true } : null;
    },
    mayStart: (first, second) => starts[placeOf(first, second)] === 1,
  };
}

/** The place of two letters, by their codes, in a table of all pairs. Letters have numbers from 1 to 26; 0 is no second one. */
const placeOf = (first: number, second: number): number => ((first & 31) << 5) | (second & 31);

/**
 * By the first two letters of a word, whether its stem may be one of these, or start with it. Stemming keeps both letters, unless
 * only one is left or a y becomes an i.
 */
function startsOf(stems: readonly string[]): Uint8Array {
  const starts = new Uint8Array(32 * 32);
  for (let first = 0; first < 32; first++) for (const second of [0, Y]) starts[placeOf(first, second)] = 1;
  for (const stem of stems) {
    const [first, second] = [stem.charCodeAt(0), stem.charCodeAt(1)];
    if (stem.length === 1) starts.fill(1, placeOf(first, 0), placeOf(first, 31) + 1);
    else starts[placeOf(first, second)] = 1;
  }
  return starts;
}

const Y = 121;

/** The matches in a text as written, each once; in scripts without spaces, the longest runs. */
function wordsIn(text: string, sought: Sought): string[] {
  const words = new Set<string>();
  const tokens = tokensOf(text, sought.mayStart);
  let stretch: { start: number; end: number } | undefined;
  const close = () => {
    if (stretch !== undefined) words.add(text.slice(stretch.start, stretch.end));
  };
  for (const [i, { term, start, end, unspaced }] of tokens.entries()) {
    const found = sought.find(term);
    if (found === null) continue;
    // A prefix of one character matches the first of a pair.
    const until = found.begins && unspaced === "pair" ? tokens[i + 1]!.start : end;
    if (unspaced !== undefined && stretch !== undefined && start < stretch.end) stretch.end = until;
    else {
      close();
      stretch = { start, end: until };
    }
  }
  close();
  return [...words];
}

function sentenceOf(
  block: Block,
  abstract: string,
  label: number,
  sought: Sought,
  vector: Float32Array | null,
): Hit["matched"]["sentence"] {
  const embedded = vector === null ? null : block.sentences(vector, label);
  if (embedded !== null) {
    const [best] = embedded.toSorted((a, b) => b.similarity - a.similarity);
    return best === undefined ? null : { text: abstract.slice(best.start, best.end), ...best };
  }
  let most = 0;
  let chosen: Hit["matched"]["sentence"] = null;
  for (const { start, end } of sentencesOf(abstract)) {
    const text = abstract.slice(start, end);
    const shared = new Set(tokensOf(text, sought.mayStart).map(({ term }) => sought.find(term)?.stem));
    shared.delete(undefined);
    if (shared.size > most) [most, chosen] = [shared.size, { text, start, end, similarity: null }];
  }
  return chosen;
}
