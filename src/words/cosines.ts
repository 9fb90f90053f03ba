/**
 * tf-idf cosines between whole papers, computed from the postings of the inverted index. A weight is (1 + ln tf) * sqrt(idf),
 * so that idf counts once in a product (docs/ranking.md). Stop words are left out.
 */
import { LRUCache } from "lru-cache";
import { TopK } from "../core/top-k.js";
import { resizeColumn } from "../core/column.js";
import { eachTerm } from "../core/text.js";
import { FIELDS, type Fields } from "../core/word.js";
import { KernelMemory, toRegisters } from "../vectors/memory.js";
import { HALVES, LARGEST, type Columns, type InvertedIndex } from "./inverted.js";
import { stemOf } from "./stem.js";
import { STOP_WORDS } from "./stop-words.js";
import { WordPlaces } from "./word-places.js";

/** Called between pieces of work, to yield to other work in this thread from time to time. */
type Pause = () => Promise<void> | undefined;

/** A sparse vector: positions of stems in the index, ascending, and their weights. */
export type Row = { places: Uint32Array; weights: Float32Array };

/** Papers with numbers from `from` to before `to`. */
type Part = { from: number; to: number };

/** Share by which the number of papers may grow before all norms are computed again with the current idf. */
const DRIFT = 0.03;
/** Postings between two pauses: about a tenth of a millisecond. */
const PIECE = 50_000;
/** Postings, and lists, per call of the kernel. */
const BLOCK = 16_384;
const LISTS = 1_024;
/** Papers per call when the best are chosen: few, because each call knows better what is enough. */
const SCANNED = 2_048;
/** More than the relative error of a product in single precision. */
const ROUNDING = 1e-6;
/** Cost of a list in addition to its postings. */
const LIST_COST = 10;

/** 1 + ln tf for each frequency; frequencies are stored in halves. */
const LOGARITHMS = Float32Array.from({ length: LARGEST + 1 }, (_, halves) =>
  halves === 0 ? 0 : 1 + Math.log(halves / HALVES),
);
const STOP_STEMS = [...new Set([...STOP_WORDS].map(stemOf))];
const FIELD_WEIGHTS = Object.entries(FIELDS) as [keyof Fields, number][];
/** The position of stop words and of words that are in no paper. */
const NOWHERE = -1;
/** Bytes of the cached vectors of papers, about a kilobyte each: every page of recommendations needs the likes again. */
const ROWS_CACHED = 4 << 20;
/** Bytes of a cached vector: of its entries, and of the two arrays themselves. */
const bytesOf = ({ places, weights }: Row): number => places.byteLength + weights.byteLength + 256;
const EMPTY: Row = { places: new Uint32Array(0), weights: new Float32Array(0) };

/**
 * Data about the stems of the index while it has `among` of them: positions of stop words and of all others, positions of
 * words looked up so far, and the stems by position, if needed so far.
 */
type Stems = {
  among: number;
  stops: ReadonlySet<number>;
  content: Uint32Array;
  words: WordPlaces;
  names: string[] | null;
};

/** Data about papers, by their numbers in the index. It is replaced as a whole when papers get new numbers. */
type Measured = {
  renumbered: number;
  /** Papers with numbers below this are measured. */
  given: number;
  /** Number of papers when all were measured; idf is computed with it. */
  papers: number;
  /** 1 / norm of each paper's vector; 0 if it has none. */
  inverses: Float32Array<ArrayBuffer>;
  /** The mean of all papers' unit vectors, by position; `common` is the product of each paper's vector with it. */
  means: Float64Array;
  common: Float32Array<ArrayBuffer>;
};

