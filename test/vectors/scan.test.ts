import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ExactIndex } from "../../src/vectors/exact.js";
import { quantize } from "../../src/vectors/quantize.js";
import { SignScan } from "../../src/vectors/scan.js";
import { sketchOf } from "../../src/vectors/sketch.js";
import { clusteredVectors, dot, randomNumbers, unitVector } from "./random.js";

for (const dimensions of [24, 384])
  test(`with ${dimensions} dimensions the candidates are those with the nearest signs, after any sets and deletes`, () => {
    const random = randomNumbers(17);
    // Beyond the first block, the first chunk of blocks, and the first columns.
    const label = fc.oneof(fc.nat(40), fc.constantFrom(1023, 1024, 4_095, 4_096, 9_000));
    const step = fc.record({ set: fc.boolean(), label });
    const filter = fc.option(fc.uniqueArray(label), { nil: null });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), filter, fc.integer({ min: 1, max: 30 }), (steps, among, most) => {
        const scan = new SignScan(dimensions);
        const model = new Map<number, Int8Array>();
        for (const { set, label } of steps) {
          if (set) {
            const { vector } = quantize(unitVector(random, dimensions));
            scan.set(label, sketchOf(vector));
            model.set(label, vector);
          } else {
            scan.delete(label);
            model.delete(label);
          }
        }
        const allowed = among === null ? null : new Uint8Array(Math.max(-1, ...among) + 1);
        for (const label of among ?? []) allowed![label] = 1;
        const query = unitVector(random, dimensions);
        const score = (label: number) =>
          dot(
            query,
            Float32Array.from(model.get(label)!, (component) => (component > 0 ? 1 : -1)),
          );
        const found = scan.likeliest(query, most, allowed);
        const expected = [...model.keys()].filter((label) => among === null || among.includes(label));
        assert.deepEqual(
          found,
          found.toSorted((a, b) => a - b),
        );
        assert.ok(found.every((label) => expected.includes(label)));
        assert.ok(found.length >= Math.min(most, expected.length), `${found.length} of ${expected.length}`);
        // No omitted label is nearer than an included one, except for rounding of the sums of four signs.
        const worst = Math.min(...found.map(score));
        const rounding = 0.5 * dimensions ** 0.5 * Math.max(...query.map(Math.abs));
        for (const label of expected) if (!found.includes(label)) assert.ok(score(label) <= worst + rounding);
      }),
      { numRuns: 150 },
    );
  });

test("the nearest vectors are among the candidates", () => {
  const random = randomNumbers(5);
  const [scan, exact] = [new SignScan(384), new ExactIndex(384)];
  for (const [label, vector] of clusteredVectors(random, 6_000, 384).entries()) {
    const stored = quantize(vector);
    scan.set(label, sketchOf(stored.vector));
    exact.set(label, stored);
  }
  let found = 0;
  for (const query of clusteredVectors(random, 40, 384)) {
    const likeliest = scan.likeliest(query, 600, null);
    assert.ok(likeliest.length < 700, `${likeliest.length}`);
    for (const { label } of exact.nearest(query, 10)) if (likeliest.includes(label)) found++;
  }
  assert.ok(found >= 0.98 * 400, `${found} of 400`);
});

test("more dimensions than the sums can represent are refused", () => {
  assert.throws(() => new SignScan(4_096), /got 4096, expected at most 2048/);
});
