/** Words as search compares them: folded and stemmed. */
import { termsIn, tokensOf } from "../core/text.js";
import type { Engine } from "../engine/engine.js";
import { stemOf } from "../words/stem.js";
import { STOP_WORDS } from "../words/stop-words.js";

/** `word` is as in the folded text, `count` its occurrences. For a prefix such as `syn*`, word and stem end with `*`. */
export type Term = { word: string; stem: string; count: number };

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

/** Number of papers in which each stem occurs. */
export type Frequencies = ReadonlyMap<string, number>;

/** @returns The frequencies of all stems of some terms. */
export async function frequenciesOf(engine: Engine, terms: readonly Term[]): Promise<Frequencies> {
  const stems = terms.map(({ stem }) => stem);
  const documents = await engine.frequencies(stems);
  return new Map(stems.map((stem, i) => [stem, documents[i]!]));
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

/**
 * The `most` most characteristic terms of a text by tf-idf, strongest first, ties in text order. Terms that occur in no paper
 * are left out.
 */
export function strongestTerms(
  terms: readonly Term[],
  most: number,
  { papers, frequencies }: { papers: number; frequencies: Frequencies },
): Term[] {
  return terms
    .map((term) => {
      const documents = frequencies.get(term.stem) ?? 0;
      // Robertson and Spärck Jones' weight, kept above 0 as Lucene does.
      const idf = Math.log(1 + (papers - documents + 0.5) / (documents + 0.5));
      return { term, weight: documents === 0 ? 0 : term.count * idf };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, most)
    .map(({ term }) => term);
}
