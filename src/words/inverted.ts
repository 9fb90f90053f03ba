/**
 * The inverted index in memory: which papers contain a word, and its weight there. Derived from the rows of the store,
 * and caught up with them like the vectors.
 */
import { TopK } from "../core/top-k.js";
import { resizeColumn } from "../core/column.js";
import type { Reader } from "../core/tables.js";
import { foldLetters, hasUnspaced, termsIn } from "../core/text.js";
import { beginningIn, FIELDS, type Fields, type WordHit } from "../core/word.js";
import { KernelMemory, toRegisters } from "../vectors/memory.js";
import { PassageWords, type Counted } from "./passages.js";
import { shorterStems, stemOf } from "./stem.js";
import { STOP_WORDS } from "./stop-words.js";

/** BM25's constants, the same as in FTS5. */
const K1 = 1.2;
const B = 0.75;
/** The weight of a word that half of all papers or more contain. */
const LEAST_IDF = 1e-6;
/** Frequencies are stored in halves, in eight bits: more than 127 halves count as 127. */
export const HALVES = 2;
export const LARGEST = 255;
const RECENT = 50_000;
/** Postings, and papers, per call of the kernel. */
const BLOCK = 16_384;
/** How many numbers may be stale before they are removed from the lists: a share of all, and at least this many. */
const STALE = { share: 0.01, atLeast: 1_000 };
/**
 * Capacity of an index that is read, relative to its postings: growing it copies all of them, which delays an answer.
 */
const ROOM = 1.5;
/** Lists that are swept before the clock is checked again. */
const LISTS = 64;

/** Prefixes whose postings are cached until papers change. */
const MOST_BEGINNINGS = 20;

/** A list of papers with frequencies, including stale papers; `documents` counts those that are not. */
type Postings = { documents: number; numbers: Uint32Array; frequencies: Uint8Array };
/** A range of postings, and their weight. */
type List = { weight: number; start: number; end: number; numbers: Uint32Array; frequencies: Uint8Array };

/** The content of an index. */
type Arrays = {
  /** The stems, each followed by a line break. */
  stems: string;
  /** How many papers contain each stem. */
  counts: Uint32Array<ArrayBuffer>;
  /** The numbers of papers, ascending, for one stem after the other, with frequencies in halves. */
  numbers: Uint32Array<ArrayBuffer>;
  frequencies: Uint8Array<ArrayBuffer>;
  /** The label of each number, and the number of words of its paper. */
  labels: Uint32Array<ArrayBuffer>;
  lengths: Uint32Array<ArrayBuffer>;
  /** The stems of each paper's title and abstract: see `PassageWords`. */
  passages: Uint8Array<ArrayBuffer>;
  passageStarts: Uint32Array<ArrayBuffer>;
};

/** Views of an index's columns, valid until it changes: request them again after every `await`. */
export type Columns = {
  /** The place of each stem's list in `starts` and `counts`. A stem keeps its place. */
  places: ReadonlyMap<string, number>;
  starts: Uint32Array;
  counts: Uint32Array;
  /** Postings: numbers of papers, ascending in each list, with frequencies in halves. */
  numbers: Uint32Array;
  frequencies: Uint8Array;
  /** The label of each number; 0 if it is stale. */
  labels: Uint32Array;
  /** The number of each label plus 1; 0 if it is not indexed. */
  numberOf: Uint32Array;
  /** How many numbers have been given out. */
  given: number;
  /** Changes when papers get new numbers. */
  renumbered: number;
  /** Increases when a paper is added, changed or removed. */
  version: number;
};

/**
 * Postings: for each stem an ascending list of papers with frequencies. Papers are numbered in the order in which they
 * are added; one that changes gets a new number, and the old one stays in the lists, skipped, until `sweep` removes it.
 * BM25 (Robertson, Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009), computed as in FTS5, so
 * that scores do not depend on which of the two answers.
 */
