import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dot, interestsOf, unit } from "../../src/ranking/interests.js";
import { near, randomNumbers, unitVector } from "../vectors/random.js";

test("vectors around orthogonal directions are that many interests", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer(),
      (subjects, each, seed) => {
        const random = randomNumbers(seed);
        // Axes are at right angles to one another.
        const vectors = Array.from({ length: subjects * each }, (_, i) => {
          const axis = new Float32Array(64);
          axis[i % subjects] = 1;
          return unit(near(random, axis, 0.01));
        });
        const interests = interestsOf(vectors);
        assert.equal(interests.length, subjects);
        for (const members of interests) {
          assert.equal(new Set(members.map((member) => member % subjects)).size, 1);
          assert.ok(members.every((member) => dot(vectors[members[0]!]!, vectors[member]!) > 0.9));
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("every example is in exactly one interest, and there are at most eight", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer(), (count, seed) => {
      const random = randomNumbers(seed);
      const interests = interestsOf(Array.from({ length: count }, () => unitVector(random, 384)));
      assert.ok(interests.length <= 8);
      const members = interests.flat();
      assert.deepEqual(
        members.toSorted((a, b) => a - b),
        [...Array(count).keys()],
      );
    }),
    { numRuns: 30 },
  );
});
