/**
 * Cosine, 0 to 1, of the words of two texts. The weight of a stem is (1 + ln tf) * idf, normalised to norm 1 (SMART's `ltc`). Stop
 * words are left out.
 */
import { resizeColumn } from "../core/column.js";
import { eachTerm, hasUnspaced } from "../core/text.js";
import type { InvertedIndex } from "./inverted.js";
import type { Counted } from "./passages.js";
import { stemOf } from "./stem.js";
import { STOP_WORDS } from "./stop-words.js";
import { contentTerms, idfOf } from "./terms.js";
import { WordPlaces } from "./word-places.js";

/** The number of a stop word. */
const NONE = -1;
/** The number of words in texts is unbounded, and frequent ones soon return. */
const MOST_STEMS = 100_000;

/** Numbers of stems. Stems and hashes of words are kept between questions, because looking up strings takes most of the time. */
class Numbering {
  readonly stems: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #words = new WordPlaces();
  /** How often each stem occurs in the text that is being read; 0 otherwise. */
  #tally = new Uint32Array(1024);

  /** As `contentTerms`. */
  count(text: string): Counted {
    const found: number[] = [];
    if (!hasUnspaced(text))
      eachTerm(text, (source, start, end, low, high) => {
        let number = this.#words.get(low, high);
        if (number === undefined) {
          const word = source.slice(start, end).toLowerCase();
          number = STOP_WORDS.has(word) ? NONE : this.#numberOf(stemOf(word));
          this.#words.set(low, high, number);
        }
        if (number === NONE) return;
        if (this.#tally[number]!++ === 0) found.push(number);
      });
    if (found.length === 0)
      for (const { stem, count } of contentTerms(text)) {
        const number = this.#numberOf(stem);
        this.#tally[number] = count;
        found.push(number);
      }
    const stems = Uint32Array.from(found);
    const counts = stems.map((stem) => this.#tally[stem]!);
    for (const stem of stems) this.#tally[stem] = 0;
    return { stems, counts };
  }

  #numberOf(stem: string): number {
    let number = this.#numbers.get(stem);
    if (number !== undefined) return number;
    this.#numbers.set(stem, (number = this.stems.length));
    this.stems.push(stem);
    if (number === this.#tally.length) this.#tally = resizeColumn(this.#tally, number + 1);
    return number;
  }
}

let numbering = new Numbering();

/**
 * Cosine of a text to each other text.
 *
 * @param papers Number of papers in the library, for idf.
 * @param others Null for an unknown text, whose cosine is then null.
 */
export async function wordCosines(
  engine: { frequencies(stems: readonly string[]): Promise<number[]> },
  papers: number,
  text: string,
  others: readonly (string | null)[],
): Promise<(number | null)[]> {
  if (numbering.stems.length > MOST_STEMS) numbering = new Numbering();
  const { stems } = numbering;
  const own = numbering.count(text);
  const theirs = others.map((other) => (other === null ? null : numbering.count(other)));
  const used = new Set<number>();
  for (const counted of [own, ...theirs]) for (const stem of counted?.stems ?? []) used.add(stem);
  const asked = [...used];
  const documents = await engine.frequencies(asked.map((stem) => stems[stem]!));
  const idf = new Float64Array(stems.length);
  for (const [i, stem] of asked.entries()) idf[stem] = idfOf(papers, documents[i]!);
  comparison.start(own, idf);
  return theirs.map((counted) => (counted === null ? null : comparison.cosine(counted)));
}

/** Cosines of texts to papers of an inverted index, which has their words. */
export class PassageCosines {
  readonly #index: InvertedIndex;
  readonly #passageOf: (label: number) => string | null;
  /** idf by place, NaN if not yet computed, and the state of the index for which it is valid. */
  #idf = new Float64Array(0);
  #idfFor = { papers: -1, version: -1 };
  readonly #comparison = new Comparison();

  /** @param passageOf Title and abstract of a paper; null if there is no such paper. */
  constructor(index: InvertedIndex, passageOf: (label: number) => string | null) {
    this.#index = index;
    this.#passageOf = passageOf;
  }

  /** As `wordCosines`, for papers by label. */
  cosines(papers: number, text: string, labels: readonly number[]): (number | null)[] {
    const { places, version } = this.#index.columns();
    if (this.#idf.length < places.size) this.#idf = new Float64Array(Math.ceil(1.1 * places.size)).fill(NaN);
    else if (papers !== this.#idfFor.papers || version !== this.#idfFor.version) this.#idf.fill(NaN);
    this.#idfFor = { papers, version };
    // Stems that the index does not have, numbered after those that it has.
    const others = new Map<string, number>();
    const counted = (passage: string): Counted => {
      const terms = contentTerms(passage);
      const numberOf = (stem: string): number => {
        const known = places.get(stem) ?? others.get(stem);
        if (known !== undefined) return known;
        const number = places.size + others.size;
        others.set(stem, number);
        if (number >= this.#idf.length) this.#idf = resizeColumn(this.#idf, number + 1);
        this.#idf[number] = idfOf(papers, this.#index.documentsWith(stem));
        return number;
      };
      const count = {
        stems: Uint32Array.from(terms, ({ stem }) => numberOf(stem)),
        counts: Uint32Array.from(terms, (term) => term.count),
      };
      this.#weigh(count.stems, papers);
      return count;
    };
    const own = counted(text);
    this.#comparison.start(own, this.#idf);
    return labels.map((label) => {
      const stored = this.#index.passageOf(label);
      if (stored !== null) {
        this.#weigh(stored.stems, papers);
        return this.#comparison.cosine(stored);
      }
      const passage = this.#passageOf(label);
      if (passage === null) return null;
      const idf = this.#idf;
      const other = counted(passage);
      if (this.#idf !== idf) this.#comparison.start(own, this.#idf);
      return this.#comparison.cosine(other);
    });
  }

  /** Computes the idf of stems, where that is not yet known. */
  #weigh(stems: Uint32Array, papers: number): void {
    const idf = this.#idf;
    for (let i = 0; i < stems.length; i++)
      if (Number.isNaN(idf[stems[i]!])) idf[stems[i]!] = idfOf(papers, this.#index.documentsAt(stems[i]!));
  }
}

/** 1 + ln tf, for most counts. */
const LOGARITHMS = Float64Array.from({ length: 256 }, (_, count) => 1 + Math.log(count));

/** Compares a text with others. Its arrays are kept, because there may be very many stems. */
class Comparison {
  /** By number of a stem. */
  #idf = new Float64Array(0);
  #stems = new Uint32Array(0);
  /** The weights of the text's stems, by number, and of the other text's; 0 for all other stems. */
  #own = new Float64Array(0);
  #other = new Float64Array(0);
  #weights = new Float64Array(512);

  /** Sets the text that others are compared with. */
  start({ stems, counts }: Counted, idf: Columns): void {
    for (const stem of this.#stems) this.#own[stem] = 0;
    if (this.#own.length < idf.length)
      [this.#own, this.#other] = [new Float64Array(idf.length), new Float64Array(idf.length)];
    this.#idf = idf;
    this.#stems = Uint32Array.from(stems);
    scatter(stems, this.#weighed(stems, counts), this.#own);
  }

  cosine({ stems, counts }: Counted): number {
    const weights = this.#weighed(stems, counts);
    // The last digits of a sum depend on its order: it is that of the shorter text.
    if (stems.length < this.#stems.length) return product(stems, weights, this.#own);
    const other = this.#other;
    scatter(stems, weights, other);
    let sum = 0;
    for (const stem of this.#stems) sum += this.#own[stem]! * other[stem]!;
    for (let i = 0; i < stems.length; i++) other[stems[i]!] = 0;
    return sum;
  }

  /** The weights of stems, of norm 1 or 0; valid until the next call. */
  #weighed(stems: Uint32Array, counts: Uint32Array): Float64Array {
    if (stems.length > this.#weights.length) this.#weights = new Float64Array(2 * stems.length);
    const [weights, idf] = [this.#weights, this.#idf];
    let most = 0;
    for (let i = 0; i < stems.length; i++) {
      const count = counts[i]!;
      const weight = (count < LOGARITHMS.length ? LOGARITHMS[count]! : 1 + Math.log(count)) * idf[stems[i]!]!;
      weights[i] = weight;
      if (weight > most) most = weight;
    }
    if (most === 0) return weights;
    const length = lengthOf(weights, stems.length, most);
    for (let i = 0; i < stems.length; i++) weights[i]! /= length;
    return weights;
  }
}

type Columns = Float64Array<ArrayBuffer>;

function scatter(stems: Uint32Array, weights: Float64Array, dense: Float64Array): void {
  for (let i = 0; i < stems.length; i++) dense[stems[i]!] = weights[i]!;
}

function product(stems: Uint32Array, weights: Float64Array, dense: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < stems.length; i++) sum += weights[i]! * dense[stems[i]!]!;
  return sum;
}

/** `Math.hypot` of the first `count` weights, the same to the last digit in V8, whose largest is `most`: Kahan's sum of squares. */
function lengthOf(weights: Float64Array, count: number, most: number): number {
  let [sum, compensation] = [0, 0];
  for (let i = 0; i < count; i++) {
    const scaled = weights[i]! / most;
    const square = scaled * scaled - compensation;
    const next = sum + square;
    compensation = next - sum - square;
    sum = next;
  }
  return Math.sqrt(sum) * most;
}

const comparison = new Comparison();
