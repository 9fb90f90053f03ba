/**
 * Fuses signals into one score: a convex combination of their values, each divided by the largest (Bruch, Gai,
 * Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 2023, with the minimum taken as 0).
 */

import type { SignalName } from "../api.js";

/** A value for each candidate, larger is better; NaN where it is unknown. */
export type Values = Float64Array<ArrayBuffer>;

export const unknownValues = (candidates: number): Values => new Float64Array(candidates).fill(NaN);

/** A value to be shown: null if it is unknown. */
export const orNull = (value: number | undefined): number | null =>
  value === undefined || Number.isNaN(value) ? null : value;

export type Signal = { weight: number; values: Values };

/** A signal with what it adds to each candidate's score. The contributions of all signals add up to the score. */
export type ScoredSignal = Signal & { name: SignalName; contributions: Values };

/** The contribution of a signal to the score of each candidate: weight * value / largest value; 0 if unknown. */
export function contributionsOf({ weight, values }: Signal): Values {
  let [largest, smallest] = [0, 0];
  for (const value of values) {
    if (value > largest) largest = value;
    if (value < smallest) smallest = value;
  }
  // If no value is above 0, the contributions are negative and keep the order.
  const scale = largest > 0 ? largest : -smallest;
  return values.map((value) => (scale === 0 || Number.isNaN(value) ? 0 : (weight * value) / scale));
}

/** The score of each candidate: the sum of its contributions. */
export function scoresOf(signals: readonly Pick<ScoredSignal, "contributions">[], candidates: number): Float64Array {
  const scores = new Float64Array(candidates);
  for (const { contributions } of signals) for (let i = 0; i < candidates; i++) scores[i]! += contributions[i]!;
  return scores;
}

/** Ranks from 1 for the largest value; null where there is no value; ties by position. */
export function ranks(values: Values): (number | null)[] {
  const order = [...values.keys()].filter((i) => !Number.isNaN(values[i]!));
  order.sort((a, b) => values[b]! - values[a]! || a - b);
  const result = Array.from(values, (): number | null => null);
  order.forEach((i, rank) => (result[i] = rank + 1));
  return result;
}

/**
 * Puts signals with values for most candidates on one scale: the contribution of a value is its distance from the signal's
 * smallest value in standard deviations, times the weight. All contributions are divided by the same number, so that a
 * candidate with the largest value of every signal scores 1.
 *
 * @param signals An unknown value counts like that of the previous signal; 0 in the first signal.
 * @param apart Candidates that were not compared: their unknown values count as 0.
 */
export function standardized(
  signals: readonly (Signal & { name: SignalName })[],
  apart: ReadonlySet<number> = new Set(),
): ScoredSignal[] {
  let before: Values | undefined;
  let most = 0;
  const scored = signals.map((signal) => {
    const { weight, values } = signal;
    const known = values.filter((value, i) => !Number.isNaN(value) && !apart.has(i));
    const middle = known.reduce((sum, value) => sum + value, 0) / known.length;
    const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - middle) ** 2, 0) / known.length);
    const least = known.reduce((low, value) => Math.min(low, value), Infinity);
    const steps = values.map((value, i) => {
      if (!Number.isNaN(value)) return deviation > 1e-9 ? Math.max(0, (value - least) / deviation) : 0;
      return apart.has(i) ? 0 : (before?.[i] ?? 0);
    });
    before = steps;
    most += weight * steps.reduce((high, step) => Math.max(high, step), 0);
    return { ...signal, contributions: steps.map((step) => weight * step) };
  });
  return most === 0
    ? scored
    : scored.map((signal) => ({
        ...signal,
        contributions: signal.contributions.map((contribution) => contribution / most),
      }));
}
