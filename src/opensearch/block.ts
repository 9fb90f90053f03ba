/** The values of papers that were read, computed as the embedded engine does. */
import { SAME_ABSTRACT, type Block, type Likely } from "../engine/engine.js";
import { ExactIndex } from "../vectors/exact.js";
import { dequantize } from "../vectors/quantize.js";
import { SketchTable } from "../vectors/sketches.js";
import { sentencesOf, vectorOf, type Embedding } from "./document.js";

/** What was read of a paper. */
export type Inspected = { label: number; embedding?: Embedding; title?: string };

/** @param words BM25 of each word in each paper. */
export function blockOf(
  papers: readonly Inspected[],
  words: ReadonlyMap<string, ReadonlyMap<number, number>>,
  dimensions: number,
): Block {
  // Labels may be large: positions are used in their place.
  const position = new Map(papers.map(({ label }, i) => [label, i]));
  const at = (labels: ArrayLike<number>) => Array.from(labels, (label) => position.get(label) ?? papers.length);
  const vectors = new ExactIndex(dimensions);
  const sketches = new SketchTable(dimensions);
  const stored = papers.map(({ embedding = {} }) => sentencesOf(embedding));
  for (const [i, { embedding = {} }] of papers.entries()) {
    const vector = vectorOf(embedding);
    if (vector !== null) vectors.set(i, vector);
    const sentences = stored[i];
    if (sentences != null) sketches.set(i, sentences.sketches);
  }
  const titleOf = (label: number) => papers[position.get(label) ?? -1]?.title;
  return {
    wordWeights: (word, labels) => labels.map((label) => words.get(word)?.get(label) ?? 0),
    similarities: (query, labels) => vectors.similarities(query, at(labels)),
    cosines: (queries, labels) => vectors.cosines(queries, at(labels)),
    vector: (label) => {
      const vector = vectors.get(at([label])[0]!);
      return vector && dequantize(vector);
    },
    bestSentences: (query, labels) => sketches.best(query, at(labels)),
    sentences: (query, label) => {
      const own = at([label])[0]!;
      const similarities = sketches.similarities(query, own);
      const spans = stored[own]?.spans;
      if (similarities === null || spans === undefined) return null;
      return Array.from({ length: spans.length / 2 }, (_, i) => ({
        start: spans[2 * i]!,
        end: spans[2 * i + 1]!,
        similarity: similarities[i + 1] ?? 0,
      }));
    },
    sketches: (label) => stored[at([label])[0]!] ?? null,
    title: (label) => stored[at([label])[0]!]?.sketches ?? null,
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
