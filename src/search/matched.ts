/** What in a paper speaks for it: the sentence nearest to the query, and the words they share. */
import type { Hit } from "../api.js";
import { sentencesOf } from "../embedding/sentences.js";
import type { Paper } from "../paper.js";
import { fold, wordsOf } from "../text.js";
import { stemOf } from "../words/stem.js";
import { stemMisleads } from "../words/stop-words.js";
import type { Engine } from "./engine.js";
import type { Term } from "./terms.js";

/** Distinct words told for one hit. */
const MOST_WORDS = 50;
/** Other characters begin here; the bit by which capitals differ from small letters. */
const ASCII = 128;
const LOWER_CASE = 32;
const Y = 121;

/**
 * @param terms What the query's words are; those of the paper that share a stem with one are named as they stand.
 * @param vector The query's; null where only words were asked for: then the sentence with most of them is chosen.
 */
export function matchedIn(
  engine: Engine,
  paper: Paper,
  label: number,
  terms: readonly Term[],
  vector: Float32Array | null,
): Hit["matched"] {
  const stems = new Set(terms.filter(({ word }) => !stemMisleads(word)).map(({ stem }) => stem));
  const beginnings = new Set(terms.map(({ stem }) => beginningOf(stem)));
  const whole = new Set(terms.filter(({ word }) => stemMisleads(word)).map(({ word }) => word));
  const text = `${paper.title}\n${paper.abstract ?? ""}`;
  const words = new Set(
    wordsOf(text).filter((word) => mayHave(beginnings, word) && (stems.has(stemOf(word)) || whole.has(fold(word)))),
  );
  return {
    sentence: paper.abstract === null ? null : sentenceOf(engine, paper.abstract, label, stems, vector),
    words: [...words].slice(0, MOST_WORDS),
  };
}

/** The first two letters of a stem as one number, small ones; the first alone where it has no second. */
export const beginningOf = (stem: string): number =>
  (stem.charCodeAt(0) | LOWER_CASE) + ((stem.charCodeAt(1) | LOWER_CASE) << 16);

/**
 * Whether a word may have a stem that begins so: stemming leaves the first two letters of a word as they are, unless it
 * leaves only one, or makes an i of a y.
 */
export function mayHave(beginnings: ReadonlySet<number>, word: string): boolean {
  const [first, second] = [word.charCodeAt(0), word.charCodeAt(1) | LOWER_CASE];
  if (first >= ASCII || second >= ASCII || second === Y) return true;
  const alone = (first | LOWER_CASE) + (LOWER_CASE << 16);
  return beginnings.has((first | LOWER_CASE) + (second << 16)) || beginnings.has(alone);
}

function sentenceOf(
  engine: Engine,
  abstract: string,
  label: number,
  stems: ReadonlySet<string>,
  vector: Float32Array | null,
): Hit["matched"]["sentence"] {
  const embedded = vector === null ? null : engine.sentences(vector, label);
  if (embedded !== null) {
    const [best] = embedded.toSorted((a, b) => b.similarity - a.similarity);
    return best === undefined ? null : { text: abstract.slice(best.start, best.end), ...best };
  }
  let most = 0;
  let chosen: Hit["matched"]["sentence"] = null;
  for (const { start, end } of sentencesOf(abstract)) {
    const text = abstract.slice(start, end);
    const shared = new Set(
      wordsOf(text)
        .map(stemOf)
        .filter((stem) => stems.has(stem)),
    ).size;
    if (shared > most) [most, chosen] = [shared, { text, start, end, similarity: null }];
  }
  return chosen;
}
