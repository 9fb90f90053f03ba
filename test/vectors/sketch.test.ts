import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { sentencesOf } from "../../src/embedding/sentences.js";
import { sketchOf } from "../../src/vectors/sketch.js";
import { SketchTable } from "../../src/vectors/sketches.js";
import { samplePapers } from "../sample.js";
import { dot } from "./random.js";

test("a bit is set if and only if the component is positive", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(-0.5, -0, 0, 0.25, 1), { minLength: 1, maxLength: 40 }), (components) => {
      const sketch = sketchOf(Float32Array.from(components));
      assert.equal(sketch.length, Math.ceil(components.length / 8));
      for (let i = 0; i < sketch.length * 8; i++)
        assert.equal((sketch[i >> 3]! >> (i & 7)) & 1, (components[i] ?? 0) > 0 ? 1 : 0, `bit ${i}`);
    }),
  );
});

let model: EmbeddingModel;
before(async () => {
  model = await EmbeddingModel.load();
});
after(() => model.close());

test("for real sentences the estimated cosine is within 0.04 of the true one on average", async () => {
  const sentences = samplePapers()
    .filter((_, i) => i % 10 === 0)
    .flatMap(({ abstract }) => sentencesOf(abstract).map(({ start, end }) => abstract.slice(start, end)))
    .slice(0, 48);
  const vectors: Float32Array[] = [];
  for (const sentence of sentences) vectors.push(await model.embed(sentence));
  const table = new SketchTable(model.description.dimensions);
  for (const [label, vector] of vectors.entries()) table.set(label, sketchOf(vector));
  let error = 0;
  let pairs = 0;
  for (const query of vectors) {
    for (const [label, other] of vectors.entries()) {
      if (other === query) continue;
      error += Math.abs(table.best(query, [label])[0]! - dot(query, other));
      pairs++;
    }
  }
  assert.equal(sentences.length, 48);
  assert.ok(error / pairs < 0.04, `mean absolute error ${error / pairs}`);
});
