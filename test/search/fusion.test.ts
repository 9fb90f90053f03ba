import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuse, ranks } from "../../src/search/fusion.js";

const values = fc.array(fc.option(fc.integer({ min: -100, max: 5_000 }).map((hundredths) => hundredths / 100)), {
  minLength: 1,
  maxLength: 30,
});

test("a fused score is the weighted sum of each witness's value over its largest", () => {
  fc.assert(
    fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, weight) => {
      const count = Math.min(a.length, b.length);
      const [one, other] = [a.slice(0, count), b.slice(0, count)];
      const fused = fuse(
        [
          { weight, values: one },
          { weight: 1 - weight, values: other },
        ],
        count,
      );
      const share = (of: (number | null)[], i: number) => {
        const largest = Math.max(0, ...of.filter((value) => value !== null));
        return largest === 0 ? 0 : (of[i] ?? 0) / largest;
      };
      for (let i = 0; i < count; i++)
        assert.ok(Math.abs(fused[i]! - (weight * share(one, i) + (1 - weight) * share(other, i))) < 1e-9);
    }),
  );
});

test("a witness that says nothing leaves the order to the others", () => {
  const heard = fuse([{ weight: 0.6, values: [0.2, 0.4, 0.1] }], 3);
  const both = fuse(
    [
      { weight: 0.6, values: [0.2, 0.4, 0.1] },
      { weight: 0.4, values: [null, null, null] },
    ],
    3,
  );
  assert.deepEqual(both, heard);
});

test("the best of both witnesses has the sum of the weights", () => {
  const [best] = fuse(
    [
      { weight: 0.6, values: [0.8, 0.1] },
      { weight: 0.4, values: [12, 3] },
    ],
    2,
  );
  assert.equal(best, 1);
});

test("ranks count from 1, pass over what is not there, and break ties by position", () => {
  assert.deepEqual(ranks([0.5, null, 0.9, 0.5]), [2, null, 1, 3]);
});
