/**
 * The signs of all vectors, laid out to be compared all at once: finds candidates for the nearest, to be compared
 * exactly.
 */
import { resizeColumn } from "../core/column.js";
import { KernelMemory, toRegisters } from "./memory.js";

/** Vectors whose bytes are interleaved. */
const LANES = 16;
/** Blocks per call of the kernel. */
const CHUNK = 256;
/** The largest table entry: 7 bits, so that the sum of two fits into 8. */
const LARGEST = 127;

export class SignScan {
  readonly #memory = new KernelMemory();
  /** Scratch memory of a query. */
  readonly #rowMemory = new KernelMemory();
  /** Bytes per sketch. */
  readonly #bytes;
  readonly #out;
  readonly #blocks;
  /** 1 for rows with a vector. */
  #present = new Uint8Array(1024);
  /** Rows up to the last that ever had a vector. */
  #rows = 0;

  /** @param dimensions At most 2,048: sums are 16 bits wide. */
  constructor(dimensions: number) {
    this.#bytes = Math.ceil(dimensions / 8);
    if (this.#bytes > 256) throw new RangeError(`dimensions: got ${dimensions}, expected at most 2048`);
    this.#out = toRegisters(this.#bytes * 32);
    this.#blocks = this.#out + 2 * LANES * CHUNK;
    this.#memory.reserve(this.#blocks);
  }

  /** @param sketch As from `sketchOf`. */
  set(label: number, sketch: Uint8Array): void {
    const block = this.#blocks + Math.floor(label / LANES) * LANES * this.#bytes;
    this.#memory.reserve(block + LANES * this.#bytes);
    for (let byte = 0; byte < this.#bytes; byte++)
      this.#memory.bytes[block + byte * LANES + (label % LANES)] = sketch[byte]!;
    if (label >= this.#present.length) this.#present = resizeColumn(this.#present, label + 1);
    this.#present[label] = 1;
    this.#rows = Math.max(this.#rows, label + 1);
  }

  delete(label: number): void {
    if (label < this.#present.length) this.#present[label] = 0;
  }

  /**
   * The `most` labels whose signs are nearest to the query, and all that tie with the last of them; ascending.
   *
   * @param allowed One byte per label; labels with 0 or past its end are skipped. Null allows all.
   */
  likeliest(query: Float32Array, most: number, allowed: Uint8Array | null): number[] {
    const rows = Math.min(this.#rows, allowed?.length ?? this.#rows);
    const blocks = Math.ceil(this.#rows / LANES);
    const buckets = 2 * LARGEST * this.#bytes + 1;
    // After the counts, for each row: its sum, whether it is present, whether it is allowed, and space for its number.
    const sums = toRegisters(4 * buckets);
    const present = sums + 2 * LANES * blocks;
    const asked = present + toRegisters(rows);
    const out = asked + toRegisters(rows);
    this.#rowMemory.reserve(out + 4 * rows);
    this.#memory.bytes.set(tablesOf(query, this.#bytes));
    for (let block = 0; block < blocks; block += CHUNK) {
      const count = Math.min(CHUNK, blocks - block);
      const place = this.#blocks + block * LANES * this.#bytes;
      this.#memory.kernel.scan(0, place, count, this.#bytes, this.#out);
      const bytes = this.#memory.bytes.subarray(this.#out, this.#out + 2 * LANES * count);
      this.#rowMemory.bytes.set(bytes, sums + 2 * LANES * block);
    }
    const { kernel, bytes } = this.#rowMemory;
    bytes.set(this.#present.subarray(0, rows), present);
    if (allowed !== null) bytes.set(allowed.subarray(0, rows), asked);
    const count = kernel.largestSums(sums, rows, present, allowed === null ? present : asked, most, 0, buckets, out);
    return Array.from(this.#rowMemory.integers(out, count));
  }
}

/**
 * For each four components, what each pattern of signs adds: 0 if all are opposite to the query's, the maximum if all
 * agree.
 */
function tablesOf(query: Float32Array, bytes: number): Uint8Array {
  const components = new Float64Array(8 * bytes);
  components.set(query);
  let widest = 0;
  for (let first = 0; first < components.length; first += 4) {
    let sum = 0;
    for (let i = first; i < first + 4; i++) sum += Math.abs(components[i]!);
    widest = Math.max(widest, sum);
  }
  const step = widest === 0 ? 0 : LARGEST / widest;
  const tables = new Uint8Array(bytes * 32);
  for (let entry = 0; entry < tables.length; entry++) {
    const [first, pattern] = [4 * (entry >> 4), entry & 15];
    let agreeing = 0;
    for (let bit = 0; bit < 4; bit++) {
      const value = components[first + bit]!;
      if (((pattern >> bit) & 1) === 1 ? value > 0 : value < 0) agreeing += Math.abs(value);
    }
    tables[entry] = Math.round(agreeing * step);
  }
  return tables;
}
