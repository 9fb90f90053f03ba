/** A paper and its cosine to the query, -1 to 1. Lists of neighbours are sorted nearest first, ties by label. */
export type Neighbour = { label: number; similarity: number };

/** The positions in a list of the papers that are probably nearest to one, ascending, and their cosines to it. */
export type Likely = { positions: number[]; cosines: Float32Array };

/** Nearest first, ties by label, so that the same query has the same answer. */
export const byNearness = (a: Neighbour, b: Neighbour): number => b.similarity - a.similarity || a.label - b.label;
