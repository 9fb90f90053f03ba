/** Lays papers out as points in the plane, close if their vectors are similar. Deterministic. */
import { pauses } from "../core/pauses.js";
import type { StoredVector } from "../core/vector.js";
import { Nearest, Neighbours } from "./nearest.js";
import { principalPoints } from "./principal.js";
import { drawn, mulberry32 } from "./random.js";
import { fuzzyGraph, optimize } from "./umap.js";

/** Longer side of a map, whose centre is 0, 0. */
export const SIDE = 1_000;
/** Most papers that are laid out first, with neighbours searched among all of them. */
const LANDMARKS = 4_096;
/** Nearest landmarks whose papers are searched for a paper's neighbours. */
const CELLS = 12;
/** Neighbours that attract a paper. */
const NEIGHBOURS = 15;
/** Rounds of optimisation for the landmarks, then for all papers. */
const ROUNDS = { landmarks: 300, all: 100 };
/** With fewer papers there are no neighbourhoods: they are placed by their principal components. */
const FEW = 8;
/** The initial layout: half its width, and the random distance between identical papers. */
const INITIAL = { width: 10, spread: 0.02 };
const SEED = 1;

/** x and y of each paper, at most `SIDE / 2` from 0. */
export async function layOut(vectors: readonly StoredVector[], signal: AbortSignal): Promise<Float32Array> {
  if (vectors.length === 0) return new Float32Array();
  const random = mulberry32(SEED);
  const landmarks = drawn(vectors.length, LANDMARKS, random);
  const marked = landmarks.map((i) => vectors[i]!);
  const nearest = new Nearest(marked);
  const points = spread(principalPoints(marked), INITIAL.width, random);
  if (marked.length >= FEW) {
    const neighbours = new Neighbours(marked.length, Math.min(NEIGHBOURS, marked.length - 1));
    const pause = pauses(signal);
    for (const [i, vector] of marked.entries()) {
      neighbours.set(i, nearest.of(vector, neighbours.k + 1));
      await pause();
    }
    await optimize(points, fuzzyGraph(neighbours), { rounds: ROUNDS.landmarks, seed: SEED, signal });
  }
  const all = await layOutAll(vectors, landmarks, nearest, points, signal);
  return framed(all);
}

/** Places every paper at its nearest landmark, then optimises all with their own neighbours. */
async function layOutAll(
  vectors: readonly StoredVector[],
  landmarks: readonly number[],
  nearest: Nearest,
  points: Float32Array,
  signal: AbortSignal,
): Promise<Float32Array> {
  const pause = pauses(signal);
  const initial = new Float32Array(2 * vectors.length);
  if (landmarks.length === vectors.length) {
    landmarks.forEach((i, mark) => initial.set(points.subarray(2 * mark, 2 * mark + 2), 2 * i));
    return initial;
  }
  const cells = landmarks.map((): number[] => []);
  const near = new Int32Array(CELLS * vectors.length);
  for (const [i, vector] of vectors.entries()) {
    const marks = nearest.of(vector, CELLS).map(({ label }) => label);
    near.set(marks, CELLS * i);
    cells[marks[0]!]!.push(i);
    initial.set(points.subarray(2 * marks[0]!, 2 * marks[0]! + 2), 2 * i);
    await pause();
  }
  spread(initial, 1, mulberry32(SEED));
  const everything = new Nearest(vectors);
  const neighbours = new Neighbours(vectors.length, NEIGHBOURS);
  for (const [i, vector] of vectors.entries()) {
    const candidates = Array.from(near.subarray(CELLS * i, CELLS * (i + 1)), (mark) => cells[mark]!).flat();
    neighbours.set(i, everything.among(vector, NEIGHBOURS + 1, candidates));
    await pause();
  }
  await optimize(initial, fuzzyGraph(neighbours), { rounds: ROUNDS.all, seed: SEED, signal });
  return initial;
}

/** Scales the points, and moves each by a small random step, so that no two coincide. In place. */
function spread(points: Float32Array, width: number, random: () => number): Float32Array {
  for (let i = 0; i < points.length; i++) points[i] = points[i]! * width + (random() - 0.5) * INITIAL.spread;
  return points;
}

/** Rotates the points so that their longer axis is horizontal, then centres and scales them. In place. */
function framed(points: Float32Array): Float32Array {
  let [xx, xy, yy] = [0, 0, 0];
  const middle = middleOf(points);
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]! - middle.x, points[i + 1]! - middle.y];
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    points[i] = cos * x + sin * y;
    points[i + 1] = cos * y - sin * x;
  }
  const { x, y, side } = middleOf(points);
  const scale = side === 0 ? 1 : SIDE / side;
  for (let i = 0; i < points.length; i += 2) {
    points[i] = (points[i]! - x) * scale;
    points[i + 1] = (points[i + 1]! - y) * scale;
  }
  return points;
}

/** The centre and the longer side of the bounding box. */
function middleOf(points: Float32Array): { x: number; y: number; side: number } {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    top = Math.min(top, points[i + 1]!);
    bottom = Math.max(bottom, points[i + 1]!);
  }
  return { x: (left + right) / 2, y: (top + bottom) / 2, side: Math.max(right - left, bottom - top) };
}
