/** The papers from which an answer is chosen, with the values of each signal. */
import type { Selection } from "../api.js";
import type { Block, Engine, Way, WordHit } from "../engine/engine.js";
import { contributionsOf, unknownValues, type ScoredSignal, type Values } from "./fusion.js";

/** Papers each signal retrieves. Fixed, so that all pages of an answer are cut from one list. */
export const DEPTH = 500;

/** Weights in a fused score: the convex combination that did best on SciFact and Cranfield; 0.5 to 0.7 differ little. */
export const HYBRID = { meaning: 0.6, words: 0.4 };

/** The values that signals, folding and hits need for candidates, in addition to word weights. */
export const EVERYTHING = { vectors: true, sketches: true, titles: true } as const;

/** A question in words, as a vector, or both. */
export type Question = {
  words: readonly string[];
  /** Unit vector; null to leave meaning out. */
  vector: Float32Array | null;
  /** Whether to compare a paper's best sentence as well as its abstract. */
  sentences: boolean;
};

export type Candidates = {
  labels: number[];
  /** Other values of the candidates. */
  block: Block;
  /** BM25, cosine to the abstract, and estimated cosine to the best sentence, one per label. */
  bm25: Values;
  abstract: Values;
  sentence: Values;
  way: Way | null;
  /** Labels that no signal retrieved: candidates because the caller named them. */
  added?: ReadonlySet<number>;
};

/**
 * All papers that any signal retrieves, with the values of every signal, in ascending order of labels.
 *
 * @param also Labels that are candidates in any case.
 * @param wordHits The hits for the words.
 */
export async function gather(
  engine: Engine,
  question: Question,
  filters: Selection,
  wordHits: readonly WordHit[] | Promise<readonly WordHit[]>,
  also: readonly number[] = [],
): Promise<Candidates> {
  const [found, byWords] = await Promise.all([
    question.vector === null ? null : engine.nearest(question.vector, filters, DEPTH),
    wordHits,
  ]);
  const neighbours = found?.neighbours ?? [];
  const retrieved = new Set(byWords.map(({ label }) => label));
  for (const { label } of neighbours) retrieved.add(label);
  const added = new Set(also.filter((label) => !retrieved.has(label)));
  for (const label of added) retrieved.add(label);
  const labels = Array.from(Float64Array.from(retrieved).sort());
  const position = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) position.set(labels[i]!, i);
  const bm25 = unknownValues(labels.length);
  for (const hit of byWords) bm25[position.get(hit.label)!] = hit.bm25;
  const block = await engine.inspect(labels, EVERYTHING);
  const unweighed = also.filter((label) => Number.isNaN(bm25[position.get(label)!]));
  const weights = unweighed.length === 0 ? [] : await engine.wordWeights(question.words, unweighed);
  for (const [i, label] of unweighed.entries()) {
    const weight = weights.reduce((sum, each) => sum + each[i]!, 0);
    // Otherwise it contains none of them.
    if (weight > 0) bm25[position.get(label)!] = weight;
  }
  const { vector } = question;
  const abstract = unknownValues(labels.length);
  for (const { label, similarity } of neighbours) abstract[position.get(label)!] = similarity;
  if (vector !== null) {
    const others = labels.filter((_, i) => Number.isNaN(abstract[i]));
    const [cosines] = block.cosines([vector], others);
    for (let i = 0; i < others.length; i++) abstract[position.get(others[i]!)!] = cosines![i]!;
  }
  return {
    labels,
    block,
    bm25,
    abstract,
    sentence:
      vector === null || !question.sentences ? unknownValues(labels.length) : block.bestSentences(vector, labels),
    way: found?.way ?? null,
    added,
  };
}

/** Candidates without any value, such as those of a list. */
export function unscored(labels: number[], block: Block): Candidates {
  const none = unknownValues(labels.length);
  return { labels, block, bm25: none, abstract: none, sentence: none, way: null };
}

/** BM25 of a word in a paper. */
export type WeightOf = (word: string, label: number) => number;

/** The weights of words in papers, fetched when they are asked for first. */
export function weighing(engine: Engine, words: readonly string[], labels: readonly number[]): () => Promise<WeightOf> {
  const fetched = async (): Promise<WeightOf> => {
    const weights = await engine.wordWeights(words, labels);
    const [rows, columns] = [words, labels].map(
      (names) => new Map<string | number, number>(names.map((name, i) => [name, i])),
    );
    return (word, label) => weights[rows!.get(word) ?? -1]?.[columns!.get(label) ?? -1] ?? 0;
  };
  let weights: Promise<WeightOf> | undefined;
  return () => (weights ??= fetched());
}

/** Drops candidates that must not be hits. Called before scoring, so that they do not set its scale. */
export function without(candidates: Candidates, excluded: (label: number, candidate: number) => boolean): Candidates {
  const kept = candidates.labels.map((_, i) => i).filter((i) => !excluded(candidates.labels[i]!, i));
  const keep = (values: Values) => Float64Array.from(kept, (i) => values[i]!);
  return {
    labels: kept.map((i) => candidates.labels[i]!),
    block: candidates.block,
    bm25: keep(candidates.bm25),
    abstract: keep(candidates.abstract),
    sentence: keep(candidates.sentence),
    way: candidates.way,
  };
}

/** Mean of the two cosines; of the abstract alone while its sentences are pending. */
export function meaning({ abstract, sentence }: Candidates): Values {
  return abstract.map((cosine, i) => {
    const best = sentence[i]!;
    return Number.isNaN(best) ? cosine : (cosine + best) / 2;
  });
}

/** The signals of words, abstracts and sentences. */
export function scoreSignals(
  candidates: Candidates,
  weights: { meaning: number; words: number } = HYBRID,
): ScoredSignal[] {
  const { abstract, sentence, bm25 } = candidates;
  const meant = contributionsOf({ weight: weights.meaning, values: meaning(candidates) });
  const said = contributionsOf({ weight: weights.words, values: bm25 });
  // Only the words of a paper without a vector are known: they count for its meaning too.
  const pending = weights.words === 0 ? 1 : (weights.meaning + weights.words) / weights.words;
  // Abstract and sentence share the weight of meaning; while sentences are pending the abstract has all of it.
  const shareOfAbstract = abstract.map((cosine, i) => {
    const best = sentence[i]!;
    return Number.isNaN(cosine) || Number.isNaN(best) ? 1 : cosine / (cosine + best || 1);
  });
  return [
    {
      name: "words",
      weight: weights.words,
      values: bm25,
      contributions: said.map((contribution, i) => (Number.isNaN(abstract[i]) ? contribution * pending : contribution)),
    },
    {
      name: "abstract",
      weight: weights.meaning / 2,
      values: abstract,
      contributions: meant.map((contribution, i) => contribution * shareOfAbstract[i]!),
    },
    {
      name: "sentence",
      weight: weights.meaning / 2,
      values: sentence,
      contributions: meant.map((contribution, i) => contribution * (1 - shareOfAbstract[i]!)),
    },
  ];
}
