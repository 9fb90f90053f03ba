/** Similarity of texts by their words. */
import type { Engine } from "../engine/engine.js";
import type { Term } from "./terms.js";

/** Weights of a text's stems, by number, as a unit vector. */
type WordVector = { stems: Uint32Array; weights: Float64Array };

const NOTHING: WordVector = { stems: new Uint32Array(), weights: new Float64Array() };

/**
 * Cosine, 0 to 1, of a text's words to those of each other text. The weight of a stem is (1 + ln tf) * idf, normalised to
 * norm 1 (SMART's `ltc`).
 *
 * @param papers Number of papers in the library, for idf.
 * @param others Null for an unknown text, whose cosine is then null.
 */
export async function wordCosines(
  engine: Engine,
  papers: number,
  text: readonly Term[],
  others: readonly (readonly Term[] | null)[],
): Promise<(number | null)[]> {
  const numbers = new Map<string, number>();
  const numbered = (terms: readonly Term[]) => {
    const stems = new Uint32Array(terms.length);
    for (let i = 0; i < terms.length; i++) {
      const { stem } = terms[i]!;
      let number = numbers.get(stem);
      if (number === undefined) numbers.set(stem, (number = numbers.size));
      stems[i] = number;
    }
    return stems;
  };
  const [own, theirs] = [numbered(text), others.map((terms) => terms && numbered(terms))];
  const documents = await engine.frequencies([...numbers.keys()]);
  const idf = Float64Array.from(documents, (found) => Math.log(1 + (papers - found + 0.5) / (found + 0.5)));
  const vectorOf = (terms: readonly Term[], stems: Uint32Array): WordVector => {
    const weights = new Float64Array(terms.length);
    for (let i = 0; i < terms.length; i++) weights[i] = (1 + Math.log(terms[i]!.count)) * idf[stems[i]!]!;
    const length = Math.hypot(...weights);
    if (length === 0) return NOTHING;
    for (let i = 0; i < terms.length; i++) weights[i]! /= length;
    return { stems, weights };
  };
  const one = vectorOf(text, own);
  // By stem; 0 for stems only in other texts.
  const [ours, its] = [new Float64Array(numbers.size), new Float64Array(numbers.size)];
  scatter(one, ours);
  return others.map((terms, i) => {
    if (terms === null) return null;
    const other = vectorOf(terms, theirs[i]!);
    if (other.stems.length < one.stems.length) return product(other, ours);
    scatter(other, its);
    const cosine = product(one, its);
    for (const stem of other.stems) its[stem] = 0;
    return cosine;
  });
}

function scatter({ stems, weights }: WordVector, dense: Float64Array): void {
  for (let i = 0; i < stems.length; i++) dense[stems[i]!] = weights[i]!;
}

function product({ stems, weights }: WordVector, dense: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < stems.length; i++) sum += weights[i]! * dense[stems[i]!]!;
  return sum;
}
