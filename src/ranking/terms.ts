/** The words of a query or text, and how characteristic they are. */
import type { Engine } from "../engine/engine.js";
import { idfOf, type Term } from "../words/terms.js";

/** Number of papers in which each stem occurs. */
export type Frequencies = ReadonlyMap<string, number>;

/** @returns The frequencies of all stems of some terms. */
export async function frequenciesOf(engine: Engine, terms: readonly Term[]): Promise<Frequencies> {
  const stems = terms.map(({ stem }) => stem);
  const documents = await engine.frequencies(stems);
  return new Map(stems.map((stem, i) => [stem, documents[i]!]));
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
      return { term, weight: documents === 0 ? 0 : term.count * idfOf(papers, documents) };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, most)
    .map(({ term }) => term);
}
