import { TopK } from "../core/top-k.js";
import type { Reader } from "../core/tables.js";
import type { StoredVector } from "../core/vector.js";
import { resizeColumn } from "../core/column.js";
import { KernelMemory, toRegisters, type Kernel } from "./memory.js";
import type { Likely, Neighbour } from "./nearest.js";
import { sketchOf } from "./sketch.js";

/** Vectors counted as zeros in the mean: the mean of 20 vectors is half of what it would be of very many. */
const FEW = 20;
/** Rows, and queries, per call of the kernel. */
const CHUNK = 4_096;
const QUERIES = 8;
/** Allowance for vectors that are not random, in standard deviations. */
const DEVIATIONS = 8;
/** Two computations of one cosine differ by less. */
const ROUNDING = 1e-5;
/** Makes a scale a whole number, so that sums do not depend on their order. */
const FIXED = 2 ** 32;

/** Runs the kernel on the signs of one label and of `count` others. @returns How many it has written to `out`. */
type FindBySigns = (kernel: Kernel, own: number, others: number, count: number, space: number, out: number) => number;

/**
 * All vectors by label, in memory: 8-bit components, a scale, and the signs. Compares all of them or a given few
 * exactly; the reference for approximate search, and used wherever comparing all is cheap.
 *
 * A label has a row. The row of a deleted label is reused for a new label; labels themselves are never reused.
 */
