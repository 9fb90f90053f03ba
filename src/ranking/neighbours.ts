/**
 * Score smoothing: papers that answer the same question are near one another, so a paper that scores below its nearest
 * neighbours among the best is raised towards them (after Diaz, "Regularizing ad hoc retrieval scores", CIKM 2005, who lowers
 * scores too, which costs rank if a question has a single answer).
 */
import type { Block } from "../engine/engine.js";
import { scoresOf, unknownValues, type ScoredSignal } from "./fusion.js";

/** Number of best papers that are smoothed; below, the number of neighbours, and the share of the difference added. */
const AMONG = 50;
const NEAREST = 3;
const SMOOTHING = 0.4;

/**
 * The value is the mean score of a paper's nearest neighbours among the best papers, weighted by cosine. A paper that scores
 * below it gains a share of the difference; others gain nothing.
 */
export function neighboursOf(block: Block, labels: readonly number[], signals: readonly ScoredSignal[]): ScoredSignal {
  const scores = scoresOf(signals, labels.length);
  const least = scores.toSorted().at(-AMONG) ?? -Infinity;
  const above: number[] = [];
  for (let candidate = 0; candidate < scores.length; candidate++)
    if (scores[candidate]! >= least) above.push(candidate);
  const best = above.sort((a, b) => scores[b]! - scores[a]! || labels[a]! - labels[b]!).slice(0, AMONG);
  const cosines = block.allCosines(best.map((candidate) => labels[candidate]!));
  const values = unknownValues(labels.length);
  for (const [place, candidate] of best.entries()) {
    const own = cosines.subarray(place * best.length, (place + 1) * best.length);
    values[candidate] = scoreAround(own, place, (other) => scores[best[other]!]!);
  }
  return {
    name: "neighbours",
    weight: SMOOTHING,
    values,
    contributions: values.map((value, candidate) =>
      Number.isNaN(value) ? 0 : SMOOTHING * Math.max(0, value - scores[candidate]!),
    ),
  };
}

/** Mean score of the nearest, weighted by cosine; NaN if there are none. */
function scoreAround(cosines: Float32Array, own: number, scoreOf: (place: number) => number): number {
  const nearest: number[] = [];
  for (let i = 0; i < cosines.length; i++) {
    const cosine = cosines[i]!;
    // False for NaN too: a paper without a vector has no neighbours, and is a neighbour of no paper.
    if (i === own || !(cosine > 0)) continue;
    let place = nearest.length;
    while (place > 0 && cosine > cosines[nearest[place - 1]!]!) place--;
    if (place === NEAREST) continue;
    nearest.splice(place, 0, i);
    if (nearest.length > NEAREST) nearest.pop();
  }
  let [sum, weighted] = [0, 0];
  for (const i of nearest) {
    sum += cosines[i]!;
    weighted += cosines[i]! * scoreOf(i);
  }
  return sum === 0 ? NaN : weighted / sum;
}
