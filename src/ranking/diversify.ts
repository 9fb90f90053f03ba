/**
 * Breadth: maximal marginal relevance (Carbonell, Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering
 * Documents and Producing Summaries", SIGIR 1998).
 */

/**
 * Orders candidates greedily: the next is always the one with the largest
 * (1 - diversity) * relevance - diversity * (largest cosine to those chosen before).
 *
 * @param relevance One per candidate, best first, 1 for the best.
 * @param similarities Cosines of one candidate to all; null if unknown, which counts as 0.
 * @param diversity 0 (keeps the order) to 1 (the first, then the farthest from those chosen).
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
    // The first choice replaces the initial 0, because its cosines may be negative.
    for (const candidate of left)
      nearest[candidate] =
        order.length === 1 ? (row[candidate] ?? 0) : Math.max(nearest[candidate] as number, row[candidate] ?? 0);
  }
  return order;
}