export class ExactIndex {
  readonly dimensions: number;
  /** Queries, labels and results; then the rows: components, then signs, both padded to a register. */
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
   * Null until the mean is first needed: adding up all vectors would take a tenth of a start.
   */
  #sum: Float64Array | null = null;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#width = toRegisters(dimensions);
    this.#signs = toRegisters(Math.ceil(dimensions / 8));
    this.#stride = this.#width + this.#signs;
    this.#asked = QUERIES * 4 * this.#width;
    this.#out = this.#asked + 4 * CHUNK;
    this.#rows = this.#out + QUERIES * 4 * CHUNK;
    this.#memory.reserve(this.#rows + this.#stride);
  }

  /** Everything, without unused rows, to be written. The views are valid until the next call. */
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
    for (let row = 0; row < rows; row++) index.#rowOf[index.#labels[row]!] = row + 1;
    return index;
  }

  get count(): number {
    return this.#used - this.#free.length;
  }

  /** How many rows take up memory. */
  get held(): number {
    return this.#used;
  }

  /** @param signs Of the vector, as `sketchOf`. */
  set(label: number, { vector, scale }: StoredVector, signs = sketchOf(vector)): void {
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
    // Zeros up to the end of the row, because memory after the rows is used by comparisons of signs.
    this.#memory.bytes.fill(0, place + this.dimensions, place + this.#stride);
    this.#memory.bytes.set(signs, place + this.#width);
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

  /** A label's vector, as a view that is valid until the next call. */
  get(label: number): StoredVector | undefined {
    if (!this.has(label)) return undefined;
    const row = this.#rowOf[label]! - 1;
    return { vector: this.#components(row), scale: this.#scales[row]! };
  }

  /** The signs of the vector of a label that has one, as `sketchOf`; a view that is valid until the next call. */
  signs(label: number): Uint8Array {
    const place = this.#place(this.#rowOf[label]! - 1) + this.#width;
    return this.#memory.bytes.subarray(place, place + Math.ceil(this.dimensions / 8));
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
    return Float32Array.from(this.#summed(), (component) => component / FIXED / (this.count + FEW));
  }

  /** Cosine of a unit vector to that of each label, -1 to 1; null for labels without one. */
  similarities(query: Float32Array, labels: readonly number[]): (number | null)[] {
    const similarities: (number | null)[] = [];
    for (const cosine of this.cosines([query], labels)[0]!) similarities.push(Number.isNaN(cosine) ? null : cosine);
    return similarities;
  }

  /**
   * The k nearest labels, exactly, nearest first, ties by label.
   *
   * @param query Unit vector of `dimensions` floats.
   * @param among Only these labels; those without a vector are skipped.
   */
  nearest(query: Float32Array, k: number, among: readonly number[] = [...this.labels()]): Neighbour[] {
    const cosines = this.cosines([query], among)[0]!;
    const best = new TopK(k);
    // False for NaN, the cosine of a label without a vector.
    for (let i = 0; i < among.length; i++) if (cosines[i]! >= best.threshold) best.add(among[i]!, cosines[i]!);
    const { labels, keys } = best.sorted();
    return Array.from(labels, (label, i) => ({ label, similarity: keys[i]! }));
  }

  /**
   * For each of some labels, the positions of the k others whose signs are most like its own, ascending, and the cosines of
   * their vectors. Labels without a vector have none, and are left out.
   */
  likeliest(labels: readonly number[], among: readonly number[], k: number): Likely[] {
    const likely = this.#bySigns(labels, among, (kernel, own, others, count, space, out) =>
      kernel.likeliest(own, others, this.#signs, count, k, space, out),
    );
    const cosines = this.#cosinesTo(labels, among, likely);
    return likely.map((positions, i) => ({ positions, cosines: cosines[i]! }));
  }

  /** For each label, its cosines to all of them: [labels, labels], -1 to 1; NaN if one of both has no vector. */
  allCosines(labels: readonly number[]): Float32Array {
    const known: number[] = [];
    for (let i = 0; i < labels.length; i++) if (this.has(labels[i]!)) known.push(i);
    const [ones, others]: [number[], number[]] = [[], []];
    for (let i = 0; i < known.length; i++)
      for (let j = i; j < known.length; j++) {
        ones.push(labels[known[i]!]!);
        others.push(labels[known[j]!]!);
      }
    const cosines = this.#pairCosines(ones, others);
    const all = new Float32Array(labels.length ** 2).fill(NaN);
    let pair = 0;
    for (let i = 0; i < known.length; i++)
      for (let j = i; j < known.length; j++) {
        const [one, other] = [known[i]!, known[j]!];
        all[one * labels.length + other] = all[other * labels.length + one] = cosines[pair++]!;
      }
    return all;
  }

  /** Cosines of the vectors of pairs of labels, all with a vector. */
  #pairCosines(ones: readonly number[], others: readonly number[]): Float32Array {
    const cosines = new Float32Array(ones.length);
    for (let start = 0; start < ones.length; start += CHUNK / 2) {
      const count = Math.min(CHUNK / 2, ones.length - start);
      const rows = this.#memory.integers(this.#asked, 2 * count);
      for (let i = 0; i < count; i++) {
        rows[2 * i] = this.#rowOf[ones[start + i]!]! - 1;
        rows[2 * i + 1] = this.#rowOf[others[start + i]!]! - 1;
      }
      const { kernel } = this.#memory;
      kernel.pairProducts(this.#rows, this.#stride, this.#width, this.#asked, count, this.#out);
      const products = this.#memory.integers(this.#out, count);
      for (let i = 0; i < count; i++) {
        const product = (products[i]! | 0) * this.#scales[rows[2 * i]!]! * this.#scales[rows[2 * i + 1]!]!;
        cosines[start + i] = Math.max(-1, Math.min(1, product));
      }
    }
    return cosines;
  }

  /**
   * For each of some labels, positions of those other labels whose vectors have at least about this cosine to its own: first
   * by their signs, then by their components. Ascending; none for a label without a vector.
   */
  within(cosine: number, labels: readonly number[], among: readonly number[]): number[][] {
    // Of random vectors at an angle the share of signs that differ is the angle over pi, binomially distributed.
    const share = Math.acos(cosine) / Math.PI;
    const most = share * this.dimensions + DEVIATIONS * Math.sqrt(share * (1 - share) * this.dimensions);
    const likely = this.#bySigns(labels, among, (kernel, own, others, count, _, out) =>
      kernel.within(own, others, this.#signs, count, Math.floor(most), out),
    );
    const cosines = this.#cosinesTo(labels, among, likely);
    return likely.map((positions, i) => positions.filter((_, j) => cosines[i]![j]! >= cosine - ROUNDING));
  }

  /** For each of some labels, the cosines of its vector to those at some positions. */
  #cosinesTo(labels: readonly number[], among: readonly number[], places: readonly number[][]): Float32Array[] {
    const ones = places.flatMap((positions, i) => positions.map(() => labels[i]!));
    const others = places.flatMap((positions) => positions.map((position) => among[position]!));
    const cosines = this.#pairCosines(ones, others);
    let used = 0;
    return places.map(({ length }) => cosines.subarray(used, (used += length)));
  }

  /**
   * For each of some labels, the positions of others that the kernel finds by their signs, ascending. Labels without a vector
   * have none, and are left out.
   */
  #bySigns(labels: readonly number[], among: readonly number[], find: FindBySigns): number[][] {
    const asking = labels.filter((label) => this.has(label));
    const held: number[] = [];
    for (let position = 0; position < among.length; position++) if (this.has(among[position]!)) held.push(position);
    // After the rows: their numbers, their signs next to one another so that these stay in the cache, and results.
    const count = asking.length + held.length;
    const numbers = toRegisters(this.#place(this.#used));
    const signs = numbers + toRegisters(4 * count);
    const others = signs + this.#signs * asking.length;
    const space = signs + this.#signs * count;
    const out = space + toRegisters(2 * held.length) + 4 * (8 * this.#signs + 1);
    this.#memory.reserve(out + 4 * held.length);
    const rows = this.#memory.integers(numbers, count);
    for (let i = 0; i < asking.length; i++) rows[i] = this.#rowOf[asking[i]!]! - 1;
    for (let i = 0; i < held.length; i++) rows[asking.length + i] = this.#rowOf[among[held[i]!]!]! - 1;
    const { kernel } = this.#memory;
    kernel.gather(this.#rows + this.#width, this.#stride, this.#signs, numbers, count, signs);
    const results = this.#memory.integers(out, held.length);
    let own = signs - this.#signs;
    return labels.map((label) => {
      const positions: number[] = [];
      if (!this.has(label)) return positions;
      const found = find(kernel, (own += this.#signs), others, held.length, space, out);
      for (let i = 0; i < found; i++) positions.push(held[results[i]!]!);
      return positions;
    });
  }

  /** For each of some unit vectors, its cosine to that of each label, -1 to 1; NaN for labels without one. */
  cosines(queries: readonly Float32Array[], labels: ArrayLike<number>): Float32Array[] {
    const all = queries.map(() => new Float32Array(labels.length));
    for (let first = 0; first < queries.length; first += QUERIES) {
      const some = queries.slice(first, first + QUERIES);
      for (const [i, query] of some.entries()) {
        if (query.length !== this.dimensions)
          throw new RangeError(`query: got ${query.length} dimensions, expected ${this.dimensions}`);
        this.#memory.floats(4 * i * this.#width, this.dimensions).set(query);
      }
      for (let start = 0; start < labels.length; start += CHUNK) {
        const count = this.#setRows(labels, start);
        const { kernel } = this.#memory;
        kernel.dotProducts(0, some.length, this.#rows, this.#stride, this.#width, this.#asked, count, this.#out);
        const scales = new Float32Array(count);
        for (let i = 0; i < count; i++) {
          const row = (this.#rowOf[labels[start + i]!] ?? 0) - 1;
          scales[i] = row < 0 ? NaN : this.#scales[row]!;
        }
        for (let i = 0; i < some.length; i++)
          setCosines(all[first + i]!, start, this.#memory.floats(this.#out + 4 * i * count, count), scales);
      }
    }
    return all;
  }

  /** Passes the rows of a chunk of labels to the kernel; row 0 for a label without a vector. @returns How many. */
  #setRows(labels: ArrayLike<number>, start: number): number {
    const count = Math.min(CHUNK, labels.length - start);
    const rows = this.#memory.integers(this.#asked, count);
    for (let i = 0; i < count; i++) rows[i] = Math.max(1, this.#rowOf[labels[start + i]!] ?? 0) - 1;
    return count;
  }

  #summed(): Float64Array {
    if (this.#sum === null) {
      this.#sum = new Float64Array(this.dimensions);
      for (const label of this.labels()) this.#add(this.#rowOf[label]! - 1, 1);
    }
    return this.#sum;
  }

  /** Adds a row's vector to the sum, or with -1 subtracts it. */
  #add(row: number, sign: 1 | -1): void {
    const sum = this.#sum;
    if (sum === null) return;
    const vector = this.#components(row);
    const scale = sign * Math.round(this.#scales[row]! * FIXED);
    for (let i = 0; i < vector.length; i++) sum[i]! += vector[i]! * scale;
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

/** Sets cosines from a position on, from the products of a query with rows and the rows' scales. */
function setCosines(cosines: Float32Array, start: number, products: Float32Array, scales: Float32Array): void {
  for (let i = 0; i < products.length; i++) cosines[start + i] = Math.max(-1, Math.min(1, products[i]! * scales[i]!));
}
