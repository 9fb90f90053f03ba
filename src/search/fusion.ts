/**
 * Several witnesses, one order: a convex combination of their scores, each divided by its largest (Bruch, Gai,
 * Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 2023, with the minimum taken as 0).
 */

/** What one witness says: a value for each candidate, larger is better; null where it says nothing. */
export type Witness = { weight: number; values: readonly (number | null)[] };

/**
 * The fused score of each candidate, at most the sum of the weights. A witness that says nothing of a candidate gives
 * it 0; one that says nothing at all, or nothing above 0, leaves the order to the others.
 */
export function fuse(witnesses: readonly Witness[], candidates: number): number[] {
  const scores = Array.from({ length: candidates }, () => 0);
  for (const { weight, values } of witnesses) {
    const largest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
    if (largest === 0) continue;
    for (let i = 0; i < candidates; i++) scores[i]! += (weight * (values[i] ?? 0)) / largest;
  }
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
