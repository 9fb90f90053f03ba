/**
 * tf-idf vectors of papers, as in `words/cosines.ts`, from the stems stored with each paper. How frequent stems are, and what all
 * papers have in common, is estimated from a sample of them: all papers of a small library.
 */
import { eachTerm } from "../core/text.js";
import { FIELDS, type Fields } from "../core/word.js";
import type { Row } from "../words/cosines.js";
import { stemOf } from "../words/stem.js";
import { STOP_WORDS } from "../words/stop-words.js";
import { dequantize } from "../vectors/quantize.js";
import type { Cluster } from "./cluster.js";
import { vectorOf, type PaperDocument } from "./document.js";
import type { Names } from "./indices.js";

/** Papers in the sample, and how many are read at a time. */
const SAMPLE = 5_000;
const READ = 1_000;
/** Share by which the number of papers may change before another sample is read. */
const DRIFT = 0.03;
/** Share of the time that may be spent reading all papers of a small library again because some have changed. */
const SHARE = 0.05;
/** Vectors counted as zeros in the mean, as in `vectors/exact.ts`. */
const FEW = 20;

const STOP_STEMS = new Set([...STOP_WORDS].map(stemOf));

/** Stems with their frequencies, `tide 3 owl 1`, without stop words. */
export function* stemsIn(stems: string): Generator<[stem: string, frequency: number]> {
  const parts = stems.split(" ");
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const stem = parts[i]!;
    if (!STOP_STEMS.has(stem)) yield [stem, Number(parts[i + 1])];
  }
}

type Sample = {
  papers: number;
  /** Estimated number of papers with each stem. */
  frequencies: ReadonlyMap<string, number>;
  /** The mean of the papers' unit vectors of words, by place; and of their abstracts' vectors. */
  means: Float64Array;
  mean: Float32Array;
};

export class Vocabulary {
  readonly #cluster;
  readonly #names;
  readonly #dimensions;
  /** A stem keeps its place. */
  readonly #places = new Map<string, number>();
  readonly #stems: string[] = [];
  #sample: Promise<Sample> | undefined;
  #sampled = { papers: -1, version: -1, fresh: 0 };

  constructor(cluster: Cluster, names: Names, dimensions: number) {
    this.#cluster = cluster;
    this.#names = names;
    this.#dimensions = dimensions;
  }

  stemAt(place: number): string {
    return this.#stems[place]!;
  }

  /** The sample for this many papers. @param version Changes whenever papers do. */
  async sample(papers: number, version: number): Promise<Sample> {
    const { papers: before, version: known, fresh } = this.#sampled;
    const stale = papers <= SAMPLE && known !== version && performance.now() > fresh;
    if (this.#sample === undefined || stale || Math.abs(papers - before) > DRIFT * before) {
      const begin = performance.now();
      const sampled = { papers, version, fresh: Infinity };
      this.#sampled = sampled;
      this.#sample = this.#read(papers).finally(() => {
        const now = performance.now();
        sampled.fresh = now + (now - begin) / SHARE;
      });
      this.#sample.catch(() => (this.#sample = undefined));
    }
    return this.#sample;
  }

  async #read(papers: number): Promise<Sample> {
    const stems: string[] = [];
    const mean = new Float64Array(this.#dimensions);
    let vectors = 0;
    // Random, but the same in each server.
    const query = { function_score: { query: { match_all: {} }, random_score: { seed: 1, field: "label" } } };
    for (let after: unknown[] | undefined; stems.length < SAMPLE;) {
      const { hits } = await this.#cluster.search<PaperDocument>(this.#names.papers, {
        query,
        sort: [{ _score: "desc" }, { label: "asc" }],
        size: READ,
        _source: ["stems", "embedding.vector", "embedding.scale"],
        ...(after !== undefined && { search_after: after }),
      });
      for (const { _source } of hits.hits) {
        stems.push(_source.stems);
        const vector = vectorOf(_source.embedding ?? {});
        if (vector === null) continue;
        vectors++;
        dequantize(vector).forEach((component, i) => (mean[i]! += component));
      }
      if (hits.hits.length < READ) break;
      after = hits.hits.at(-1)!.sort;
    }
    const frequencies = new Map<string, number>();
    const scale = stems.length === 0 ? 0 : papers / stems.length;
    for (const one of stems)
      for (const [stem] of stemsIn(one)) frequencies.set(stem, (frequencies.get(stem) ?? 0) + scale);
    const sample = {
      papers,
      frequencies,
      means: new Float64Array(0),
      mean: mean.length === 0 ? new Float32Array(0) : Float32Array.from(mean, (sum) => sum / (vectors + FEW)),
    };
    const rows = stems.map((one) => this.#rowOf(stemsIn(one), sample));
    const means = new Float64Array(this.#stems.length);
    for (const { places, weights } of rows)
      for (let i = 0; i < places.length; i++) means[places[i]!]! += weights[i]! / rows.length;
    return { ...sample, means };
  }

  /** The unit vector of a paper's stems. */
  rowOfStems(stems: string, sample: Sample): Row {
    return this.#rowOf(stemsIn(stems), sample);
  }

  /** The unit vector of a text; words that are in no paper of the sample are left out. */
  rowOfText(fields: Partial<Fields>, sample: Sample): Row {
    const frequencies = new Map<string, number>();
    for (const [field, weight] of Object.entries(FIELDS))
      eachTerm(fields[field as keyof Fields] ?? "", (source, start, end) => {
        const stem = stemOf(source.slice(start, end).toLowerCase());
        if (!STOP_STEMS.has(stem) && sample.frequencies.has(stem))
          frequencies.set(stem, (frequencies.get(stem) ?? 0) + weight);
      });
    return this.#rowOf(frequencies, sample);
  }

  idf(stem: string, { papers, frequencies }: Pick<Sample, "papers" | "frequencies">): number {
    return Math.max(0, Math.log((1 + papers) / (1 + (frequencies.get(stem) ?? 0))));
  }

  /** How much a paper has in common with all others. */
  common({ places, weights }: Row, { means }: Sample): number {
    let sum = 0;
    for (let i = 0; i < places.length; i++) sum += weights[i]! * (means[places[i]!] ?? 0);
    return sum;
  }

  #rowOf(frequencies: Iterable<[string, number]>, sample: Pick<Sample, "papers" | "frequencies">): Row {
    const entries: [place: number, weight: number][] = [];
    let squares = 0;
    for (const [stem, frequency] of frequencies) {
      const weight = (1 + Math.log(frequency)) * Math.sqrt(this.idf(stem, sample));
      squares += weight * weight;
      entries.push([this.#placeOf(stem), weight]);
    }
    if (squares === 0) return { places: new Uint32Array(0), weights: new Float32Array(0) };
    entries.sort((a, b) => a[0] - b[0]);
    const norm = Math.sqrt(squares);
    return {
      places: Uint32Array.from(entries, ([place]) => place),
      weights: Float32Array.from(entries, ([, weight]) => weight / norm),
    };
  }

  #placeOf(stem: string): number {
    let place = this.#places.get(stem);
    if (place === undefined) {
      place = this.#stems.push(stem) - 1;
      this.#places.set(stem, place);
    }
    return place;
  }
}

/** The product of two sparse vectors. */
export function productOf(one: Row, other: Row): number {
  let sum = 0;
  for (let i = 0, j = 0; i < one.places.length && j < other.places.length;) {
    const [a, b] = [one.places[i]!, other.places[j]!];
    if (a === b) sum += one.weights[i++]! * other.weights[j++]!;
    else if (a < b) i++;
    else j++;
  }
  return sum;
}
