/** Principal component analysis: the start of a layout, and its axes. */
import type { StoredVector } from "../core/vector.js";
import { dequantize } from "../vectors/quantize.js";
import { mulberry32 } from "./random.js";

/** Vectors from which the components are computed: the first ones, which are in random order. */
const SAMPLE = 2_000;
const ROUNDS = 30;

/** x and y of each vector along the first two principal components, scaled to -1 to 1. */
export function principalPoints(vectors: readonly StoredVector[]): Float32Array {
  const sample = vectors.slice(0, SAMPLE).map(dequantize);
  const mean = meanOf(sample);
  for (const vector of sample) subtract(vector, mean, 1);
  const first = mostVarying(sample, []);
  const second = mostVarying(sample, [first]);
  const points = new Float32Array(2 * vectors.length);
  vectors.forEach((stored, i) => {
    const vector = subtract(dequantize(stored), mean, 1);
    points[2 * i] = dotProduct(vector, first);
    points[2 * i + 1] = dotProduct(vector, second);
  });
  const largest = points.reduce((most, coordinate) => Math.max(most, Math.abs(coordinate)), 0);
  return largest === 0 ? points : points.map((coordinate) => coordinate / largest);
}

/** The direction of the largest variance that is orthogonal to those before; zeros if there is none. */
function mostVarying(vectors: readonly Float32Array[], before: readonly Float32Array[]): Float32Array {
  const random = mulberry32(before.length + 1);
  let direction = Float32Array.from(vectors[0] ?? [], () => random() - 0.5);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float32Array(direction.length);
    for (const vector of vectors) subtract(next, vector, -dotProduct(vector, direction));
    for (const other of before) subtract(next, other, dotProduct(next, other));
    const length = Math.sqrt(dotProduct(next, next));
    // Only rounding errors are left.
    if (length < 1e-6) return new Float32Array(direction.length);
    direction = next.map((component) => component / length);
  }
  return direction;
}

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) subtract(mean, vector, -1 / vectors.length);
  return mean;
}

function subtract(from: Float32Array, vector: Float32Array, times: number): Float32Array {
  for (let i = 0; i < from.length; i++) from[i]! -= times * vector[i]!;
  return from;
}

function dotProduct(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!;
  return sum;
}
