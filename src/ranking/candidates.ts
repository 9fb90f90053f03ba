/** The papers from which an answer is chosen, with the values of each signal. */
import type { Selection } from "../api.js";
import type { Block, Engine, Neighbour, Way, WordHit } from "../engine/engine.js";
import { contributionsOf, scoresOf, unknownValues, type ScoredSignal, type Values } from "./fusion.js";

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
  /** Whether there are fewer candidates than signals can retrieve, because these are the most promising ones. */
  cut?: boolean;
};

/**
 * All papers that any signal retrieves, with the values of every signal, in ascending order of labels.
 *
 * @param also Labels that are candidates in any case.
 * @param wordHits The hits for the words.
 * @param most At most this many of the others are candidates, the most promising ones.
 */
export async function gather(
  engine: Engine,
  question: Question,
  filters: Selection,
  wordHits: readonly WordHit[] | Promise<readonly WordHit[]>,
  also: readonly number[] = [],
  most = Infinity,
): Promise<Candidates> {
  const { vector } = question;
  const depth = Math.min(DEPTH, most);
  const [found, byWords] = await Promise.all([
    vector === null ? null : engine.nearest(vector, filters, depth),
    wordHits,
  ]);
  const neighbours = found?.neighbours ?? [];
  const retrieved = new Set(byWords.map(({ label }) => label));
  for (const { label } of neighbours) retrieved.add(label);
  const added = new Set(also.filter((label) => !retrieved.has(label)));
  const cut = retrieved.size > most || (depth < DEPTH && neighbours.length === depth);
  const chosen = retrieved.size <= most ? retrieved : mostPromising(neighbours, byWords, [...retrieved], most);
  for (const label of also) chosen.add(label);
  const labels = Array.from(Float64Array.from(chosen).sort());
  const position = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) position.set(labels[i]!, i);
  const bm25 = unknownValues(labels.length);
  for (const { label, bm25: weight } of byWords) if (chosen.has(label)) bm25[position.get(label)!] = weight;
  const block = await engine.inspect(labels, EVERYTHING);
  const unweighed = also.filter((label) => Number.isNaN(bm25[position.get(label)!]));
  const weights = unweighed.length === 0 ? [] : await engine.wordWeights(question.words, unweighed);
  for (const [i, label] of unweighed.entries()) {
    const weight = weights.reduce((sum, each) => sum + each[i]!, 0);
    // Otherwise it contains none of them.
    if (weight > 0) bm25[position.get(label)!] = weight;
  }
  return {
    labels,
    block,
    bm25,
    abstract: vector === null ? unknownValues(labels.length) : Float64Array.from(block.cosines([vector], labels)[0]!),
    sentence:
      vector === null || !question.sentences ? unknownValues(labels.length) : block.bestSentences(vector, labels),
    way: found?.way ?? null,
    added,
    cut,
  };
}

/**
 * The labels with the largest scores as far as they are known before the values of papers are read: that of a paper's best sentence is
 * taken to be in proportion to its abstract's, and a paper that was found by its words only to be as near as the last neighbour.
 */
function mostPromising(
  neighbours: readonly Neighbour[],
  byWords: readonly WordHit[],
  retrieved: readonly number[],
  most: number,
): Set<number> {
  const near = new Map(neighbours.map(({ label, similarity }) => [label, similarity]));
  const said = new Map(byWords.map(({ label, bm25 }) => [label, bm25]));
  const farthest = neighbours.at(-1)?.similarity ?? NaN;
  const score = scoresOf(
    [
      { weight: HYBRID.meaning, values: Float64Array.from(retrieved, (label) => near.get(label) ?? farthest) },
      { weight: HYBRID.words, values: Float64Array.from(retrieved, (label) => said.get(label) ?? NaN) },
    ].map((signal) => ({ contributions: contributionsOf(signal) })),
    retrieved.length,
  );
  const order = retrieved.map((label, i) => ({ label, score: score[i]! }));
  order.sort((a, b) => b.score - a.score || a.label - b.label);
  return new Set(order.slice(0, most).map(({ label }) => label));
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
