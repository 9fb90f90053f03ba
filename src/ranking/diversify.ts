/**
 * Breadth: maximal marginal relevance (Carbonell, Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering
 * Documents and Producing Summaries", SIGIR 1998).
 */

/**
 * The candidates in an order in which each adds something to those before: next is always the one with the largest
 * (1 - diversity) * relevance - diversity * (cosine to the nearest one chosen before).
 *
 * @param relevance One a candidate, best first, 1 for the best.
 * @param similarities Cosines of one candidate to all; null where unknown, which counts as 0.
 * @param diversity 0 (the order as it is) to 1 (the first, then whatever is farthest from those chosen).
 * @returns Positions in `relevance`; ties by position.
 */
export function diversify(
  relevance: readonly number[],
  similarities: (candidate: number) => readonly (number | null)[],
  diversity: number,
): number[] {
  const order: number[] = [];
  const left = new Set(relevance.keys());
  const nearest = relevance.map(() => 0);
  while (left.size > 0) {
    let next = -1;
    let most = -Infinity;
    for (const candidate of left) {
      const worth = (1 - diversity) * (relevance[candidate] as number) - diversity * (nearest[candidate] as number);
      if (worth > most) [next, most] = [candidate, worth];
    }
    left.delete(next);
    order.push(next);
    const row = similarities(next);
    // Of nothing chosen yet nothing is near; a cosine below 0 is farther than that.
    for (const candidate of left)
      nearest[candidate] =
        order.length === 1 ? (row[candidate] ?? 0) : Math.max(nearest[candidate] as number, row[candidate] ?? 0);
  }
  return order;
}
