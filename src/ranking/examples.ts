/** Likes and dislikes: finds their papers and vectors, and compares papers with them. */
import type { Because, Example } from "../api.js";
import { passageOf, type Embed } from "../embedding/embed.js";
import { areCopies, namesPart } from "./copies.js";
import type { Block, Engine } from "../engine/engine.js";
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
    const labels = await engine.resolve(some.map(({ id }) => ({ kind: "id", value: id })));
    for (const [i, label] of labels.entries())
      if (label === undefined) missing.push(some[i]!.id);
      else papers.set(label, some[i]!);
    await pause();
  }
  const known: Known[] = [];
  const labels = [...papers.keys()].toSorted((a, b) => a - b);
  const block = await engine.inspect(labels, { vectors: true });
  const toEmbed = labels.filter((label) => block.vector(label) === undefined).slice(0, MOST_EMBEDDED);
  const passages = new Map((await engine.papers(toEmbed)).map((paper, i) => [toEmbed[i]!, paper && passageOf(paper)]));
  for (const label of labels) {
    const example = papers.get(label)!;
    let vector = block.vector(label) ?? null;
    if (vector === null && passages.has(label)) {
      const passage = passages.get(label);
      // Another process has just deleted it.
      if (passage === undefined) continue;
      vector = await embed(passage);
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
  readonly #block;
  readonly #mean;
  readonly #square;
  readonly #known: { known: Known; toMean: number; distance: number }[];
  /** Labels of the examples in the index with a vector, first in `#known`; the other examples follow there. */
  readonly #labels: number[];
  readonly #papers: number[];
  readonly #titled: ReadonlySet<number>;

  /** @param block Vectors and titles of the examples that are papers, and of the papers to compare with them. */
  static async of(engine: Engine, block: Block, examples: readonly Known[]): Promise<Examples> {
    const texts = examples.flatMap(({ example }) => ("text" in example ? [example.text] : []));
    const titled = texts.length === 0 ? [] : await engine.titled(texts);
    return new Examples(engine, block, await engine.mean(), examples, titled.flat());
  }

  private constructor(
    engine: Engine,
    block: Block,
    mean: Float32Array,
    examples: readonly Known[],
    titled: readonly number[],
  ) {
    this.#engine = engine;
    this.#block = block;
    this.#mean = mean;
    this.#square = dot(this.#mean, this.#mean);
    const papers = examples.filter(({ label }) => label !== undefined);
    const toMeans = block.cosines(
      this.#mean,
      papers.map(({ label }) => label!),
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
    this.#titled = new Set(titled);
  }

  /** Labels of all examples that are papers. */
  get labels(): readonly number[] {
    return this.#papers;
  }

  /** The examples nearest to a paper, nearest first; empty if it has no vector. */
  near(label: number): Near[] {
    const [likely] = this.#block.likelyNearest([label], this.#labels, COMPARED) as [number[]];
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
      for (const [i, likely] of this.#block.likelyNearest(some, this.#labels, COMPARED).entries())
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
    const own = this.#known.length === 0 ? undefined : this.#block.vector(label);
    if (own === undefined) return { positions: [], similarities: [], cosines: [] };
    const toMean = dot(own, this.#mean);
    const distance = this.#distance(toMean);
    const others = Array.from(this.#known.slice(this.#labels.length), (_, i) => this.#labels.length + i);
    const positions = [...likely, ...others];
    const asked = likely.map((i) => this.#labels[i]!);
    const indexed = this.#block.similarities(own, asked).map((similarity) => similarity ?? 0);
    const similarities = [...indexed, ...others.map((i) => dot(own, this.#known[i]!.known.vector!))];
    const cosines = positions.map((position, i) => {
      const other = this.#known[position]!;
      const product = similarities[i]! - toMean - other.toMean + this.#square;
      return Math.max(-1, Math.min(1, product / (distance * other.distance)));
    });
    return { positions, similarities: similarities.map((value) => Math.max(-1, Math.min(1, value))), cosines };
  }

  /** Whether each paper is a copy of an example, or has the same title, unless the title names a part ("Editorial"). */
  async copied(labels: readonly number[]): Promise<boolean[]> {
    const maybe = this.#block.maybeCopies(labels, this.#papers);
    const named = [...new Set(labels.flatMap((label, i) => (maybe[i]!.length === 0 ? [] : [label, ...maybe[i]!])))];
    const papers = named.length === 0 ? [] : await this.#engine.papers(named);
    const paperOf = new Map(named.map((label, i) => [label, papers[i]]));
    return labels.map((label, i) => {
      if (this.#titled.has(label)) return true;
      const paper = paperOf.get(label);
      if (paper === undefined) return false;
      const own = this.#block.vector(label);
      return maybe[i]!.some((other) => {
        const example = paperOf.get(other);
        const similarity = own === undefined ? null : (this.#block.similarities(own, [other])[0] ?? null);
        if (example === undefined) return false;
        const sameTitle = titleKey(example.title) === titleKey(paper.title) && !namesPart(paper.title);
        return sameTitle || areCopies(example, paper, similarity);
      });
    });
  }

  /** For each paper, the nearest examples whose cosine to it is above `least`. */
  async reasons(labels: readonly number[], least: number): Promise<Because["for"][]> {
    const strongest = labels.map((label) => {
      const near = this.near(label).filter(({ cosine }) => cosine > least);
      const sum = near.reduce((total, { cosine }) => total + cosine, 0);
      return near.slice(0, REASONS).map((each) => ({ ...each, share: each.cosine / sum }));
    });
    const named = [...new Set(strongest.flat().flatMap(({ known }) => known.label ?? []))];
    const papers = await this.#engine.papers(named);
    const titles = new Map(named.map((label, i) => [label, papers[i]?.title ?? null]));
    return strongest.map((near) =>
      near.map(({ known: { example, label }, similarity, share }) => ({
        example,
        title: label === undefined ? null : titles.get(label)!,
        similarity,
        share,
      })),
    );
  }

  /** Distance of a unit vector from the mean of all papers. */
  #distance(toMean: number): number {
    return Math.sqrt(Math.max(1e-6, 1 - 2 * toMean + this.#square));
  }
}
