import { Best } from "../best.js";
import type { Reader } from "../tables.js";
import type { StoredVector } from "../vector.js";
import { grown } from "../grown.js";
import { KernelMemory, toRegisters } from "./memory.js";
import type { Neighbour } from "./nearest.js";
import { sketchOf } from "./sketch.js";

/** The mean of so many vectors is half of what it would be of very many. */
const FEW = 20;
/** Rows in one call of the kernel. */
const CHUNK = 4_096;
/** Standard deviations that are left for vectors that are not random. */
const DEVIATIONS = 8;

/**
 * Every vector, by label, in memory: 8-bit components, a scale, and the signs. Exact search over all of them or over
 * a few is the oracle for what is approximate, and the way taken wherever looking at all is cheap.
 *
 * A label is a row: labels come from AUTOINCREMENT, so rows are only lost to deleted papers.
 */
export class ExactIndex {
  readonly dimensions: number;
  /** A query, labels and results; then the rows: components, signs, both filled up to a register. */
  readonly #memory = new KernelMemory();
  readonly #width;
  readonly #signs;
  readonly #stride;
  readonly #labels;
  readonly #out;
  readonly #rows;
  /** 0 marks a label without a vector. */
  #scales = new Float32Array(1024);
  #highest = -1;
  #count = 0;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#width = toRegisters(dimensions);
    this.#signs = toRegisters(Math.ceil(dimensions / 8));
    this.#stride = this.#width + this.#signs;
    this.#labels = 4 * this.#width;
    this.#out = this.#labels + 4 * CHUNK;
    this.#rows = this.#out + 4 * CHUNK;
    this.#memory.reserve(this.#rows);
  }

  /** All of it, to be stored: views, to be used at once. */
  parts(): { vectors: Uint8Array; scales: Uint8Array } {
    return {
      vectors: this.#memory.bytes.subarray(this.#rows, this.#rowOf(this.#highest + 1)),
      scales: new Uint8Array(this.#scales.buffer, 0, 4 * (this.#highest + 1)),
    };
  }

  /** The index whose parts were stored. */
  static read(dimensions: number, reader: Reader): ExactIndex {
    const index = new ExactIndex(dimensions);
    const rows = reader.size("scales") / 4;
    index.#highest = rows - 1;
    index.#memory.reserve(index.#rowOf(rows));
    index.#scales = new Float32Array(Math.max(1024, rows));
    reader.read("vectors", index.parts().vectors);
    reader.read("scales", index.parts().scales);
    for (let label = 0; label < rows; label++) if (index.has(label)) index.#count++;
    return index;
  }

  /** Labels that have a vector. */
  get count(): number {
    return this.#count;
  }

  /** The highest label that ever had one; -1 for none. */
  get highest(): number {
    return this.#highest;
  }

  set(label: number, { vector, scale }: StoredVector): void {
    if (vector.length !== this.dimensions)
      throw new RangeError(`vector of label ${label}: got ${vector.length} dimensions, expected ${this.dimensions}`);
    const row = this.#rowOf(label);
    this.#memory.reserve(row + this.#stride);
    if (label >= this.#scales.length) this.#scales = grown(this.#scales, label + 1);
    if (this.#scales[label] === 0) this.#count++;
    this.#memory.bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.length), row);
    this.#memory.bytes.set(sketchOf(vector), row + this.#width);
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

  /** A view: to be used before the next `set`. */
  get(label: number): StoredVector | undefined {
    if (!this.has(label)) return undefined;
    const bytes = new Int8Array(this.#memory.bytes.buffer, this.#rowOf(label), this.dimensions);
    return { vector: bytes, scale: this.#scales[label] as number };
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
      const { vector, scale } = this.get(label)!;
      for (let i = 0; i < this.dimensions; i++) sum[i]! += (vector[i] as number) * scale;
    }
    return Float32Array.from(sum, (component) => component / (this.#count + FEW));
  }

  /** Cosine of a unit vector to each label's; null where there is none. */
  similarities(query: Float32Array, labels: readonly number[]): (number | null)[] {
    return Array.from(this.#cosines(query, labels), (cosine) => (Number.isNaN(cosine) ? null : cosine));
  }

  /**
   * The k nearest labels, exactly.
   *
   * @param query Unit vector of `dimensions` floats.
   * @param among Only these labels; those without a vector are passed over.
   */
  nearest(query: Float32Array, k: number, among: readonly number[] = this.#all()): Neighbour[] {
    const cosines = this.#cosines(query, among);
    const best = new Best(k);
    // Not so NaN, where there is no vector.
    for (let i = 0; i < among.length; i++) if (cosines[i]! >= best.least) best.add(among[i]!, cosines[i]!);
    const { labels, keys } = best.sorted();
    return Array.from(labels, (label, i) => ({ label, similarity: keys[i]! }));
  }

  /** Positions of the k labels whose signs are most like one's; those of labels without a vector are left out. */
  likeliest(one: number, among: readonly number[], k: number): number[] {
    if (!this.has(one)) return [];
    const apart = this.#apart(one, among);
    const best = new Best(k);
    for (let i = 0; i < among.length; i++) {
      const key = -apart[i]!;
      if (key >= best.least && this.has(among[i]!)) best.add(i, key);
    }
    return Array.from(best.sorted().labels);
  }

  /** Those of the labels whose vectors may have such a cosine to one's, by their signs: few others. In the order given. */
  maybeWithin(cosine: number, one: number, among: readonly number[]): number[] {
    if (!this.has(one)) return [];
    // Of random vectors at an angle the share of signs that differ is the angle over pi, as often as so many coins fall alike.
    const share = Math.acos(cosine) / Math.PI;
    const most = share * this.dimensions + DEVIATIONS * Math.sqrt(share * (1 - share) * this.dimensions);
    const apart = this.#apart(one, among);
    return among.filter((label, i) => apart[i]! <= most && this.has(label));
  }

  /** In how many signs each differs from one. */
  #apart(one: number, among: readonly number[]): Uint32Array {
    const signs = this.#rowOf(one) + this.#width;
    const all = new Uint32Array(among.length);
    for (let start = 0; start < among.length; start += CHUNK) {
      const count = this.#name(among, start);
      const { kernel } = this.#memory;
      kernel.apart(signs, this.#rows + this.#width, this.#stride, this.#signs, this.#labels, count, this.#out);
      all.set(this.#memory.integers(this.#out, count), start);
    }
    return all;
  }

  /** One for each label; NaN where there is no vector. */
  #cosines(query: Float32Array, labels: readonly number[]): Float32Array {
    if (query.length !== this.dimensions)
      throw new RangeError(`query: got ${query.length} dimensions, expected ${this.dimensions}`);
    this.#memory.floats(0, this.dimensions).set(query);
    const cosines = new Float32Array(labels.length);
    for (let start = 0; start < labels.length; start += CHUNK) {
      const count = this.#name(labels, start);
      const { kernel } = this.#memory;
      kernel.products(0, this.#rows, this.#stride, this.#width, this.#labels, count, this.#out);
      const products = this.#memory.floats(this.#out, count);
      for (let i = 0; i < count; i++) {
        const scale = this.#scales[labels[start + i]!] ?? 0;
        cosines[start + i] = scale === 0 ? NaN : Math.max(-1, Math.min(1, products[i]! * scale));
      }
    }
    return cosines;
  }

  /** Tells the kernel the rows of a chunk of labels; of one that never had a vector, any other. @returns How many. */
  #name(labels: readonly number[], start: number): number {
    const count = Math.min(CHUNK, labels.length - start);
    const rows = this.#memory.integers(this.#labels, count);
    const last = Math.max(0, this.#highest);
    for (let i = 0; i < count; i++) rows[i] = Math.min(labels[start + i]!, last);
    return count;
  }

  #all(): number[] {
    return Array.from({ length: this.#highest + 1 }, (_, label) => label);
  }

  #rowOf(label: number): number {
    return this.#rows + label * this.#stride;
  }
}
