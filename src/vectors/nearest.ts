/** A paper and its cosine to what was asked, -1 to 1. Lists of neighbours are sorted nearest first, ties by label. */
export type Neighbour = { label: number; similarity: number };

/** Nearest first; equal ones by label, so that the same question has the same answer. */
export const byNearness = (a: Neighbour, b: Neighbour): number => b.similarity - a.similarity || a.label - b.label;
