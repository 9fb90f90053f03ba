/**
 * tf-idf cosines between whole papers, from the postings of the inverted index: 1 + ln tf, and the square root of idf
 * on both sides, so that idf counts once in a product (docs/ranking.md). Stop words are left out.
 */
import { grown } from "../grown.js";
import { termsIn } from "../text.js";
import { FIELDS, type Fields } from "../word.js";
import { HALVES, LARGEST, type Columns, type InvertedIndex } from "./inverted.js";
import { stemOf } from "./stem.js";
import { STOP_WORDS } from "./stop-words.js";

/** Called between pieces of work: lets others of this thread have their turn now and then. */
type Pause = () => Promise<void> | undefined;

/** A sparse vector: places of stems in the index, and weights. */
export type Row = { places: Uint32Array; weights: Float32Array };

/** Papers with numbers from one up to another, as they were numbered at one time. */
type Part = { from: number; to: number; renumbered: number };

/** Share of papers that may come before all lengths are worked out again, with the idf of then. */
const DRIFT = 0.03;
/** Reading the text of one paper takes as long as passing over this many postings. */
const POSTINGS_A_TEXT = 50_000;
/** Postings between two pauses: about a tenth of a millisecond. */
const PIECE = 50_000;
/** What a list costs beside its postings. */
const A_LIST = 10;

/** 1 + ln tf of each frequency, which is kept in halves. */
const LOGARITHMS = Float32Array.from({ length: LARGEST + 1 }, (_, halves) =>
  halves === 0 ? 0 : 1 + Math.log(halves / HALVES),
);
const STOP_STEMS = [...new Set([...STOP_WORDS].map(stemOf))];
const EMPTY: Row = { places: new Uint32Array(0), weights: new Float32Array(0) };

export class WordCosines {
  readonly #index: InvertedIndex;
  readonly #fieldsOf: (label: number) => Fields | undefined;
  /** Squared lengths of papers' vectors, by label; 0 where there is none. */
  #squares = new Float32Array(1024);
  /** The mean of all papers' vectors, by place; and the product of each paper's vector with it, by label. */
  #means = new Float64Array(0);
  #common = new Float32Array(1024);
  /** Numbers below this have one. */
  #measured = 0;
  /** How many papers there were when all lengths were worked out: idf is relative to these. */
  #papers = 0;
  #renumbered = -1;
  #measuring: Promise<void> | undefined;
  #stops = { among: -1, places: new Set<number>() };
  #stems: string[] = [];

  /** @param fieldsOf The texts of an indexed paper. */
  constructor(index: InvertedIndex, fieldsOf: (label: number) => Fields | undefined) {
    this.#index = index;
    this.#fieldsOf = fieldsOf;
  }

