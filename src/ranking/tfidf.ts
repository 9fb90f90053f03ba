/** How alike two texts are in their words. */
import type { Frequencies, Term } from "./terms.js";

/** Weights of a text's stems, as a unit vector. */
export type WordVector = ReadonlyMap<string, number>;

/** (1 + ln tf) * idf of each stem that is no stop word, divided by their length (SMART's `ltc`). */
export function wordVector(terms: readonly Term[], papers: number, frequencies: Frequencies): WordVector {
  const weights = terms.map(({ stem, count }): [string, number] => {
    const documents = frequencies.get(stem) ?? 0;
    return [stem, (1 + Math.log(count)) * Math.log(1 + (papers - documents + 0.5) / (documents + 0.5))];
  });
  const length = Math.hypot(...weights.map(([, weight]) => weight));
  return new Map(length === 0 ? [] : weights.map(([stem, weight]) => [stem, weight / length]));
}

/** Cosine, 0 to 1. */
export function wordCosine(one: WordVector, other: WordVector): number {
  const [small, large] = one.size <= other.size ? [one, other] : [other, one];
  let sum = 0;
  for (const [stem, weight] of small) sum += weight * (large.get(stem) ?? 0);
  return sum;
}
