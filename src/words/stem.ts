/** Stems: all forms of a word become one term, the same for FTS5 and the index in memory. */
import { stemmer } from "stemmer";
import { foldLetters } from "../core/text.js";
import { STOP_WORDS } from "./stop-words.js";

const stems = new Map<string, string>();
const MOST = 100_000;
/** Longer terms are not words. */
const LONGEST = 64;

/** The stem of a term, or of a word in any form. */
export function stemOf(word: string): string {
  let stem = stems.get(word);
  if (stem === undefined) {
    // The number of words is unbounded; frequent ones soon return.
    if (stems.size >= MOST) stems.clear();
    stem = porter(foldLetters(word));
    stems.set(word, stem);
  }
  return stem;
}

const STOP_STEMS = new Set([...STOP_WORDS].map((word) => stemmer(word)));
/** Marks a stem that would equal that of a stop word. Not a letter, so it is in no term. */
const APART = "·";

function porter(term: string): string {
  if (term.length < 3 || term.length > LONGEST || !/^[a-z0-9]+$/.test(term)) return term;
  const stem = stemmer(term);
  // Porter makes "is" of "Ising", and "us" of "using": these must differ from the stop words.
  return STOP_STEMS.has(stem) && !STOP_WORDS.has(term) ? stem + APART : stem;
}

/** Endings of English words that stemming removes or changes. */
const SUFFIXES =
  `s es ies sses eed ed ing ational tional ency ancy izer ize ization ably ibly ally ently ely ously ation ator alism
  iveness fulness ousness ality ivity bility logy icate ative alize icity ical ful ness al ance ence er ic able ible ant
  ement ment ent ion ou ism ate ity ous ive y e iti`.split(/\s+/);

/** Every continuation of such an ending after a prefix. */
const ENDINGS = new Set(
  SUFFIXES.flatMap((suffix) => [suffix, `${suffix}s`, `${suffix}ed`, `${suffix}ing`]).flatMap((ending) =>
    Array.from(ending, (_, i) => ending.slice(i)),
  ),
);

/**
 * Stems of words that start with `beginning`, while the stem itself is shorter: `adolesc` for `adolescen`. Together
 * with the stems that start so, these are the stems of all such words.
 */
export function shorterStems(beginning: string): string[] {
  if (!/^[a-z0-9]+$/.test(beginning)) return [];
  const all = [beginning, ...Array.from(ENDINGS, (ending) => beginning + ending)].map(porter);
  return [...new Set(all)].filter((stem) => !stem.startsWith(beginning) && !STOP_STEMS.has(stem));
}
