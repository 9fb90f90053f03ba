import assert from "node:assert/strict";
import { test } from "node:test";
import { layOut, SIDE } from "../../src/map/layout.js";
import { place } from "../../src/map/place.js";
import type { StoredVector } from "../../src/core/vector.js";
import { quantize } from "../../src/vectors/quantize.js";
import { clusteredVectors, dot, near, randomNumbers, unitVector } from "../vectors/random.js";

const { signal } = new AbortController();
const DIMENSIONS = 32;

/** Vectors around three centres, taken in turn. */
function threeClusters(count: number): StoredVector[] {
  const random = randomNumbers(5);
  const centres = Array.from({ length: 3 }, () => unitVector(random, DIMENSIONS));
  return Array.from({ length: count }, (_, i) => quantize(near(random, centres[i % 3]!, 0.5)));
}

const at = (points: Float32Array, i: number) => [points[2 * i]!, points[2 * i + 1]!] as const;
const apart = (points: Float32Array, one: number, other: number) => {
  const [[x, y], [otherX, otherY]] = [at(points, one), at(points, other)];
  return Math.hypot(x - otherX, y - otherY);
};
/** The mean of every third point. */
const middleOf = (points: Float32Array, third: number) =>
  [0, 1].map((axis) => {
    const own = points.filter((_, i) => i % 2 === axis && (i >> 1) % 3 === third);
    return own.reduce((sum, coordinate) => sum + coordinate, 0) / own.length;
  });

/** Share of points that are nearer to the centre of their own cluster than to any other. */
function atHome(points: Float32Array): number {
  const middles = [0, 1, 2].map((third) => middleOf(points, third));
  const count = points.length / 2;
  let home = 0;
  for (let i = 0; i < count; i++) {
    const distances = middles.map(([x, y]) => Math.hypot(points[2 * i]! - x!, points[2 * i + 1]! - y!));
    if (distances.indexOf(Math.min(...distances)) === i % 3) home++;
  }
  return home / count;
}

/** Checks that all points are within the bounds, and no two coincide. */
function sound(points: Float32Array, count: number): void {
  assert.equal(points.length, 2 * count);
  assert.ok(points.every((coordinate) => Math.abs(coordinate) <= SIDE / 2 + 0.01));
  const places = Array.from({ length: count }, (_, i) => at(points, i).join());
  assert.equal(new Set(places).size, count, "every point is somewhere else");
}

for (const count of [0, 1, 2, 3, 5, 8, 20, 154])
  test(`on a map of ${count} papers each has its own place`, async () => {
    sound(await layOut(threeClusters(count), signal), count);
  });

test("identical papers are next to each other, not at the same place", async () => {
  const [one] = threeClusters(1);
  for (const length of [2, 5, 30])
    sound(
      await layOut(
        Array.from({ length }, () => one!),
        signal,
      ),
      length,
    );
});

test("a paper with a zero vector has a place too", async () => {
  const nowhere = quantize(new Float32Array(DIMENSIONS));
  sound(await layOut([nowhere, ...threeClusters(20), nowhere], signal), 22);
});

test("of three papers the two similar ones are nearer", async () => {
  const random = randomNumbers(2);
  const [one, other] = [unitVector(random, DIMENSIONS), unitVector(random, DIMENSIONS)];
  const points = await layOut([quantize(one), quantize(other), quantize(near(random, one, 0.2))], signal);
  assert.ok(apart(points, 0, 2) < apart(points, 0, 1) && apart(points, 0, 2) < apart(points, 2, 1));
});

test("the same vectors give the same map", async () => {
  const vectors = threeClusters(300);
  assert.deepEqual(await layOut(vectors, signal), await layOut(vectors, signal));
});

test("three clusters stay apart", async () => {
  assert.equal(atHome(await layOut(threeClusters(300), signal)), 1);
});

test("they also do with more papers than are laid out first, and the same vectors give the same map", async () => {
  const vectors = threeClusters(4_500);
  const points = await layOut(vectors, signal);
  sound(points, 4_500);
  assert.ok(atHome(points) > 0.999, `${atHome(points)} are at home`);
  assert.deepEqual(points, await layOut(vectors, signal));
});

test("the nearest papers are among the nearest points far more often than by chance", async () => {
  const floats = clusteredVectors(randomNumbers(9), 600, DIMENSIONS);
  const points = await layOut(floats.map(quantize), signal);
  let found = 0;
  for (let i = 0; i < 600; i++) {
    const others = Array.from({ length: 600 }, (_, j) => j).filter((j) => j !== i);
    const nearest = others.toSorted((a, b) => dot(floats[i]!, floats[b]!) - dot(floats[i]!, floats[a]!)).slice(0, 10);
    const beside = new Set(others.toSorted((a, b) => apart(points, i, a) - apart(points, i, b)).slice(0, 30));
    found += nearest.filter((j) => beside.has(j)).length;
  }
  assert.ok(found / 6_000 > 0.6, `${found / 6_000} where chance would find 0.05`);
});

test("a layout can be aborted", async () => {
  const stopping = new AbortController();
  const laid = layOut(threeClusters(3_000), stopping.signal);
  setTimeout(() => stopping.abort(), 100);
  await assert.rejects(laid, { code: "cancelled" });
});

test("papers added later are placed in their cluster, near the most similar ones", async () => {
  const vectors = threeClusters(360);
  const settled = vectors.slice(0, 300);
  const points = await layOut(settled, signal);
  const before = points.slice();
  const seeds = Array.from({ length: 60 }, (_, i) => i);
  const placed = await place(settled, points, vectors.slice(300), seeds, signal);
  assert.deepEqual(points, before, "nobody else has moved");
  assert.equal(atHome(Float32Array.from([...points, ...placed])), 1);
  assert.deepEqual(await place(settled, points, vectors.slice(300), seeds, signal), placed);
});

test("copies of a paper added later are next to it, each at its own place", async () => {
  const settled = threeClusters(100);
  const points = await layOut(settled, signal);
  const placed = await place(settled, points, [settled[7]!, settled[7]!], [101, 102], signal);
  assert.notDeepEqual(at(placed, 0), at(placed, 1));
  for (const copy of [0, 1])
    assert.ok(Math.hypot(placed[2 * copy]! - points[14]!, placed[2 * copy + 1]! - points[15]!) < SIDE / 10);
});

test("a paper added to a single one is next to it", async () => {
  const [one, other] = threeClusters(2);
  const placed = await place([one!], new Float32Array(2), [other!], [2], signal);
  assert.ok(placed.every((coordinate) => Math.abs(coordinate) <= SIDE / 2));
});
