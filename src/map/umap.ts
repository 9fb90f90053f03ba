/**
 * Places points in the plane so that neighbours are close (McInnes, Healy, Melville, "UMAP", arXiv:1802.03426): every
 * point is attracted by its neighbours, and repelled by randomly chosen others.
 */
import { pauses } from "../core/pauses.js";
import type { Neighbours } from "./nearest.js";

/** The pairs that attract each other, each once, with weights from 0 to 1. */
export type Graph = { heads: Int32Array; tails: Int32Array; weights: Float32Array };

/** Steps of the binary search for the width of a neighbourhood. */
const STEPS = 40;
/** Random points that repel each end of a pair when the pair attracts. */
const OTHERS = 5;
/** The longest step, which also limits the repulsion of coinciding points. */
const STEP = 4;
const NEAR = 0.001;
/** Spreads pairs of the same weight over the rounds: the fractional part of the golden ratio. */
const GOLDEN = 0.618034;

/** The fuzzy union of the points' neighbourhoods (sections 3.1 and 4.1). */
export function fuzzyGraph({ k, numbers, similarities }: Neighbours): Graph {
  const memberships = membershipsOf(k, numbers, similarities);
  const heads = new Int32Array(numbers.length);
  const tails = new Int32Array(numbers.length);
  const weights = new Float32Array(numbers.length);
  let pairs = 0;
  for (let at = 0; at < numbers.length; at++) {
    const [head, tail] = [Math.floor(at / k), numbers[at]!];
    if (tail < 0) continue;
    const back = numbers.subarray(tail * k, tail * k + k).indexOf(head);
    if (back >= 0 && tail < head) continue;
    const [there, here] = [memberships[at]!, back < 0 ? 0 : memberships[tail * k + back]!];
    heads[pairs] = head;
    tails[pairs] = tail;
    weights[pairs++] = there + here - there * here;
  }
  return { heads: heads.subarray(0, pairs), tails: tails.subarray(0, pairs), weights: weights.subarray(0, pairs) };
}

/**
 * Membership of each neighbour: 1 for the nearest, falling off so that those of a point add up to log2(k), whatever the
 * local density.
 */
function membershipsOf(k: number, numbers: Int32Array, similarities: Float32Array): Float32Array {
  const memberships = new Float32Array(numbers.length);
  const wanted = Math.log2(k);
  for (let from = 0; from < numbers.length; from += k) {
    let known = 0;
    while (known < k && numbers[from + known]! >= 0) known++;
    let [low, width, high] = [0, 1, Infinity];
    for (let step = 0; step < STEPS; step++) {
      let sum = 0;
      for (let i = 0; i < known; i++) {
        // How much farther than the nearest.
        const farther = similarities[from]! - similarities[from + i]!;
        sum += memberships[from + i] = Math.exp(-farther / width);
      }
      if (sum > wanted) high = width;
      else low = width;
      width = high === Infinity ? 2 * width : Math.max(1e-4, (low + high) / 2);
    }
  }
  return memberships;
}

/**
 * Moves the points, in place.
 *
 * @param points x and y of each, within about ten of 0.
 * @param rounds How often a pair of weight 1 attracts; the steps shrink from round to round.
 */
export async function optimize(
  points: Float32Array,
  graph: Graph,
  { rounds, seed, signal }: { rounds: number; seed: number; signal: AbortSignal },
): Promise<void> {
  const pause = pauses(signal);
  let state = seed;
  for (let round = 0; round < rounds; round++) {
    state = drawTogether(points, graph, round, 1 - round / rounds, state);
    await pause();
  }
}

/**
 * One round. The force is that of the curve 1 / (1 + distance²), UMAP's with a = b = 1, which needs no powers.
 *
 * @param state The state of the random number generator: xorshift32 (Marsaglia, "Xorshift RNGs", 2003), never 0.
 * @returns The state afterwards.
 */
function drawTogether(
  points: Float32Array,
  { heads, tails, weights }: Graph,
  round: number,
  rate: number,
  state: number,
): number {
  const count = points.length / 2;
  const longest = STEP * rate;
  for (let pair = 0; pair < heads.length; pair++) {
    // A pair takes part in a share of the rounds equal to its weight, evenly spread.
    const due = weights[pair]! * round + ((pair * GOLDEN) % 1);
    if (Math.floor(due + weights[pair]!) === Math.floor(due)) continue;
    const [head, tail] = [2 * heads[pair]!, 2 * tails[pair]!];
    let [x, y] = [points[head]!, points[head + 1]!];
    let [tailX, tailY] = [points[tail]!, points[tail + 1]!];
    const [dx, dy] = [x - tailX, y - tailY];
    const pull = (-2 * rate) / (1 + dx * dx + dy * dy);
    x += pull * dx;
    y += pull * dy;
    tailX -= pull * dx;
    tailY -= pull * dy;
    for (let i = 0; i < OTHERS; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      let other = 2 * ((state >>> 0) % count);
      let [awayX, awayY] = [x - points[other]!, y - points[other + 1]!];
      let squared = awayX * awayX + awayY * awayY;
      let push = other === head ? 0 : (2 * rate) / ((NEAR + squared) * (1 + squared));
      x += Math.max(-longest, Math.min(longest, push * awayX));
      y += Math.max(-longest, Math.min(longest, push * awayY));
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      other = 2 * ((state >>> 0) % count);
      [awayX, awayY] = [tailX - points[other]!, tailY - points[other + 1]!];
      squared = awayX * awayX + awayY * awayY;
      push = other === tail ? 0 : (2 * rate) / ((NEAR + squared) * (1 + squared));
      tailX += Math.max(-longest, Math.min(longest, push * awayX));
      tailY += Math.max(-longest, Math.min(longest, push * awayY));
    }
    points[head] = x;
    points[head + 1] = y;
    points[tail] = tailX;
    points[tail + 1] = tailY;
  }
  return state;
}
