/** Papers compared sentence by sentence, against the definitions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bestPair, sentencesIn, titleCosine, type Sentences } from "../../src/ranking/aspect.js";
import type { Engine } from "../../src/engine/engine.js";
import { contentTerms } from "../../src/words/terms.js";
import { wordCosines } from "../../src/words/tfidf.js";
import { sketchCosine, sketchOf } from "../../src/vectors/sketch.js";

const BYTES = 6;
const sketch = fc.uint8Array({ minLength: BYTES, maxLength: BYTES });
/** Papers of up to five sentences "0.", "1.", ... with random sketches and shares. */
const paper = fc
  .tuple(sketch, fc.array(fc.tuple(sketch, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 5 }))
  .map(([title, sentences]): Sentences => ({
    abstract: sentences.map((_, i) => `${i}.`).join(""),
    spans: Uint32Array.from(sentences.flatMap((_, i) => [2 * i, 2 * i + 2])),
    sketches: Buffer.concat([title, ...sentences.map(([bytes]) => bytes)]),
    shares: sentences.map(([, share]) => share),
  }));

/** Bit by bit. */
function naiveCosine(here: Sentences, i: number, there: Sentences, j: number): number {
  let apart = 0;
  for (let bit = 0; bit < 8 * BYTES; bit++) {
    const of = (sketches: Uint8Array, index: number) => (sketches[index * BYTES + (bit >> 3)]! >> (bit & 7)) & 1;
    if (of(here.sketches, i) !== of(there.sketches, j)) apart++;
  }
  return Math.cos((Math.PI * apart) / (8 * BYTES));
}

test("the cosine of two sketches is that of the angle estimated from their signs: 1 if equal, -1 if opposite", () => {
  fc.assert(
    fc.property(paper, paper, (here, there) => {
      const cosine = titleCosine(here, there.sketches);
      assert.ok(Math.abs(cosine - naiveCosine(here, 0, there, 0)) < 1e-12);
      assert.equal(cosine, titleCosine(there, here.sketches));
    }),
  );
  const vector = Float32Array.from({ length: 48 }, (_, i) => Math.sin(i + 1));
  const opposite = vector.map((component) => -component);
  assert.equal(sketchCosine(sketchOf(vector), 0, sketchOf(vector), 0, BYTES), 1);
  assert.equal(sketchCosine(sketchOf(vector), 0, sketchOf(opposite), 0, BYTES), -1);
});

test("no pair is better than the best pair, which is given with its positions and cosine", () => {
  fc.assert(
    fc.property(paper, paper, (here, there) => {
      const pair = bestPair(here, there);
      if (here.shares.length === 0 || there.shares.length === 0) return assert.equal(pair, null);
      const worth = (i: number, j: number) =>
        here.shares[i]! * there.shares[j]! * (1 + naiveCosine(here, i + 1, there, j + 1));
      const [i, j] = [Number(pair!.here.text.slice(0, 1)), Number(pair!.there.text.slice(0, 1))];
      const most = Math.max(...here.shares.flatMap((_, a) => there.shares.map((__, b) => worth(a, b))));
      assert.ok(worth(i, j) >= most - 1e-12);
      assert.deepEqual([pair!.here.start, pair!.here.end], [2 * i, 2 * i + 2]);
      assert.deepEqual([pair!.there.start, pair!.there.end], [2 * j, 2 * j + 2]);
      return assert.ok(Math.abs(pair!.similarity - naiveCosine(here, i + 1, there, j + 1)) < 1e-12);
    }),
  );
});

test("without an aspect each sentence counts fully, with one by its role; a paper without an abstract has none", () => {
  const abstract = "METHODS: We count. RESULTS: They fly.";
  const stored = { spans: Uint32Array.of(0, 18, 19, 37), sketches: new Uint8Array(3 * BYTES) };
  assert.deepEqual(sentencesIn(abstract, stored, null).shares, [1, 1]);
  assert.deepEqual(sentencesIn(abstract, stored, "method").shares, [1, 0]);
  assert.deepEqual(sentencesIn(abstract, stored, "result").shares, [0, 1]);
  const none = { spans: new Uint32Array(), sketches: new Uint8Array(BYTES) };
  assert.deepEqual(sentencesIn(null, none, "result").shares, []);
});

test("words are compared by shared stems, rare ones count more, in both directions", async () => {
  const documents = new Map([
    ["bee", 3],
    ["count", 40],
  ]);
  const engine = {
    frequencies: async (stems: string[]) => stems.map((stem) => documents.get(stem) ?? 1),
  } as unknown as Engine;
  const [text, ...others] = ["bees count", "counting", "bee", "", "bees counted", "wasps"];
  const cosines = await wordCosines(engine, 100, text, [...others, null]);
  const idf = (found: number) => Math.log(1 + (100 - found + 0.5) / (found + 0.5));
  const length = Math.hypot(idf(3), idf(40));
  const expected = [idf(40) / length, idf(3) / length, 0, 1, 0];
  for (const [i, cosine] of expected.entries())
    assert.ok(Math.abs(cosines[i]! - cosine) < 1e-12, `${i}: ${cosines[i]}`);
  assert.equal(cosines.at(-1), null);
  const [back] = await wordCosines(engine, 100, others[0], [text]);
  assert.equal(back, cosines[0]);
});

test("words are compared as search reads them, in any script", async () => {
  const engine = { frequencies: async (stems: string[]) => stems.map(() => 1) } as unknown as Engine;
  const texts = [
    "Café Poincaré's bees, β-catenin and IL-1beta",
    "深度学习 for bees",
    "學",
    "to be or not to be",
    "bees bees",
    "",
  ];
  for (const text of texts) {
    const cosines = await wordCosines(engine, 100, text, texts);
    const weights = (one: string) => new Map(contentTerms(one).map(({ stem, count }) => [stem, 1 + Math.log(count)]));
    const own = weights(text);
    const length = (of: Map<string, number>) => Math.hypot(...of.values());
    for (const [i, other] of texts.entries()) {
      const theirs = weights(other);
      const product = [...own].reduce((sum, [stem, weight]) => sum + weight * (theirs.get(stem) ?? 0), 0);
      const expected = product === 0 ? 0 : product / length(own) / length(theirs);
      assert.ok(Math.abs(cosines[i]! - expected) < 1e-12, `${text} | ${other}: ${cosines[i]} ${expected}`);
    }
  }
});
