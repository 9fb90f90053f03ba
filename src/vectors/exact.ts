import type { StoredVector } from "../vector.js";
import { NearestHeap, type Neighbour } from "./nearest.js";

/** The mean of so many vectors is half of what it would be of very many. */
const FEW = 20;

/**
 * Every vector, by label, in memory: `dimensions` bytes and a scale each. Exact search over all of them or over a few
 * is the oracle for the HNSW graph, and the way taken wherever looking at all is cheap.
 *
 * A label is a row: labels come from AUTOINCREMENT, so rows are only lost to deleted papers.
 */
export class ExactIndex {
  readonly dimensions: number;
  #vectors: Int8Array;
  /** 0 marks a label without a vector. */
  #scales: Float32Array;
  #highest = -1;
  #count = 0;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#vectors = new Int8Array(dimensions * 1024);
    this.#scales = new Float32Array(1024);
  }

  /** Labels that have a vector. */
  get count(): number {
    return this.#count;
  }

  set(label: number, { vector, scale }: StoredVector): void {
    if (vector.length !== this.dimensions)
      throw new RangeError(`vector of label ${label}: got ${vector.length} dimensions, expected ${this.dimensions}`);
    if (label >= this.#scales.length) this.#grow(label + 1);
    if (this.#scales[label] === 0) this.#count++;
    this.#vectors.set(vector, label * this.dimensions);
    // A vector of zeros has no direction; kept apart from "none" by a scale that rounds every cosine to 0.
    this.#scales[label] = scale === 0 ? 1e-30 : scale;
    this.#highest = Math.max(this.#highest, label);
  }

  delete(label: number): void {
    if (!this.has(label)) return;
    this.#scales[label] = 0;
    this.#count--;
  }

  has(label: number): boolean {
    return (this.#scales[label] ?? 0) !== 0;
  }

  get(label: number): StoredVector | undefined {
    if (!this.has(label)) return undefined;
    const start = label * this.dimensions;
    return { vector: this.#vectors.subarray(start, start + this.dimensions), scale: this.#scales[label] as number };
  }

  /** Whether this is the label's vector; null stands for none. */
  holds(label: number, vector: StoredVector | null): boolean {
    const held = this.get(label);
    if (held === undefined || vector === null) return held === undefined && vector === null;
    return held.vector.every((component, i) => component === vector.vector[i]);
  }

  /** Labels with a vector, ascending. */
  *labels(): Generator<number> {
    for (let label = 0; label <= this.#highest; label++) if (this.has(label)) yield label;
  }

  /** The mean of all vectors; of none, zeros. A few say little of what all have in common, so theirs is drawn to zero. */
  mean(): Float32Array {
    const sum = new Float64Array(this.dimensions);
    for (const label of this.labels()) {
      const scale = this.#scales[label] as number;
      const start = label * this.dimensions;
      for (let i = 0; i < this.dimensions; i++) sum[i]! += (this.#vectors[start + i] as number) * scale;
    }
    return Float32Array.from(sum, (component) => component / (this.#count + FEW));
  }

  /** Cosine of a unit vector and the label's; null when it has none. */
  similarity(query: Float32Array, label: number): number | null {
    return this.has(label) ? this.#cosine(query, label) : null;
  }

  /**
   * The k nearest labels, exactly.
   *
   * @param query Unit vector of `dimensions` floats.
   * @param among Only these labels; those without a vector are passed over.
   */
  nearest(query: Float32Array, k: number, among?: Iterable<number>): Neighbour[] {
    if (query.length !== this.dimensions)
      throw new RangeError(`query: got ${query.length} dimensions, expected ${this.dimensions}`);
    const nearest = new NearestHeap(k);
    if (among === undefined)
      for (let label = 0; label <= this.#highest; label++) {
        if (this.#scales[label] !== 0) nearest.offer(label, this.#cosine(query, label));
      }
    else for (const label of among) if (this.has(label)) nearest.offer(label, this.#cosine(query, label));
    return nearest.sorted();
  }

  /** Whether two labels' vectors have at least this cosine; false when one has none. Gives up as soon as they cannot. */
  areWithin(cosine: number, one: number, other: number): boolean {
    if (!this.has(one) || !this.has(other)) return false;
    // Of unit vectors the squared distance is 2 - 2 * cosine: its sum soon passes that for all but the nearest.
    const most = 2 - 2 * cosine;
    const [a, b] = [one * this.dimensions, other * this.dimensions];
    const [scaleOfOne, scaleOfOther] = [this.#scales[one] as number, this.#scales[other] as number];
    let distance = 0;
    for (let i = 0; i < this.dimensions && distance <= most; i++) {
      const apart = (this.#vectors[a + i] as number) * scaleOfOne - (this.#vectors[b + i] as number) * scaleOfOther;
      distance += apart * apart;
    }
    return distance <= most;
  }

  #cosine(query: Float32Array, label: number): number {
    const vectors = this.#vectors;
    const start = label * this.dimensions;
    // Four sums let the processor overlap the multiplications; the dimensions of every known model divide by four.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i + 3 < query.length; i += 4) {
      a += (query[i] as number) * (vectors[start + i] as number);
      b += (query[i + 1] as number) * (vectors[start + i + 1] as number);
      c += (query[i + 2] as number) * (vectors[start + i + 2] as number);
      d += (query[i + 3] as number) * (vectors[start + i + 3] as number);
    }
    for (; i < query.length; i++) a += (query[i] as number) * (vectors[start + i] as number);
    return Math.max(-1, Math.min(1, (a + b + c + d) * (this.#scales[label] as number)));
  }

  #grow(rows: number): void {
    const capacity = Math.max(rows, this.#scales.length * 2);
    const vectors = new Int8Array(capacity * this.dimensions);
    vectors.set(this.#vectors);
    const scales = new Float32Array(capacity);
    scales.set(this.#scales);
    this.#vectors = vectors;
    this.#scales = scales;
  }
}
