/** The memory of the kernel's loops. It grows in place, so its content is never copied. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../core/root.js";

/** Node's types declare it only together with those of a browser. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** The exports of `kernel/kernel.ts`; arguments are offsets and sizes in bytes, unless the kernel says otherwise. */
export type Kernel = {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
  scan(tables: number, blocks: number, count: number, bytes: number, out: number): void;
  largestSums(
    sums: number,
    rows: number,
    present: number,
    allowed: number,
    most: number,
    counts: number,
    buckets: number,
    out: number,
  ): number;
  dotProducts(
    queries: number,
    times: number,
    rows: number,
    stride: number,
    dimensions: number,
    labels: number,
    count: number,
    out: number,
  ): void;
  pairProducts(rows: number, stride: number, dimensions: number, pairs: number, count: number, out: number): void;
  largestProducts(
    query: number,
    sketches: number,
    bytes: number,
    starts: number,
    lengths: number,
    count: number,
    out: number,
  ): void;
  addScores(scores: number, norms: number, numbers: number, frequencies: number, count: number, weight: number): void;
  scoredAtLeast(scores: number, from: number, to: number, least: number, out: number): number;
  addProducts(
    sums: number,
    lengths: number,
    weights: number,
    lists: number,
    numbers: number,
    frequencies: number,
    logarithms: number,
  ): void;
  productsAtLeast(ones: number, others: number, from: number, to: number, least: number, out: number): number;
  gather(sketches: number, stride: number, bytes: number, rows: number, count: number, out: number): void;
  within(one: number, sketches: number, bytes: number, count: number, most: number, out: number): number;
  likeliest(one: number, sketches: number, bytes: number, count: number, k: number, space: number, out: number): number;
  allProducts(a: number, times: number, b: number, count: number, bytes: number, out: number): void;
};

const PAGE = 65_536;
/** The limit of WebAssembly's addresses, in bytes. */
const MOST = 2 ** 32;

let compiled: object | undefined;

export class KernelMemory {
  readonly kernel: Kernel;
  #bytes: Uint8Array<ArrayBuffer>;

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(join(ROOT, "dist", "src", "vectors", "kernel.wasm")));
    this.kernel = new WebAssembly.Instance(compiled).exports as Kernel;
    this.#bytes = new Uint8Array(this.kernel.memory.buffer);
  }

  /** All of the memory. `reserve` replaces this array, and detaches the old one. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Grows to at least this size; new bytes are 0. */
  reserve(bytes: number): void {
    const held = this.#bytes.length;
    if (bytes <= held) return;
    if (bytes > MOST) throw new RangeError(`vectors: got ${bytes} bytes, expected at most ${MOST} in one memory`);
    const wanted = Math.min(MOST, Math.max(bytes, Math.ceil(held * 1.25)));
    this.kernel.memory.grow(Math.ceil((wanted - held) / PAGE));
    this.#bytes = new Uint8Array(this.kernel.memory.buffer);
  }

  /** Views of a part, valid until the next `reserve`. */
  floats(place: number, length: number): Float32Array {
    return new Float32Array(this.#bytes.buffer, place, length);
  }
  integers(place: number, length: number): Uint32Array {
    return new Uint32Array(this.#bytes.buffer, place, length);
  }
}

/** Rounds up to a multiple of sixteen: the bytes of a SIMD register. */
export const toRegisters = (bytes: number): number => Math.ceil(bytes / 16) * 16;
