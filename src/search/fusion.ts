/**
 * Several witnesses, one order: a convex combination of their scores, each divided by its largest (Bruch, Gai,
 * Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 2023, with the minimum taken as 0).
 */

import type { WitnessName } from "../api.js";

/** What one witness says: a value for each candidate, larger is better; null where it says nothing. */
export type Witness = { weight: number; values: readonly (number | null)[] };

/** What a witness said, and what it added to each candidate's score: the contributions of all witnesses are the score. */
export type Testimony = Witness & { name: WitnessName; contributions: readonly number[] };

/**
 * What the witness adds to the score of each candidate, its weight at most: its values, divided by the largest; 0 where
 * it says nothing.
 */
export function contributionsOf({ weight, values }: Witness): number[] {
  let largest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  // Nothing above 0: the values are kept in order below it.
  if (largest === 0) largest = values.reduce<number>((most, value) => Math.max(most, -(value ?? 0)), 0);
  return values.map((value) => (largest === 0 ? 0 : (weight * (value ?? 0)) / largest));
}

/** The score of each candidate: the sum of its contributions. */
export function scoresOf(testimonies: readonly Testimony[], candidates: number): Float64Array {
  const scores = new Float64Array(candidates);
  for (const { contributions } of testimonies)
    for (let i = 0; i < candidates; i++) scores[i]! += contributions[i] as number;
  return scores;
}

/** 1 for the largest value, null where there is none; ties by position. */
export function ranks(values: readonly (number | null)[]): (number | null)[] {
  const order = values
    .map((value, i) => ({ value, i }))
    .filter((entry): entry is { value: number; i: number } => entry.value !== null)
    .toSorted((a, b) => b.value - a.value || a.i - b.i);
  const result: (number | null)[] = values.map(() => null);
  order.forEach(({ i }, rank) => (result[i] = rank + 1));
  return result;
}

/**
 * Several witnesses that all know most of the candidates, on one scale: each value is counted from the least of its
 * witness in standard deviations (a z-score, moved to begin at 0), times the weight. All is divided by one number, so
 * that what would be best in everything scores 1.
 *
 * @param witnesses What a witness does not know of a candidate is taken to be as the witness before it says; the first
 *   leaves it at 0.
 * @param apart Candidates that were not looked at: 0 throughout where a witness says nothing.
 */
export function standardized(
  witnesses: readonly (Witness & { name: WitnessName })[],
  apart: ReadonlySet<number> = new Set(),
): Testimony[] {
  let before: number[] | undefined;
  let most = 0;
  const testimonies = witnesses.map((witness) => {
    const { weight, values } = witness;
    const known = values.filter((value, i): value is number => value !== null && !apart.has(i));
    const middle = known.reduce((sum, value) => sum + value, 0) / known.length;
    const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - middle) ** 2, 0) / known.length);
    const least = known.reduce((low, value) => Math.min(low, value), Infinity);
    const steps = values.map((value, i) => {
      if (value !== null) return deviation > 1e-9 ? Math.max(0, (value - least) / deviation) : 0;
      return apart.has(i) ? 0 : (before?.[i] ?? 0);
    });
    before = steps;
    most += weight * steps.reduce((high, step) => Math.max(high, step), 0);
    return { ...witness, contributions: steps.map((step) => weight * step) };
  });
  return most === 0
    ? testimonies
    : testimonies.map((testimony) => ({
        ...testimony,
        contributions: testimony.contributions.map((contribution) => contribution / most),
      }));
}
