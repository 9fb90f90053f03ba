import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SignalName } from "../../src/api.js";
import { inWords, ordinal, telling, widthsOf } from "../../src/web/results/why-words.js";

const signal = (name: SignalName, rank: number | null, contribution = 0.1) => ({
  name,
  rank,
  contribution,
  value: rank === null ? null : 0.5,
  weight: 0.5,
});
const words = (...weights: number[]) => weights.map((weight, i) => ({ word: `word${i}`, weight }));

describe("an explanation in words", () => {
  test("says how near the paper is, best signal first, and how many words occur in it", () => {
    assert.equal(
      inWords({
        signals: [signal("words", 2), signal("abstract", 12), signal("sentence", 1)],
        words: words(3, 2, 1, 1, 0),
      }),
      "Its best sentence is the nearest of all; its abstract is the 12th nearest of all; 4 of 5 words occur in it.",
    );
  });

  test("counts words correctly", () => {
    const said = (...weights: number[]) => inWords({ signals: [], words: words(...weights) });
    assert.equal(said(1), "The word occurs in it.");
    assert.equal(said(0), "The word does not occur in it.");
    assert.equal(said(0, 0), "None of 2 words occur in it.");
    assert.equal(said(1, 0), "1 of 2 words occurs in it.");
    assert.equal(said(2, 1), "All 2 words occur in it.");
  });

  test("is empty if there are no scores", () => {
    assert.equal(inWords({ signals: [signal("votes", 3)], words: [] }), "");
  });

  test("formats ordinals", () => {
    assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 102, 113].map(ordinal), [
      "1st",
      "2nd",
      "3rd",
      "4th",
      "11th",
      "12th",
      "13th",
      "21st",
      "102nd",
      "113th",
    ]);
  });

  test("lists the largest contributions first, and leaves out signals without a value", () => {
    const listed = telling([
      signal("words", null, 0),
      signal("dislikes", 4, -0.2),
      signal("abstract", 9, 0.1),
      signal("neighbours", null, 0.3),
    ]);
    assert.deepEqual(
      listed.map(({ name }) => name),
      ["neighbours", "abstract", "dislikes"],
    );
  });

  test("draws bars relative to the widest, whatever their sign", () => {
    assert.deepEqual(widthsOf([0.2, -0.4, 0]), [0.5, 1, 0]);
    assert.deepEqual(widthsOf([0, 0]), [0, 0]);
    assert.deepEqual(widthsOf([]), []);
  });
});
