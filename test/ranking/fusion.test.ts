import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contributionsOf, ranks, scoresOf, standardized, type ScoredSignal } from "../../src/ranking/fusion.js";

const values = fc.array(fc.option(fc.integer({ min: -100, max: 5_000 }).map((hundredths) => hundredths / 100)), {
  minLength: 1,
  maxLength: 30,
});
const valuesOf = (said: readonly (number | null)[]) => Float64Array.from(said, (value) => value ?? NaN);
const signal = (weight: number, said: readonly (number | null)[]): ScoredSignal => ({
  name: "words",
  weight,
  values: valuesOf(said),
  contributions: contributionsOf({ weight, values: valuesOf(said) }),
});

test("a score is the weighted sum of the signals, each divided by its largest value", () => {
  fc.assert(
    fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, weight) => {
      const count = Math.min(a.length, b.length);
      const [one, other] = [a.slice(0, count), b.slice(0, count)];
      const scores = scoresOf([signal(weight, one), signal(1 - weight, other)], count);
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

test("a signal without values leaves the order to the others", () => {
  const heard = [signal(0.6, [0.2, 0.4, 0.1])];
  assert.deepEqual(scoresOf([...heard, signal(0.4, [null, null, null])], 3), scoresOf(heard, 3));
});

test("values that are all negative keep their order", () => {
  const [worst, best, middle] = contributionsOf({ weight: 0.5, values: valuesOf([-0.4, -0.1, -0.2]) });
  assert.ok(worst! < middle! && middle! < best!);
  assert.equal(worst, -0.5);
});

test("the best of both signals has the sum of the weights", () => {
  const [best] = scoresOf([signal(0.6, [0.8, 0.1]), signal(0.4, [12, 3])], 2);
  assert.equal(best, 1);
});

test("ranks count from 1, skip missing values, and break ties by position", () => {
  assert.deepEqual(ranks(valuesOf([0.5, null, 0.9, 0.5])), [2, null, 1, 3]);
});

test("standardized signals are distances from the smallest value in standard deviations; unknown values take the previous signal's", () => {
  fc.assert(
    fc.property(values, values, fc.double({ min: 0.1, max: 1, noNaN: true }), (a, b, weight) => {
      const count = Math.min(a.length, b.length);
      const said = [a.slice(0, count), b.slice(0, count)];
      const steps = said.map((of) => {
        const known = of.filter((value) => value !== null);
        const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
        const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
        return of.map((value) =>
          value === null
            ? null
            : deviation > 1e-9
              ? (value - mean) / deviation - (Math.min(...known) - mean) / deviation
              : 0,
        );
      });
      const first = steps[0]!.map((step) => step ?? 0);
      const second = steps[1]!.map((step, i) => step ?? first[i]!);
      const most = Math.max(0, ...first) + weight * Math.max(0, ...second) || 1;
      const found = standardized([
        { name: "abstract", weight: 1, values: valuesOf(said[0]!) },
        { name: "words", weight, values: valuesOf(said[1]!) },
      ]);
      first.forEach((step, i) => {
        assert.ok(Math.abs(found[0]!.contributions[i]! - step / most) < 1e-6);
        assert.ok(Math.abs(found[1]!.contributions[i]! - (weight * second[i]!) / most) < 1e-6);
      });
      assert.ok(scoresOf(found, count).every((score) => score >= 0 && score <= 1 + 1e-9));
    }),
  );
});

test("a signal contributes nothing to candidates for which it has no value", () => {
  const [, words] = standardized(
    [
      { name: "abstract", weight: 1, values: valuesOf([0.9, 0.8, 0.7, 0.1]) },
      { name: "words", weight: 1, values: valuesOf([0.5, null, null, null]) },
    ],
    new Set([3]),
  );
  assert.ok(words!.contributions[1]! > 0, "looked at, and unknown: as its abstract");
  assert.equal(words!.contributions[3], 0);
});
