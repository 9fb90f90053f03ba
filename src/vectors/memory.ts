/** Memory that the kernel's loops run over: it grows in place, so what lies in it is never copied. */
import { readFileSync } from "node:fs";

/** Node's types tell of it with those of a browser only. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** What `kernel/kernel.ts` exports; all numbers are whole, places in bytes. */
type Kernel = {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
  scan(tables: number, blocks: number, count: number, bytes: number, out: number): void;
  first(
    sums: number,
    rows: number,
    present: number,
    allowed: number,
    most: number,
    counts: number,
    buckets: number,
    out: number,
  ): number;
  products(
    query: number,
    rows: number,
    stride: number,
    dimensions: number,
    labels: number,
    count: number,
    out: number,
  ): void;
  best(
    planes: number,
    bits: number,
    sketches: number,
    bytes: number,
    starts: number,
    lengths: number,
    count: number,
    out: number,
  ): void;
  apart(one: number, sketches: number, stride: number, bytes: number, labels: number, count: number, out: number): void;
};

const PAGE = 65_536;
/** WebAssembly addresses so many bytes. */
const MOST = 2 ** 32;

let compiled: object | undefined;

export class KernelMemory {
  readonly kernel: Kernel;
  #bytes: Uint8Array<ArrayBuffer>;

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(new URL("./kernel.wasm", import.meta.url)));
    this.kernel = new WebAssembly.Instance(compiled).exports as Kernel;
    this.#bytes = new Uint8Array(this.kernel.memory.buffer);
  }

  /** All of it; another array after `reserve`, when this one is empty. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Makes it at least so large; what is new is 0. */
  reserve(bytes: number): void {
    const held = this.#bytes.length;
    if (bytes <= held) return;
    if (bytes > MOST) throw new RangeError(`vectors: got ${bytes} bytes, expected at most ${MOST} in one memory`);
    const wanted = Math.min(MOST, Math.max(bytes, Math.ceil(held * 1.25)));
    this.kernel.memory.grow(Math.ceil((wanted - held) / PAGE));
    this.#bytes = new Uint8Array(this.kernel.memory.buffer);
  }

  /** Views of a part; to be used at once, as `reserve` empties them. */
  floats(place: number, length: number): Float32Array {
    return new Float32Array(this.#bytes.buffer, place, length);
  }
  integers(place: number, length: number): Uint32Array {
    return new Uint32Array(this.#bytes.buffer, place, length);
  }
}

/** The next multiple of sixteen: the bytes of one SIMD register. */
export const toRegisters = (bytes: number): number => Math.ceil(bytes / 16) * 16;
