/** What matched in a paper: the sentence nearest to the query, and the shared words. */
import type { Hit } from "../api.js";
import { sentencesOf } from "../embedding/sentences.js";
import type { Paper } from "../core/paper.js";
import { termsIn, tokensOf } from "../core/text.js";
import { beginningIn } from "../core/word.js";
import { shorterStems, stemOf } from "../words/stem.js";
import type { Block } from "../engine/engine.js";
import type { Term } from "./terms.js";

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

/** Gives the stem of a paper's term if it matches the query; `begins` if only its prefix does. Null if it does not match. */
export type Sought = (term: string) => { stem: string; begins: boolean } | null;

/** What the terms of a query match. */
export function soughtBy(terms: readonly Term[]): Sought {
  const stems = new Set(terms.map(({ stem }) => stem));
  const beginnings = terms.map(({ stem }) => beginningIn(stem)).filter((beginning) => beginning !== null);
  for (const beginning of beginnings) for (const stem of shorterStems(beginning)) stems.add(stem);
  const starts = new Set([...stems, ...beginnings].map(startOf));
  return (term) => {
    if (!mayStartAs(starts, term)) return null;
    const stem = stemOf(term);
    if (stems.has(stem)) return { stem, begins: false };
    return beginnings.some((beginning) => stem.startsWith(beginning)) ? { stem, begins: true } : null;
  };
}

const ASCII = 128;
const Y = 121;

/** The first two characters as one number; the first alone if there is no second. */
const startOf = (stem: string): number => stem.charCodeAt(0) + (stem.charCodeAt(1) << 16);

/**
 * Whether the stem of a term may start like one of the query's. This is far faster than stemming, which keeps the first two
 * letters, unless only one is left or a y becomes an i.
 */
function mayStartAs(starts: ReadonlySet<number>, term: string): boolean {
  const [first, second] = [term.charCodeAt(0), term.charCodeAt(1)];
  // Without a second character this is NaN, and the comparison false.
  if (first >= ASCII || !(second < ASCII) || second === Y) return true;
  return starts.has(first + (second << 16)) || starts.has(first);
}

/** The matches in a text as written, each once; in scripts without spaces, the longest runs. */
function wordsIn(text: string, sought: Sought): string[] {
  const words = new Set<string>();
  const tokens = tokensOf(text);
  let stretch: { start: number; end: number } | undefined;
  const close = () => {
    if (stretch !== undefined) words.add(text.slice(stretch.start, stretch.end));
  };
  for (const [i, { term, start, end, unspaced }] of tokens.entries()) {
    const found = sought(term);
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
    const shared = new Set(termsIn(text).map((term) => sought(term)?.stem));
    shared.delete(undefined);
    if (shared.size > most) [most, chosen] = [shared.size, { text, start, end, similarity: null }];
  }
  return chosen;
}
