/** Places new papers among those on the map, whose points stay where they are. */
import { pauses } from "../core/pauses.js";
import type { StoredVector } from "../core/vector.js";
import type { Neighbour } from "../vectors/nearest.js";
import { SIDE } from "./layout.js";
import { Nearest } from "./nearest.js";
import { mulberry32 } from "./random.js";

/** Neighbours that are considered. */
const NEIGHBOURS = 8;
/** A cosine lower by this much divides a neighbour's weight by e. */
const SHARPNESS = 0.1;
/** Neighbours within this many typical distances between points count as close together. */
const CLOSE = 8;

/**
 * Places each new paper next to the one of its neighbours that has most of the others around it. Their mean could be
 * far from all of them.
 *
 * @param points x and y of each settled paper; at least one.
 * @param seeds A number for each new paper, for the small random step away from its neighbour.
 * @returns x and y of each new paper.
 */
export async function place(
  settled: readonly StoredVector[],
  points: Float32Array,
  fresh: readonly StoredVector[],
  seeds: readonly number[],
  signal: AbortSignal,
): Promise<Float32Array> {
  const nearest = new Nearest(settled);
  const step = SIDE / 2 / Math.sqrt(settled.length);
  const placed = new Float32Array(2 * fresh.length);
  const pause = pauses(signal);
  for (const [i, vector] of fresh.entries()) {
    const anchor = mostCentral(points, nearest.of(vector, NEIGHBOURS), CLOSE * step);
    const random = mulberry32(seeds[i]!);
    placed[2 * i] = points[2 * anchor]! + (random() - 0.5) * step;
    placed[2 * i + 1] = points[2 * anchor + 1]! + (random() - 0.5) * step;
    await pause();
  }
  return placed;
}

/** The neighbour with the most similar others around it, within about `width`. */
function mostCentral(points: Float32Array, neighbours: readonly Neighbour[], width: number): number {
  let [best, most] = [0, -1];
  for (const { label } of neighbours) {
    let sum = 0;
    for (const { label: other, similarity } of neighbours) {
      const [dx, dy] = [points[2 * other]! - points[2 * label]!, points[2 * other + 1]! - points[2 * label + 1]!];
      sum += Math.exp(similarity / SHARPNESS) / (1 + (dx * dx + dy * dy) / (width * width));
    }
    if (sum <= most) continue;
    most = sum;
    best = label;
  }
  return best;
}
