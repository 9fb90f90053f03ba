import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Block } from "../../src/engine/engine.js";
import type { ScoredSignal } from "../../src/ranking/fusion.js";
import { neighboursOf } from "../../src/ranking/neighbours.js";

/** Papers as angles on a circle; null for one that is not embedded yet. All that is asked of a block here. */
function blockOf(angles: readonly (number | null)[]): Block {
  const cosineOf = (one: number | null | undefined, other: number | null | undefined) =>
    one == null || other == null ? NaN : Math.cos(one - other);
  return {
    allCosines: (labels: readonly number[]) =>
      Float32Array.from(labels.flatMap((a) => labels.map((b) => cosineOf(angles[a], angles[b])))),
  } as Partial<Block> as Block;
}
const said = (scores: readonly number[]): ScoredSignal[] => [
  { name: "words", weight: 1, values: Float64Array.from(scores), contributions: Float64Array.from(scores) },
];

test("raises a paper by a share of its distance to the three nearest of the best, and lowers none", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.option(fc.integer({ min: 0, max: 628 }))), {
        minLength: 1,
        maxLength: 80,
      }),
      (drawn) => {
        const scores = drawn.map(([hundredths]) => hundredths / 100);
        const angles = drawn.map(([, angle]) => (angle === null ? null : angle / 100));
        const { values, contributions } = neighboursOf(blockOf(angles), [...scores.keys()], said(scores));
        const best = [...scores.keys()].toSorted((a, b) => scores[b]! - scores[a]! || a - b).slice(0, 50);
        for (const i of scores.keys()) {
          const near = best
            .filter((j) => j !== i && angles[i] != null && angles[j] != null)
            .map((j) => ({
              j,
              cosine: Math.cos(angles[i]!) * Math.cos(angles[j]!) + Math.sin(angles[i]!) * Math.sin(angles[j]!),
            }))
            .filter(({ cosine }) => cosine > 1e-6)
            .toSorted((a, b) => b.cosine - a.cosine);
          // Which of two equally near ones is used does not matter here.
          if (near.length > 3 && Math.abs(near[2]!.cosine - near[3]!.cosine) < 1e-6) continue;
          const three = near.slice(0, 3);
          const sum = three.reduce((total, { cosine }) => total + cosine, 0);
          if (!best.includes(i) || three.length === 0) {
            assert.equal(contributions[i], 0);
            continue;
          }
          const mean = three.reduce((total, { j, cosine }) => total + (cosine / sum) * scores[j]!, 0);
          assert.ok(Math.abs((values[i] ?? NaN) - mean) < 1e-3, `${values[i]} is not ${mean}`);
          assert.ok(Math.abs(contributions[i]! - 0.4 * Math.max(0, mean - scores[i]!)) < 1e-3);
        }
      },
    ),
  );
});

test("a paper below similar ones is raised towards them; one without similar papers, or above them, stays", () => {
  const angles = [0, 0.1, 0.2, 0.15, 3];
  const { contributions } = neighboursOf(blockOf(angles), [0, 1, 2, 3, 4], said([1, 0.9, 0.8, 0.2, 0.5]));
  assert.equal(contributions[0], 0);
  assert.ok(contributions[3]! > 0.2);
  assert.equal(contributions[4], 0);
});
