import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  boxBetween,
  holds,
  overlooking,
  rounded,
  roundedBox,
  seenFrom,
  type Size,
  toMap,
  toView,
  zoomsAround,
} from "../../../src/web/map/camera.js";
import { type Box, boxIn, type Camera, cameraIn, textOfBox, textOfCamera } from "../../../src/web/navigation/place.js";

const number = fc.double({ min: -500, max: 500, noNaN: true });
const camera: fc.Arbitrary<Camera> = fc.record({
  x: number,
  y: number,
  zoom: fc.double({ min: -6, max: 18, noNaN: true }),
});
const size: fc.Arbitrary<Size> = fc.record({
  width: fc.integer({ min: 50, max: 4_000 }),
  height: fc.integer({ min: 50, max: 3_000 }),
});
const pixel = fc.tuple(
  fc.double({ min: -100, max: 4_000, noNaN: true }),
  fc.double({ min: -100, max: 4_000, noNaN: true }),
);
const box: fc.Arbitrary<Box> = fc
  .tuple(
    number,
    number,
    fc.double({ min: 0.01, max: 300, noNaN: true }),
    fc.double({ min: 0.01, max: 300, noNaN: true }),
  )
  .map(([x0, y0, wide, high]) => ({ x0, y0, x1: x0 + wide, y1: y0 + high }));

const close = (a: number, b: number, within: number): void => assert.ok(Math.abs(a - b) <= within, `${a} and ${b}`);

describe("the camera", () => {
  test("maps a pixel to a point and back", () => {
    fc.assert(
      fc.property(camera, size, pixel, (from, view, [left, top]) => {
        const [x, y] = toView(from, view, toMap(from, view, [left, top]));
        close(x, left, 0.01);
        close(y, top, 0.01);
      }),
    );
  });

  test("has its centre in the middle of the view, and up upwards", () => {
    const from = { x: 3, y: -2, zoom: 4 };
    const view = { width: 800, height: 600 };
    assert.deepEqual(toView(from, view, [3, -2]), [400, 300]);
    assert.deepEqual(toView(from, view, [4, -1]), [416, 284]);
  });

  test("shows all of a box, and little more", () => {
    fc.assert(
      fc.property(box, size, (all, view) => {
        const from = overlooking(all, view);
        const seen = seenFrom(from, view);
        assert.ok(holds(seen, [all.x0, all.y0]) && holds(seen, [all.x1, all.y1]));
        const filled = Math.max((all.x1 - all.x0) / (seen.x1 - seen.x0), (all.y1 - all.y0) / (seen.y1 - seen.y0));
        assert.ok(filled > 0.85, `${filled} of the view`);
        const [least, most] = zoomsAround(from);
        assert.ok(least < from.zoom && from.zoom < most);
      }),
    );
  });

  test("has a finite zoom for a single paper", () => {
    const { x, y, zoom } = overlooking({ x0: 1, y0: 2, x1: 1, y1: 2 }, { width: 800, height: 600 });
    assert.deepEqual([x, y], [1, 2]);
    assert.ok(Number.isFinite(zoom));
  });

  test("is restored from an address to the pixel", () => {
    fc.assert(
      fc.property(camera, size, (from, view) => {
        const written = rounded(from);
        const back = cameraIn(textOfCamera(written));
        assert.deepEqual(back, { x: written.x + 0, y: written.y + 0, zoom: written.zoom + 0 });
        const [left, top] = toView({ ...from, zoom: written.zoom }, view, [written.x, written.y]);
        close(left, view.width / 2, 0.5);
        close(top, view.height / 2, 0.5);
      }),
    );
  });

  test("is not read from an invalid address", () => {
    for (const text of ["", "1,2", "1,2,3,4", "a,b,c", "1,,2", "1,2,Infinity", "1,2,NaN", "1,2,900", " , , "])
      assert.equal(cameraIn(text), null, text);
    assert.deepEqual(cameraIn("1.5,-2,7"), { x: 1.5, y: -2, zoom: 7 });
  });
});

describe("an area", () => {
  test("is the same whichever corners it was drawn from", () => {
    fc.assert(
      fc.property(number, number, number, number, (ax, ay, bx, by) => {
        const drawn = boxBetween([ax, ay], [bx, by]);
        assert.deepEqual(drawn, boxBetween([bx, by], [ax, ay]));
        assert.deepEqual(drawn, boxBetween([ax, by], [bx, ay]));
        for (const corner of [
          [ax, ay],
          [bx, by],
          [ax, by],
        ] as const)
          assert.ok(holds(drawn, [...corner]));
      }),
    );
  });

  test("is restored from an address", () => {
    fc.assert(
      fc.property(box, (drawn) => {
        const written = roundedBox(8, drawn);
        const { x0, y0, x1, y1 } = written;
        fc.pre(x0 < x1 && y0 < y1);
        assert.deepEqual(boxIn(textOfBox(written)), { x0: x0 + 0, y0: y0 + 0, x1: x1 + 0, y1: y1 + 0 });
      }),
    );
  });

  test("that is empty, or has corners that are not numbers, is ignored", () => {
    for (const text of ["", "1,1,1,2", "2,0,1,1", "0,0,1", "0,0,1,x", "0,0,1,1,1"])
      assert.equal(boxIn(text), null, text);
    assert.deepEqual(boxIn("0,-1,2,1"), { x0: 0, y0: -1, x1: 2, y1: 1 });
  });
});
