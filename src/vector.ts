/** How vectors are stored: the store writes them, `vectors` makes and searches them, and neither knows the other. */

/** A unit vector as it is stored: `vector[i] * scale` is its i-th component. */
export type StoredVector = { vector: Int8Array; scale: number };

/** The sentences of one paper: where each stands in the abstract, and one sign sketch for the title and each of them. */
export type StoredSentences = {
  /** Start and end of each sentence in the abstract, in UTF-16 code units: [start, end, start, end, ...]. */
  spans: Uint32Array;
  /** The title's sketch first, then one a sentence: (spans.length / 2 + 1) * dimensions / 8 bytes. */
  sketches: Uint8Array;
};
