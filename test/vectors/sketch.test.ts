import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { sentencesOf } from "../../src/embedding/sentences.js";
import { SketchScorer, sketchOf } from "../../src/vectors/sketch.js";
import { samplePapers } from "../sample.js";
import { dot, randomNumbers, unitVector } from "./random.js";

test("a bit is set where the component is positive, and only there", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(-0.5, -0, 0, 0.25, 1), { minLength: 1, maxLength: 40 }), (components) => {
      const sketch = sketchOf(Float32Array.from(components));
      assert.equal(sketch.length, Math.ceil(components.length / 8));
      for (let i = 0; i < sketch.length * 8; i++)
        assert.equal((sketch[i >> 3]! >> (i & 7)) & 1, (components[i] ?? 0) > 0 ? 1 : 0, `bit ${i}`);
    }),
  );
});

test("a score is the sum of the query's components, each with the sign of the sketch, times one constant", () => {
  const random = randomNumbers(9);
  for (const dimensions of [8, 20, 384]) {
    const query = unitVector(random, dimensions);
    const scorer = new SketchScorer(query);
    const sketches = Uint8Array.from({ length: scorer.bytes * 300 }, () => random() * 256);
    for (let index = 0; index < 300; index++) {
      const bits = sketches.subarray(index * scorer.bytes);
      let sum = 0;
      query.forEach((component, i) => (sum += (bits[i >> 3]! >> (i & 7)) & 1 ? component : -component));
      const expected = sum / Math.sqrt(dimensions) / Math.sqrt(2 / Math.PI);
      assert.ok(Math.abs(scorer.similarity(sketches, index) - expected) < 1e-5);
    }
  }
});

let model: EmbeddingModel;
before(async () => {
  model = await EmbeddingModel.load();
});
after(() => model.close());

test("between real sentences the estimate is within 0.04 of the cosine on average", async () => {
  const sentences = samplePapers()
    .filter((_, i) => i % 10 === 0)
    .flatMap(({ abstract }) => sentencesOf(abstract).map(({ start, end }) => abstract.slice(start, end)))
    .slice(0, 48);
  const vectors: Float32Array[] = [];
  for (const sentence of sentences) vectors.push(await model.embed(sentence));
  let error = 0;
  let pairs = 0;
  for (const query of vectors) {
    const scorer = new SketchScorer(query);
    for (const other of vectors) {
      if (other === query) continue;
      error += Math.abs(scorer.similarity(sketchOf(other), 0) - dot(query, other));
      pairs++;
    }
  }
  assert.equal(sentences.length, 48);
  assert.ok(error / pairs < 0.04, `mean absolute error ${error / pairs}`);
});