  /** The vector of a text, of length 1; words that are in no paper are left out. */
  rowOf(fields: Partial<Fields>): Row {
    const columns = this.#index.columns();
    const stops = this.#stopPlaces(columns);
    const tally = new Map<number, number>();
    for (const [field, weight] of Object.entries(FIELDS))
      for (const word of termsIn(fields[field as keyof Fields] ?? "")) {
        const place = columns.places.get(stemOf(word));
        if (place !== undefined && !stops.has(place))
          tally.set(place, Math.min(LARGEST, (tally.get(place) ?? 0) + HALVES * weight));
      }
    const places = Uint32Array.from(tally.keys()).sort();
    const weights = Float32Array.from(
      places,
      (place) => LOGARITHMS[tally.get(place)!]! * Math.sqrt(this.#idf(columns, place)),
    );
    return unitRow({ places, weights });
  }

  /** The vectors of indexed papers, of length 1; empty for a paper that is gone. */
  async rows(labels: readonly number[], pause: Pause): Promise<Row[]> {
    await this.measure(pause);
    const { counts, places } = this.#index.columns();
    let postings = 0;
    for (let place = 0; place < places.size; place++) postings += counts[place]! + A_LIST;
    // The answer is the same either way.
    if (labels.length * POSTINGS_A_TEXT > postings) return this.#rowsFromPostings(labels, pause);
    const rows: Row[] = [];
    for (const label of labels) {
      const fields = this.#fieldsOf(label);
      rows.push(fields === undefined ? EMPTY : this.rowOf(fields));
      await pause();
    }
    return rows;
  }

  /**
   * Products of a vector and all papers' vectors, by label, less a share of what each paper has in common with all
   * others; NaN where there is no paper, or no word in it.
   */
  async products(query: Row, share: number, pause: Pause): Promise<Float32Array> {
    await this.measure(pause);
    const products = new Float32Array(this.#squares.length);
    let piece = 0;
    for (const [i, place] of query.places.entries()) {
      const columns = this.#index.columns();
      addProducts(products, columns, place, query.weights[i]! * Math.sqrt(this.#idf(columns, place)));
      piece += columns.counts[place]!;
      if (piece < PIECE) continue;
      piece = 0;
      await pause();
    }
    for (let label = 0; label < products.length; label++) {
      const square = this.#squares[label]!;
      const gone = square === 0 || !this.#index.has(label);
      products[label] = gone ? NaN : products[label]! / Math.sqrt(square) - share * this.#common[label]!;
    }
    return products;
  }

  /** The stem of a place. */
  stemOf(place: number): string {
    const { places } = this.#index.columns();
    if (this.#stems.length !== places.size) this.#stems = [...places.keys()];
    return this.#stems[place]!;
  }

  /** Works out the lengths of papers that have none yet; of all papers, when many have come or have new numbers. */
  async measure(pause: Pause): Promise<void> {
    // The other question's client may go before it has finished; then this one goes on.
    while (this.#measuring !== undefined) await this.#measuring.catch(() => {});
    this.#measuring = this.#measure(pause).finally(() => (this.#measuring = undefined));
    await this.#measuring;
  }

  async #measure(pause: Pause): Promise<void> {
    for (;;) {
      const { renumbered, given, labels } = this.#index.columns();
      const all = renumbered !== this.#renumbered || given > (1 + DRIFT) * this.#papers;
      if (all) {
        this.#renumbered = renumbered;
        this.#papers = given;
        this.#measured = 0;
      }
      const from = this.#measured;
      if (from === given) return;
      for (let number = from; number < given; number++) {
        const label = labels[number]!;
        if (label >= this.#squares.length) {
          this.#squares = grown(this.#squares, label + 1);
          this.#common = grown(this.#common, label + 1);
        }
        this.#squares[label] = 0;
        this.#common[label] = 0;
      }
      const part = { from, to: given, renumbered };
      if (
        !(await this.#pass(part, pause, (columns, place) =>
          addSquares(this.#squares, columns, place, part, this.#idf(columns, place)),
        ))
      )
        continue;
      if (all) {
        this.#means = new Float64Array(this.#index.columns().places.size);
        const mean = (columns: Columns, place: number) => {
          const weight = Math.sqrt(this.#idf(columns, place)) / given;
          this.#means[place] = weight * sumOfShares(this.#squares, columns, place);
          return columns.counts[place]!;
        };
        if (!(await this.#pass(part, pause, mean))) continue;
      }
      const common = (columns: Columns, place: number) => {
        const weight = Math.sqrt(this.#idf(columns, place)) * (this.#means[place] ?? 0);
        return addCommon(this.#common, this.#squares, columns, place, part, weight);
      };
      if (!(await this.#pass(part, pause, common))) continue;
      this.#measured = given;
    }
  }

  /**
   * Does something with every list of content words.
   *
   * @param work Returns how many postings it has looked at.
   * @returns Whether all was done: not when papers got new numbers meanwhile.
   */
  async #pass({ renumbered }: Part, pause: Pause, work: (columns: Columns, place: number) => number): Promise<boolean> {
    let piece = 0;
    for (const place of this.#content()) {
      const columns = this.#index.columns();
      if (columns.renumbered !== renumbered) return false;
      piece += A_LIST + work(columns, place);
      if (piece < PIECE) continue;
      piece = 0;
      await pause();
    }
    return this.#index.columns().renumbered === renumbered;
  }

  async #rowsFromPostings(labels: readonly number[], pause: Pause): Promise<Row[]> {
    const wanted = new Int32Array(this.#squares.length).fill(-1);
    labels.forEach((label, i) => (wanted[label] = i));
    const found = labels.map(() => ({ places: [] as number[], weights: [] as number[] }));
    let piece = 0;
    for (const place of this.#content()) {
      const columns = this.#index.columns();
      pick(found, wanted, columns, place, Math.sqrt(this.#idf(columns, place)));
      piece += A_LIST + columns.counts[place]!;
      if (piece < PIECE) continue;
      piece = 0;
      await pause();
    }
    return found.map(({ places, weights }) =>
      unitRow({ places: Uint32Array.from(places), weights: Float32Array.from(weights) }),
    );
  }

  #idf({ counts }: Columns, place: number): number {
    return Math.max(0, Math.log((1 + this.#papers) / (1 + counts[place]!)));
  }

  /** Places of all stems but those of stop words. */
  *#content(): Generator<number> {
    const columns = this.#index.columns();
    const stops = this.#stopPlaces(columns);
    for (let place = 0; place < columns.places.size; place++) if (!stops.has(place)) yield place;
  }

  #stopPlaces({ places }: Columns): ReadonlySet<number> {
    if (this.#stops.among !== places.size)
      this.#stops = {
        among: places.size,
        places: new Set(STOP_STEMS.flatMap((stem) => places.get(stem) ?? [])),
      };
    return this.#stops.places;
  }
}

/** The weighted sum of vectors, without the weakest places beyond a number. */
export function sumOf(parts: readonly { row: Row; weight: number }[], most: number): Row {
  const sum = new Map<number, number>();
  for (const { row, weight } of parts)
    for (let i = 0; i < row.places.length; i++)
      sum.set(row.places[i]!, (sum.get(row.places[i]!) ?? 0) + weight * row.weights[i]!);
  const kept = [...sum]
    .toSorted(([a, one], [b, other]) => other - one || a - b)
    .slice(0, most)
    .toSorted(([a], [b]) => a - b);
  return {
    places: Uint32Array.from(kept, ([place]) => place),
    weights: Float32Array.from(kept, ([, weight]) => weight),
  };
}

function unitRow({ places, weights }: Row): Row {
  const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  return length === 0 ? EMPTY : { places, weights: weights.map((weight) => weight / length) };
}

// Loops over many postings are functions of their own: V8 optimises those best.

/** @returns How many postings it looked at. */
function addSquares(
  squares: Float32Array,
  { starts, counts, numbers, frequencies, labels }: Columns,
  place: number,
  { from, to }: Part,
  idf: number,
): number {
  const last = starts[place]! + counts[place]! - 1;
  let at = last;
  for (; at >= starts[place]!; at--) {
    const number = numbers[at]!;
    if (number < from) break;
    const label = labels[number]!;
    if (number >= to || label === 0) continue;
    const logarithm = LOGARITHMS[frequencies[at]!]!;
    squares[label]! += logarithm * logarithm * idf;
  }
  return last - at;
}

/** Of the papers of a list, 1 + ln tf over the length of their vectors. */
function sumOfShares(
  squares: Float32Array,
  { starts, counts, numbers, frequencies, labels }: Columns,
  place: number,
): number {
  const end = starts[place]! + counts[place]!;
  let sum = 0;
  for (let at = starts[place]!; at < end; at++) {
    const square = squares[labels[numbers[at]!]!]!;
    if (square > 0) sum += LOGARITHMS[frequencies[at]!]! / Math.sqrt(square);
  }
  return sum;
}

/** @returns How many postings it looked at. */
function addCommon(
  common: Float32Array,
  squares: Float32Array,
  { starts, counts, numbers, frequencies, labels }: Columns,
  place: number,
  { from, to }: Part,
  weight: number,
): number {
  const last = starts[place]! + counts[place]! - 1;
  let at = last;
  for (; at >= starts[place]!; at--) {
    const number = numbers[at]!;
    if (number < from) break;
    if (number >= to) continue;
    const label = labels[number]!;
    const square = squares[label]!;
    if (square > 0) common[label]! += (weight * LOGARITHMS[frequencies[at]!]!) / Math.sqrt(square);
  }
  return last - at;
}

function addProducts(
  products: Float32Array,
  { starts, counts, numbers, frequencies, labels }: Columns,
  place: number,
  weight: number,
): void {
  const end = starts[place]! + counts[place]!;
  for (let at = starts[place]!; at < end; at++)
    products[labels[numbers[at]!]!]! += weight * LOGARITHMS[frequencies[at]!]!;
}

function pick(
  found: { places: number[]; weights: number[] }[],
  wanted: Int32Array,
  { starts, counts, numbers, frequencies, labels }: Columns,
  place: number,
  idf: number,
): void {
  const end = starts[place]! + counts[place]!;
  for (let at = starts[place]!; at < end; at++) {
    const i = wanted[labels[numbers[at]!]!]!;
    if (i < 0) continue;
    found[i]!.places.push(place);
    found[i]!.weights.push(LOGARITHMS[frequencies[at]!]! * idf);
  }
}
