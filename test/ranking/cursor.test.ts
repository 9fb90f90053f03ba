import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { byPlace, decodeCursor, encodeCursor } from "../../src/ranking/cursor.js";
import { KindredError } from "../../src/core/errors.js";

test("a cursor gives back its position, for the same request with any limit", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string()),
      fc.nat(),
      fc.nat(),
      (key, label, limit) => {
        const cursor = encodeCursor({ q: "graphs", limit: 20 }, { key, label });
        const place = decodeCursor({ q: "graphs", limit, cursor } as { cursor: string });
        // JSON has no negative zero.
        assert.deepEqual(place, { key: key === 0 ? 0 : key, label });
      },
    ),
  );
});

test("a cursor of another request is refused", () => {
  const cursor = encodeCursor({ q: "graphs" }, { key: 1, label: 1 });
  assert.throws(() => decodeCursor({ q: "trees", cursor } as { cursor: string }), /belongs to another request/);
});

test("an invalid cursor is refused", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (cursor) => {
      assert.throws(
        () => decodeCursor({ cursor }),
        (error) => error instanceof KindredError && error.code === "invalid" && error.parameter === "cursor",
      );
    }),
  );
});

test("positions are ordered by descending key, ties by ascending label", () => {
  const places = [
    { key: 0.2, label: 1 },
    { key: 0.9, label: 7 },
    { key: 0.9, label: 3 },
  ];
  assert.deepEqual(
    places.toSorted(byPlace).map(({ label }) => label),
    [3, 7, 1],
  );
});
