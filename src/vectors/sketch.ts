/**
 * Sign sketches: only the sign of each component, 48 bytes for 384 dimensions. The query stays in floating point, so
 * that only one side of the cosine is approximate (asymmetric distance; Dong, Charikar, Li, "Asymmetric distance
 * estimation with sketches for similarity search in high-dimensional spaces", SIGIR 2008).
 */

/** Bit `i % 8` of byte `i / 8` is set if component i is positive. */
export function sketchOf(vector: Float32Array | Int8Array): Uint8Array {
  const sketch = new Uint8Array(Math.ceil(vector.length / 8));
  for (let i = 0; i < vector.length; i++) if ((vector[i] as number) > 0) sketch[i >> 3]! |= 1 << (i & 7);
  return sketch;
}

/**
 * The expected cosine of a vector of independent normal components to its own signs is sqrt(2 / pi). Dividing by it
 * makes the estimate comparable with a cosine of two floating-point vectors.
 */
const SIGN_COSINE = Math.sqrt(2 / Math.PI);

/** The largest integer that a component of a query is rounded to. */
const LARGEST = 127;

/** A query as integers. */
export type Rounded = {
  integers: Int8Array;
  /** Component i is about `step` times its integer. */
  step: number;
  /** The sum of the integers. */
  sum: number;
};

export function roundedOf(query: Float32Array): Rounded {
  const largest = query.reduce((most, component) => Math.max(most, Math.abs(component)), 0);
  const step = largest === 0 ? 1 : largest / LARGEST;
  const integers = new Int8Array(query.length);
  let sum = 0;
  for (let i = 0; i < query.length; i++) {
    integers[i] = Math.round(query[i]! / step);
    sum += integers[i]!;
  }
  return { integers, step, sum };
}

/**
 * The estimated cosine of a query and a sketch, about -1 to 1.
 *
 * @param product The sum of the query's integers where the sketch has a bit set.
 */
export const cosineOfSigns = (product: number, { step, sum }: Rounded, dimensions: number): number =>
  ((2 * product - sum) * step) / (Math.sqrt(dimensions) * SIGN_COSINE);

/** The number of bits set in each byte value. */
const BITS = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/**
 * The estimated cosine, -1 to 1, of two vectors that are known only by their sketches: the cosine of pi times the share
 * of differing signs (Charikar, "Similarity Estimation Techniques from Rounding Algorithms", STOC 2002).
 *
 * @param bytes Per sketch; `one` and `other` are indices into `sketches` and `others`.
 */
export function sketchCosine(
  sketches: Uint8Array,
  one: number,
  others: Uint8Array,
  other: number,
  bytes: number,
): number {
  let differing = 0;
  for (let byte = 0; byte < bytes; byte++)
    differing += BITS[(sketches[one * bytes + byte] as number) ^ (others[other * bytes + byte] as number)] as number;
  return Math.cos((Math.PI * differing) / (8 * bytes));
}
