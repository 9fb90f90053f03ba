/** An explanation describes one state of the store, so it ranks once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { explainSchema } from "../../src/api.js";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { explain } from "../../src/questions/explain.js";
import { Store } from "../../src/store/store.js";
import { sampleDirectory } from "../sample.js";

test("a paper is explained from a single ranking, whether it is in the answer or not", async (t) => {
  const directory = await sampleDirectory(t);
  const description = await describeModel();
  const store = Store.open(directory, description);
  // Not embedded and without a word of the query, so no signal finds it.
  store.write(() => store.papers.put({ id: "owls", title: "Owls", abstract: "They sleep by day." }));
  store.close();
  const engine = new EmbeddedEngine(directory, description);
  t.after(() => engine.close());
  const model = await EmbeddingModel.load(description.name);
  for (const [id, place] of [
    ["doll-1950-smoking", 1],
    ["owls", null],
  ] as const) {
    let embedded = 0;
    const embed = (text: string) => {
      embedded++;
      return model.embed(text);
    };
    const explained = await explain(engine, embed, explainSchema.parse({ id, q: "does smoking cause lung cancer" }));
    assert.equal(explained.place, place);
    assert.equal(explained.of, 154);
    assert.equal(embedded, 1);
  }
});
