import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cardAt, layoutOf, radiusOf, type Edge, type Place } from "../../src/web/paper/neighbourhood-layout.js";

/** Random neighbourhoods, and frames from the narrowest page to a wide one. */
const drawn = fc.integer({ min: 1, max: 61 }).chain((papers) =>
  fc.record({
    widths: fc.array(fc.integer({ min: 20, max: 170 }), { minLength: papers, maxLength: papers }),
    edges: fc.array(
      fc
        .tuple(fc.nat(papers - 1), fc.nat(papers - 1), fc.integer({ min: -100, max: 100 }))
        .map(([a, b, hundredths]): Edge => ({ from: a, to: b, similarity: hundredths / 100 })),
      { maxLength: 3 * papers },
    ),
    frame: fc.record({ width: fc.integer({ min: 280, max: 1_000 }), height: fc.integer({ min: 400, max: 460 }) }),
  }),
);

const near = (a: Place, b: Place): number => Math.hypot(a.x - b.x, a.y - b.y);

describe("a drawing of a neighbourhood", () => {
  test("keeps papers in the frame and apart, and is the same each time", () => {
    fc.assert(
      fc.property(drawn, ({ widths, edges, frame }) => {
        const { places, names } = layoutOf(widths, edges, frame);
        assert.equal(places.length, widths.length);
        for (const [at, place] of places.entries()) {
          const radius = radiusOf(at);
          assert.ok(place.x >= radius && place.x <= frame.width - radius, `x ${place.x}`);
          assert.ok(place.y >= radius && place.y <= frame.height - radius, `y ${place.y}`);
          for (const [other, there] of places.slice(0, at).entries())
            assert.ok(near(place, there) > radius + radiusOf(other) - 1, `${at} and ${other}`);
        }
        assert.deepEqual(layoutOf(widths, edges, frame), { places, names });
      }),
      { numRuns: 40 },
    );
  });

  test("places names within the frame, without covering each other or a paper", () => {
    fc.assert(
      fc.property(drawn, ({ widths, edges, frame }) => {
        const { places, names } = layoutOf(widths, edges, frame);
        const boxes = names.flatMap((name, at) => {
          if (name === null) return [];
          const left = name.x - widths[at]! * { start: 0, middle: 0.5, end: 1 }[name.anchor];
          return [{ at, left, right: left + widths[at]!, top: name.y - 7, bottom: name.y + 7 }];
        });
        for (const { at, left, right, top, bottom } of boxes) {
          assert.ok(left >= 0 && right <= frame.width && top >= 0 && bottom <= frame.height);
          for (const other of boxes)
            if (other.at !== at)
              assert.ok(left >= other.right || right <= other.left || top >= other.bottom || bottom <= other.top);
          for (const [paper, { x, y }] of places.entries()) {
            const [dx, dy] = [Math.max(left - x, x - right, 0), Math.max(top - y, y - bottom, 0)];
            assert.ok(Math.hypot(dx, dy) >= radiusOf(paper) - 1e-9, `the name of ${at} covers ${paper}`);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test("places similar papers nearer to each other than others", () => {
    // Two groups, each connected within and with the central paper.
    const group = (first: number): Edge[] =>
      [0, 1, 2, 3].flatMap((a) =>
        [0, 1, 2, 3].filter((b) => b > a).map((b) => ({ from: first + a, to: first + b, similarity: 0.9 })),
      );
    const edges = [...group(1), ...group(5), ...[1, 5].map((to) => ({ from: 0, to, similarity: 0.4 }))];
    const { places, names } = layoutOf(Array<number>(9).fill(70), edges, { width: 900, height: 432 });
    const mean = (pairs: [number, number][]) =>
      pairs.reduce((sum, [a, b]) => sum + near(places[a]!, places[b]!), 0) / pairs.length;
    const within = edges.slice(0, 12).map(({ from, to }): [number, number] => [from, to]);
    const between = [1, 2, 3, 4].flatMap((a) => [5, 6, 7, 8].map((b): [number, number] => [a, b]));
    assert.ok(mean(within) * 2 < mean(between), `${mean(within)} within, ${mean(between)} between`);
    assert.ok(names.every((name) => name !== null));
  });
});

test("a card stays in the frame, does not cover its paper, and covers as few others as possible", () => {
  const frame = { width: 900, height: 432 };
  const card = { width: 300, height: 90 };
  const point = fc.record({ x: fc.integer({ min: 11, max: 889 }), y: fc.integer({ min: 11, max: 421 }) });
  fc.assert(
    fc.property(point, fc.array(point, { maxLength: 6 }), (paper, others) => {
      const { x, y } = cardAt(paper, others, card, frame);
      assert.ok(x >= 0 && x + card.width <= frame.width && y >= 0 && y + card.height <= frame.height);
      const covers = (place: Place) =>
        place.x > x && place.x < x + card.width && place.y > y && place.y < y + card.height;
      assert.ok(!covers(paper));
      // Papers that the card would cover to the right of its paper; if none, it covers none.
      const right = { left: paper.x + 18, right: paper.x + 318, top: paper.y - 45, bottom: paper.y + 45 };
      const fits = right.right <= frame.width && right.top >= 0 && right.bottom <= frame.height;
      const free = others.every(
        (other) =>
          other.x + 8 <= right.left ||
          other.x - 8 >= right.right ||
          other.y + 8 <= right.top ||
          other.y - 8 >= right.bottom,
      );
      if (fits && free) assert.ok(!others.some(covers));
    }),
  );
});
