/** What in a paper speaks for it: the sentence nearest to the query, and the words they share. */
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
 * @param terms What the query's words are; those of the paper that share a stem with one are named as they are written.
 * @param vector The query's; null where only words were asked for: then the sentence with most of them is chosen.
 */
export function matchedIn(
  block: Block,
  paper: Paper,
  label: number,
  terms: readonly Term[],
  vector: Float32Array | null,
): Hit["matched"] {
  const sought = soughtBy(terms);
  return {
    sentence: paper.abstract === null ? null : sentenceOf(block, paper.abstract, label, sought, vector),
    words: wordsIn(`${paper.title}\n${paper.abstract ?? ""}`, sought).slice(0, MOST_WORDS),
  };
}

/** What is looked for: of a term of a paper its stem, if that is; `begins` if only its beginning is. */
type Sought = (term: string) => { stem: string; begins: boolean } | null;

function soughtBy(terms: readonly Term[]): Sought {
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

/** The first two characters as one number; the first alone where there is no second. */
const startOf = (stem: string): number => stem.charCodeAt(0) + (stem.charCodeAt(1) << 16);

/**
 * Whether the stem of a term may start so, which takes far less time than to stem it: stemming leaves the first two letters
 * as they are, unless it leaves only one, or makes an i of a y.
 */
function mayStartAs(starts: ReadonlySet<number>, term: string): boolean {
  const [first, second] = [term.charCodeAt(0), term.charCodeAt(1)];
  // NaN, where there is no second, is not less.
  if (first >= ASCII || !(second < ASCII) || second === Y) return true;
  return starts.has(first + (second << 16)) || starts.has(first);
}

/** What matches in a text, as it is written there, each once; of unspaced writing the longest stretches. */
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
    // One character that was looked for is the first of two.
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
