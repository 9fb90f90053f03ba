import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { diversify } from "../../src/ranking/diversify.js";

/** Points on a circle, as angles: their cosines are those of vectors. */
const candidates = fc.array(
  fc.record({ relevance: fc.integer({ min: 0, max: 100 }), angle: fc.integer({ min: 0, max: 359 }) }),
  { maxLength: 25 },
);
const cosine = (a: number, b: number) => Math.cos(((a - b) * Math.PI) / 180);

/** The definition of MMR, in cubic time. */
function naive(relevance: number[], similarity: (a: number, b: number) => number, diversity: number): number[] {
  const order: number[] = [];
  while (order.length < relevance.length) {
    const worths = relevance.map((value, i) => {
      if (order.includes(i)) return -Infinity;
      const nearest = order.length === 0 ? 0 : Math.max(...order.map((chosen) => similarity(chosen, i)));
      return (1 - diversity) * value - diversity * nearest;
    });
    order.push(worths.indexOf(Math.max(...worths)));
  }
  return order;
}

test("equals the definition of MMR, for every diversity", () => {
  fc.assert(
    fc.property(candidates, fc.integer({ min: 0, max: 10 }), (drawn, tenths) => {
      const sorted = drawn.toSorted((a, b) => b.relevance - a.relevance);
      const relevance = sorted.map((one) => one.relevance / 100);
      const similarity = (a: number, b: number) => cosine(sorted[a]!.angle, sorted[b]!.angle);
      const order = diversify(
        relevance,
        (candidate) => sorted.map((_, other) => similarity(candidate, other)),
        tenths / 10,
      );
      assert.deepEqual(order, naive(relevance, similarity, tenths / 10));
    }),
  );
});

test("diversity 0 keeps the order; with diversity 1, papers similar to the first come last", () => {
  const angles = [0, 2, 90, 4];
  const row = (candidate: number) => angles.map((angle) => cosine(angle, angles[candidate]!));
  assert.deepEqual(diversify([1, 0.9, 0.8, 0.7], row, 0), [0, 1, 2, 3]);
  assert.equal(diversify([1, 0.9, 0.8, 0.7], row, 1)[1], 2);
});

test("unknown papers are similar to nothing", () => {
  assert.deepEqual(
    diversify([1, 0.9, 0.9], (candidate) => (candidate === 0 ? [1, 0.9, null] : [null, null, null]), 0.5),
    [0, 2, 1],
  );
});
