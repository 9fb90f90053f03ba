/** The words of a text as search compares them: folded and stemmed. */
import { termsIn, tokensOf } from "../core/text.js";
import { stemOf } from "./stem.js";
import { STOP_WORDS } from "./stop-words.js";

/** `word` is as in the folded text, `count` its occurrences. For a prefix such as `syn*`, word and stem end with `*`. */
export type Term = { word: string; stem: string; count: number };

/** The weight of a stem by the papers that have it: Robertson and Spärck Jones', kept above 0 as Lucene does. */
export const idfOf = (papers: number, documents: number): number =>
  Math.log(1 + (papers - documents + 0.5) / (documents + 0.5));

/** Each stem of a text once, with its first word and its number of occurrences, in text order. */
export const termsOf = (text: string): Term[] => stemmed(termsIn(text));

function stemmed(words: readonly string[]): Term[] {
  const terms = new Map<string, Term>();
  for (const word of words) {
    const stem = stemOf(word);
    const term = terms.get(stem);
    if (term === undefined) terms.set(stem, { word, stem, count: 1 });
    else term.count++;
  }
  return [...terms.values()];
}

/** The terms of a text without stop words, unless it has only stop words ("to be or not to be"). */
export function contentTerms(text: string): Term[] {
  const words = tokensOf(text)
    // More characters may follow in papers.
    .filter(({ unspaced }) => unspaced !== "last")
    .map(({ term, unspaced }) => (unspaced === "alone" ? `${term}*` : term));
  const content = words.filter((word) => !STOP_WORDS.has(word));
  return stemmed(content.length > 0 ? content : words);
}
