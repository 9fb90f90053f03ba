/**
 * Papers that answer one question are near one another: a paper that stands below its nearest among the best is lifted
 * towards them (after Diaz, "Regularizing ad hoc retrieval scores", CIKM 2005, where scores are drawn down as well, which
 * costs the one paper that answers a question to which there is one answer).
 */
import type { Engine } from "./engine.js";
import { scoresOf, type Testimony } from "./fusion.js";

/** How many of the best look at each other, at how many of them each looks, and how much of the way it is lifted. */
const AMONG = 50;
const NEAREST = 3;
const LIFT = 0.4;

/**
 * What the neighbours say: for each of the best papers the mean score of its nearest among them, weighted by cosine. It
 * adds a share of what the paper lacks to that, and nothing where the paper stands above it.
 */
export function neighboursOf(engine: Engine, labels: readonly number[], testimonies: readonly Testimony[]): Testimony {
  const scores = scoresOf(testimonies, labels.length);
  const best = labels
    .map((_, candidate) => candidate)
    .toSorted((a, b) => scores[b]! - scores[a]! || labels[a]! - labels[b]!)
    .slice(0, AMONG);
  const around = new Map<number, number>();
  for (const candidate of best) {
    const score = scoreAround(engine, labels, scores, best, candidate);
    if (score !== null) around.set(candidate, score);
  }
  const values = labels.map((_, candidate) => around.get(candidate) ?? null);
  return {
    name: "neighbours",
    weight: LIFT,
    values,
    contributions: values.map((value, candidate) =>
      value === null ? 0 : LIFT * Math.max(0, value - (scores[candidate] as number)),
    ),
  };
}

/** Null for a paper that nothing is near, or that is not embedded yet. */
function scoreAround(
  engine: Engine,
  labels: readonly number[],
  scores: readonly number[],
  best: readonly number[],
  candidate: number,
): number | null {
  const vector = engine.vector(labels[candidate]!);
  if (vector === undefined) return null;
  const others = best.filter((other) => other !== candidate);
  const cosines = engine.similarities(
    vector,
    others.map((other) => labels[other]!),
  );
  const nearest = others
    .map((other, i) => ({ score: scores[other]!, cosine: cosines[i] ?? 0 }))
    .filter(({ cosine }) => cosine > 0)
    .toSorted((a, b) => b.cosine - a.cosine)
    .slice(0, NEAREST);
  const sum = nearest.reduce((total, { cosine }) => total + cosine, 0);
  return sum === 0 ? null : nearest.reduce((total, { cosine, score }) => total + cosine * score, 0) / sum;
}
