/**
 * Makes an index of any size from an index of real papers: the real papers first, then variations. A variation takes its
 * title, sentences and vector from two real papers, so its words and vectors are realistic and cost almost nothing. Some of
 * its words are of other papers, and one is in no other paper: the number of different words grows as in real abstracts,
 * where one or two of a hundred words are new at 100,000 papers, and fewer than one at a million. Papers without a date or a
 * category get made-up ones, so that filters keep some of them.
 */
import type { ModelDescription } from "../../src/embedding/description.js";
import { sentencesOf } from "../../src/embedding/sentences.js";
import type { Paper } from "../../src/core/paper.js";
import { textHash } from "../../src/store/row.js";
import { Store } from "../../src/store/store.js";
import { dequantize, quantize } from "../../src/vectors/quantize.js";
import { sketchOf } from "../../src/vectors/sketch.js";
import { mulberry32 } from "../../src/map/random.js";

/** Weights of the first paper's vector, the second's, and noise in a variation's vector. */
const SHARES = [1, 0.7, 0.3] as const;
/** Norm of the noise that is added to an abstract's vector to make up a sentence's. */
const SENTENCE = 1;
/** Share of an abstract's words that are replaced by words of other papers. */
const SWAPPED = 0.1;
/** Shortest words of which a new one is made. */
const LONG = 6;
const BATCH = 2_000;
/** Directions of noise for sentences. Drawing a new one each time takes half of the time. */
const NOISES = 4_096;
/** Made up for papers without them. */
const YEARS = [2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023, 2024];
const CATEGORIES = ["cs.CL", "cs.LG", "cs.CV", "math.ST", "q-bio.NC"];

/** A real paper, and the sentences of its abstract. */
type Source = { paper: Paper; sentences: string[] };

/**
 * @param to A folder without an index.
 * @param progress Is called with the number of papers after each transaction.
 * @returns How many papers are real, and how many of those have real sketches.
 */
export function vary(
  from: string,
  to: string,
  model: ModelDescription,
  count: number,
  progress: (papers: number) => void = () => {},
): { real: number; sentences: number } {
  const [source, target] = [Store.openForReading(from, model), Store.open(to, model)];
  const random = mulberry32(13);
  const onVectors = (label: number) => target.changes.recordVectors(label);
  try {
    const vectors = new Map<number, Float32Array>();
    for (let change = 0; ;) {
      const changes = source.vectors.changesSince(change, 5_000);
      for (const { label, vector } of changes) if (vector !== null) vectors.set(label, dequantize(vector));
      if (changes.length < 5_000) break;
      change = changes.at(-1)!.change;
    }
    const labels = [...vectors.keys()].toSorted((a, b) => a - b);
    const papers = labels.map((label) => {
      const paper = source.papers.get(label)!;
      const { abstract } = paper;
      const sentences = abstract === null ? [] : sentencesOf(abstract).map((at) => abstract.slice(at.start, at.end));
      return { paper, sentences };
    });
    const one = () => Math.floor(random() * labels.length);
    const word = wordsOf(
      papers.map(({ paper }) => paper),
      random,
    );
    const sketchAround = sketchesAround(model.dimensions, random);
    const counts = { real: Math.min(count, labels.length), sentences: 0 };
    for (let start = 0; start < count; start += BATCH) {
      target.write(() => {
        for (let i = start; i < Math.min(count, start + BATCH); i++) {
          const [a, b] = i < labels.length ? [i, i] : [one(), one()];
          const real = i < labels.length;
          const vectorOf = (at: number) => vectors.get(labels[at]!)!;
          const paper = real ? papers[a]!.paper : mixed(papers[a]!, papers[b]!, i, word, random);
          const vector = real ? vectorOf(a) : variedVector(vectorOf(a), vectorOf(b), random);
          const { id, title, abstract, authors, venue, categories, published, keywords } = filterable(paper, random);
          const record = { id, title, authors, categories, keywords };
          const given = Object.entries({ abstract, venue, published }).filter(([, value]) => value !== null);
          target.papers.put({ ...record, ...(Object.fromEntries(given) as Record<string, string>) });
          const hash = textHash(title, abstract);
          target.vectors.putVector(hash, quantize(vector), onVectors);
          const stored = real ? source.vectors.sentences(labels[a]!) : undefined;
          if (stored !== undefined) counts.sentences++;
          const spans = abstract === null ? [] : sentencesOf(abstract);
          const sketches = [title, ...spans].map(() => sketchAround(vector));
          target.vectors.putSentences(
            hash,
            stored ?? {
              spans: Uint32Array.from(spans.flatMap(({ start: begin, end }) => [begin, end])),
              sketches: Buffer.concat(sketches),
            },
            onVectors,
          );
        }
      });
      progress(Math.min(count, start + BATCH));
    }
    return counts;
  } finally {
    source.close();
    target.close();
  }
}

