import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TopK } from "../../src/core/top-k.js";

type Entry = { label: number; key: number };

/** Entries with a key below the smallest kept one are not added, as in real use. */
function bestOf(entries: readonly Entry[], k: number): Entry[] {
  const best = new TopK(k);
  for (const { label, key } of entries) if (key >= best.threshold) best.add(label, key);
  const sorted = best.sorted();
  return Array.from(sorted.labels, (label, i) => ({ label, key: sorted.keys[i]! }));
}

/** Negative zero is returned as zero. */
const sorted = (entries: readonly Entry[]) =>
  entries.toSorted((a, b) => b.key - a.key || a.label - b.label).map((one) => ({ ...one, key: one.key + 0 }));
const label = fc.oneof(fc.nat(500), fc.constant(2 ** 32 - 1));

test("the best are the first of the sorted list, ties by label", () => {
  const few = fc.constantFrom(-1, -0.5, -0, 0, 0.25, 2 ** -100, -(2 ** -100), 2 ** 90);
  const any = fc.float({ noNaN: true, noDefaultInfinity: true });
  for (const key of [few, any]) {
    const entry = fc.record({ label, key }, { noNullPrototype: true });
    const entries = fc.uniqueArray(entry, { selector: (one) => one.label, maxLength: 200 });
    fc.assert(
      fc.property(entries, fc.nat(60), (all, k) => assert.deepEqual(bestOf(all, k), sorted(all).slice(0, k))),
      { numRuns: 1_000 },
    );
  }
});

test("more entries than fit: ascending, descending, many equal, all equal, and one outlier", () => {
  const keys: ((i: number) => number)[] = [
    (i) => i,
    (i) => -i,
    (i) => i % 3,
    () => 0.5,
    (i) => (i === 4_321 ? 2 ** 20 : (i % 100) / 128),
    (i) => Math.fround(Math.sin(i)),
  ];
  for (const key of keys)
    for (const k of [1, 100, 3_000]) {
      const entries = Array.from({ length: 20_000 }, (_, i) => ({ label: (i * 7_919) % 20_000, key: key(i) }));
      assert.deepEqual(bestOf(entries, k), sorted(entries).slice(0, k));
    }
});
