import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { byImportance, type Name, placeNames } from "../../../src/web/map/place-names.js";

const VIEW = { width: 800, height: 600 };
const HERE = { x: 0, y: 0, zoom: 0 };
const name: fc.Arbitrary<Name> = fc.record({
  x: fc.integer({ min: -500, max: 500 }),
  y: fc.integer({ min: -400, max: 400 }),
  papers: fc.integer({ min: 1, max: 5_000 }),
  level: fc.integer({ min: 0, max: 2 }),
  width: fc.integer({ min: 20, max: 190 }),
  height: fc.integer({ min: 15, max: 60 }),
});
const place = (names: readonly Name[], nearer: number) => placeNames(names, byImportance(names), HERE, VIEW, nearer);
const one = (change: Partial<Name>): Name => ({ x: 0, y: 0, papers: 10, level: 0, width: 100, height: 20, ...change });

describe("names of regions", () => {
  test("never overlap, and are within the view", () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 80 }), fc.double({ min: -1, max: 9, noNaN: true }), (names, nearer) => {
        const boxes = place(names, nearer).map(({ index, left, top }) => {
          const { width = 0, height = 0 } = names[index] ?? {};
          return { left, top, right: left + width, bottom: top + height };
        });
        for (const [i, a] of boxes.entries()) {
          assert.ok(a.left >= 0 && a.top >= 0 && a.right <= VIEW.width && a.bottom <= VIEW.height);
          for (const b of boxes.slice(i + 1))
            assert.ok(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top);
        }
      }),
    );
  });

  test("of the most important region in view are always shown", () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 60 }), (names) => {
        const seen = names.filter(({ x, y }) => Math.abs(x) <= 400 && Math.abs(y) <= 300);
        const large = seen.filter(({ level }) => level === 0);
        const placed = place(names, 0).map(({ index }) => names[index]);
        if (large.length === 0) return assert.deepEqual(placed, []);
        const most = Math.max(...large.map(({ papers }) => papers));
        assert.ok(placed.some((shown) => shown?.level === 0 && shown.papers === most));
      }),
    );
  });

  test("give way to a larger region at the same place, or move a little up or down", () => {
    const names = [one({ papers: 5 }), one({ papers: 50 }), one({ papers: 7, y: 4 }), one({ papers: 6, y: -4 })];
    const placed = place(names, 0);
    assert.equal(placed[0]?.index, 1);
    assert.deepEqual(placed[0], { index: 1, left: 350, top: 290 });
    assert.ok(placed.length < names.length);
  });

  test("of small regions appear when zooming in, and those of large ones disappear", () => {
    const names = [one({}), one({ level: 1, y: 100 }), one({ level: 2, y: 200 })];
    const levels = (nearer: number) => place(names, nearer).map(({ index }) => names[index]?.level);
    assert.deepEqual(levels(0), [0]);
    assert.deepEqual(levels(1), [0, 1]);
    assert.deepEqual(levels(2), [0, 1, 2]);
    assert.deepEqual(levels(4), [1, 2]);
    assert.deepEqual(levels(8), [2]);
  });

  test("stay at any zoom if there are no smaller regions", () => {
    const names = [one({})];
    assert.equal(place(names, 8).length, 1);
  });
});
