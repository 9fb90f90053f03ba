import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ExactIndex } from "../../src/vectors/exact.js";
import { dequantize, quantize } from "../../src/vectors/quantize.js";
import { dot, near, randomNumbers, unitVector } from "./random.js";

const DIMENSIONS = 24;
const SAME = 0.97;

/** Every label, with its vector as floats. */
type Model = Map<number, Float32Array>;

/** Sums in another order differ in the last digits, so neighbours may only differ if their cosines are nearly equal. */
function sameAsNaive(index: ExactIndex, model: Model, query: Float32Array, k: number, among?: number[]): void {
  const labels = among === undefined ? [...model.keys()] : among.filter((label) => model.has(label));
  const expected = labels
    .map((label) => dot(query, model.get(label) as Float32Array))
    .toSorted((a, b) => b - a)
    .slice(0, k);
  const found = index.nearest(query, k, among);
  assert.equal(found.length, expected.length);
  found.forEach(({ label, similarity }, i) => {
    assert.ok(labels.includes(label));
    assert.ok(Math.abs(similarity - (expected[i] as number)) < 1e-5);
    assert.ok(Math.abs(similarity - dot(query, model.get(label) as Float32Array)) < 1e-5);
    const before = found[i - 1];
    if (before !== undefined)
      assert.ok(before.similarity > similarity || (before.similarity === similarity && before.label < label));
  });
}

test("exact search finds the same as a naive search, after any sets and deletes", () => {
  const random = randomNumbers(3);
  // Labels far apart make the index grow beyond its first 1,024 rows, and beyond twice as many.
  const label = fc.oneof(fc.nat(40), fc.constantFrom(1023, 1024, 5_000, 20_000));
  const step = fc.record({ set: fc.boolean(), label });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.uniqueArray(label), fc.nat(12), (steps, among, k) => {
      const index = new ExactIndex(DIMENSIONS);
      const model: Model = new Map();
      for (const { set, label } of steps) {
        if (set) {
          const stored = quantize(unitVector(random, DIMENSIONS));
          index.set(label, stored);
          model.set(label, dequantize(stored));
        } else {
          index.delete(label);
          model.delete(label);
        }
      }
      const query = unitVector(random, DIMENSIONS);
      sameAsNaive(index, model, query, k);
      sameAsNaive(index, model, query, k, among);
      assert.equal(index.count, model.size);
      assert.deepEqual(
        [...index.labels()],
        [...model.keys()].toSorted((a, b) => a - b),
      );
      for (const one of among) {
        assert.equal(index.has(one), model.has(one));
        assert.equal(index.similarities(query, [one])[0] === null, !model.has(one));
      }
    }),
    { numRuns: 150 },
  );
});

test("the likeliest and those maybe within are the naive ones by signs, and do no harm to rows that are added later", () => {
  const random = randomNumbers(12);
  const labels = fc.uniqueArray(fc.nat(60), { maxLength: 40 });
  fc.assert(
    // Dimensions that fill registers, and others.
    fc.property(fc.constantFrom(7, 24, 384), labels, labels, labels, fc.integer({ min: 1, max: 50 }), (...given) => {
      const [dimensions, first, asked, among, k] = given;
      const index = new ExactIndex(dimensions);
      const model: Model = new Map();
      const add = (label: number) => {
        const stored = quantize(unitVector(random, dimensions));
        index.set(label, stored);
        model.set(label, dequantize(stored));
      };
      const apart = (one: number, other: number) =>
        model.get(one)!.reduce((sum, component, i) => sum + (component > 0 !== model.get(other)![i]! > 0 ? 1 : 0), 0);
      const check = () => {
        const likeliest = index.likeliest(asked, among, k);
        const within = index.within(0.9, asked, among);
        for (const [i, label] of asked.entries()) {
          const held = among.map((_, position) => position).filter((position) => model.has(among[position]!));
          const expected = !model.has(label)
            ? []
            : held.toSorted((a, b) => apart(label, among[a]!) - apart(label, among[b]!) || a - b).slice(0, k);
          const { positions, cosines } = likeliest[i]!;
          assert.deepEqual(
            positions,
            expected.toSorted((a, b) => a - b),
          );
          for (const [j, position] of positions.entries())
            assert.ok(Math.abs(cosines[j]! - dot(model.get(label)!, model.get(among[position]!)!)) < 1e-5);
          assert.equal(cosines.length, positions.length);
          const near = positions.filter((_, j) => cosines[j]! > 0.9);
          assert.ok(near.every((position) => within[i]!.includes(position)));
        }
      };
      for (const label of first) add(label);
      check();
      for (let label = 61; label < 90; label++) add(label);
      check();
      for (const query of model.values()) sameAsNaive(index, model, query, 5);
    }),
    { numRuns: 100 },
  );
});

