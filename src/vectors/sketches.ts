import { resizeColumn } from "../core/column.js";
import type { Reader } from "../core/tables.js";
import { KernelMemory, toRegisters } from "./memory.js";
import { cosineOfSigns, roundedOf, type Rounded } from "./sketch.js";

/** Runs of sketches per call of the kernel. */
const CHUNK = 1_024;

/**
 * The sign sketches of every paper's title and sentences, by label, in one growing block. A paper whose number of
 * sentences changes moves; its old place is reused for a paper with as many.
 */
export class SketchTable {
  readonly #dimensions;
  /** Bytes per sketch as stored, and as padded in memory. */
  readonly #bytes;
  readonly #stride;
  /** The query in integers, starts and lengths of runs, results; then the sketches. */
  readonly #memory = new KernelMemory();
  readonly #places;
  #asked: { query: Float32Array; rounded: Rounded } | undefined;
  #used = 0;
  /** Unused places, by the number of sketches that fit. */
  readonly #free = new Map<number, number[]>();
  /** For each label, the index of its first sketch, and their number: 0 for none. */
  #starts = new Uint32Array(1024);
  #counts = new Uint16Array(1024);

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#bytes = dimensions / 8;
    this.#stride = toRegisters(this.#bytes);
    const starts = 8 * this.#stride;
    const [lengths, out, block] = [1, 2, 3].map((part) => starts + part * 4 * CHUNK) as [number, number, number];
    this.#places = { starts, lengths, out, block };
    this.#memory.reserve(block);
  }

  /** Everything, without unused places, to be written. The views are valid until the next change. */
  parts(): { sketches: Uint8Array; runs: Uint8Array; runLengths: Uint8Array } {
    if (this.#free.size > 0) this.#compact();
    return {
      sketches: this.#memory.bytes.subarray(this.#places.block, this.#places.block + this.#used * this.#stride),
      runs: new Uint8Array(this.#starts.buffer),
      runLengths: new Uint8Array(this.#counts.buffer),
    };
  }

  /** Reads a table from what `parts` gave. */
  static read(dimensions: number, reader: Reader): SketchTable {
    const table = new SketchTable(dimensions);
    table.#used = reader.size("sketches") / table.#stride;
    table.#memory.reserve(table.#places.block + table.#used * table.#stride);
    table.#starts = new Uint32Array(reader.size("runs") / 4);
    table.#counts = new Uint16Array(reader.size("runLengths") / 2);
    for (const [name, part] of Object.entries(table.parts())) reader.read(name, part);
    return table;
  }

  /** @param sketches One after the other: the title's, then one per sentence. */
  set(label: number, sketches: Uint8Array): void {
    const count = sketches.length / this.#bytes;
    if (!Number.isInteger(count))
      throw new RangeError(`sketches: got ${sketches.length} bytes, expected a multiple of ${this.#bytes}`);
    if (label >= this.#counts.length) {
      this.#starts = resizeColumn(this.#starts, label + 1);
      this.#counts = resizeColumn(this.#counts, label + 1);
    }
    // Most changes of a paper keep its number of sentences.
    if (this.#counts[label] !== count) {
      this.delete(label);
      const free = this.#free.get(count)?.pop();
      this.#starts[label] = free ?? this.#used;
      this.#counts[label] = count;
      if (free === undefined) this.#used += count;
      this.#memory.reserve(this.#places.block + this.#used * this.#stride);
    }
    const place = this.#places.block + this.#starts[label]! * this.#stride;
    for (let i = 0; i < count; i++)
      this.#memory.bytes.set(sketches.subarray(i * this.#bytes, (i + 1) * this.#bytes), place + i * this.#stride);
  }

  delete(label: number): void {
    if (!this.has(label)) return;
    const count = this.#counts[label]!;
    const free = this.#free.get(count);
    if (free === undefined) this.#free.set(count, [this.#starts[label]!]);
    else free.push(this.#starts[label]!);
    this.#counts[label] = 0;
  }

  /** How many sketches take up memory. */
  get held(): number {
    return this.#used;
  }

  #compact(): void {
    const labels = Array.from(this.#counts.keys())
      .filter((label) => this.has(label))
      .sort((a, b) => this.#starts[a]! - this.#starts[b]!);
    this.#used = 0;
    for (const label of labels) {
      const [start, count] = [this.#starts[label]!, this.#counts[label]!];
      const place = (sketch: number) => this.#places.block + sketch * this.#stride;
      this.#memory.bytes.copyWithin(place(this.#used), place(start), place(start + count));
      this.#starts[label] = this.#used;
      this.#used += count;
    }
    this.#free.clear();
  }

  has(label: number): boolean {
    return (this.#counts[label] ?? 0) > 0;
  }

  /** A view of a label's padded sketches, valid until the next change; null if they are pending. */
  get(label: number): Uint8Array | null {
    if (!this.has(label)) return null;
    const place = this.#places.block + this.#starts[label]! * this.#stride;
    return this.#memory.bytes.subarray(place, place + this.#counts[label]! * this.#stride);
  }

  /** Estimated cosines of the query to the title (first) and to each sentence; null if they are pending. */
  similarities(query: Float32Array, label: number): Float64Array | null {
    if (!this.has(label)) return null;
    const start = this.#starts[label] as number;
    return this.#largestOf(
      query,
      Array.from({ length: this.#counts[label] as number }, (_, i) => start + i),
      () => 1,
    );
  }

  /** The largest of these cosines for each label; NaN if they are pending. */
  best(query: Float32Array, labels: readonly number[]): Float64Array<ArrayBuffer> {
    const known = labels.filter((label) => this.has(label));
    const cosines = this.#largestOf(
      query,
      known.map((label) => this.#starts[label]!),
      (i) => this.#counts[known[i]!]!,
    );
    let next = 0;
    return Float64Array.from(labels, (label) => (this.has(label) ? cosines[next++]! : NaN));
  }

  #largestOf(query: Float32Array, starts: readonly number[], length: (run: number) => number): Float64Array {
    const { starts: startsAt, lengths: lengthsAt, out, block } = this.#places;
    const rounded = this.#rounded(query);
    const cosines = new Float64Array(starts.length);
    for (let from = 0; from < starts.length; from += CHUNK) {
      const count = Math.min(CHUNK, starts.length - from);
      const [first, lengths] = [this.#memory.integers(startsAt, count), this.#memory.integers(lengthsAt, count)];
      for (let i = 0; i < count; i++) {
        first[i] = starts[from + i]!;
        lengths[i] = length(from + i);
      }
      this.#memory.kernel.largestProducts(0, block, this.#stride, startsAt, lengthsAt, count, out);
      const products = new Int32Array(this.#memory.bytes.buffer, out, count);
      for (let i = 0; i < count; i++) cosines[from + i] = cosineOfSigns(products[i]!, rounded, this.#dimensions);
    }
    return cosines;
  }

  /** Made once per query: the same query vector is the same array. */
  #rounded(query: Float32Array): Rounded {
    if (this.#asked?.query !== query) {
      const rounded = roundedOf(query);
      this.#memory.bytes.set(new Uint8Array(rounded.integers.buffer));
      this.#asked = { query, rounded };
    }
    return this.#asked.rounded;
  }
}
