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
  sentences: StoredSentences | null;
};

export function blockOf(papers: readonly Inspected[], dimensions: number): Block {
  // Labels may be large: positions are used in their place.
  const position = new Map(papers.map(({ label }, i) => [label, i]));
  const at = (labels: ArrayLike<number>) => Array.from(labels, (label) => position.get(label) ?? papers.length);
  const vectors = new ExactIndex(dimensions);
  const sketches = new SketchTable(dimensions);
  for (const [i, { vector, sentences }] of papers.entries()) {
    if (vector !== null) vectors.set(i, vector);
    if (sentences !== null) sketches.set(i, sentences.sketches);
  }
  const titleOf = (label: number) => papers[position.get(label) ?? -1]?.title;
  return {
    similarities: (query, labels) => vectors.similarities(query, at(labels)),
    cosines: (queries, labels) => vectors.cosines(queries, at(labels)),
    allCosines: (labels) => vectors.allCosines(at(labels)),
    vector: (label) => {
      const vector = vectors.get(at([label])[0]!);
      return vector && dequantize(vector);
    },
    bestSentences: (query, labels) => sketches.best(query, at(labels)),
    sentences: (query, label) => {
      const own = at([label])[0]!;
      const similarities = sketches.similarities(query, own);
      const spans = papers[own]?.sentences?.spans;
      if (similarities === null || spans === undefined) return null;
      return Array.from({ length: spans.length / 2 }, (_, i) => ({
        start: spans[2 * i]!,
        end: spans[2 * i + 1]!,
        similarity: similarities[i + 1] ?? 0,
      }));
    },
    sketches: (label) => papers[at([label])[0]!]?.sentences ?? null,
    title: (label) => papers[at([label])[0]!]?.sentences?.sketches ?? null,
    likelyNearest: (labels, among, k): Likely[] => vectors.likeliest(at(labels), at(among), k),
    maybeCopies: (labels, among) => {
      const near = vectors.within(SAME_ABSTRACT, at(labels), at(among));
      return labels.map((label, i) => {
        const title = titleOf(label);
        const same = title === undefined ? [] : among.flatMap((other, j) => (titleOf(other) === title ? [j] : []));
        return [...new Set([...near[i]!, ...same])].sort((a, b) => a - b).map((j) => among[j]!);
      });
    },
  };
}
