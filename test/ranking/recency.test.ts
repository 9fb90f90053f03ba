import assert from "node:assert/strict";
import { test } from "node:test";
import { weightsByAge } from "../../src/ranking/recency.js";

const day = (days: number, hours = 0) => Date.UTC(2026, 0, 1) + (24 * days + hours) * 3_600_000;
const NOW = day(4_000);

test("the newer a like, the more it counts, down to a limit; likes of about one day, and those without a time, count fully", () => {
  const weights = weightsByAge([day(3_650), day(3_470), day(3_290), day(0), NaN], NOW);
  assert.deepEqual(
    weights.map((weight) => Number(weight.toFixed(3))),
    [1, 0.7, 0.55, 0.4, 1],
  );
  assert.deepEqual(weightsByAge([day(5), day(5, 7), day(5, 23)], NOW), [1, 1, 1]);
  assert.deepEqual([weightsByAge([NaN, NaN], NOW), weightsByAge([], NOW)], [[1, 1], []]);
});

test("weights depend on the times between likes only", () => {
  const times = [0, 40, 41, 500];
  assert.deepEqual(
    weightsByAge(
      times.map((one) => day(one)),
      NOW,
    ),
    weightsByAge(
      times.map((one) => day(one + 999)),
      NOW,
    ),
  );
});

test("a like from a clock that was ahead does not make all others old", () => {
  assert.deepEqual(
    weightsByAge([day(9_000), day(4_000), day(4_000, -30)], NOW),
    weightsByAge([NOW, NOW, day(4_000, -30)], NOW),
  );
});
