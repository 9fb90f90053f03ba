import { TopK } from "../core/top-k.js";
import type { Reader } from "../core/tables.js";
import type { StoredVector } from "../core/vector.js";
import { resizeColumn } from "../core/column.js";
import { KernelMemory, toRegisters } from "./memory.js";
import type { Neighbour } from "./nearest.js";
import { sketchOf } from "./sketch.js";

/** Vectors counted as zeros in the mean: the mean of 20 vectors is half of what it would be of very many. */
const FEW = 20;
/** Rows per call of the kernel. */
const CHUNK = 4_096;
/** Allowance for vectors that are not random, in standard deviations. */
const DEVIATIONS = 8;
/** Marks a label without a vector: more differing signs than any vector has. */
const UNKNOWN = 2 ** 16 - 1;
/** Makes a scale a whole number, so that sums do not depend on their order. */
const FIXED = 2 ** 32;

/**
 * All vectors by label, in memory: 8-bit components, a scale, and the signs. Compares all of them or a given few
 * exactly; the reference for approximate search, and used wherever comparing all is cheap.
 *
 * A label has a row. The row of a deleted label is reused for a new label; labels themselves are never reused.
 */
export class ExactIndex {
  readonly dimensions: number;
  /** A query, labels and results; then the rows: components, then signs, both padded to a register. */
  readonly #memory = new KernelMemory();
  readonly #width;
  readonly #signs;
  readonly #stride;
  readonly #asked;
  readonly #out;
  readonly #rows;
  /** The row of each label plus 1; 0 for a label without a vector. */
  #rowOf = new Uint32Array(1024);
  /** The label and the scale of each row. */
  #labels = new Uint32Array(1024);
  #scales = new Float32Array(1024);
  /** Rows up to the last one in use, and unused rows before it. */
  #used = 0;
  #free: number[] = [];
  /**
   * The sum of all vectors times `FIXED`: whole numbers below 2^53, so that removing a vector leaves no rounding error.
   */
  readonly #sum;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#width = toRegisters(dimensions);
    this.#signs = toRegisters(Math.ceil(dimensions / 8));
    this.#stride = this.#width + this.#signs;
    this.#asked = 4 * this.#width;
    this.#out = this.#asked + 4 * CHUNK;
    this.#rows = this.#out + 4 * CHUNK;
    this.#memory.reserve(this.#rows + this.#stride);
    this.#sum = new Float64Array(dimensions);
  }

  /** Everything, without unused rows, to be written. The views are valid until the next change. */
  parts(): { rows: Uint8Array; scales: Uint8Array; vectors: Uint8Array } {
    this.#compact();
    return {
      rows: new Uint8Array(this.#labels.buffer, 0, 4 * this.#used),
      scales: new Uint8Array(this.#scales.buffer, 0, 4 * this.#used),
      vectors: this.#memory.bytes.subarray(this.#rows, this.#place(this.#used)),
    };
  }

  /** Reads an index from what `parts` gave. */
  static read(dimensions: number, reader: Reader): ExactIndex {
    const index = new ExactIndex(dimensions);
    const rows = reader.size("rows") / 4;
    index.#used = rows;
    index.#memory.reserve(index.#place(rows));
    index.#labels = new Uint32Array(Math.max(1024, rows));
    index.#scales = new Float32Array(Math.max(1024, rows));
    for (const [name, part] of Object.entries(index.parts())) reader.read(name, part);
    const highest = index.#labels.reduce((most, label) => Math.max(most, label), 0);
    index.#rowOf = new Uint32Array(Math.max(1024, highest + 1));
    for (let row = 0; row < rows; row++) {
      index.#rowOf[index.#labels[row]!] = row + 1;
      index.#add(row, 1);
    }
    return index;
  }

  get count(): number {
    return this.#used - this.#free.length;
  }

  /** How many rows take up memory. */
  get held(): number {
    return this.#used;
  }

  set(label: number, { vector, scale }: StoredVector): void {
    if (vector.length !== this.dimensions)
      throw new RangeError(`vector of label ${label}: got ${vector.length} dimensions, expected ${this.dimensions}`);
    if (label >= this.#rowOf.length) this.#rowOf = resizeColumn(this.#rowOf, label + 1);
    let row = this.#rowOf[label]! - 1;
    if (row >= 0) this.#add(row, -1);
    else {
      row = this.#free.pop() ?? this.#used++;
      this.#memory.reserve(this.#place(row + 1));
      if (row >= this.#labels.length) {
        this.#labels = resizeColumn(this.#labels, row + 1);
        this.#scales = resizeColumn(this.#scales, row + 1);
      }
      this.#labels[row] = label;
      this.#rowOf[label] = row + 1;
    }
    const place = this.#place(row);
    this.#memory.bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.length), place);
    this.#memory.bytes.set(sketchOf(vector), place + this.#width);
    this.#scales[row] = scale;
    this.#add(row, 1);
  }

  delete(label: number): void {
    if (!this.has(label)) return;
    const row = this.#rowOf[label]! - 1;
    this.#add(row, -1);
    this.#rowOf[label] = 0;
    this.#free.push(row);
  }

  has(label: number): boolean {
    return (this.#rowOf[label] ?? 0) !== 0;
  }

  /** A label's vector, as a view that is valid until the next `set`. */
  get(label: number): StoredVector | undefined {
    if (!this.has(label)) return undefined;
    const row = this.#rowOf[label]! - 1;
    return { vector: this.#components(row), scale: this.#scales[row]! };
  }

  /** Whether this is the label's vector; null means none. */
  holds(label: number, vector: StoredVector | null): boolean {
    const held = this.get(label);
    if (held === undefined || vector === null) return held === undefined && vector === null;
    return held.vector.every((component, i) => component === vector.vector[i]);
  }

  /** Labels with a vector, ascending. */
  *labels(): Generator<number> {
    for (let label = 0; label < this.#rowOf.length; label++) if (this.has(label)) yield label;
  }

  /**
   * The mean of all vectors, of `dimensions` floats; zeros if there are none. A few vectors say little about what all
   * have in common, so their mean is shrunk towards zero.
   */
  mean(): Float32Array {
    return Float32Array.from(this.#sum, (component) => component / FIXED / (this.count + FEW));
  }

  /** Cosine of a unit vector to that of each label, -1 to 1; null for labels without one. */
  similarities(query: Float32Array, labels: readonly number[]): (number | null)[] {
    return Array.from(this.cosines(query, labels), (cosine) => (Number.isNaN(cosine) ? null : cosine));
  }

  /**
   * The k nearest labels, exactly, nearest first, ties by label.
   *
   * @param query Unit vector of `dimensions` floats.
   * @param among Only these labels; those without a vector are skipped.
   */
  nearest(query: Float32Array, k: number, among: readonly number[] = [...this.labels()]): Neighbour[] {
    const cosines = this.cosines(query, among);
    const best = new TopK(k);
    // False for NaN, the cosine of a label without a vector.
    for (let i = 0; i < among.length; i++) if (cosines[i]! >= best.threshold) best.add(among[i]!, cosines[i]!);
    const { labels, keys } = best.sorted();
    return Array.from(labels, (label, i) => ({ label, similarity: keys[i]! }));
  }

  /**
   * For each of some labels, positions of the k other labels whose signs are most like its own; none for a label without a
   * vector. Others without a vector are left out.
   */
  likeliest(labels: readonly number[], among: readonly number[], k: number): number[][] {
    const counts = new Uint32Array(this.dimensions + 1);
    return this.#differingSigns(labels, among).map((apart, i) => {
      if (!this.has(labels[i]!)) return [];
      counts.fill(0);
      for (let j = 0; j < apart.length; j++) if (apart[j] !== UNKNOWN) counts[apart[j]!]!++;
      let [most, found] = [-1, 0];
      while (found < k && most < this.dimensions) found += counts[++most]!;
      const likely: number[] = [];
      for (let j = 0; j < apart.length; j++) if (apart[j]! <= most) likely.push(j);
      return likely.sort((a, b) => apart[a]! - apart[b]! || a - b).slice(0, k);
    });
  }

  /**
   * For each of some labels, positions of those other labels whose vectors may have such a cosine to its own, by their
   * signs: few others. Ascending; none for a label without a vector.
   */
  maybeWithin(cosine: number, labels: readonly number[], among: readonly number[]): number[][] {
    // Of random vectors at an angle the share of signs that differ is the angle over pi, binomially distributed.
    const share = Math.acos(cosine) / Math.PI;
    const most = share * this.dimensions + DEVIATIONS * Math.sqrt(share * (1 - share) * this.dimensions);
    return this.#differingSigns(labels, among).map((apart, i) => {
      const within: number[] = [];
      if (this.has(labels[i]!)) for (let j = 0; j < apart.length; j++) if (apart[j]! <= most) within.push(j);
      return within;
    });
  }

  /** In how many signs each of some labels differs from others; `UNKNOWN` where another has no vector. */
  #differingSigns(labels: readonly number[], among: readonly number[]): Uint16Array[] {
    const all = labels.map(() => new Uint16Array(among.length));
    for (let start = 0; start < among.length; start += CHUNK) {
      const count = this.#setRows(among, start);
      const signs = this.#rows + this.#width;
      const unknown: number[] = [];
      for (let i = start; i < start + count; i++) if (!this.has(among[i]!)) unknown.push(i);
      for (const [i, label] of labels.entries()) {
        const own = this.#place(Math.max(1, this.#rowOf[label] ?? 0) - 1) + this.#width;
        this.#memory.kernel.hamming(own, signs, this.#stride, this.#signs, this.#asked, count, this.#out);
        all[i]!.set(this.#memory.integers(this.#out, count), start);
        for (const j of unknown) all[i]![j] = UNKNOWN;
      }
    }
    return all;
  }

  /** Cosine of a unit vector to that of each label, -1 to 1; NaN for labels without one. */
  cosines(query: Float32Array, labels: ArrayLike<number>): Float32Array {
    if (query.length !== this.dimensions)
      throw new RangeError(`query: got ${query.length} dimensions, expected ${this.dimensions}`);
    this.#memory.floats(0, this.dimensions).set(query);
    const cosines = new Float32Array(labels.length);
    for (let start = 0; start < labels.length; start += CHUNK) {
      const count = this.#setRows(labels, start);
      const { kernel } = this.#memory;
      kernel.dotProducts(0, this.#rows, this.#stride, this.#width, this.#asked, count, this.#out);
      const dots = this.#memory.floats(this.#out, count);
      for (let i = 0; i < count; i++) {
        const row = (this.#rowOf[labels[start + i]!] ?? 0) - 1;
        cosines[start + i] = row < 0 ? NaN : Math.max(-1, Math.min(1, dots[i]! * this.#scales[row]!));
      }
    }
    return cosines;
  }

  /** Passes the rows of a chunk of labels to the kernel; row 0 for a label without a vector. @returns How many. */
  #setRows(labels: ArrayLike<number>, start: number): number {
    const count = Math.min(CHUNK, labels.length - start);
    const rows = this.#memory.integers(this.#asked, count);
    for (let i = 0; i < count; i++) rows[i] = Math.max(1, this.#rowOf[labels[start + i]!] ?? 0) - 1;
    return count;
  }

  /** Adds a row's vector to the sum, or with -1 subtracts it. */
  #add(row: number, sign: 1 | -1): void {
    const vector = this.#components(row);
    const scale = sign * Math.round(this.#scales[row]! * FIXED);
    for (let i = 0; i < vector.length; i++) this.#sum[i]! += vector[i]! * scale;
  }

  /** Moves the last rows into unused ones. */
  #compact(): void {
    // From the last unused row down, so that every row after it is in use.
    for (const row of this.#free.toSorted((a, b) => b - a)) {
      const last = --this.#used;
      if (row === last) continue;
      this.#memory.bytes.copyWithin(this.#place(row), this.#place(last), this.#place(last + 1));
      this.#labels[row] = this.#labels[last]!;
      this.#scales[row] = this.#scales[last]!;
      this.#rowOf[this.#labels[row]] = row + 1;
    }
    this.#free = [];
  }

  #components(row: number): Int8Array {
    return new Int8Array(this.#memory.bytes.buffer, this.#place(row), this.dimensions);
  }

  #place(row: number): number {
    return this.#rows + row * this.#stride;
  }
}
