/**
 * tf-idf cosines between whole papers, computed from the postings of the inverted index. A weight is (1 + ln tf) * sqrt(idf),
 * so that idf counts once in a product (docs/ranking.md). Stop words are left out.
 */
import { LRUCache } from "lru-cache";
import { TopK } from "../core/top-k.js";
import { resizeColumn } from "../core/column.js";
import { termsIn } from "../core/text.js";
import { FIELDS, type Fields } from "../core/word.js";
import { HALVES, LARGEST, type Columns, type InvertedIndex } from "./inverted.js";
import { stemOf } from "./stem.js";
import { STOP_WORDS } from "./stop-words.js";

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
/** Number of words whose positions are cached. */
const MOST_WORDS = 100_000;
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
  words: Map<string, number>;
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
  readonly #rows = new LRUCache<number, Row>({ maxSize: ROWS_CACHED, sizeCalculation: bytesOf });
  /** The state of the index for which vectors are cached. */
  #rowsOf = { version: -1, papers: -1 };
  #stems: Stems = { among: -1, stops: new Set(), content: new Uint32Array(0), words: new Map(), names: null };

  /** @param fieldsOf The texts of an indexed paper. */
  constructor(index: InvertedIndex, fieldsOf: (label: number) => Fields | undefined) {
    this.#index = index;
    this.#fieldsOf = fieldsOf;
  }

  /** The unit vector of a text; words that are in no paper are left out. Empty if no word remains. */
  rowOf(fields: Partial<Fields>): Row {
    const columns = this.#index.columns();
    const placeOf = this.#placesOf(columns);
    const tally = new Map<number, number>();
    for (const [field, weight] of FIELD_WEIGHTS)
      for (const word of termsIn(fields[field] ?? "")) {
        const place = placeOf(word);
        if (place !== NOWHERE) tally.set(place, Math.min(LARGEST, (tally.get(place) ?? 0) + HALVES * weight));
      }
    const places = Uint32Array.from(tally.keys()).sort();
    const weights = new Float32Array(places.length);
    for (let i = 0; i < places.length; i++)
      weights[i] = LOGARITHMS[tally.get(places[i]!)!]! * Math.sqrt(this.#idf(columns, places[i]!));
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
   * Products of a vector with all papers' vectors, by label, minus a share of each paper's product with the mean; NaN for
   * labels without a paper or without words. Also the k labels with the largest products, ties by label.
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
  ): Promise<{ likeness: Float32Array; nearest: number[] }> {
    for (;;) {
      const measured = await this.measure(pause);
      const sums = new Float32Array(measured.given);
      const { places, weights } = this.#strongest(query, postings);
      const weightOf = new Map(Array.from(places, (place, i) => [place, weights[i]!]));
      const work = (columns: Columns, some: Uint32Array) => {
        for (const place of some)
          addProducts(sums, columns, place, weightOf.get(place)! * Math.sqrt(this.#idf(columns, place, measured)));
      };
      if (!(await this.#pass(places, measured.renumbered, pause, work))) continue;
      const { labels, numberOf } = this.#index.columns();
      const likeness = new Float32Array(numberOf.length).fill(NaN);
      const best = new TopK(k);
      addLikeness(likeness, best, sums, { ...measured, labels, allowed, share });
      return { likeness, nearest: Array.from(best.sorted().labels) };
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

  /** A function that gives the position of a word's stem. */
  #placesOf(columns: Columns): (word: string) => number {
    const { stops, words } = this.#known(columns);
    return (word) => {
      let place = words.get(word);
      if (place === undefined) {
        if (words.size >= MOST_WORDS) words.clear();
        place = columns.places.get(stemOf(word)) ?? NOWHERE;
        if (stops.has(place)) place = NOWHERE;
        words.set(word, place);
      }
      return place;
    };
  }

  #known({ places }: Columns): Stems {
    if (this.#stems.among === places.size) return this.#stems;
    const stops = new Set(STOP_STEMS.flatMap((stem) => places.get(stem) ?? []));
    const content = new Uint32Array(places.size - stops.size);
    let used = 0;
    for (let place = 0; place < places.size; place++) if (!stops.has(place)) content[used++] = place;
    return (this.#stems = { among: places.size, stops, content, words: new Map(), names: null });
  }
}

/** The weighted sum of vectors, cut to its `most` largest weights. */
export function sumOf(parts: readonly { row: Row; weight: number }[], most: number): Row {
  const sum = new Map<number, number>();
  for (const { row, weight } of parts)
    for (let i = 0; i < row.places.length; i++)
      sum.set(row.places[i]!, (sum.get(row.places[i]!) ?? 0) + weight * row.weights[i]!);
  const best = new TopK(Math.min(most, sum.size));
  for (const [place, weight] of sum) if (weight >= best.threshold) best.add(place, weight);
  const places = best.sorted().labels.sort();
  return { places, weights: Float32Array.from(places, (place) => sum.get(place)!) };
}

function unitRow({ places, weights }: Row): Row {
  const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  return length === 0 ? EMPTY : { places, weights: weights.map((weight) => weight / length) };
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

function addProducts(
  sums: Float32Array,
  { starts, counts, numbers, frequencies }: Columns,
  place: number,
  weight: number,
): void {
  const end = starts[place]! + counts[place]!;
  for (let at = starts[place]!; at < end; at++) {
    const number = numbers[at]!;
    // Papers added since.
    if (number >= sums.length) break;
    sums[number]! += weight * LOGARITHMS[frequencies[at]!]!;
  }
}

/** Turns sums of products by number into products of unit vectors minus the common part, by label, and collects the best. */
function addLikeness(
  likeness: Float32Array,
  best: TopK,
  sums: Float32Array,
  {
    labels,
    inverses,
    common,
    allowed,
    share,
  }: Pick<Measured, "inverses" | "common"> & { labels: Uint32Array; allowed: Uint8Array | null; share: number },
): void {
  let threshold = best.threshold;
  for (let number = 0; number < sums.length; number++) {
    const label = labels[number]!;
    const inverse = inverses[number]!;
    if (label === 0 || inverse === 0) continue;
    const product = sums[number]! * inverse - share * common[number]!;
    likeness[label] = product;
    if (product < threshold || (allowed !== null && allowed[label] !== 1)) continue;
    best.add(label, product);
    threshold = best.threshold;
  }
}
