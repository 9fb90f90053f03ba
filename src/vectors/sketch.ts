/**
 * Sign sketches: of each component only its sign, 48 bytes for 384 dimensions. The query stays in floating point, so
 * only one side of the cosine is rough (asymmetric distance; Dong, Charikar, Li, "Asymmetric distance estimation with
 * sketches for similarity search in high-dimensional spaces", SIGIR 2008).
 */

/** Bit `i % 8` of byte `i / 8` is set where component i is positive. */
export function sketchOf(vector: Float32Array | Int8Array): Uint8Array {
  const sketch = new Uint8Array(Math.ceil(vector.length / 8));
  for (let i = 0; i < vector.length; i++) if ((vector[i] as number) > 0) sketch[i >> 3]! |= 1 << (i & 7);
  return sketch;
}

/**
 * For a vector of independent normal components the cosine to its own signs is sqrt(2 / pi); dividing by it makes the
 * estimate comparable with a cosine between two floating-point vectors.
 */
const SIGN_COSINE = Math.sqrt(2 / Math.PI);

/** Bits that each component of a query is rounded to before it is compared with sketches. */
export const PLANES = 8;

/** A query as whole numbers, bit by bit: what `best` in the kernel takes. */
export type Planes = {
  /** The sign bits of all components first, then the others from high to low, `bytes` each. */
  planes: Uint8Array;
  /** Component i is about `step` times its whole number. */
  step: number;
  /** Of the whole numbers. */
  sum: number;
};

/** @param bytes Of one plane: those behind the last component are 0. */
export function planesOf(query: Float32Array, bytes: number): Planes {
  const largest = query.reduce((most, component) => Math.max(most, Math.abs(component)), 0);
  const step = largest === 0 ? 1 : largest / (2 ** (PLANES - 1) - 1);
  const planes = new Uint8Array(PLANES * bytes);
  let sum = 0;
  query.forEach((component, i) => {
    const number = Math.round(component / step);
    sum += number;
    for (let plane = 0; plane < PLANES; plane++)
      if (((number >> (PLANES - 1 - plane)) & 1) === 1) planes[plane * bytes + (i >> 3)]! |= 1 << (i & 7);
  });
  return { planes, step, sum };
}

/**
 * The estimated cosine, about -1 to 1, of a query and a sketch.
 *
 * @param product Sum of the query's whole numbers where the sketch's bit is set.
 */
export const cosineOfSigns = (product: number, { step, sum }: Planes, dimensions: number): number =>
  ((2 * product - sum) * step) / (Math.sqrt(dimensions) * SIGN_COSINE);

/** Bits set in each byte. */
const BITS = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/**
 * The estimated cosine, -1 to 1, of two vectors of which only the sketches are known: the cosine of pi times the share of
 * signs that differ (Charikar, "Similarity Estimation Techniques from Rounding Algorithms", STOC 2002).
 *
 * @param bytes Of one sketch; `one` and `other` are indices among `sketches` and `others`.
 */
export function sketchCosine(
  sketches: Uint8Array,
  one: number,
  others: Uint8Array,
  other: number,
  bytes: number,
): number {
  let apart = 0;
  for (let byte = 0; byte < bytes; byte++)
    apart += BITS[(sketches[one * bytes + byte] as number) ^ (others[other * bytes + byte] as number)] as number;
  return Math.cos((Math.PI * apart) / (8 * bytes));
}