test("cosines of many queries are those of each", () => {
  const random = randomNumbers(13);
  const index = new ExactIndex(DIMENSIONS);
  const model: Model = new Map();
  for (let label = 0; label < 5_000; label += 1 + Math.floor(3 * random())) {
    const stored = quantize(unitVector(random, DIMENSIONS));
    index.set(label, stored);
    model.set(label, dequantize(stored));
  }
  const labels = Array.from({ length: 9_000 }, () => Math.floor(6_000 * random()));
  for (const count of [0, 1, 4, 7, 8, 19]) {
    const queries = Array.from({ length: count }, () => unitVector(random, DIMENSIONS));
    const all = index.cosines(queries, labels);
    assert.equal(all.length, count);
    for (const [i, cosines] of all.entries())
      for (const [j, label] of labels.entries()) {
        const vector = model.get(label);
        if (vector === undefined) assert.ok(Number.isNaN(cosines[j]));
        else assert.ok(Math.abs(cosines[j]! - dot(queries[i]!, vector)) < 1e-5);
      }
  }
});

test("equal vectors are found in the order of their labels", () => {
  const index = new ExactIndex(DIMENSIONS);
  const stored = quantize(unitVector(randomNumbers(4), DIMENSIONS));
  for (const label of [9, 2, 7, 4]) index.set(label, stored);
  const query = dequantize(stored);
  assert.deepEqual(
    index.nearest(query, 3).map(({ label }) => label),
    [2, 4, 7],
  );
});

test("`holds` is true only for the vector that was set", () => {
  const random = randomNumbers(5);
  const index = new ExactIndex(DIMENSIONS);
  const [one, other] = [quantize(unitVector(random, DIMENSIONS)), quantize(unitVector(random, DIMENSIONS))];
  assert.ok(index.holds(1, null));
  assert.ok(!index.holds(1, one));
  index.set(1, one);
  assert.ok(index.holds(1, one));
  assert.ok(!index.holds(1, other));
  assert.ok(!index.holds(1, null));
  assert.deepEqual(index.get(1)?.vector, one.vector);
});

test("dimensions that do not fill a register all count", () => {
  const index = new ExactIndex(7);
  const vector = unitVector(randomNumbers(6), 7);
  index.set(0, quantize(vector));
  assert.ok((index.similarities(vector, [0])[0] as number) > 0.999);
});

test("a zero vector is found, with cosine 0 to everything", () => {
  const index = new ExactIndex(DIMENSIONS);
  index.set(3, quantize(new Float32Array(DIMENSIONS)));
  assert.equal(index.count, 1);
  assert.deepEqual(index.nearest(unitVector(randomNumbers(7), DIMENSIONS), 5), [{ label: 3, similarity: 0 }]);
});

test("wrong dimensions are refused, and the error gives both numbers", () => {
  const index = new ExactIndex(DIMENSIONS);
  assert.throws(
    () => index.set(1, { vector: new Int8Array(8), scale: 1 }),
    /vector of label 1: got 8 dimensions, expected 24/,
  );
  assert.throws(() => index.nearest(new Float32Array(8), 1), /query: got 8 dimensions, expected 24/);
});

