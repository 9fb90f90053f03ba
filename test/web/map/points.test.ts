import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { bulkOf, indexesOf, indexOf, placeOf, readPoints, spreadOrder } from "../../../src/web/map/points.js";
import { pointsOf, type Point } from "./made-points.js";

const point: fc.Arbitrary<Point> = fc.record({
  label: fc.integer({ min: 1, max: 0xffffffff }),
  x: fc.float({ noNaN: true, noDefaultInfinity: true }),
  y: fc.float({ noNaN: true, noDefaultInfinity: true }),
  year: fc.integer({ min: 0, max: 9999 }),
  category: fc.integer({ min: 0, max: 255 }),
});
const ascending = fc
  .uniqueArray(point, { selector: ({ label }) => label, maxLength: 60 })
  .map((points) => points.toSorted((a, b) => a.label - b.label));

describe("points", () => {
  test("are decoded as encoded", () => {
    fc.assert(
      fc.property(ascending, (written) => {
        const points = pointsOf(written);
        assert.equal(points.count, written.length);
        for (const [i, { label, x, y, year, category }] of written.entries()) {
          assert.equal(points.labels[i], label);
          assert.deepEqual(placeOf(points, i), [x, y]);
          assert.equal(points.years[i], year);
          assert.equal(points.categories[i], category);
        }
      }),
    );
  });

  test("are found by label, and unknown labels are not", () => {
    fc.assert(
      fc.property(ascending, fc.integer({ min: 1, max: 0xffffffff }), (written, other) => {
        const points = pointsOf(written);
        for (const [i, { label }] of written.entries()) assert.equal(indexOf(points, label), i);
        const labels = written.map(({ label }) => label);
        assert.equal(indexOf(points, other), labels.indexOf(other));
        if (!labels.includes(other)) assert.deepEqual(indexesOf(points, [...labels, other]), [...labels.keys()]);
      }),
    );
  });

  test("that are truncated are refused, with the actual and expected size", () => {
    assert.throws(() => readPoints(new ArrayBuffer(33)), /got 33 bytes, expected a multiple of 16/);
  });

  test("are framed without the outermost few per thousand", () => {
    const many = Array.from({ length: 2_000 }, (_, i) => ({ label: i + 1, x: i % 40, y: (i * 7) % 30 }));
    const astray = [
      { label: 3_000, x: 900, y: -900 },
      { label: 3_001, x: -500, y: 4_000 },
    ];
    assert.deepEqual(bulkOf(pointsOf([...many, ...astray])), { x0: 0, y0: 0, x1: 39, y1: 29 });
  });

  test("are framed completely if they are few", () => {
    const few = [
      { label: 1, x: -3, y: 5 },
      { label: 2, x: 8, y: -1 },
      { label: 3, x: 0, y: 0 },
    ];
    assert.deepEqual(bulkOf(pointsOf(few)), { x0: -3, y0: -1, x1: 8, y1: 5 });
  });
});

describe("the order of drawing", () => {
  test("contains each point once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000 }), (count) => {
        const order = [...spreadOrder(count)].toSorted((a, b) => a - b);
        assert.deepEqual(order, [...Array(count).keys()]);
      }),
    );
  });

  test("has in its first tenth about a tenth of every tenth of the points", () => {
    for (const count of [1_000, 4_096, 99_999, 100_000]) {
      const tenths = Array.from({ length: 10 }, () => 0);
      for (const index of spreadOrder(count).slice(0, count / 10)) {
        const tenth = Math.floor((10 * index) / count);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      for (const many of tenths) assert.ok(Math.abs(many - count / 100) <= 3, `${count}: ${tenths.join(" ")}`);
    }
  });
});