export class InvertedIndex {
  /** The place of each stem's list in the columns below. */
  readonly #places = new Map<string, number>();
  #starts = new Uint32Array(1024);
  #counts = new Uint32Array(1024);
  #capacities = new Uint32Array(1024);
  /**
   * All lists, each with its own capacity. A list that outgrows it moves, and leaves its place to another of that
   * capacity.
   */
  #numbers = new Uint32Array(1024);
  #frequencies = new Uint8Array(1024);
  #used = 0;
  readonly #free = new Map<number, number[]>();
  /** Places of recent words, and the frequency of each stem in the paper that is being indexed. */
  readonly #recent = new Map<string, number>();
  #tally = new Uint8Array(1024);

  /** The label of each number, 0 if it is stale; the number of each label plus 1, 0 if it is not indexed. */
  #labels = new Uint32Array(1024);
  #numberOf = new Uint32Array(1024);
  #lengths = new Uint32Array(1024);
  #passages = new PassageWords();
  #given = 0;
  readonly #stale = new Set<number>();
  /** A sweep under way: the next list, and the numbers that no earlier list contains any more. */
  #sweeping: { place: number; gone: readonly number[] } | null = null;
  #papers = 0;
  #words = 0;
  /**
   * One f32 for each number: the norm, which is the part of BM25 that depends only on a paper's length. Then one f32 each for
   * the score in a search; then a block of postings, or of results.
   */
  readonly #memory = new KernelMemory();
  /** Whether the norms are current. */
  #normed = false;
  /** Cached postings of prefixes since the last change. */
  readonly #beginnings = new Map<string, Postings>();
  /** How often the papers were renumbered. */
  #renumbered = 0;
  #version = 0;

  get count(): number {
    return this.#papers;
  }

