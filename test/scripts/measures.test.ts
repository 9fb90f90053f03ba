import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mean } from "../../scripts/common/numbers.js";
import {
  areaUnderCurve,
  averagePrecision,
  bootstrapInterval,
  gridInterval,
  ndcg,
  recall,
} from "../../scripts/evaluate/measures.js";

const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

test("nDCG of a worked example: grades 3, 2, 0, 1 found as 2, 0, 3", () => {
  const grades = new Map([
    ["a", 3],
    ["b", 2],
    ["d", 1],
  ]);
  const found = 2 / Math.log2(2) + 3 / Math.log2(4);
  const ideal = 3 / Math.log2(2) + 2 / Math.log2(3) + 1 / Math.log2(4);
  near(ndcg(["b", "c", "a"], grades, 10), found / ideal);
});

test("nDCG is 1 for the best order, 0 if nothing relevant is found, and only considers k places", () => {
  const grades = new Map([
    ["a", 2],
    ["b", 1],
  ]);
  near(ndcg(["a", "b", "c"], grades, 10), 1);
  near(ndcg(["c", "d"], grades, 10), 0);
  near(ndcg(["c", "a"], grades, 1), 0);
});

test("recall is the share of the relevant papers among the first k", () => {
  const grades = new Map([
    ["a", 1],
    ["b", 1],
    ["c", 1],
    ["d", 1],
  ]);
  near(recall(["a", "x", "b", "c"], grades, 3), 0.5);
});

test("the interval contains the mean, is always the same, and is a point if all values are equal", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 5, maxLength: 60 }), (values) => {
      const [low, high] = bootstrapInterval(values);
      assert.ok(low <= mean(values) + 1e-9 && mean(values) <= high + 1e-9);
      assert.deepEqual(bootstrapInterval(values), [low, high]);
    }),
    { numRuns: 10 },
  );
  assert.deepEqual(bootstrapInterval([0.5, 0.5, 0.5]), [0.5, 0.5]);
});

test("the interval of a grid contains the mean, and is as wide as where the values of a row are one value", () => {
  const grid = (rows: number, columns: number, value: (row: number, column: number) => number) =>
    Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return { row: `r${row}`, column: `c${column}`, value: value(row, column) };
    });
  const widthOf = ([low, high]: [number, number]) => high - low;
  const [low, high] = gridInterval(grid(9, 7, (row, column) => row * column));
  assert.ok(low < 12 && 12 < high, `${low} to ${high}`);
  assert.deepEqual(gridInterval(grid(9, 7, () => 0.5)), [0.5, 0.5]);
  // Many columns of equal values say no more than one.
  const byRow = widthOf(gridInterval(grid(9, 50, (row) => row)));
  const alone = widthOf(bootstrapInterval(Array.from({ length: 9 }, (_, row) => row)));
  assert.ok(Math.abs(byRow - alone) < 0.2 * alone, `${byRow}, ${alone}`);
  // A cell that is missing does not count.
  assert.ok(gridInterval(grid(9, 7, (row) => row).filter(({ value }) => value > 4))[0] > 4);
});

test("average precision and the area under the curve of a worked example", () => {
  const grades = new Map([
    ["a", 1],
    ["b", 0],
    ["c", 1],
    ["d", 0],
  ]);
  near(averagePrecision(["a", "b", "c", "d"], grades), (1 + 2 / 3) / 2);
  near(areaUnderCurve(["a", "b", "c", "d"], grades), 3 / 4);
  near(areaUnderCurve(["a", "c", "b", "d"], grades), 1);
  near(areaUnderCurve(["b", "d", "a", "c"], grades), 0);
  // Unranked papers come last and tie with each other.
  near(areaUnderCurve(["a"], grades), (2 + 1) / 4);
  near(averagePrecision(["a"], grades), 1 / 2);
});
