/** Likes and dislikes: finds their papers and vectors, and compares papers with them. */
import type { Because, Example } from "../api.js";
import { passageOf, type Embed } from "../embedding/embed.js";
import { areCopies, namesPart } from "./copies.js";
import type { Engine } from "../engine/engine.js";
import { titleKey } from "../core/text.js";
import { dot } from "./interests.js";
import type { Pause } from "../core/pauses.js";

/** Number of examples without a vector that are embedded for an answer; for more, only words are compared. */
const MOST_EMBEDDED = 20;
/** Number of examples compared in full with a paper: those nearest by signs; all if there are fewer. */
const COMPARED = 16;
/** Ids looked up, and papers compared with the examples, between two pauses. */
const AT_ONCE = 100;
/** Number of examples given as reasons for a hit. */
const REASONS = 3;

export type Known = {
  example: Example;
  /** Label of a paper; undefined for a text. */
  label: number | undefined;
  /** Unit vector; null for a paper that is not yet embedded. */
  vector: Float32Array | null;
};

/**
 * Finds the examples, each once, in an order that does not depend on the order given. Adds unknown ids to `missing`.
 */
export async function resolve(
  engine: Engine,
  embed: Embed,
  examples: readonly Example[],
  missing: string[],
  pause: Pause,
): Promise<Known[]> {
  const papers = new Map<number, Example>();
  const texts = new Map<string, Example>();
  const named = examples.filter((example) => "id" in example);
  for (const example of examples) if ("text" in example) texts.set(example.text.replaceAll("\0", " "), example);
  for (let start = 0; start < named.length; start += AT_ONCE) {
    const some = named.slice(start, start + AT_ONCE);
    for (const [i, label] of engine.labelsOf(some.map(({ id }) => id)).entries())
      if (label === undefined) missing.push(some[i]!.id);
      else papers.set(label, some[i]!);
    await pause();
  }
  const known: Known[] = [];
  let embedded = 0;
  for (const [label, example] of [...papers].toSorted(([a], [b]) => a - b)) {
    let vector = engine.vector(label) ?? null;
    if (vector === null && embedded++ < MOST_EMBEDDED) {
      const paper = engine.fetch(label);
      // Deleted a moment ago.
      if (paper === undefined) continue;
      vector = await embed(passageOf(paper));
    }
    known.push({ example, label, vector });
    await pause();
  }
  for (const [text, example] of [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    known.push({ example, label: undefined, vector: await embed(text) });
  return known;
}

export type Near = {
  known: Known;
  /** Cosine of the two vectors; `cosine` is that of the differences from the mean of all papers. */
  similarity: number;
  cosine: number;
};

/** Examples, prepared for comparison with papers. */
export class Examples {
  readonly #engine;
  readonly #mean;
  readonly #square;
  readonly #known: { known: Known; toMean: number; distance: number }[];
  /** Labels of the examples in the index with a vector, first in `#known`; the other examples follow there. */
  readonly #labels: number[];
  readonly #papers: number[];
  readonly #titled: ReadonlySet<number>;

  constructor(engine: Engine, examples: readonly Known[]) {
    this.#engine = engine;
    this.#mean = engine.mean();
    this.#square = dot(this.#mean, this.#mean);
    const papers = examples.filter(({ label }) => label !== undefined);
    const toMeans = engine.cosines(
      this.#mean,
      Uint32Array.from(papers, ({ label }) => label!),
    );
    const indexed = papers.flatMap((one, i) => (Number.isNaN(toMeans[i]) ? [] : [{ known: one, toMean: toMeans[i]! }]));
    const known = new Set(indexed.map((one) => one.known));
    const others = examples
      .filter((one) => !known.has(one))
      .flatMap((one) => (one.vector === null ? [] : [{ known: one, toMean: dot(one.vector, this.#mean) }]));
    this.#labels = indexed.map(({ known }) => known.label!);
    this.#known = [...indexed, ...others].map(({ known, toMean }) => ({
      known,
      toMean,
      distance: this.#distance(toMean),
    }));
    this.#papers = examples.flatMap(({ label }) => label ?? []);
    this.#titled = new Set(examples.flatMap(({ example }) => ("text" in example ? engine.titled(example.text) : [])));
  }

  /** Labels of all examples that are papers. */
  get labels(): readonly number[] {
    return this.#papers;
  }

  /** The examples nearest to a paper, nearest first; empty if it has no vector. */
  near(label: number): Near[] {
    const [likely] = this.#engine.likelyNearest([label], this.#labels, COMPARED) as [number[]];
    const { positions, similarities, cosines } = this.#compared(label, likely);
    return positions
      .map((position, i) => ({
        known: this.#known[position]!.known,
        similarity: similarities[i]!,
        cosine: cosines[i]!,
      }))
      .toSorted((a, b) => b.cosine - a.cosine);
  }

  /** For each paper, the cosine to the nearest example; -1 if the paper has no vector or there are no examples. */
  async nearest(labels: readonly number[], pause: Pause): Promise<number[]> {
    const nearest: number[] = [];
    if (this.#known.length === 0) return labels.map(() => -1);
    for (let start = 0; start < labels.length; start += AT_ONCE) {
      const some = labels.slice(start, start + AT_ONCE);
      for (const [i, likely] of this.#engine.likelyNearest(some, this.#labels, COMPARED).entries())
        nearest.push(Math.max(-1, ...this.#compared(some[i]!, likely).cosines));
      await pause();
    }
    return nearest;
  }

  /** Compares a paper with the examples at some positions, and with all that are not in the index. */
  #compared(
    label: number,
    likely: readonly number[],
  ): { positions: number[]; similarities: number[]; cosines: number[] } {
    const own = this.#known.length === 0 ? undefined : this.#engine.vector(label);
    if (own === undefined) return { positions: [], similarities: [], cosines: [] };
    const toMean = dot(own, this.#mean);
    const distance = this.#distance(toMean);
    const others = Array.from(this.#known.slice(this.#labels.length), (_, i) => this.#labels.length + i);
    const positions = [...likely, ...others];
    const asked = likely.map((i) => this.#labels[i]!);
    const indexed = this.#engine.similarities(own, asked).map((similarity) => similarity ?? 0);
    const similarities = [...indexed, ...others.map((i) => dot(own, this.#known[i]!.known.vector!))];
    const cosines = positions.map((position, i) => {
      const other = this.#known[position]!;
      const product = similarities[i]! - toMean - other.toMean + this.#square;
      return Math.max(-1, Math.min(1, product / (distance * other.distance)));
    });
    return { positions, similarities: similarities.map((value) => Math.max(-1, Math.min(1, value))), cosines };
  }

  /** Whether a paper is a copy of one of them, or has the same title, unless it names a part (Editorial). */
  copied(label: number): boolean {
    if (this.#titled.has(label)) return true;
    const [labels] = this.#engine.maybeCopies([label], this.#papers) as [number[]];
    const paper = labels.length === 0 ? undefined : this.#engine.fetch(label);
    if (paper === undefined) return false;
    const own = this.#engine.vector(label);
    return labels.some((other) => {
      const example = this.#engine.fetch(other);
      const similarity = own === undefined ? null : (this.#engine.similarities(own, [other])[0] ?? null);
      if (example === undefined) return false;
      const sameTitle = titleKey(example.title) === titleKey(paper.title) && !namesPart(paper.title);
      return sameTitle || areCopies(example, paper, similarity);
    });
  }

  /** The strongest of those that are nearer to a paper than `least`. */
  reasons(label: number, least: number): Because["for"] {
    const near = this.near(label).filter(({ cosine }) => cosine > least);
    const sum = near.reduce((total, { cosine }) => total + cosine, 0);
    return near.slice(0, REASONS).map(({ known: { example, label: of }, similarity, cosine }) => ({
      example,
      title: of === undefined ? null : (this.#engine.fetch(of)?.title ?? null),
      similarity,
      share: cosine / sum,
    }));
  }

  /** Distance of a unit vector from the mean of all papers. */
  #distance(toMean: number): number {
    return Math.sqrt(Math.max(1e-6, 1 - 2 * toMean + this.#square));
  }
}
