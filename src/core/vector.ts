/** Stored vectors, shared by the store and `vectors`, which do not know each other. */

/** A unit vector: `vector[i] * scale` is its i-th component. */
export type StoredVector = { vector: Int8Array; scale: number };

/** The sentences of one paper: their places in the abstract, and sign sketches of the title and each sentence. */
export type StoredSentences = {
  /** Start and end of each sentence in the abstract, in UTF-16 code units: [start, end, start, end, ...]. */
  spans: Uint32Array;
  /** The title's sketch first, then one per sentence: (spans.length / 2 + 1) * dimensions / 8 bytes. */
  sketches: Uint8Array;
};
