/** Each way to store vectors in fewer bytes: its error is bounded, and its scan agrees with decoding by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adjusted,
  chooseSegments,
  dot,
  float32,
  float8,
  float8Values,
  integers,
  principalAxes,
  segmented,
  sketches,
  turned,
  type Encoder,
} from "../../scripts/evaluate/encoders.js";
import { clusteredVectors, randomNumbers, unitVector } from "../vectors/random.js";

const DIMENSIONS = 64;
const random = randomNumbers(5);
const vectors = clusteredVectors(random, 300, DIMENSIONS);
const axes = principalAxes(vectors);
const whole = (bits: number) => [{ from: 0, to: DIMENSIONS, bits }];
const segments = chooseSegments(axes.variances, 4 * DIMENSIONS);

/** The vector that a code stands for: the scores of unit queries along each dimension. */
function decoded(encoder: Encoder, vector: Float32Array): Float32Array {
  const code = new Uint8Array(encoder.bytes);
  encoder.encode(vector, code);
  return Float32Array.from(vector, (_, i) => {
    const query = new Float32Array(DIMENSIONS);
    query[i] = 1;
    return encoder.scores(query, code)[0]!;
  });
}

const CASES: [Encoder, number, number][] = [
  // Bytes, and the largest distance of a unit vector to what its code stands for.
  [float32(DIMENSIONS), 256, 1e-6],
  [float8(DIMENSIONS, 3), 64, 2 ** -4 + 1e-3],
  [float8(DIMENSIONS, 2), 64, 2 ** -3 + 1e-3],
  [integers(DIMENSIONS, 8), 68, 0.03],
  [integers(DIMENSIONS, 4), 36, 0.4],
  [float8(DIMENSIONS, 3, axes), 64, 2 ** -4 + 1e-3],
  [segmented("eight bits", turned(axes, whole(8)), whole(8)), 68, 0.02],
  [segmented("four bits", turned(axes, whole(4)), whole(4)), 36, 0.2],
  [segmented("one bit", turned(axes, whole(1)), whole(1)), 12, 1.2],
  [sketches(DIMENSIONS), 8, 1.2],
];

for (const [encoder, bytes, most] of CASES)
  test(`${encoder.name}, ${bytes} bytes: a code is near its vector, and blocks are scanned like single codes`, () => {
    assert.equal(encoder.bytes, bytes);
    const some = vectors.slice(0, 20);
    const block = new Uint8Array(some.length * bytes);
    some.forEach((vector, i) => encoder.encode(vector, block.subarray(i * bytes, (i + 1) * bytes)));
    const query = unitVector(random, DIMENSIONS);
    const scores = encoder.scores(query, block);
    assert.equal(scores.length, some.length);
    for (const [i, vector] of some.entries()) {
      const back = decoded(encoder, vector);
      const off = vector.map((value, j) => value - back[j]!);
      assert.ok(Math.sqrt(dot(off, off)) <= most, `${Math.sqrt(dot(off, off))}`);
      assert.ok(Math.abs(scores[i]! - dot(query, back)) < 1e-4);
    }
  });

test("float8 has the published smallest and largest numbers, and rounds each component to the nearest", () => {
  for (const [fraction, smallest, normal, largest] of [
    [3, 2 ** -9, 2 ** -6, 448],
    [2, 2 ** -16, 2 ** -14, 57_344],
  ] as const) {
    const values = float8Values(fraction);
    assert.deepEqual([values[0], values[1], values[2 ** fraction], values.at(-1)], [0, smallest, normal, largest]);
    const [vector] = vectors as [Float32Array];
    const back = decoded(float8(DIMENSIONS, fraction), vector);
    for (const [i, value] of vector.entries()) {
      const naive = values.reduce((least, one) => Math.min(least, Math.abs(one / 256 - Math.abs(value))), Infinity);
      assert.ok(Math.abs(Math.abs(back[i]! - value) - naive) < 1e-7);
    }
  }
});

test("a factor per vector makes the product of a vector with itself exact", () => {
  for (const encoder of [
    segmented("", turned(axes, whole(1)), whole(1)),
    segmented("", turned(axes, segments), segments),
  ])
    for (const vector of vectors.slice(0, 20)) {
      const centred = vector.map((value, i) => value - axes.mean[i]!);
      const code = new Uint8Array(encoder.bytes);
      encoder.encode(vector, code);
      const kept = segments.every(({ bits }) => bits > 0) || encoder.bytes === 12;
      const product = encoder.scores(centred, code)[0]! - dot(centred, axes.mean);
      if (kept) assert.ok(Math.abs(product - dot(centred, centred)) < 1e-4);
      else assert.ok(product <= dot(centred, centred) + 1e-4);
    }
});

test("adjusting codes never makes the angle larger, and ends at the best of all codes in few dimensions", () => {
  const cosine = (codes: ArrayLike<number>, vector: Float32Array) =>
    dot(codes, vector) / Math.sqrt(dot(codes, codes) * dot(vector, vector));
  for (let i = 0; i < 50; i++) {
    const vector = unitVector(random, 3);
    const odd = [-3, -1, 1, 3];
    const naive = Math.max(...odd.flatMap((a) => odd.flatMap((b) => odd.map((c) => cosine([a, b, c], vector)))));
    assert.ok(cosine(adjusted(vector, 2), vector) > naive - 0.02);
    assert.ok(
      Math.abs(cosine(adjusted(vector, 1), vector) - dot(vector.map(Math.abs), [1, 1, 1]) / Math.sqrt(3)) < 1e-6,
    );
  }
});

test("principal axes are orthonormal, and variances along them descend; segments cover all and stay in the budget", () => {
  for (const [i, row] of axes.rows.entries())
    for (const [j, other] of axes.rows.entries()) assert.ok(Math.abs(dot(row, other) - (i === j ? 1 : 0)) < 1e-4);
  assert.deepEqual(axes.variances, axes.variances.toSorted().toReversed());
  assert.deepEqual([segments[0]!.from, segments.at(-1)!.to], [0, DIMENSIONS]);
  const bits = segments.reduce((sum, one) => sum + (one.bits > 0 ? 32 + one.bits * (one.to - one.from) : 0), 0);
  assert.ok(bits <= 4 * DIMENSIONS);
  const descending = segments.map((one) => one.bits);
  assert.deepEqual(
    descending,
    descending.toSorted((a, b) => b - a),
  );
});