export class WordCosines {
  readonly #index: InvertedIndex;
  readonly #fieldsOf: (label: number) => Fields | undefined;
  #measured: Measured = {
    renumbered: -1,
    given: 0,
    papers: 0,
    inverses: new Float32Array(0),
    means: new Float64Array(0),
    common: new Float32Array(0),
  };
  #measuring: Promise<void> | undefined;
  readonly #memory = new KernelMemory();
  /** The data whose inverses are in the kernel's memory. */
  #placedFor: Measured | undefined;
  readonly #rows = new LRUCache<number, Row>({ maxSize: ROWS_CACHED, sizeCalculation: bytesOf });
  /** The state of the index for which vectors are cached. */
  #rowsOf = { version: -1, papers: -1 };
  #stems: Stems = { among: -1, stops: new Set(), content: new Uint32Array(0), words: new WordPlaces(), names: null };
  /** How often each stem occurs in the text that is being read; 0 otherwise. */
  #tally = new Uint8Array(0);

  /** @param fieldsOf The texts of an indexed paper. */
  constructor(index: InvertedIndex, fieldsOf: (label: number) => Fields | undefined) {
    this.#index = index;
    this.#fieldsOf = fieldsOf;
  }

  /** The unit vector of a text; words that are in no paper are left out. Empty if no word remains. */
  rowOf(fields: Partial<Fields>): Row {
    const columns = this.#index.columns();
    const { stops, words } = this.#known(columns);
    if (this.#tally.length < columns.places.size) this.#tally = new Uint8Array(columns.places.size);
    const tally = this.#tally;
    const found: number[] = [];
    for (const [field, weight] of FIELD_WEIGHTS)
      eachTerm(fields[field] ?? "", (source, start, end, low, high) => {
        let place = words.get(low, high);
        if (place === undefined) {
          place = columns.places.get(stemOf(source.slice(start, end).toLowerCase())) ?? NOWHERE;
          if (stops.has(place)) place = NOWHERE;
          words.set(low, high, place);
        }
        if (place === NOWHERE) return;
        if (tally[place] === 0) found.push(place);
        tally[place] = Math.min(LARGEST, tally[place]! + HALVES * weight);
      });
    const places = Uint32Array.from(found).sort();
    const weights = new Float32Array(places.length);
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      weights[i] = LOGARITHMS[tally[place]!]! * Math.sqrt(this.#idf(columns, place));
      tally[place] = 0;
    }
    return unitRow({ places, weights });
  }

  /** The unit vector of an indexed paper; empty if the paper has been removed. */
  rowAt(label: number): Row {
    const { version } = this.#index.columns();
    const { papers } = this.#measured;
    if (this.#rowsOf.version !== version || this.#rowsOf.papers !== papers) {
      this.#rows.clear();
      this.#rowsOf = { version, papers };
    }
    let row = this.#rows.get(label);
    if (row === undefined) {
      row = this.rowOf(this.#fieldsOf(label) ?? {});
      this.#rows.set(label, row);
    }
    return row;
  }

  /** The unit vectors of indexed papers, as `rowAt`, with current idf. */
  async rowsAt(labels: readonly number[], pause: Pause): Promise<Row[]> {
    await this.measure(pause);
    const rows: Row[] = [];
    for (const label of labels) {
      rows.push(this.rowAt(label));
      await pause();
    }
    return rows;
  }

  /**
   * Products of a vector with papers' vectors, minus a share of each paper's product with the mean: the k labels with the
   * largest, ties by label, and a function that gives those of any labels while the index does not change, NaN for labels
   * without a paper or without words.
   *
   * @param allowed One byte per label, 1 if it may be among the k; labels beyond the end may not. Null allows all.
   * @param postings Only the strongest words count, as many as have at most this many postings in total.
   */
  async products(
    query: Row,
    share: number,
    k: number,
    allowed: Uint8Array | null,
    postings: number,
    pause: Pause,
  ): Promise<{ likeness: (labels: ArrayLike<number>) => Float32Array; nearest: number[] }> {
    for (;;) {
      const measured = await this.measure(pause);
      const columns = this.#index.columns();
      if (columns.renumbered !== measured.renumbered) continue;
      // Without a pause, because the kernel has one place for sums: a million postings take 2 ms.
      const sums = this.#summed(this.#strongest(query, postings), columns, measured);
      const { labels, numberOf } = columns;
      const best = new TopK(k);
      this.#addLargest(best, sums, measured, labels, allowed, share);
      await pause();
      const likeness = (asked: ArrayLike<number>) => likenessOf(asked, sums, measured, numberOf, share);
      return { likeness, nearest: Array.from(best.sorted().labels) };
    }
  }

  /** The products of a vector with the vectors of all papers, by number, before these are scaled to norm 1. */
  #summed({ places, weights }: Row, columns: Columns, measured: Measured): Float32Array {
    const { starts, counts, numbers, frequencies } = columns;
    const { given } = measured;
    const { kernel } = this.#memory;
    const at = this.#placed(measured);
    const { bytes } = this.#memory;
    const held = this.#memory.integers(at.numbers, BLOCK);
    const lengths = this.#memory.integers(at.lengths, LISTS);
    const listWeights = new Float64Array(bytes.buffer, at.weights, LISTS);
    bytes.fill(0, at.sums, at.sums + 4 * given);
    let [lists, used] = [0, 0];
    const add = (): void => {
      kernel.addProducts(at.sums, at.lengths, at.weights, lists, at.numbers, at.frequencies, at.logarithms);
      [lists, used] = [0, 0];
    };
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      const weight = weights[i]! * Math.sqrt(this.#idf(columns, place, measured));
      const start = starts[place]!;
      let end = start + counts[place]!;
      // Papers added since.
      while (end > start && numbers[end - 1]! >= given) end--;
      for (let from = start; from < end;) {
        if (used === BLOCK || lists === LISTS) add();
        const to = Math.min(end, from + BLOCK - used);
        held.set(numbers.subarray(from, to), used);
        bytes.set(frequencies.subarray(from, to), at.frequencies + used);
        lengths[lists] = to - from;
        listWeights[lists++] = weight;
        used += to - from;
        from = to;
      }
    }
    add();
    return this.#memory.floats(at.sums, given).slice();
  }

  /** Where the parts of the kernel's memory begin, with the inverses of norms in it. */
  #placed(
    measured: Measured,
  ): Record<"sums" | "inverses" | "numbers" | "frequencies" | "lengths" | "weights" | "logarithms", number> {
    // Four papers are read at a time: the last may be none.
    const column = toRegisters(4 * measured.given);
    const logarithms = 0;
    const weights = logarithms + 4 * LOGARITHMS.length;
    const lengths = weights + 8 * LISTS;
    const numbers = lengths + 4 * LISTS;
    const frequencies = numbers + 4 * BLOCK;
    const inverses = frequencies + BLOCK;
    const sums = inverses + column;
    this.#memory.reserve(sums + column);
    if (this.#placedFor !== measured) {
      this.#placedFor = measured;
      this.#memory.floats(logarithms, LOGARITHMS.length).set(LOGARITHMS);
      this.#memory.bytes.fill(0, inverses, sums + column);
      this.#memory.floats(inverses, measured.given).set(measured.inverses.subarray(0, measured.given));
    }
    return { sums, inverses, numbers, frequencies, lengths, weights, logarithms };
  }

  /** Adds the papers with the largest products of unit vectors minus the common part. @param sums From `#summed`, just before. */
  #addLargest(
    best: TopK,
    sums: Float32Array,
    measured: Measured,
    labels: Uint32Array,
    allowed: Uint8Array | null,
    share: number,
  ): void {
    const at = this.#placed(measured);
    const found = this.#memory.integers(at.numbers, SCANNED);
    for (let from = 0; from < measured.given; from += SCANNED) {
      const to = Math.min(measured.given, from + SCANNED);
      // Single precision may round a product down.
      const least = best.threshold - Math.abs(best.threshold) * ROUNDING;
      const count = this.#memory.kernel.productsAtLeast(at.sums, at.inverses, from, to, least, at.numbers);
      addLargest(best, found.subarray(0, count), sums, measured, labels, allowed, share);
    }
  }

  /** The strongest words of a vector, strongest first, with at most this many postings in total. */
  #strongest({ places, weights }: Row, postings: number): Row {
    const { counts } = this.#index.columns();
    const best = new TopK(places.length);
    for (let i = 0; i < places.length; i++) best.add(i, weights[i]!);
    const order = best.sorted().labels;
    let [kept, held] = [0, 0];
    while (kept < order.length && held + counts[places[order[kept]!]!]! <= postings)
      held += counts[places[order[kept++]!]!]!;
    const strongest = order.subarray(0, kept);
    return { places: strongest.map((i) => places[i]!), weights: Float32Array.from(strongest, (i) => weights[i]!) };
  }

  /** The stem at a position. */
  stemOf(place: number): string {
    const { places } = this.#index.columns();
    const stems = this.#known(this.#index.columns());
    stems.names ??= [...places.keys()];
    return stems.names[place]!;
  }

  /** Computes the norms of new papers; of all papers, if many are new or papers have new numbers. */
  async measure(pause: Pause): Promise<Measured> {
    // The other caller may be aborted before it has finished; then this one continues.
    while (this.#measuring !== undefined) await this.#measuring.catch(() => {});
    this.#measuring = this.#measure(pause).finally(() => (this.#measuring = undefined));
    await this.#measuring;
    return this.#measured;
  }

  async #measure(pause: Pause): Promise<void> {
    for (;;) {
      const before = this.#measured;
      const { renumbered, given } = this.#index.columns();
      const all = renumbered !== before.renumbered || given > (1 + DRIFT) * before.papers;
      const from = all ? 0 : before.given;
      if (from === given) return;
      // A copy, because running questions still use the old data.
      const measured: Measured = all
        ? {
            renumbered,
            given,
            papers: given,
            inverses: new Float32Array(given),
            means: new Float64Array(this.#index.columns().places.size),
            common: new Float32Array(given),
          }
        : {
            ...before,
            given,
            inverses: resizeColumn(before.inverses, given),
            common: resizeColumn(before.common, given),
          };
      const { inverses, means, common } = measured;
      inverses.fill(0, from);
      common.fill(0, from);
      const part = { from, to: given };
      const squares = (columns: Columns, places: Uint32Array) => {
        for (const place of places) addSquares(inverses, columns, place, part, this.#idf(columns, place, measured));
      };
      if (!(await this.#pass(this.#content(), renumbered, pause, squares))) continue;
      for (let number = from; number < given; number++)
        if (inverses[number]! > 0) inverses[number] = 1 / Math.sqrt(inverses[number]!);
      if (all) {
        const mean = (columns: Columns, places: Uint32Array) => {
          for (const place of places) {
            const weight = Math.sqrt(this.#idf(columns, place, measured)) / given;
            means[place] = weight * sumOfShares(inverses, columns, place);
          }
        };
        if (!(await this.#pass(this.#content(), renumbered, pause, mean))) continue;
      }
      const shared = (columns: Columns, places: Uint32Array) => {
        for (const place of places) {
          const weight = Math.sqrt(this.#idf(columns, place, measured)) * (means[place] ?? 0);
          addCommon(common, inverses, columns, place, part, weight);
        }
      };
      if (!(await this.#pass(this.#content(), renumbered, pause, shared))) continue;
      this.#measured = measured;
    }
  }

  /**
   * Runs `work` on lists of postings, a few at a time.
   *
   * @returns False if papers got new numbers before all was done.
   */
  async #pass(
    places: Uint32Array,
    renumbered: number,
    pause: Pause,
    work: (columns: Columns, places: Uint32Array) => void,
  ): Promise<boolean> {
    for (let start = 0, end = 0; start < places.length; start = end) {
      const columns = this.#index.columns();
      if (columns.renumbered !== renumbered) return false;
      for (let piece = 0; end < places.length && piece < PIECE; end++)
        piece += LIST_COST + columns.counts[places[end]!]!;
      work(columns, places.subarray(start, end));
      await pause();
    }
    return this.#index.columns().renumbered === renumbered;
  }

  #idf({ counts }: Columns, place: number, { papers }: Measured = this.#measured): number {
    return Math.max(0, Math.log((1 + papers) / (1 + counts[place]!)));
  }

  /** Positions of all stems except those of stop words. */
  #content(): Uint32Array {
    return this.#known(this.#index.columns()).content;
  }

  #known({ places }: Columns): Stems {
    if (this.#stems.among === places.size) return this.#stems;
    const stops = new Set(STOP_STEMS.flatMap((stem) => places.get(stem) ?? []));
    const content = new Uint32Array(places.size - stops.size);
    let used = 0;
    for (let place = 0; place < places.size; place++) if (!stops.has(place)) content[used++] = place;
    return (this.#stems = { among: places.size, stops, content, words: new WordPlaces(), names: null });
  }
}

/** The weighted sum of vectors, cut to its `most` largest weights. */
export function sumOf(parts: readonly { row: Row; weight: number }[], most: number): Row {
  const entries = parts.reduce((sum, { row }) => sum + row.places.length, 0);
  // Open addressing with linear probing: a slot has the number of its sum plus 1.
  const slots = new Uint32Array(2 ** (33 - Math.clz32(entries)));
  const [places, sums] = [new Uint32Array(entries), new Float64Array(entries)];
  let used = 0;
  for (const { row, weight } of parts)
    for (let i = 0; i < row.places.length; i++) {
      const place = row.places[i]!;
      let slot = place & (slots.length - 1);
      while (slots[slot] !== 0 && places[slots[slot]! - 1] !== place) slot = (slot + 1) & (slots.length - 1);
      if (slots[slot] === 0) {
        places[used] = place;
        slots[slot] = ++used;
      }
      sums[slots[slot]! - 1]! += weight * row.weights[i]!;
    }
  if (used <= most) return byPlace(places.subarray(0, used), Float32Array.from(sums.subarray(0, used)));
  const best = new TopK(most);
  for (let i = 0; i < used; i++) if (sums[i]! >= best.threshold) best.add(places[i]!, sums[i]!);
  const { labels, keys } = best.sorted();
  return byPlace(labels, keys);
}

/** The vector with these entries. */
function byPlace(places: Uint32Array, weights: Float32Array): Row {
  // Each entry as one 64-bit integer, so that no comparison function is called: the place above, the index below.
  const packed = new BigUint64Array(places.length);
  const halves = new Uint32Array(packed.buffer);
  for (let i = 0; i < places.length; i++) {
    halves[2 * i] = i;
    halves[2 * i + 1] = places[i]!;
  }
  packed.sort();
  const row = { places: new Uint32Array(places.length), weights: new Float32Array(places.length) };
  for (let i = 0; i < places.length; i++) {
    row.places[i] = halves[2 * i + 1]!;
    row.weights[i] = weights[halves[2 * i]!]!;
  }
  return row;
}

function unitRow({ places, weights }: Row): Row {
  let squares = 0;
  for (const weight of weights) squares += weight * weight;
  if (squares === 0) return EMPTY;
  const length = Math.sqrt(squares);
  for (let i = 0; i < weights.length; i++) weights[i]! /= length;
  return { places, weights };
}

// Loops over many postings are separate functions, because V8 optimises those best.

function addSquares(
  squares: Float32Array,
  { starts, counts, numbers, frequencies, labels }: Columns,
  place: number,
  { from, to }: Part,
  idf: number,
): void {
  for (let at = starts[place]! + counts[place]! - 1; at >= starts[place]!; at--) {
    const number = numbers[at]!;
    if (number < from) break;
    if (number >= to || labels[number] === 0) continue;
    const logarithm = LOGARITHMS[frequencies[at]!]!;
    squares[number]! += logarithm * logarithm * idf;
  }
}

/** The sum of (1 + ln tf) / norm over the papers of a list. */
function sumOfShares(inverses: Float32Array, { starts, counts, numbers, frequencies }: Columns, place: number): number {
  const end = starts[place]! + counts[place]!;
  let sum = 0;
  for (let at = starts[place]!; at < end; at++) {
    const number = numbers[at]!;
    if (number >= inverses.length) break;
    sum += LOGARITHMS[frequencies[at]!]! * inverses[number]!;
  }
  return sum;
}

function addCommon(
  common: Float32Array,
  inverses: Float32Array,
  { starts, counts, numbers, frequencies }: Columns,
  place: number,
  { from, to }: Part,
  weight: number,
): void {
  for (let at = starts[place]! + counts[place]! - 1; at >= starts[place]!; at--) {
    const number = numbers[at]!;
    if (number < from) break;
    if (number < to) common[number]! += weight * LOGARITHMS[frequencies[at]!]! * inverses[number]!;
  }
}

/** Adds papers by numbers, if their products of unit vectors minus the common part are among the largest. */
function addLargest(
  best: TopK,
  numbers: Uint32Array,
  sums: Float32Array,
  { inverses, common }: Measured,
  labels: Uint32Array,
  allowed: Uint8Array | null,
  share: number,
): void {
  let threshold = best.threshold;
  for (const number of numbers) {
    if (number >= sums.length) break;
    const product = sums[number]! * inverses[number]!;
    // Nothing is above the product itself: the common part is never negative.
    if (product < threshold || inverses[number] === 0) continue;
    const rest = product - share * common[number]!;
    if (rest < threshold) continue;
    const label = labels[number]!;
    if (label === 0 || (allowed !== null && allowed[label] !== 1)) continue;
    best.add(label, rest);
    threshold = best.threshold;
  }
}

/** The products of some labels; NaN where unknown. */
function likenessOf(
  asked: ArrayLike<number>,
  sums: Float32Array,
  { inverses, common }: Measured,
  numberOf: Uint32Array,
  share: number,
): Float32Array {
  const likeness = new Float32Array(asked.length).fill(NaN);
  for (let i = 0; i < asked.length; i++) {
    // -1 for a label that is not indexed.
    const number = (numberOf[asked[i]!] ?? 0) - 1;
    if (number < 0 || number >= sums.length || inverses[number] === 0) continue;
    likeness[i] = sums[number]! * inverses[number]! - share * common[number]!;
  }
  return likeness;
}
