import { mulberry32 } from "./random.js";

const ROUNDS = 25;
/** Most points from which the centres are computed. */
const SAMPLE = 20_000;

export type Clusters = {
  /** x and y of each centre. */
  middles: Float64Array;
  /** The cluster of each point. */
  members: Int32Array;
};

/**
 * Groups points into about `count` clusters (Lloyd's k-means, seeded by Arthur and Vassilvitskii's k-means++).
 * Deterministic. Empty clusters are left out.
 *
 * @param weights The weight of each point.
 */
export function clustersOf(points: ArrayLike<number>, weights: ArrayLike<number>, count: number): Clusters {
  const all = points.length / 2;
  const step = Math.max(1, Math.ceil(all / SAMPLE));
  const sample = Array.from({ length: Math.ceil(all / step) }, (_, i) => i * step);
  let middles = initialCentres(points, weights, sample, count);
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float64Array(middles.length);
    const totals = new Float64Array(middles.length / 2);
    for (const i of sample) {
      const cluster = nearestOf(middles, points[2 * i]!, points[2 * i + 1]!);
      sums[2 * cluster]! += weights[i]! * points[2 * i]!;
      sums[2 * cluster + 1]! += weights[i]! * points[2 * i + 1]!;
      totals[cluster]! += weights[i]!;
    }
    middles = sums.map((sum, i) => sum / totals[i >> 1]!).filter((_, i) => totals[i >> 1]! > 0);
  }
  const members = Int32Array.from({ length: all }, (_, i) => nearestOf(middles, points[2 * i]!, points[2 * i + 1]!));
  return { middles, members };
}

/**
 * Chooses initial centres one by one, with a probability that grows with the distance to the nearest one chosen before.
 */
function initialCentres(
  points: ArrayLike<number>,
  weights: ArrayLike<number>,
  sample: number[],
  count: number,
): Float64Array {
  const random = mulberry32(count);
  const chances = Float64Array.from(sample, (i) => weights[i]!);
  const apart = new Float64Array(sample.length).fill(Infinity);
  const middles: number[] = [];
  while (middles.length < 2 * count) {
    const total = chances.reduce((sum, chance) => sum + chance, 0);
    if (total === 0) break;
    let left = random() * total;
    let at = 0;
    while (at < sample.length - 1 && (left -= chances[at]!) >= 0) at++;
    const [x, y] = [points[2 * sample[at]!]!, points[2 * sample[at]! + 1]!];
    middles.push(x, y);
    sample.forEach((i, j) => {
      apart[j] = Math.min(apart[j]!, (points[2 * i]! - x) ** 2 + (points[2 * i + 1]! - y) ** 2);
      chances[j] = weights[i]! * apart[j];
    });
  }
  return Float64Array.from(middles);
}

/** The index of the nearest centre; the first of several. */
export function nearestOf(middles: ArrayLike<number>, x: number, y: number): number {
  let [nearest, least] = [0, Infinity];
  for (let i = 0; i < middles.length; i += 2) {
    const [dx, dy] = [middles[i]! - x, middles[i + 1]! - y];
    const squared = dx * dx + dy * dy;
    if (squared >= least) continue;
    least = squared;
    nearest = i / 2;
  }
  return nearest;
}
