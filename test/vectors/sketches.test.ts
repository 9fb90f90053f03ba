import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sketchOf } from "../../src/vectors/sketch.js";
import { SketchTable } from "../../src/vectors/sketches.js";
import { randomNumbers, unitVector } from "./random.js";

/** The query's components with the sketch's signs, summed, divided by the norm and the expected cosine of signs. */
function naive(query: Float32Array, sketches: Uint8Array, index: number): number {
  const bits = sketches.subarray((index * query.length) / 8);
  let sum = 0;
  query.forEach((component, i) => (sum += (bits[i >> 3]! >> (i & 7)) & 1 ? component : -component));
  return sum / Math.sqrt(query.length) / Math.sqrt(2 / Math.PI);
}

/** Tolerance: the components of a query are rounded to eight bits. */
const near = (got: number, expected: number) => assert.ok(Math.abs(got - expected) < 0.01, `${got}, ${expected}`);

for (const dimensions of [64, 136, 384])
  test(`a table with ${dimensions} dimensions agrees with a plain Map for every label, after any sets and deletes`, () => {
    const random = randomNumbers(8);
    const bytes = dimensions / 8;
    const label = fc.oneof(fc.nat(20), fc.constantFrom(1023, 1024, 9_000));
    // Sometimes more sketches than fit the table's first block.
    const count = fc.oneof(fc.nat(10), fc.constant(0), fc.constant(3_000));
    const step = fc.record({ set: fc.boolean(), label, count });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = new SketchTable(dimensions);
        const model = new Map<number, Uint8Array>();
        for (const { set, label, count } of steps) {
          if (set) {
            const sketches = Uint8Array.from({ length: count * bytes }, () => random() * 256);
            table.set(label, sketches);
            model.set(label, sketches);
          } else {
            table.delete(label);
            model.delete(label);
          }
        }
        const query = unitVector(random, dimensions);
        const labels = [...model.keys(), 0, 1, 2, 1023, 1024, 20_000];
        const best = table.best(query, labels);
        for (const [i, label] of labels.entries()) {
          const sketches = model.get(label) ?? new Uint8Array();
          const expected = Array.from({ length: sketches.length / bytes }, (_, at) => naive(query, sketches, at));
          assert.equal(table.has(label), expected.length > 0);
          const similarities = table.similarities(query, label);
          assert.equal(similarities === null, expected.length === 0);
          assert.equal(similarities?.length ?? 0, expected.length);
          similarities?.forEach((similarity, at) => near(similarity, expected[at]!));
          assert.equal(best[i], similarities === null ? NaN : Math.max(...similarities));
        }
      }),
      { numRuns: 30 },
    );
  });

test("a paper whose sentences do not change takes no more memory", () => {
  const table = new SketchTable(64);
  const sketches = new Uint8Array(64 * 8).fill(1);
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 200_000; i++) table.set(7, sketches);
  const grown = process.memoryUsage.rss() - before;
  assert.ok(grown < 50e6, `100 MB of sketches of one paper took ${grown} bytes`);
});

test("an incomplete sketch is refused", () => {
  assert.throws(
    () => new SketchTable(64).set(1, sketchOf(new Float32Array(72))),
    /got 9 bytes, expected a multiple of 8/,
  );
});

test("memory of removed sketches is reused, and not stored", () => {
  const table = new SketchTable(64);
  const sketches = (count: number, value: number) => new Uint8Array(8 * count).fill(value);
  for (let label = 1; label <= 3_000; label++) {
    table.set(label, sketches(1 + (label % 5), label % 256));
    if (label > 50) table.delete(label - 50);
  }
  assert.ok(table.held <= 200, `${table.held} sketches are held for 50 papers`);
  for (let label = 2_951; label <= 3_000; label += 2) table.delete(label);
  const parts: Record<string, Uint8Array> = table.parts();
  const read = SketchTable.read(64, {
    size: (name) => parts[name]!.length,
    read: (name, into) => into.set(parts[name]!),
  });
  assert.equal(read.held, 75);
  for (let label = 2_952; label <= 3_000; label += 2) assert.equal(read.get(label)![0], label % 256);
  assert.ok(!read.has(2_951));
});
