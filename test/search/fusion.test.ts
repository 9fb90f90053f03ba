import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contributionsOf, ranks, scoresOf, type Testimony } from "../../src/search/fusion.js";

const values = fc.array(fc.option(fc.integer({ min: -100, max: 5_000 }).map((hundredths) => hundredths / 100)), {
  minLength: 1,
  maxLength: 30,
});
const testimony = (weight: number, said: readonly (number | null)[]): Testimony => ({
  name: "words",
  weight,
  values: said,
  contributions: contributionsOf({ weight, values: said }),
});

test("a score is the weighted sum of each witness's value over its largest", () => {
  fc.assert(
    fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, weight) => {
      const count = Math.min(a.length, b.length);
      const [one, other] = [a.slice(0, count), b.slice(0, count)];
      const scores = scoresOf([testimony(weight, one), testimony(1 - weight, other)], count);
      const share = (of: (number | null)[], i: number) => {
        const known = of.filter((value) => value !== null);
        const largest = Math.max(0, ...known) || Math.max(0, ...known.map((value) => -value));
        return largest === 0 ? 0 : (of[i] ?? 0) / largest;
      };
      for (let i = 0; i < count; i++)
        assert.ok(Math.abs(scores[i]! - (weight * share(one, i) + (1 - weight) * share(other, i))) < 1e-9);
    }),
  );
});

test("a witness that says nothing leaves the order to the others", () => {
  const heard = [testimony(0.6, [0.2, 0.4, 0.1])];
  assert.deepEqual(scoresOf([...heard, testimony(0.4, [null, null, null])], 3), scoresOf(heard, 3));
});

test("values that are all below 0 keep their order", () => {
  const [worst, best, middle] = contributionsOf({ weight: 0.5, values: [-0.4, -0.1, -0.2] });
  assert.ok(worst! < middle! && middle! < best!);
  assert.equal(worst, -0.5);
});

test("the best of both witnesses has the sum of the weights", () => {
  const [best] = scoresOf([testimony(0.6, [0.8, 0.1]), testimony(0.4, [12, 3])], 2);
  assert.equal(best, 1);
});

test("ranks count from 1, pass over what is not there, and break ties by position", () => {
  assert.deepEqual(ranks([0.5, null, 0.9, 0.5]), [2, null, 1, 3]);
});
