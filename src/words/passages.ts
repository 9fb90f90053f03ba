import { resizeColumn } from "../core/column.js";

/** The distinct stems of a text, by number and in text order, and how often each occurs. */
export type Counted = { stems: Uint32Array; counts: Uint32Array };

/** The largest count that is stored. */
const MOST = 255;
/** The most bytes of a stem with its count. */
const ENTRY = 6;

/**
 * The stems of papers' titles and abstracts, by the numbers of an inverted index and in the order of the text, so that papers
 * can be compared without reading their texts. Two bytes for most stems: twice its number, plus 1 if a byte with its count
 * follows, in seven bits per byte.
 */
export class PassageWords {
  #bytes = new Uint8Array(1024);
  #used = 0;
  /** Where each paper starts; it ends where the next one starts. */
  #starts = new Uint32Array(1024);
  #papers = 0;
  /** How often each stem occurs in the text that is being added; 0 otherwise. */
  #tally = new Uint32Array(1024);
  /** The paper read last. */
  #stems = new Uint32Array(1024);
  #counts = new Uint32Array(1024);

  /** Adds the next paper. @param words The stem of each word, in text order; none if its text must be read instead. */
  add(words: readonly number[]): void {
    const distinct: number[] = [];
    let most = 0;
    for (const stem of words) {
      if (stem >= this.#tally.length) this.#tally = resizeColumn(this.#tally, stem + 1);
      if (this.#tally[stem]!++ === 0) distinct.push(stem);
      most = Math.max(most, this.#tally[stem]!);
    }
    if (this.#papers === this.#starts.length) this.#starts = resizeColumn(this.#starts, this.#papers + 1);
    this.#starts[this.#papers++] = this.#used;
    const room = this.#used + ENTRY * distinct.length;
    if (room > this.#bytes.length) this.#bytes = resizeColumn(this.#bytes, room);
    for (const stem of distinct) {
      if (most <= MOST) this.#put(stem, this.#tally[stem]!);
      this.#tally[stem] = 0;
    }
  }

  #put(stem: number, count: number): void {
    let left = 2 * stem + (count > 1 ? 1 : 0);
    for (; left > 127; left >>>= 7) this.#bytes[this.#used++] = left | 128;
    this.#bytes[this.#used++] = left;
    if (count > 1) this.#bytes[this.#used++] = count;
  }

  /** The stems of a paper, valid until the next call; null if its text must be read instead. */
  read(paper: number): Counted | null {
    const bytes = this.#bytes;
    let at = this.#starts[paper]!;
    const end = this.#endOf(paper);
    if (at === end) return null;
    if (end - at > this.#stems.length)
      [this.#stems, this.#counts] = [new Uint32Array(2 * (end - at)), new Uint32Array(2 * (end - at))];
    const [stems, counts] = [this.#stems, this.#counts];
    let found = 0;
    while (at < end) {
      let byte = bytes[at++]!;
      let value = byte & 127;
      for (let bits = 7; byte > 127; bits += 7) {
        byte = bytes[at++]!;
        value |= (byte & 127) << bits;
      }
      stems[found] = value >>> 1;
      counts[found++] = (value & 1) === 0 ? 1 : bytes[at++]!;
    }
    return { stems: stems.subarray(0, found), counts: counts.subarray(0, found) };
  }

  /** Removes papers, so that the others get the next lower numbers. */
  keep(isKept: (paper: number) => boolean): void {
    let [kept, used] = [0, 0];
    for (let paper = 0; paper < this.#papers; paper++) {
      const [start, end] = [this.#starts[paper]!, this.#endOf(paper)];
      if (!isKept(paper)) continue;
      this.#bytes.copyWithin(used, start, end);
      this.#starts[kept++] = used;
      used += end - start;
    }
    [this.#papers, this.#used] = [kept, used];
  }

  /** Everything, to be written, with other numbers for stems. */
  parts(renumbered: (stem: number) => number): {
    passages: Uint8Array<ArrayBuffer>;
    passageStarts: Uint32Array<ArrayBuffer>;
  } {
    const copy = new PassageWords();
    copy.#bytes = new Uint8Array(this.#used + ENTRY);
    copy.#starts = new Uint32Array(this.#papers);
    for (let paper = 0; paper < this.#papers; paper++) {
      copy.#starts[paper] = copy.#used;
      const { stems, counts } = this.read(paper) ?? { stems: [], counts: [] };
      for (let i = 0; i < stems.length; i++) copy.#put(renumbered(stems[i]!), counts[i]!);
    }
    return { passages: copy.#bytes.slice(0, copy.#used), passageStarts: copy.#starts };
  }

  /** What `parts` gave. */
  static from(passages: Uint8Array<ArrayBuffer>, passageStarts: Uint32Array<ArrayBuffer>): PassageWords {
    const words = new PassageWords();
    words.#bytes = passages;
    words.#used = passages.length;
    words.#starts = passageStarts;
    words.#papers = passageStarts.length;
    return words;
  }

  #endOf(paper: number): number {
    return paper + 1 < this.#papers ? this.#starts[paper + 1]! : this.#used;
  }
}
