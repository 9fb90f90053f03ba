import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SketchScorer, sketchOf } from "../../src/vectors/sketch.js";
import { SketchTable } from "../../src/vectors/sketches.js";
import { randomNumbers, unitVector } from "./random.js";

const DIMENSIONS = 64;
const BYTES = DIMENSIONS / 8;

test("a table says of every label what a plain Map says, after any sets and deletes", () => {
  const random = randomNumbers(8);
  const scorer = new SketchScorer(unitVector(random, DIMENSIONS));
  const label = fc.oneof(fc.nat(20), fc.constantFrom(1023, 1024, 9_000));
  // Now and then more sketches than the table's first block has room for.
  const count = fc.oneof(fc.nat(10), fc.constant(0), fc.constant(3_000));
  const step = fc.record({ set: fc.boolean(), label, count });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = new SketchTable(BYTES);
      const model = new Map<number, Uint8Array>();
      for (const { set, label, count } of steps) {
        if (set) {
          const sketches = Uint8Array.from({ length: count * BYTES }, () => random() * 256);
          table.set(label, sketches);
          model.set(label, sketches);
        } else {
          table.delete(label);
          model.delete(label);
        }
      }
      for (const label of [...model.keys(), 0, 1, 2, 1023, 1024, 20_000]) {
        const sketches = model.get(label) ?? new Uint8Array();
        const expected = Array.from({ length: sketches.length / BYTES }, (_, i) => scorer.similarity(sketches, i));
        assert.equal(table.has(label), expected.length > 0);
        assert.deepEqual(table.similarities(scorer, label), expected.length > 0 ? expected : null);
        assert.equal(table.best(scorer, label), expected.length > 0 ? Math.max(...expected) : null);
      }
    }),
    { numRuns: 100 },
  );
});

test("a paper that changes without its sentences takes no more room", () => {
  const table = new SketchTable(BYTES);
  const sketches = new Uint8Array(64 * BYTES).fill(1);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 200_000; i++) table.set(7, sketches);
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 10e6, `100 MB of sketches of one paper took ${grown} bytes`);
});

test("half a sketch is refused", () => {
  assert.throws(
    () => new SketchTable(BYTES).set(1, sketchOf(new Float32Array(DIMENSIONS + 8))),
    /got 9 bytes, expected a multiple of 8/,
  );
});
