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
const AT_ONCE = 500;
/** Number of examples given as reasons for a hit. */
const REASONS = 3;

export type Known = {
  example: Example;
  /** Label of a paper; undefined for a text. */
  label: number | undefined;
  /** Unit vector of an example that is not in the index; null for the others, and for papers that could not be embedded. */
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
  const toEmbed = (await unembedded(engine, labels)).slice(0, MOST_EMBEDDED);
  const passages = new Map((await engine.papers(toEmbed)).map((paper, i) => [toEmbed[i]!, paper && passageOf(paper)]));
  for (const label of labels) {
    const passage = passages.get(label);
    // Another process has just deleted it.
    if (passage === undefined && passages.has(label)) continue;
    known.push({ example: papers.get(label)!, label, vector: passage === undefined ? null : await embed(passage) });
  }
  for (const [text, example] of [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    known.push({ example, label: undefined, vector: await embed(text) });
  return known;
}

/** The papers without a vector. */
async function unembedded(engine: Engine, labels: readonly number[]): Promise<number[]> {
  const block = await engine.inspect(labels, { vectors: true });
  const [cosines] = block.cosines([await engine.mean()], labels) as [Float32Array];
  return labels.filter((_, i) => Number.isNaN(cosines[i]));
}

/** An example, the product of its vector with the mean of all papers, and its distance from it. */
type Measured = { known: Known; toMean: number; distance: number };

type Near = {
  known: Measured[];
  /** Cosines of the vectors; below, those of their differences from the mean of all papers. */
  similarities: number[];
  cosines: number[];
};

const withinOne = (cosine: number): number => Math.max(-1, Math.min(1, cosine));

/** Examples, prepared for comparison with papers. */
export class Examples {
  readonly #engine;
  readonly #block;
  readonly #mean;
  readonly #square;
  readonly #known: Measured[];
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
    const [toMeans] = block.cosines(
      [this.#mean],
      papers.map(({ label }) => label!),
    ) as [Float32Array];
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

  /** For each paper, the cosine to the nearest example; -1 if the paper has no vector or there are no examples. */
  async nearest(labels: readonly number[], pause: Pause): Promise<number[]> {
    const nearest: number[] = [];
    for (let start = 0; start < labels.length; start += AT_ONCE) {
      for (const { cosines } of this.#near(labels.slice(start, start + AT_ONCE)))
        nearest.push(Math.max(-1, ...cosines));
      await pause();
    }
    return nearest;
  }

  /** For each paper, the examples nearest to it by signs, and all that are not in the index; none without a vector. */
  #near(labels: readonly number[]): Near[] {
    if (this.#known.length === 0) return labels.map(() => ({ known: [], similarities: [], cosines: [] }));
    const [toMeans] = this.#block.cosines([this.#mean], labels) as [Float32Array];
    const others = this.#known.slice(this.#labels.length);
    return this.#block.likelyNearest(labels, this.#labels, COMPARED).map((likely, i) => {
      const toMean = toMeans[i]!;
      const own = Number.isNaN(toMean) || others.length === 0 ? undefined : this.#block.vector(labels[i]!);
      const known = likely.positions.map((position) => this.#known[position]!);
      const similarities = Array.from(likely.cosines);
      if (own !== undefined)
        for (const other of others) {
          known.push(other);
          similarities.push(withinOne(dot(own, other.known.vector!)));
        }
      const distance = this.#distance(toMean);
      const cosines = similarities.map((similarity, j) => {
        const product = similarity - toMean - known[j]!.toMean + this.#square;
        return withinOne(product / (distance * known[j]!.distance));
      });
      return { known, similarities, cosines };
    });
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
    const strongest = this.#near(labels).map(({ known, similarities, cosines }) => {
      const near = known
        .map((measured, i) => ({ known: measured.known, similarity: similarities[i]!, cosine: cosines[i]! }))
        .filter(({ cosine }) => cosine > least)
        .toSorted((a, b) => b.cosine - a.cosine);
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
