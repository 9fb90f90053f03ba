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
  const named = best.map((candidate) => labels[candidate]!);
  const known = best.map((candidate) => scores[candidate]!);
  for (const [place, candidate] of best.entries()) {
    const vector = engine.vector(named[place]!);
    // One that is not embedded yet is near to nothing.
    const score = vector === undefined ? null : scoreAround(engine.similarities(vector, named), known, place);
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

/** Mean score of the nearest, weighted by cosine; null for a paper that nothing is near. */
function scoreAround(cosines: readonly (number | null)[], scores: readonly number[], own: number): number | null {
  const nearest: number[] = [];
  for (let i = 0; i < cosines.length; i++) {
    const cosine = cosines[i] ?? 0;
    if (i === own || cosine <= 0) continue;
    let place = nearest.length;
    while (place > 0 && cosine > cosines[nearest[place - 1]!]!) place--;
    if (place === NEAREST) continue;
    nearest.splice(place, 0, i);
    if (nearest.length > NEAREST) nearest.pop();
  }
  let [sum, weighted] = [0, 0];
  for (const i of nearest) {
    sum += cosines[i]!;
    weighted += cosines[i]! * scores[i]!;
  }
  return sum === 0 ? null : weighted / sum;
}
