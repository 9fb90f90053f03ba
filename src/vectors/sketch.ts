/**
 * Sign sketches: of each component only its sign, 48 bytes for 384 dimensions. The query stays in floating point, so
 * only one side of the cosine is rough (asymmetric distance; Dong, Charikar, Li, "Asymmetric distance estimation with
 * sketches for similarity search in high-dimensional spaces", SIGIR 2008).
 */

/** Bit `i % 8` of byte `i / 8` is set where component i is positive. */
export function sketchOf(vector: Float32Array): Uint8Array {
  const sketch = new Uint8Array(Math.ceil(vector.length / 8));
  for (let i = 0; i < vector.length; i++) if ((vector[i] as number) > 0) sketch[i >> 3]! |= 1 << (i & 7);
  return sketch;
}

/**
 * For a vector of independent normal components the cosine to its own signs is sqrt(2 / pi); dividing by it makes the
 * estimate comparable with a cosine between two floating-point vectors.
 */
const SIGN_COSINE = Math.sqrt(2 / Math.PI);

/** Estimates cosines between one query and many sketches: for each byte of a sketch one look-up. */
export class SketchScorer {
  /** Bytes of one sketch. */
  readonly bytes: number;
  readonly #table: Float32Array;

  /** @param query Unit vector. */
  constructor(query: Float32Array) {
    this.bytes = Math.ceil(query.length / 8);
    this.#table = new Float32Array(this.bytes * 256);
    const unit = 1 / (Math.sqrt(query.length) * SIGN_COSINE);
    for (let byte = 0; byte < this.bytes; byte++) {
      let none = 0;
      for (let bit = 0; bit < 8; bit++) none -= (query[byte * 8 + bit] ?? 0) * unit;
      this.#table[byte * 256] = none;
      // Each pattern is one with a bit fewer, and twice that bit's component.
      for (let pattern = 1; pattern < 256; pattern++) {
        const bit = 31 - Math.clz32(pattern);
        this.#table[byte * 256 + pattern] =
          (this.#table[byte * 256 + (pattern ^ (1 << bit))] as number) + 2 * (query[byte * 8 + bit] ?? 0) * unit;
      }
    }
  }

  /** The estimated cosine, about -1 to 1, of the query and the sketch at `index` among `sketches`. */
  similarity(sketches: Uint8Array, index: number): number {
    const start = index * this.bytes;
    let sum = 0;
    for (let byte = 0; byte < this.bytes; byte++)
      sum += this.#table[byte * 256 + (sketches[start + byte] as number)] as number;
    return sum;
  }
}

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
