import type { SketchScorer } from "./sketch.js";

/**
 * The sign sketches of every paper's title and sentences, by label, in one growing block of bytes. A paper whose
 * sentences become more or fewer gets a new place; the old one is given back when the block is next made anew, on
 * opening.
 */
export class SketchTable {
  readonly #bytes: number;
  #block = new Uint8Array(1 << 16);
  #used = 0;
  /** Where a label's sketches begin, in sketches; and how many there are: 0 for none. */
  #starts = new Uint32Array(1024);
  #counts = new Uint16Array(1024);

  /** @param bytes Of one sketch. */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** @param sketches One after the other: the title's, then one a sentence. */
  set(label: number, sketches: Uint8Array): void {
    const count = sketches.length / this.#bytes;
    if (!Number.isInteger(count))
      throw new RangeError(`sketches: got ${sketches.length} bytes, expected a multiple of ${this.#bytes}`);
    if (label >= this.#counts.length) this.#growLabels(label + 1);
    // Most changes of a paper leave its sentences alone.
    if (this.#counts[label] !== count) {
      if (this.#used + sketches.length > this.#block.length) this.#growBlock(this.#used + sketches.length);
      this.#starts[label] = this.#used / this.#bytes;
      this.#counts[label] = count;
      this.#used += sketches.length;
    }
    this.#block.set(sketches, (this.#starts[label] as number) * this.#bytes);
  }

  delete(label: number): void {
    if (label < this.#counts.length) this.#counts[label] = 0;
  }

  has(label: number): boolean {
    return (this.#counts[label] ?? 0) > 0;
  }

  /** Estimated cosines of the query to the title (first) and to each sentence; null when they are pending. */
  similarities(scorer: SketchScorer, label: number): number[] | null {
    if (!this.has(label)) return null;
    const start = this.#starts[label] as number;
    return Array.from({ length: this.#counts[label] as number }, (_, i) => scorer.similarity(this.#block, start + i));
  }

  /** The largest of them. */
  best(scorer: SketchScorer, label: number): number | null {
    const count = this.#counts[label] ?? 0;
    if (count === 0) return null;
    const start = this.#starts[label] as number;
    let best = -Infinity;
    for (let i = start; i < start + count; i++) best = Math.max(best, scorer.similarity(this.#block, i));
    return best;
  }

  #growLabels(labels: number): void {
    const capacity = Math.max(labels, this.#counts.length * 2);
    const starts = new Uint32Array(capacity);
    starts.set(this.#starts);
    const counts = new Uint16Array(capacity);
    counts.set(this.#counts);
    this.#starts = starts;
    this.#counts = counts;
  }

  #growBlock(bytes: number): void {
    const block = new Uint8Array(Math.max(bytes, this.#block.length * 2));
    block.set(this.#block);
    this.#block = block;
  }
}
