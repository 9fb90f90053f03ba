import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WordPlaces } from "../../src/words/word-places.js";

test("positions are those that were set, whatever the hashes", () => {
  // Few values for either half, so that many words have the same slot, or differ in one half only.
  const half = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(1_024, 2_048, 2 ** 31 - 1, -(2 ** 31)));
  const word = fc.record({ low: half, high: half, place: fc.integer({ min: -1, max: 2 ** 31 - 3 }) });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 80 }), (words) => {
      const places = new WordPlaces();
      const model = new Map<string, number>();
      for (const { low, high, place } of words) {
        const key = `${low} ${high}`;
        assert.equal(places.get(low, high), model.get(key));
        if (!model.has(key)) places.set(low, high, place);
        model.set(key, model.get(key) ?? place);
      }
      for (const { low, high } of words) assert.equal(places.get(low, high), model.get(`${low} ${high}`));
    }),
    { numRuns: 300 },
  );
});

test("very many words are not all kept, and those that are have their positions", () => {
  const places = new WordPlaces();
  const COUNT = 300_000;
  for (let i = 0; i < COUNT; i++) places.set(Math.imul(i, 0x9e3779b1), i, i);
  const kept = Array.from({ length: COUNT }, (_, i) => places.get(Math.imul(i, 0x9e3779b1), i));
  assert.ok(kept.every((place, i) => place === undefined || place === i));
  assert.equal(kept.at(-1), COUNT - 1);
  assert.ok(kept.filter((place) => place !== undefined).length < COUNT / 2);
});