/** The vector of a variation of two papers. */
export function variedVector(first: Float32Array, second: Float32Array, random: () => number): Float32Array {
  const mix = first.map((value, d) => SHARES[0] * value + SHARES[1] * second[d]!);
  return around(unit(mix), SHARES[2], random);
}

/** @param spread The norm of the noise that is added to the unit vector; the result is a unit vector again. */
export function around(vector: Float32Array, spread: number, random: () => number): Float32Array {
  const noise = vector.map(() => random() + random() + random() - 1.5);
  const share = spread / Math.hypot(...noise);
  return unit(vector.map((value, i) => value + share * noise[i]!));
}

/** @returns A function that gives the sketch of a made-up sentence of an abstract with this unit vector. */
function sketchesAround(dimensions: number, random: () => number): (vector: Float32Array) => Uint8Array {
  const none = new Float32Array(dimensions);
  const noises = Array.from({ length: NOISES }, () => around(none, SENTENCE, random));
  const moved = new Float32Array(dimensions);
  return (vector) => {
    const noise = noises[Math.floor(random() * NOISES)]!;
    for (let d = 0; d < dimensions; d++) moved[d] = vector[d]! + SENTENCE * noise[d]!;
    return sketchOf(moved);
  };
}

/** A paper with half of each title, and every second sentence of each abstract, in which some words are replaced. */
function mixed(one: Source, other: Source, i: number, word: () => string, random: () => number): Paper {
  const words = (text: string) => text.split(" ");
  const [title, ending] = [words(one.paper.title), words(other.paper.title)];
  const [of, from] = [one.sentences, other.sentences];
  const chosen = Array.from({ length: Math.ceil((of.length + from.length) / 2) }, (_, at) =>
    at % 2 === 0 ? (of[at] ?? from[at]) : (from[at] ?? of[at]),
  );
  const text = words(chosen.filter((sentence) => sentence !== undefined).join(" "));
  const abstract = text.map((written, at) =>
    at > 0 && /^[a-z]+$/.test(written) && random() < SWAPPED ? word() : written,
  );
  if (abstract.length > 2) abstract[1 + Math.floor(random() * (abstract.length - 2))] = newWord(word);
  return {
    ...one.paper,
    id: `variation-${i}`,
    title: [...title.slice(0, Math.ceil(title.length / 2)), ...ending.slice(Math.floor(ending.length / 2))].join(" "),
    abstract: abstract.join(" ") || null,
  };
}

/** The paper with a date, a journal and categories, made up if it has none. */
function filterable(paper: Paper, random: () => number): Paper {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const { published, venue, categories } = paper;
  return {
    ...paper,
    published: published ?? `${one(YEARS)}-0${one([2, 4, 6, 8])}-10`,
    venue: venue ?? `Journal ${Math.floor(300 * random())}`,
    categories: categories.length > 0 ? categories : [...new Set([one(CATEGORIES), one(CATEGORIES)])],
  };
}

/** @returns A function that draws a lower-case word of all abstracts, as often as it occurs in them. */
function wordsOf(papers: readonly Paper[], random: () => number): () => string {
  const words = papers.flatMap(({ abstract }) => (abstract ?? "").match(/(?<= )[a-z]+(?= )/g) ?? []);
  return () => words[Math.floor(random() * words.length)] ?? "word";
}

/** The beginning of one long word with the end of another. */
function newWord(word: () => string): string {
  const long = () => {
    for (let tries = 0; tries < 20; tries++) {
      const drawn = word();
      if (drawn.length >= LONG) return drawn;
    }
    return "something";
  };
  const [first, second] = [long(), long()];
  return first.slice(0, (first.length >> 1) + 1) + second.slice((second.length >> 1) - 1);
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