  /** Entries of all lists, including stale ones. */
  get postings(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  has(label: number): boolean {
    return (this.#numberOf[label] ?? 0) !== 0;
  }

  /** Adds a paper, or replaces it with its present state. */
  set(label: number, fields: Fields): void {
    this.delete(label);
    const places: number[] = [];
    const passage: number[] = [];
    // Their terms depend on how the text continues: see `contentTerms`.
    const isStored = !hasUnspaced(fields.title) && !hasUnspaced(fields.abstract);
    let length = 0;
    for (const [field, weight] of Object.entries(FIELDS)) {
      const inPassage = isStored && (field === "title" || field === "abstract");
      for (const word of termsIn(fields[field as keyof Fields])) {
        const place = this.#placeOf(word);
        if (inPassage && !STOP_WORDS.has(word)) passage.push(place);
        if (this.#tally[place] === 0) places.push(place);
        this.#tally[place] = Math.min(LARGEST, this.#tally[place]! + HALVES * weight);
        length++;
      }
    }
    this.#passages.add(passage);
    const number = this.#given++;
    if (number >= this.#labels.length) {
      this.#labels = resizeColumn(this.#labels, number + 1);
      this.#lengths = resizeColumn(this.#lengths, number + 1);
    }
    if (label >= this.#numberOf.length) this.#numberOf = resizeColumn(this.#numberOf, label + 1);
    this.#labels[number] = label;
    this.#lengths[number] = length;
    this.#numberOf[label] = number + 1;
    for (const place of places) {
      this.#append(place, number, this.#tally[place]!);
      this.#tally[place] = 0;
    }
    this.#papers++;
    this.#words += length;
    this.#changed();
  }

  delete(label: number): void {
    if (!this.has(label)) return;
    const number = this.#numberOf[label]! - 1;
    this.#numberOf[label] = 0;
    this.#labels[number] = 0;
    this.#papers--;
    this.#words -= this.#lengths[number]!;
    this.#changed();
    this.#stale.add(number);
  }

  /**
   * Removes stale numbers from the lists if there are many, until a time on the clock of `performance.now()`.
   *
   * @returns Whether there is more to do.
   */
  sweep(end: number): boolean {
    if (this.#sweeping === null) {
      if (this.#stale.size <= Math.max(STALE.atLeast, STALE.share * this.#given)) return false;
      this.#sweeping = { place: 0, gone: [...this.#stale] };
    }
    const sweeping = this.#sweeping;
    while (sweeping.place < this.#places.size) {
      const last = Math.min(sweeping.place + LISTS, this.#places.size);
      for (; sweeping.place < last; sweeping.place++) this.#filter(sweeping.place, (number) => number);
      if (performance.now() > end) return true;
    }
    // Numbers that became stale meanwhile may be in lists swept before: they are left for the next sweep.
    for (const number of sweeping.gone) this.#stale.delete(number);
    this.#sweeping = null;
    return false;
  }

  /** Removes stale numbers from a list, and maps the others with `renamed`. */
  #filter(place: number, renamed: (number: number) => number): void {
    const start = this.#starts[place]!;
    let kept = start;
    for (let at = start; at < start + this.#counts[place]!; at++) {
      const number = this.#numbers[at]!;
      if (this.#labels[number] === 0) continue;
      this.#numbers[kept] = renamed(number);
      this.#frequencies[kept++] = this.#frequencies[at]!;
    }
    this.#counts[place] = kept - start;
  }

  #changed(): void {
    this.#version++;
    this.#normed = false;
    this.#beginnings.clear();
  }

  /**
   * The k papers with the largest BM25 for any of the words, ties by label.
   *
   * @param allowed One byte per label; labels with 0 or past its end are skipped. Null allows all.
   */
  search(words: readonly string[], k: number, allowed: Uint8Array | null): WordHit[] {
    const lists = words.flatMap((word) => this.#listsOf(word));
    const { scores, numbers, frequencies } = this.#scored();
    const { kernel, bytes } = this.#memory;
    bytes.fill(0, scores, numbers);
    for (const list of lists)
      for (let from = list.start; from < list.end; from += BLOCK) {
        const to = Math.min(from + BLOCK, list.end);
        this.#memory.integers(numbers, to - from).set(list.numbers.subarray(from, to));
        bytes.set(list.frequencies.subarray(from, to), frequencies);
        kernel.addScores(scores, 0, numbers, frequencies, to - from, list.weight);
      }
    const best = new TopK(k);
    const score = this.#memory.floats(scores, this.#given);
    const found = this.#memory.integers(numbers, BLOCK);
    for (let from = 0; from < this.#given; from += BLOCK) {
      const to = Math.min(this.#given, from + BLOCK);
      const count = kernel.scoredAtLeast(scores, from, to, best.threshold, numbers);
      addBest(best, score, found.subarray(0, count), this.#labels, allowed);
    }
    const { labels, keys } = best.sorted();
    return Array.from(labels, (label, i) => ({ label, bm25: keys[i]! }));
  }

  /** BM25 of one word in each paper, 0 where it does not occur; summed over words, this is the score of `search`. */
  weights(word: string, labels: readonly number[]): number[] {
    this.#scored();
    const norms = this.#memory.floats(0, this.#given);
    const lists = this.#listsOf(word);
    return labels.map((label) => {
      if (!this.has(label)) return 0;
      const number = this.#numberOf[label]! - 1;
      return lists.reduce((sum, { weight, start, end, numbers, frequencies }) => {
        const at = placeIn(numbers, start, end, number);
        const frequency = at < 0 ? 0 : frequencies[at]!;
        return frequency === 0 ? sum : sum + (weight * frequency) / (frequency + norms[number]!);
      }, 0);
    });
  }

  /**
   * The stems of a paper's title and abstract without stop words, by place: as `contentTerms`. Valid until the next call; null
   * if the text must be read instead, or the paper is not indexed.
   */
  passageOf(label: number): Counted | null {
    return this.has(label) ? this.#passages.read(this.#numberOf[label]! - 1) : null;
  }

  /** In how many papers a stem occurs or, for `syn*`, any stem that starts so. */
  documentsWith(stem: string): number {
    const beginning = beginningIn(stem);
    if (beginning !== null) return this.#beginningWith(beginning).documents;
    const place = this.#places.get(stem);
    return place === undefined ? 0 : this.documentsAt(place);
  }

  /** In how many papers the stem at a place occurs. */
  documentsAt(place: number): number {
    const [start, count] = [this.#starts[place]!, this.#counts[place]!];
    let stale = 0;
    // Most words are in fewer papers than are stale.
    if (count < this.#stale.size) {
      for (let at = start; at < start + count; at++) if (this.#stale.has(this.#numbers[at]!)) stale++;
    } else for (const number of this.#stale) if (placeIn(this.#numbers, start, start + count, number) >= 0) stale++;
    return count - stale;
  }

  /** The weight and the postings of a word, or of `syn*`, for which shorter stems are separate lists. */
  #listsOf(word: string): List[] {
    const beginning = beginningIn(word);
    const stems = beginning === null ? [stemOf(word)] : shorterStems(beginning);
    const lists = stems.flatMap((stem): List[] => {
      const place = this.#places.get(stem);
      if (place === undefined) return [];
      const [start, end] = [this.#starts[place]!, this.#starts[place]! + this.#counts[place]!];
      const weight = this.#idf(this.documentsWith(stem)) * (K1 + 1);
      return [{ weight, start, end, numbers: this.#numbers, frequencies: this.#frequencies }];
    });
    if (beginning === null) return lists;
    const { documents, numbers, frequencies } = this.#beginningWith(beginning);
    return [{ weight: this.#idf(documents) * (K1 + 1), start: 0, end: numbers.length, numbers, frequencies }, ...lists];
  }

  /** The postings of all stems with a prefix, as if they were one stem. */
  #beginningWith(written: string): Postings {
    const beginning = foldLetters(written);
    let postings = this.#beginnings.get(beginning);
    if (postings !== undefined) return postings;
    const tally = new Uint8Array(this.#given);
    for (const [stem, place] of this.#places) {
      if (!stem.startsWith(beginning)) continue;
      const start = this.#starts[place]!;
      addFrequencies(tally, this.#numbers, this.#frequencies, start, start + this.#counts[place]!);
    }
    let documents = 0;
    const held: number[] = [];
    for (let number = 0; number < tally.length; number++) {
      if (tally[number] === 0) continue;
      held.push(number);
      if (this.#labels[number] !== 0) documents++;
    }
    const numbers = Uint32Array.from(held);
    postings = { documents, numbers, frequencies: Uint8Array.from(numbers, (number) => tally[number]!) };
    if (this.#beginnings.size >= MOST_BEGINNINGS) this.#beginnings.clear();
    this.#beginnings.set(beginning, postings);
    return postings;
  }

  /** The columns, for code that reads whole lists (`cosines.ts`). */
  columns(): Columns {
    return {
      places: this.#places,
      starts: this.#starts,
      counts: this.#counts,
      numbers: this.#numbers,
      frequencies: this.#frequencies,
      labels: this.#labels,
      numberOf: this.#numberOf,
      given: this.#given,
      renumbered: this.#renumbered,
      version: this.#version,
    };
  }

  /** Stems whose papers, or their number, differ in another index. */
  differingStems(other: InvertedIndex): string[] {
    const all = new Set([...this.#places.keys(), ...other.#places.keys()]);
    return [...all].filter((stem) => {
      const [here, there] = [this.#labelsWith(stem), other.#labelsWith(stem)];
      return here.length !== there.length || here.some((label, i) => label !== there[i]);
    });
  }

  /** The labels of a stem's papers, ascending. */
  #labelsWith(stem: string): Uint32Array {
    const place = this.#places.get(stem);
    if (place === undefined) return new Uint32Array(0);
    const start = this.#starts[place]!;
    const labels = this.#numbers.subarray(start, start + this.#counts[place]!).map((number) => this.#labels[number]!);
    return labels.filter((label) => label !== 0).sort();
  }

  /** Everything, to be written. */
  parts(): Record<"stems" | Exclude<keyof Arrays, "stems">, Uint8Array> {
    const { stems, ...columns } = this.#arrays();
    const bytes = Object.entries(columns).map(([name, column]) => [name, new Uint8Array(column.buffer)]);
    return { stems: Buffer.from(stems), ...Object.fromEntries(bytes) };
  }

  /** Reads an index from what `parts` gave. */
  static read(reader: Reader): InvertedIndex {
    const column = <A extends Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(
      kind: { new (length: number): A; BYTES_PER_ELEMENT: number },
      name: string,
      room = 1,
    ): A => {
      const bytes = reader.size(name);
      const read = new kind(Math.ceil((room * bytes) / kind.BYTES_PER_ELEMENT));
      reader.read(name, new Uint8Array(read.buffer, 0, bytes));
      return read;
    };
    return InvertedIndex.#from({
      stems: Buffer.from(column(Uint8Array, "stems")).toString(),
      counts: column(Uint32Array, "counts"),
      numbers: column(Uint32Array, "numbers", ROOM),
      frequencies: column(Uint8Array, "frequencies", ROOM),
      labels: column(Uint32Array, "labels"),
      lengths: column(Uint32Array, "lengths"),
      passages: column(Uint8Array, "passages"),
      passageStarts: column(Uint32Array, "passageStarts"),
    });
  }

  /** The content without stale numbers. */
  #arrays(): Arrays {
    this.#renew();
    const places = [...this.#places].filter(([, place]) => this.#counts[place]! > 0);
    const counts = Uint32Array.from(places, ([, place]) => this.#counts[place]!);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const [numbers, frequencies] = [new Uint32Array(total), new Uint8Array(total)];
    let used = 0;
    for (const [, place] of places) {
      const [start, end] = [this.#starts[place]!, this.#starts[place]! + this.#counts[place]!];
      numbers.set(this.#numbers.subarray(start, end), used);
      frequencies.set(this.#frequencies.subarray(start, end), used);
      used += end - start;
    }
    const renumbered = new Uint32Array(this.#places.size);
    for (const [written, [, place]] of places.entries()) renumbered[place] = written;
    return {
      stems: places.map(([stem]) => `${stem}\n`).join(""),
      counts,
      numbers,
      frequencies,
      labels: this.#labels.slice(0, this.#given),
      lengths: this.#lengths.slice(0, this.#given),
      ...this.#passages.parts((place) => renumbered[place]!),
    };
  }

  static #from({
    stems,
    counts,
    numbers,
    frequencies,
    labels,
    lengths,
    passages,
    passageStarts,
  }: Arrays): InvertedIndex {
    const index = new InvertedIndex();
    index.#counts = counts.slice();
    index.#capacities = counts.slice();
    index.#starts = new Uint32Array(counts.length);
    let used = 0;
    for (let place = 0; place < counts.length; place++) {
      index.#starts[place] = used;
      used += counts[place]!;
    }
    let from = 0;
    for (let place = 0; place < counts.length; place++) {
      const to = stems.indexOf("\n", from);
      index.#places.set(stems.slice(from, to), place);
      from = to + 1;
    }
    index.#numbers = numbers;
    index.#frequencies = frequencies;
    index.#used = used;
    index.#labels = labels;
    index.#lengths = lengths;
    index.#passages = PassageWords.from(passages, passageStarts);
    index.#given = labels.length;
    index.#numberOf = new Uint32Array(labels.reduce((most, label) => Math.max(most, label), 0) + 1);
    labels.forEach((label, number) => (index.#numberOf[label] = number + 1));
    index.#papers = labels.length;
    index.#words = lengths.reduce((sum, length) => sum + length, 0);
    return index;
  }

  #idf(documents: number): number {
    return Math.max(LEAST_IDF, Math.log((this.#papers - documents + 0.5) / (documents + 0.5)));
  }

  /** Brings the norms up to date. @returns Where the other parts of the memory begin. */
  #scored(): { scores: number; numbers: number; frequencies: number } {
    // Scores are read four at a time: the last may be of no paper.
    const scores = toRegisters(4 * this.#given);
    const numbers = 2 * scores;
    const frequencies = numbers + 4 * BLOCK;
    if (!this.#normed) {
      this.#memory.reserve(frequencies + BLOCK);
      const norms = this.#memory.floats(0, this.#given);
      const mean = this.#words / Math.max(1, this.#papers);
      for (let number = 0; number < norms.length; number++)
        norms[number] = HALVES * K1 * (1 - B + (B * this.#lengths[number]!) / mean);
      this.#normed = true;
    }
    return { scores, numbers, frequencies };
  }

  #placeOf(word: string): number {
    const known = this.#recent.get(word);
    if (known !== undefined) return known;
    const stem = stemOf(word);
    let place = this.#places.get(stem);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(stem, place);
      if (place >= this.#counts.length) {
        this.#starts = resizeColumn(this.#starts, place + 1);
        this.#counts = resizeColumn(this.#counts, place + 1);
        this.#capacities = resizeColumn(this.#capacities, place + 1);
      }
    }
    if (place >= this.#tally.length) this.#tally = resizeColumn(this.#tally, place + 1);
    // The number of words is unbounded; frequent ones soon return.
    if (this.#recent.size >= RECENT) this.#recent.clear();
    this.#recent.set(word, place);
    return place;
  }

  #append(place: number, number: number, frequency: number): void {
    const count = this.#counts[place]!;
    if (count === this.#capacities[place]) this.#move(place);
    const at = this.#starts[place]! + count;
    this.#numbers[at] = number;
    this.#frequencies[at] = frequency;
    this.#counts[place] = count + 1;
  }

  /** Moves a list to a place of twice the capacity, or of the next power of two. */
  #move(place: number): void {
    const [start, count, before] = [this.#starts[place]!, this.#counts[place]!, this.#capacities[place]!];
    const capacity = 2 ** (32 - Math.clz32(count));
    let to = this.#free.get(capacity)?.pop();
    if (to === undefined) {
      to = this.#used;
      this.#used += capacity;
      if (this.#used > this.#numbers.length) {
        this.#numbers = resizeColumn(this.#numbers, this.#used);
        this.#frequencies = resizeColumn(this.#frequencies, this.#used);
      }
    }
    this.#numbers.copyWithin(to, start, start + count);
    this.#frequencies.copyWithin(to, start, start + count);
    if (before > 0) {
      const free = this.#free.get(before);
      if (free === undefined) this.#free.set(before, [start]);
      else free.push(start);
    }
    this.#starts[place] = to;
    this.#capacities[place] = capacity;
  }

  /**
   * Removes stale numbers from all lists, and renumbers the others in the same order. Takes long, so only where nobody
   * waits for an answer.
   */
  #renew(): void {
    if (this.#given === this.#papers) return;
    const renewed = new Uint32Array(this.#given);
    let given = 0;
    for (let number = 0; number < this.#given; number++) if (this.#labels[number] !== 0) renewed[number] = given++;
    // Before labels move, because they show which numbers are stale.
    this.#passages.keep((number) => this.#labels[number] !== 0);
    for (let place = 0; place < this.#places.size; place++) this.#filter(place, (number) => renewed[number]!);
    for (let number = 0; number < this.#given; number++) {
      const label = this.#labels[number]!;
      if (label === 0) continue;
      const to = renewed[number]!;
      this.#labels[to] = label;
      this.#lengths[to] = this.#lengths[number]!;
      this.#numberOf[label] = to + 1;
    }
    this.#given = given;
    this.#stale.clear();
    this.#sweeping = null;
    this.#changed();
    this.#renumbered++;
  }
}

/** The index of a number in an ascending list; -1 if it is missing. */
function placeIn(numbers: Uint32Array, start: number, end: number, number: number): number {
  let low = start;
  let high = end - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = numbers[middle]!;
    if (found === number) return middle;
    if (found < number) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

// Loops over many postings are separate functions: V8 optimises a function that is called often better than one
// loop in a longer one.

/** Adds the frequencies of a stem in each number. */
function addFrequencies(
  tally: Uint8Array,
  numbers: Uint32Array,
  frequencies: Uint8Array,
  start: number,
  end: number,
): void {
  for (let at = start; at < end; at++) {
    const number = numbers[at]!;
    tally[number] = Math.min(LARGEST, tally[number]! + frequencies[at]!);
  }
}

/** Adds those papers, by numbers, that pass and can be among the top k. */
function addBest(
  best: TopK,
  scores: Float32Array,
  found: Uint32Array,
  labels: Uint32Array,
  allowed: Uint8Array | null,
): void {
  let least = best.threshold;
  for (let i = 0; i < found.length; i++) {
    const number = found[i]!;
    const score = scores[number]!;
    if (score < least) continue;
    const label = labels[number]!;
    if (label === 0 || (allowed !== null && (allowed[label] ?? 0) === 0)) continue;
    best.add(label, score);
    least = best.threshold;
  }
}
