import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { holds } from "../../../src/web/map/camera.js";
import { Near } from "../../../src/web/map/near.js";
import { placeOf } from "../../../src/web/map/points.js";
import { pointsOf } from "./made-points.js";

const coordinate = fc.integer({ min: -20, max: 20 });
const places = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 200 });
const made = (at: readonly [number, number][]) => pointsOf(at.map(([x, y], i) => ({ label: i + 1, x, y })));

describe("what is near", () => {
  test("equals comparing with every paper, nearest first, ties by label", () => {
    fc.assert(
      fc.property(places, coordinate, coordinate, fc.integer({ min: 0, max: 15 }), (at, x, y, reach) => {
        const points = made(at);
        const far = (i: number): number => Math.hypot(placeOf(points, i)[0] - x, placeOf(points, i)[1] - y);
        const expected = [...at.keys()].filter((i) => far(i) <= reach).toSorted((a, b) => far(a) - far(b) || a - b);
        assert.deepEqual(new Near(points).around(x, y, reach, 7), expected.slice(0, 7));
      }),
    );
  });

  test("in an area includes its edges", () => {
    fc.assert(
      fc.property(places, coordinate, coordinate, coordinate, coordinate, (at, ax, ay, bx, by) => {
        const points = made(at);
        const box = { x0: Math.min(ax, bx), y0: Math.min(ay, by), x1: Math.max(ax, bx), y1: Math.max(ay, by) };
        const expected = [...at.keys()].filter((i) => holds(box, placeOf(points, i)));
        assert.deepEqual(
          new Near(points).inside(box).toSorted((a, b) => a - b),
          expected,
        );
      }),
    );
  });
});
