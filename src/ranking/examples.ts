/** Likes and dislikes: finds their papers and vectors, and compares papers with them. */
import type { Because, Example } from "../api.js";
import { passageOf, type Embed } from "../embedding/embed.js";
import { areCopies, namesPart } from "./copies.js";
import type { Block, Engine } from "../engine/engine.js";
import type { Paper } from "../core/paper.js";
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

/** Examples that were found, and a block with the vectors of those that are papers. */
export type Resolved = { liked: Known[]; disliked: Known[]; block: Block };

/**
 * Finds likes and dislikes, each once, in an order that does not depend on the order given. Adds unknown ids to `missing`.
 *
 * @param mean The mean of all vectors.
 */
export async function resolve(
  engine: Engine,
  embed: Embed,
  { positive, negative }: { positive: readonly Example[]; negative: readonly Example[] },
  mean: Float32Array,
  missing: string[],
  pause: Pause,
): Promise<Resolved> {
  const named = [...positive, ...negative].flatMap((example) => ("id" in example ? [example.id] : []));
  const labelOf = new Map<string, number>();
  for (let start = 0; start < named.length; start += AT_ONCE) {
    const some = named.slice(start, start + AT_ONCE);
    const labels = await engine.resolve(some.map((id) => ({ kind: "id", value: id })));
    for (const [i, label] of labels.entries())
      if (label === undefined) missing.push(some[i]!);
      else labelOf.set(some[i]!, label);
    await pause();
  }
  const found = [positive, negative].map((examples) => {
    const papers = new Map<number, Example>();
    const texts = new Map<string, Example>();
    for (const example of examples) {
      if ("text" in example) texts.set(example.text.replaceAll("\0", " "), example);
      else if (labelOf.has(example.id)) papers.set(labelOf.get(example.id)!, example);
    }
    return { papers, labels: [...papers.keys()].toSorted((a, b) => a - b), texts };
  });
  const labels = [...new Set(found.flatMap((some) => some.labels))];
  const block = await engine.inspect(labels, { vectors: true });
  const [cosines] = block.cosines([mean], labels) as [Float32Array];
  const unembedded = new Set(labels.filter((_, i) => Number.isNaN(cosines[i])));
  const toEmbed = found.flatMap((some) => some.labels.filter((label) => unembedded.has(label)).slice(0, MOST_EMBEDDED));
  const read = toEmbed.length === 0 ? [] : await engine.papers(toEmbed);
  const passages = new Map(read.map((paper, i) => [toEmbed[i]!, paper && passageOf(paper)]));
  const [liked, disliked] = [await known(embed, found[0]!, passages), await known(embed, found[1]!, passages)];
  return { liked, disliked, block };
}

