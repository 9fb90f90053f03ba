import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { edgesAmong } from "../../src/questions/neighbourhood.js";

/** Papers as positions on a line: the nearer, the larger the "cosine". Labels are unordered, as in a ranking. */
const drawn = fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 30 }).chain((labels) =>
  fc.tuple(
    fc.constant(labels),
    // Few positions, so that many are equally near.
    fc.array(fc.integer({ min: 0, max: 12 }), { minLength: labels.length, maxLength: labels.length }),
  ),
);

test("two papers are joined if one is among the three nearest of the other", () => {
  fc.assert(
    fc.property(drawn, ([labels, line]) => {
      const cosine = (a: number, b: number) => 1 - Math.abs(line[a]! - line[b]!) / 12;
      /** Papers nearer to `a` than `b`, or equally near with a lower label. */
      const before = (a: number, b: number) =>
        labels.filter(
          (label, other) =>
            other !== a &&
            other !== b &&
            (cosine(a, other) > cosine(a, b) || (cosine(a, other) === cosine(a, b) && label < labels[b]!)),
        ).length;
      const naive = [];
      for (let from = 0; from < labels.length; from++)
        for (let to = from + 1; to < labels.length; to++)
          if (before(from, to) < 3 || before(to, from) < 3) naive.push({ from, to, similarity: cosine(from, to) });
      assert.deepEqual(edgesAmong(labels, cosine, 3), naive);
    }),
  );
});

test("a single paper is joined with none", () => {
  assert.deepEqual(
    edgesAmong([7], () => 1, 3),
    [],
  );
});
