import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { byNearness, NearestHeap } from "../../src/vectors/nearest.js";

test("the nearest of a heap are the first of a sorted list, with ties by label", () => {
  const cosine = fc.integer({ min: -5, max: 5 }).map((tenths) => tenths / 10);
  const neighbour = fc.record({ label: fc.nat(500), similarity: cosine }, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.uniqueArray(neighbour, { selector: ({ label }) => label }), fc.nat(60), (neighbours, k) => {
      const heap = new NearestHeap(k);
      for (const { label, similarity } of neighbours) heap.offer(label, similarity);
      assert.deepEqual(heap.sorted(), neighbours.toSorted(byNearness).slice(0, k));
    }),
    { numRuns: 1_000 },
  );
});

test("labels offered in any order leave the same heap", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 9 }), (labels) => {
      const heap = new NearestHeap(4);
      for (const label of labels) heap.offer(label, label % 2);
      assert.deepEqual(
        heap.sorted().map(({ label }) => label),
        [1, 3, 5, 7],
      );
    }),
  );
});
