/** Vectors of papers -> a point each: near if they are alike. The same vectors have the same points. */
import type { StoredVector } from "../vector.js";
import { Nearest, Neighbours } from "./nearest.js";
import { principalPoints } from "./principal.js";
import { drawn, mulberry32 } from "./random.js";
import { turns } from "./turns.js";
import { fuzzyGraph, optimize } from "./umap.js";

/** Longer side of a map, whose middle is 0, 0. */
export const SIDE = 1_000;
/** Papers that are laid out first, among all of which neighbours are looked for. */
const LANDMARKS = 4_096;
/** Landmarks among whose papers a paper's neighbours are looked for. */
const CELLS = 12;
/** Neighbours a paper is drawn to. */
const NEIGHBOURS = 15;
/** Rounds for the landmarks, and for all papers when those are laid out. */
const ROUNDS = { landmarks: 300, all: 100 };
/** Fewer papers have no neighbourhoods: they are shown by how they differ most. */
const FEW = 8;
/** What a layout begins with: this far from the middle, and this far apart where papers are alike in all. */
const BEGIN = { width: 10, spread: 0.02 };
const SEED = 1;

/** x and y of each; at most `SIDE / 2` from 0. */
export async function layOut(vectors: readonly StoredVector[], signal: AbortSignal): Promise<Float32Array> {
  if (vectors.length === 0) return new Float32Array();
  const random = mulberry32(SEED);
  const landmarks = drawn(vectors.length, LANDMARKS, random);
  const marked = landmarks.map((i) => vectors[i]!);
  const nearest = new Nearest(marked);
  const points = spread(principalPoints(marked), BEGIN.width, random);
  if (marked.length >= FEW) {
    const neighbours = new Neighbours(marked.length, Math.min(NEIGHBOURS, marked.length - 1));
    const turn = turns(signal);
    for (const [i, vector] of marked.entries()) {
      neighbours.set(i, nearest.of(vector, neighbours.k + 1));
      await turn();
    }
    await optimize(points, fuzzyGraph(neighbours), { rounds: ROUNDS.landmarks, seed: SEED, signal });
  }
  const all = await layOutAll(vectors, landmarks, nearest, points, signal);
  return framed(all);
}

/** Every paper begins at the nearest landmark; then all are drawn to their own neighbours. */
async function layOutAll(
  vectors: readonly StoredVector[],
  landmarks: readonly number[],
  nearest: Nearest,
  points: Float32Array,
  signal: AbortSignal,
): Promise<Float32Array> {
  const turn = turns(signal);
  const begin = new Float32Array(2 * vectors.length);
  if (landmarks.length === vectors.length) {
    landmarks.forEach((i, mark) => begin.set(points.subarray(2 * mark, 2 * mark + 2), 2 * i));
    return begin;
  }
  const cells = landmarks.map((): number[] => []);
  const near = new Int32Array(CELLS * vectors.length);
  for (const [i, vector] of vectors.entries()) {
    const marks = nearest.of(vector, CELLS).map(({ label }) => label);
    near.set(marks, CELLS * i);
    cells[marks[0]!]!.push(i);
    begin.set(points.subarray(2 * marks[0]!, 2 * marks[0]! + 2), 2 * i);
    await turn();
  }
  spread(begin, 1, mulberry32(SEED));
  const everything = new Nearest(vectors);
  const neighbours = new Neighbours(vectors.length, NEIGHBOURS);
  for (const [i, vector] of vectors.entries()) {
    const candidates = Array.from(near.subarray(CELLS * i, CELLS * (i + 1)), (mark) => cells[mark]!).flat();
    neighbours.set(i, everything.among(vector, NEIGHBOURS + 1, candidates));
    await turn();
  }
  await optimize(begin, fuzzyGraph(neighbours), { rounds: ROUNDS.all, seed: SEED, signal });
  return begin;
}

/** Scales the points, and moves each a little, so that none lie on one another. In place. */
function spread(points: Float32Array, width: number, random: () => number): Float32Array {
  for (let i = 0; i < points.length; i++) points[i] = points[i]! * width + (random() - 0.5) * BEGIN.spread;
  return points;
}

/** Turned so that they lie broad, in the middle, and as large as a map is. In place. */
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

/** The middle of the rectangle that holds the points, and its longer side. */
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
