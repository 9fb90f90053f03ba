/** Stems: the forms of a word are one term. The store's FTS5 and the index in memory are given the same. */
import { stemmer } from "stemmer";
import { foldLetters } from "../text.js";
import { STOP_WORDS } from "./stop-words.js";

const stems = new Map<string, string>();
const MOST = 100_000;
/** Longer is no word. */
const LONGEST = 64;

/** The stem of a term, or of a word as it stands. */
export function stemOf(word: string): string {
  let stem = stems.get(word);
  if (stem === undefined) {
    // There is no end to words; the frequent ones come back soon.
    if (stems.size >= MOST) stems.clear();
    stem = porter(foldLetters(word));
    stems.set(word, stem);
  }
  return stem;
}

const STOP_STEMS = new Set([...STOP_WORDS].map((word) => stemmer(word)));
/** Behind a stem that is a stop word's as well; it is in no term, for it is no letter. */
const APART = "·";

function porter(term: string): string {
  if (term.length < 3 || term.length > LONGEST || !/^[a-z0-9]+$/.test(term)) return term;
  const stem = stemmer(term);
  // Porter makes "is" of "Ising", and "us" of "using": they are kept apart from the stop words.
  return STOP_STEMS.has(stem) && !STOP_WORDS.has(term) ? stem + APART : stem;
}

/** What English words end in that stemming takes away or changes. */
const SUFFIXES =
  `s es ies sses eed ed ing ational tional ency ancy izer ize ization ably ibly ally ently ely ously ation ator alism
  iveness fulness ousness ality ivity bility logy icate ative alize icity ical ful ness al ance ence er ic able ible ant
  ement ment ent ion ou ism ate ity ous ive y e iti`.split(/\s+/);

/** Every way in which such an ending may go on behind the end of a beginning. */
const ENDINGS = new Set(
  SUFFIXES.flatMap((suffix) => [suffix, `${suffix}s`, `${suffix}ed`, `${suffix}ing`]).flatMap((ending) =>
    Array.from(ending, (_, i) => ending.slice(i)),
  ),
);

/**
 * Stems of words that begin with `beginning` and do not begin so themselves: `adolesc` for `adolescen`. Together with all
 * stems that do, they are the stems of such words.
 */
export function shorterStems(beginning: string): string[] {
  if (!/^[a-z0-9]+$/.test(beginning)) return [];
  const all = [beginning, ...Array.from(ENDINGS, (ending) => beginning + ending)].map(porter);
  return [...new Set(all)].filter((stem) => !stem.startsWith(beginning) && !STOP_STEMS.has(stem));
}
