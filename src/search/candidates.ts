/** The papers an answer is chosen from, and what each witness says of them. */
import type { Filters } from "../api.js";
import type { Engine } from "./engine.js";
import { fuse, type Witness } from "./fusion.js";

/** Papers each witness may name. Fixed, so that the second page of an answer is of the same list as the first. */
export const DEPTH = 1_000;

/** Shares in a fused score: the convex combination that did best on SciFact and Cranfield; 0.5 to 0.7 differ little. */
export const HYBRID = { meaning: 0.6, words: 0.4 };

/** What is asked: in words, by a vector, or both. */
export type Question = {
  words: readonly string[];
  /** Unit vector; null to leave meaning out. */
  vector: Float32Array | null;
  /** Whether a paper's best sentence speaks beside its abstract. */
  sentences: boolean;
};

export type Candidates = {
  labels: number[];
  /** BM25, cosine to the abstract, estimated cosine to the best sentence: one each a label. */
  bm25: (number | null)[];
  abstract: (number | null)[];
  sentence: (number | null)[];
  way: "exact" | "hnsw" | null;
};

/** All that any witness names, and what all of them say of each, in ascending order of labels. */
export function gather(engine: Engine, question: Question, filters: Filters, also: readonly number[] = []): Candidates {
  const wordHits = engine.words(question.words, filters, DEPTH);
  const found = question.vector === null ? null : engine.nearest(question.vector, filters, DEPTH);
  const labels = [
    ...new Set([
      ...wordHits.map(({ label }) => label),
      ...(found?.neighbours ?? []).map(({ label }) => label),
      ...also,
    ]),
  ].toSorted((a, b) => a - b);
  const bm25 = new Map(wordHits.map((hit) => [hit.label, hit.bm25]));
  const none = labels.map(() => null);
  const { vector } = question;
  return {
    labels,
    bm25: labels.map((label) => bm25.get(label) ?? null),
    abstract: vector === null ? none : engine.similarities(vector, labels),
    sentence: vector === null || !question.sentences ? none : engine.bestSentences(vector, labels),
    way: found?.way ?? null,
  };
}

/** The candidates without those that must not be hits: before scoring, so that they do not set its scale. */
export function without(candidates: Candidates, excluded: (label: number, candidate: number) => boolean): Candidates {
  const kept = candidates.labels.map((label, i) => !excluded(label, i));
  const keep = <T>(values: readonly T[]) => values.filter((_, i) => kept[i]);
  return {
    labels: keep(candidates.labels),
    bm25: keep(candidates.bm25),
    abstract: keep(candidates.abstract),
    sentence: keep(candidates.sentence),
    way: candidates.way,
  };
}

/** Mean of the two cosines; of the abstract alone while its sentences are pending. */
export function meaning({ abstract, sentence }: Candidates): (number | null)[] {
  return abstract.map((cosine, i) => {
    const best = sentence[i] ?? null;
    return cosine === null || best === null ? cosine : (cosine + best) / 2;
  });
}

/** Each candidate's score from meaning and words. */
export function score(candidates: Candidates, weights: { meaning: number; words: number } = HYBRID): number[] {
  const { labels, abstract, bm25 } = candidates;
  const witnesses: Witness[] = [
    { weight: weights.meaning, values: meaning(candidates) },
    { weight: weights.words, values: bm25 },
  ];
  // Of a paper that is not embedded yet only its words are known: they stand for its meaning too.
  const byWords = fuse([{ weight: weights.meaning + weights.words, values: bm25 }], labels.length);
  return fuse(witnesses, labels.length).map((fused, i) => (abstract[i] === null ? (byWords[i] as number) : fused));
}