test("candidates for equal vectors include all that are equal, few others, and no label without a vector", () => {
  const dimensions = 384;
  const random = randomNumbers(8);
  const index = new ExactIndex(dimensions);
  let last = unitVector(random, dimensions);
  const labels = Array.from({ length: 400 }, (_, label) => label);
  for (const label of labels) {
    // Some are near the previous one, some further away, some elsewhere.
    last = label % 10 === 0 ? unitVector(random, dimensions) : near(random, last, 0.1 + 0.8 * random());
    index.set(label, quantize(last));
  }
  const vectors = labels.map((label) => dequantize(index.get(label)!));
  let [same, others] = [0, 0];
  const within = index.within(SAME, labels, labels);
  for (const one of labels) {
    const found = new Set(within[one]);
    for (const other of labels) {
      const cosine = dot(vectors[one]!, vectors[other]!);
      if (cosine > SAME) assert.ok(found.has(other), `${one} and ${other}: ${cosine}`);
      if (cosine < 0.7) assert.ok(!found.has(other), `${one} and ${other}: ${cosine}`);
      if (cosine > SAME) same++;
      else if (found.has(other)) others++;
    }
  }
  assert.ok(same > 500 && others < 2 * same, `${same} the same, ${others} others`);
  index.delete(5);
  const [six, five, none] = index.within(SAME, [6, 5, 999], labels);
  assert.ok(!six!.includes(5));
  assert.deepEqual([five, none], [[], []]);
});

test("the mean is that of all vectors, shrunk towards zero if there are few", () => {
  const index = new ExactIndex(DIMENSIONS);
  assert.deepEqual(index.mean(), new Float32Array(DIMENSIONS));
  const random = randomNumbers(9);
  const sum = new Float32Array(DIMENSIONS);
  for (let label = 1; label <= 50; label++) {
    index.set(label, quantize(unitVector(random, DIMENSIONS)));
    dequantize(index.get(label)!).forEach((component, i) => (sum[i]! += component));
  }
  index.mean().forEach((component, i) => assert.ok(Math.abs(component - sum[i]! / 70) < 1e-5));
});

test("the mean depends only on the current vectors, not on removed ones or their order", () => {
  const random = randomNumbers(10);
  const vectors = Array.from({ length: 60 }, () => quantize(unitVector(random, DIMENSIONS)));
  const index = new ExactIndex(DIMENSIONS);
  for (const [label, vector] of vectors.entries()) index.set(label, vector);
  for (let label = 0; label < 60; label += 2) index.set(label, vectors[label + 1]!);
  for (let label = 0; label < 60; label += 3) index.delete(label);
  const fresh = new ExactIndex(DIMENSIONS);
  for (const label of [...index.labels()].toReversed()) fresh.set(label, index.get(label)!);
  assert.deepEqual(index.mean(), fresh.mean());
  assert.deepEqual(stored(index).mean(), fresh.mean());
});

test("memory of removed vectors is reused, and not stored", () => {
  const random = randomNumbers(11);
  const index = new ExactIndex(DIMENSIONS);
  const model: Model = new Map();
  // Papers are added and removed, always with new labels.
  for (let label = 1; label <= 5_000; label++) {
    const vector = quantize(unitVector(random, DIMENSIONS));
    index.set(label, vector);
    model.set(label, dequantize(vector));
    if (label > 100) index.delete(label - 100);
    model.delete(label - 100);
  }
  assert.ok(index.held <= 101, `${index.held} rows are held for 100 vectors`);
  for (let label = 4_901; label <= 5_000; label += 2) {
    index.delete(label);
    model.delete(label);
  }
  const read = stored(index);
  assert.equal(read.held, 50);
  for (const one of [index, read]) {
    assert.deepEqual([...one.labels()], [...model.keys()]);
    sameAsNaive(one, model, unitVector(random, DIMENSIONS), 20);
  }
});

/** The index after storing and loading it. */
function stored(index: ExactIndex): ExactIndex {
  const parts: Record<string, Uint8Array> = index.parts();
  return ExactIndex.read(DIMENSIONS, {
    size: (name) => parts[name]!.length,
    read: (name, into) => into.set(parts[name]!),
  });
}