/** @param passages The texts of papers to embed; undefined for those that another process has just deleted. */
async function known(
  embed: Embed,
  { papers, labels, texts }: { papers: Map<number, Example>; labels: number[]; texts: Map<string, Example> },
  passages: ReadonlyMap<number, string | undefined>,
): Promise<Known[]> {
  const known: Known[] = [];
  for (const label of labels) {
    const passage = passages.get(label);
    if (passage === undefined && passages.has(label)) continue;
    known.push({ example: papers.get(label)!, label, vector: passage === undefined ? null : await embed(passage) });
  }
  for (const [text, example] of [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    known.push({ example, label: undefined, vector: await embed(text) });
  return known;
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

/**
 * Likes and dislikes, prepared for comparison with papers.
 *
 * @param block Vectors and titles of the examples that are papers, and of the papers to compare with them.
 * @param mean The mean of all vectors.
 */
export async function examplesOf(
  engine: Engine,
  block: Block,
  mean: Float32Array,
  { liked, disliked }: Pick<Resolved, "liked" | "disliked">,
): Promise<{ likes: Examples; dislikes: Examples }> {
  const texts = [liked, disliked].map((some) =>
    some.flatMap(({ example }) => ("text" in example ? [example.text] : [])),
  );
  const titled = texts.flat().length === 0 ? [] : await engine.titled(texts.flat());
  const own = titled.splice(0, texts[0]!.length);
  return {
    likes: new Examples(block, mean, liked, own.flat()),
    dislikes: new Examples(block, mean, disliked, titled.flat()),
  };
}

/** Whether each paper is a copy of an example, or has the same title, unless the title names a part ("Editorial"). */
export async function copied(
  engine: Engine,
  examples: readonly Examples[],
  labels: readonly number[],
): Promise<boolean[]> {
  const maybe = examples.map((some) => some.maybeCopies(labels));
  const named = maybe.flatMap((each) => each.flatMap((of, i) => (of.length === 0 ? [] : [labels[i]!, ...of])));
  const papers = await papersBy(engine, named);
  return labels.map((label, i) => examples.some((some, e) => some.isCopy(label, maybe[e]![i]!, papers)));
}

/** For each paper, the examples nearest to it, as reasons. */
export async function reasons(engine: Engine, nearest: readonly (readonly Reason[])[]): Promise<Because["for"][]> {
  const papers = await papersBy(
    engine,
    nearest.flat().flatMap(({ known }) => known.label ?? []),
  );
  return nearest.map((near) =>
    near.map(({ known: { example, label }, similarity, share }) => ({
      example,
      title: label === undefined ? null : (papers.get(label)?.title ?? null),
      similarity,
      share,
    })),
  );
}

async function papersBy(engine: Engine, labels: readonly number[]): Promise<Map<number, Paper | undefined>> {
  const distinct = [...new Set(labels)];
  const papers = distinct.length === 0 ? [] : await engine.papers(distinct);
  return new Map(distinct.map((label, i) => [label, papers[i]]));
}

/** An example that is near a paper, its cosine to it, and its share among those that are. */
type Reason = { known: Known; similarity: number; share: number };

/** Likes, or dislikes. */
export class Examples {
  readonly #block;
  readonly #mean;
  readonly #square;
  readonly #known: Measured[];
  /** Labels of the examples in the index with a vector, first in `#known`; the other examples follow there. */
  readonly #labels: number[];
  readonly #papers: number[];
  readonly #titled: ReadonlySet<number>;

  /** @param titled Papers whose title is the text of an example. */
  constructor(block: Block, mean: Float32Array, examples: readonly Known[], titled: readonly number[]) {
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

  /** For each paper, the labels of examples that may be copies of it. */
  maybeCopies(labels: readonly number[]): number[][] {
    return this.#block.maybeCopies(labels, this.#papers);
  }

  /** @param maybe From `maybeCopies`. @param papers These papers, and the paper itself. */
  isCopy(label: number, maybe: readonly number[], papers: ReadonlyMap<number, Paper | undefined>): boolean {
    if (this.#titled.has(label)) return true;
    const paper = papers.get(label);
    if (paper === undefined) return false;
    const own = this.#block.vector(label);
    return maybe.some((other) => {
      const example = papers.get(other);
      const similarity = own === undefined ? null : (this.#block.similarities(own, [other])[0] ?? null);
      if (example === undefined) return false;
      const sameTitle = titleKey(example.title) === titleKey(paper.title) && !namesPart(paper.title);
      return sameTitle || areCopies(example, paper, similarity);
    });
  }

  /** For each paper, the nearest examples whose cosine to it is above `least`. */
  nearestTo(labels: readonly number[], least: number): Reason[][] {
    return this.#near(labels).map(({ known, similarities, cosines }) => {
      const near = known
        .map((measured, i) => ({ known: measured.known, similarity: similarities[i]!, cosine: cosines[i]! }))
        .filter(({ cosine }) => cosine > least)
        .toSorted((a, b) => b.cosine - a.cosine);
      const sum = near.reduce((total, { cosine }) => total + cosine, 0);
      return near
        .slice(0, REASONS)
        .map(({ known, similarity, cosine }) => ({ known, similarity, share: cosine / sum }));
    });
  }

  /** Distance of a unit vector from the mean of all papers. */
  #distance(toMean: number): number {
    return Math.sqrt(Math.max(1e-6, 1 - 2 * toMean + this.#square));
  }
}
