/** The values of papers that were read, computed as the embedded engine does. */
import type { StoredSentences, StoredVector } from "../core/vector.js";
import { SAME_ABSTRACT, type Block, type Likely } from "../engine/engine.js";
import { ExactIndex } from "../vectors/exact.js";
import { dequantize } from "../vectors/quantize.js";
import { SketchTable } from "../vectors/sketches.js";

/** What was read of a paper. */
export type Inspected = {
  label: number;
  title: string | undefined;
  vector: StoredVector | null;
  /** Of the vector, as `sketchOf`. */
  signs: Uint8Array | null;
  sentences: StoredSentences | null;
};

/**
 * Tables that hold the papers of one block at a time. All blocks share them, because new ones take longer to make than to fill: a block
 * computes without waiting, and fills them again if another one was asked in between.
 */
export class BlockTables {
  readonly #vectors: ExactIndex;
  readonly #sketches: SketchTable;
  /** The papers whose values each table holds, by their positions. */
  #compared: readonly Inspected[] = [];
  #sketched: readonly Inspected[] = [];

  constructor(dimensions: number) {
    this.#vectors = new ExactIndex(dimensions);
    this.#sketches = new SketchTable(dimensions);
  }

  vectors(papers: readonly Inspected[]): ExactIndex {
    if (papers !== this.#compared) {
      for (const i of this.#compared.keys()) this.#vectors.delete(i);
      for (const [i, { vector, signs }] of papers.entries())
        if (vector !== null && signs !== null) this.#vectors.set(i, vector, signs);
      this.#compared = papers;
    }
    return this.#vectors;
  }

  sketches(papers: readonly Inspected[]): SketchTable {
    if (papers !== this.#sketched) {
      for (const i of this.#sketched.keys()) this.#sketches.delete(i);
      for (const [i, { sentences }] of papers.entries())
        if (sentences !== null) this.#sketches.set(i, sentences.sketches);
      this.#sketched = papers;
    }
    return this.#sketches;
  }
}

export function blockOf(papers: readonly Inspected[], tables: BlockTables): Block {
  // Labels may be large: positions are used in their place.
  const position = new Map(papers.map(({ label }, i) => [label, i]));
  const at = (labels: ArrayLike<number>) => Array.from(labels, (label) => position.get(label) ?? papers.length);
  const paperAt = (label: number) => papers[position.get(label) ?? papers.length];
  return {
    similarities: (query, labels) => tables.vectors(papers).similarities(query, at(labels)),
    cosines: (queries, labels) => tables.vectors(papers).cosines(queries, at(labels)),
    allCosines: (labels) => tables.vectors(papers).allCosines(at(labels)),
    vector: (label) => {
      const vector = paperAt(label)?.vector ?? undefined;
      return vector && dequantize(vector);
    },
    bestSentences: (query, labels) => tables.sketches(papers).best(query, at(labels)),
    sentences: (query, label) => {
      const similarities = tables.sketches(papers).similarities(query, at([label])[0]!);
      const spans = paperAt(label)?.sentences?.spans;
      if (similarities === null || spans === undefined) return null;
      return Array.from({ length: spans.length / 2 }, (_, i) => ({
        start: spans[2 * i]!,
        end: spans[2 * i + 1]!,
        similarity: similarities[i + 1] ?? 0,
      }));
    },
    sketches: (label) => paperAt(label)?.sentences ?? null,
    title: (label) => paperAt(label)?.sentences?.sketches ?? null,
    likelyNearest: (labels, among, k): Likely[] => tables.vectors(papers).likeliest(at(labels), at(among), k),
    maybeCopies: (labels, among) => {
      const near = tables.vectors(papers).within(SAME_ABSTRACT, at(labels), at(among));
      const titled = new Map<string, number[]>();
      for (const [j, other] of among.entries()) {
        const title = paperAt(other)?.title;
        if (title === undefined) continue;
        const same = titled.get(title);
        if (same === undefined) titled.set(title, [j]);
        else same.push(j);
      }
      return labels.map((label, i) => {
        const same = titled.get(paperAt(label)?.title ?? "") ?? [];
        return [...new Set([...near[i]!, ...same])].sort((a, b) => a - b).map((j) => among[j]!);
      });
    },
  };
}
