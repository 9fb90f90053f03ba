/** Similarity of texts by their words. */
import { resizeColumn } from "../core/column.js";
import { eachTerm, hasUnspaced } from "../core/text.js";
import type { Engine } from "../engine/engine.js";
import { stemOf } from "../words/stem.js";
import { STOP_WORDS } from "../words/stop-words.js";
import { WordPlaces } from "../words/word-places.js";
import { contentTerms } from "./terms.js";

/** The stems of a text without stop words, by number, in text order, and how often each occurs. */
type Counted = { stems: Uint32Array; counts: Uint32Array };
/** Weights of a text's stems, as a unit vector. */
type WordVector = { stems: Uint32Array; weights: Float64Array };

const NOTHING: WordVector = { stems: new Uint32Array(), weights: new Float64Array() };
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
 * Cosine, 0 to 1, of a text's words to those of each other text. The weight of a stem is (1 + ln tf) * idf, normalised to
 * norm 1 (SMART's `ltc`).
 *
 * @param papers Number of papers in the library, for idf.
 * @param others Null for an unknown text, whose cosine is then null.
 */
export async function wordCosines(
  engine: Engine,
  papers: number,
  text: string,
  others: readonly (string | null)[],
): Promise<(number | null)[]> {
  if (numbering.stems.length > MOST_STEMS) numbering = new Numbering();
  const { stems } = numbering;
  const own = numbering.count(text);
  const theirs = others.map((other) => (other === null ? null : numbering.count(other)));
  // By number of a stem; 0 for those in none of the texts.
  const [idf, ours, its] = [0, 1, 2].map(() => new Float64Array(stems.length)) as [Columns, Columns, Columns];
  const used: number[] = [];
  for (const counted of [own, ...theirs]) {
    if (counted === null) continue;
    for (let i = 0; i < counted.stems.length; i++) {
      const stem = counted.stems[i]!;
      if (idf[stem] === 0) used.push(stem);
      idf[stem] = 1;
    }
  }
  const documents = await engine.frequencies(used.map((stem) => stems[stem]!));
  for (let i = 0; i < used.length; i++) {
    const found = documents[i]!;
    idf[used[i]!] = Math.log(1 + (papers - found + 0.5) / (found + 0.5));
  }
  const vectorOf = (counted: Counted): WordVector => {
    const weights = new Float64Array(counted.stems.length);
    for (let i = 0; i < weights.length; i++) weights[i] = (1 + Math.log(counted.counts[i]!)) * idf[counted.stems[i]!]!;
    const length = Math.hypot(...weights);
    if (length === 0) return NOTHING;
    for (let i = 0; i < weights.length; i++) weights[i]! /= length;
    return { stems: counted.stems, weights };
  };
  const one = vectorOf(own);
  scatter(one, ours);
  return theirs.map((counted) => {
    if (counted === null) return null;
    const other = vectorOf(counted);
    if (other.stems.length < one.stems.length) return product(other, ours);
    scatter(other, its);
    const cosine = product(one, its);
    for (const stem of other.stems) its[stem] = 0;
    return cosine;
  });
}

type Columns = Float64Array<ArrayBuffer>;

function scatter({ stems, weights }: WordVector, dense: Float64Array): void {
  for (let i = 0; i < stems.length; i++) dense[stems[i]!] = weights[i]!;
}

function product({ stems, weights }: WordVector, dense: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < stems.length; i++) sum += weights[i]! * dense[stems[i]!]!;
  return sum;
}
