/** Papers that come later get a point among those that have one; nobody else moves. */
import type { StoredVector } from "../vector.js";
import type { Neighbour } from "../vectors/nearest.js";
import { SIDE } from "./layout.js";
import { Nearest } from "./nearest.js";
import { mulberry32 } from "./random.js";
import { turns } from "./turns.js";

/** Papers whose points are looked at. */
const NEIGHBOURS = 8;
/** A paper counts e times as much as one whose cosine is so much less. */
const SHARPNESS = 0.1;
/** How far, in distances from one point to the next, neighbours are still beside one another. */
const BESIDE = 8;

/**
 * Each of the fresh papers beside the one of its neighbours that has most of the others about it: their middle may be
 * where nobody is.
 *
 * @param points x and y of each that is settled; at least one.
 * @param seeds Of each fresh one a number of its own, for the small step that keeps it off its neighbour.
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
  const turn = turns(signal);
  for (const [i, vector] of fresh.entries()) {
    const beside = amidst(points, nearest.of(vector, NEIGHBOURS), BESIDE * step);
    const random = mulberry32(seeds[i]!);
    placed[2 * i] = points[2 * beside]! + (random() - 0.5) * step;
    placed[2 * i + 1] = points[2 * beside + 1]! + (random() - 0.5) * step;
    await turn();
  }
  return placed;
}

/** The neighbour about which the most similar of the others lie, within about `width`. */
function amidst(points: Float32Array, neighbours: readonly Neighbour[], width: number): number {
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
