import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { matchedIn, soughtBy } from "../../src/ranking/matched.js";
import fc from "fast-check";
import { termsIn } from "../../src/core/text.js";
import { stemOf } from "../../src/words/stem.js";
import { anyWriting } from "../writings.js";
import { contentTerms } from "../../src/words/terms.js";
import { Store } from "../../src/store/store.js";
import { sampleDirectory } from "../sample.js";

let engine: EmbeddedEngine;
let model: EmbeddingModel;
const cleaning: (() => void)[] = [];
before(async () => {
  const description = await describeModel();
  const directory = await sampleDirectory({ after: (work) => cleaning.push(work) });
  const store = Store.open(directory, description);
  store.write(() => {
    store.papers.put({ id: "spins", title: "What is known of Ising's model: the Ising model is one of spins" });
    store.papers.put({ id: "bare", title: "Naïve H₂O Modelling, models and MODELS" });
    store.papers.put({
      id: "pending",
      title: "Bears",
      abstract:
        "Some bears sleep through winter. Others sleep through winter in caves. Caves are cold in winter nights.",
    });
  });
  store.close();
  engine = new EmbeddedEngine(directory, description);
  model = await EmbeddingModel.load();
});
after(async () => {
  engine.close();
  await model.close();
  for (const work of cleaning) work();
});

async function paperOf(id: string) {
  const label = (await engine.resolve([{ kind: "id", value: id }]))[0]!;
  return { label, paper: (await engine.papers([label]))[0]! };
}

async function matched(id: string, query: string, meaning = true) {
  const { label, paper } = await paperOf(id);
  const vector = meaning ? await model.embed(query) : null;
  return matchedIn(await engine.inspect(), paper, label, soughtBy(contentTerms(query)), vector);
}

test("words that share a stem with the query are given as written, each once, in order", async () => {
  const { words, sentence } = await matched("bare", "naive model of h2o");
  assert.deepEqual(words, ["Naïve", "H₂O", "Modelling", "models", "MODELS"]);
  assert.equal(sentence, null, "without an abstract there is no sentence");
});

test("a word that shares its stem with a stop word matches only itself", async () => {
  assert.deepEqual((await matched("spins", "ising model")).words, ["Ising", "model"]);
});

test("the sentence is the nearest by meaning, as in the abstract, even without a word of the query", async () => {
  const query = "machines deciding every question of logic";
  const { sentence } = await matched("turing-1936-computable", query);
  const { label, paper } = await paperOf("turing-1936-computable");
  const nearest = (await engine.inspect())
    .sentences(await model.embed(query), label)!
    .toSorted((a, b) => b.similarity - a.similarity)[0]!;
  assert.deepEqual(
    [sentence?.start, sentence?.end, sentence?.similarity],
    [nearest.start, nearest.end, nearest.similarity],
  );
  const { abstract } = paper;
  assert.equal(sentence?.text, abstract?.slice(sentence?.start, sentence?.end));
  assert.match(sentence?.text ?? "", /Hilbert's decision problem|no machine can decide/);
});

for (const { what, meaning } of [
  { what: "where only words were asked for", meaning: false },
  { what: "while the sentences are pending", meaning: true },
])
  test(`${what} the sentence is the first with most of the words`, async () => {
    const { sentence } = await matched("pending", "winter cave sleep", meaning);
    assert.deepEqual(sentence, {
      text: "Others sleep through winter in caves.",
      start: 33,
      end: 70,
      similarity: null,
    });
    assert.equal((await matched("pending", "Sleeping", meaning)).sentence?.start, 0);
    assert.equal((await matched("pending", "penguins", meaning)).sentence, null);
  });

test("at most fifty words are given", async () => {
  const { label, paper } = await paperOf("turing-1936-computable");
  const { words } = matchedIn(
    await engine.inspect(),
    paper,
    label,
    soughtBy(contentTerms(`${paper.title} ${paper.abstract}`)),
    null,
  );
  assert.equal(words.length, 50);
});

test("the given words are exactly those that match", async () => {
  const [first] = await engine.papers([1]);
  const block = await engine.inspect();
  const paper = { ...first!, abstract: null };
  fc.assert(
    fc.property(anyWriting, anyWriting, (text, query) => {
      const terms = contentTerms(query);
      const { words } = matchedIn(block, { ...paper, title: `${text} ${query}` }, 1, soughtBy(terms), null);
      const stems = new Set(terms.filter(({ stem }) => !stem.endsWith("*")).map(({ stem }) => stem));
      const beginnings = terms.filter(({ stem }) => stem.endsWith("*")).map(({ stem }) => stem.slice(0, -1));
      const matches = (stem: string) => stems.has(stem) || beginnings.some((beginning) => stem.startsWith(beginning));
      for (const word of words) {
        assert.ok(`${text} ${query}`.includes(word));
        assert.ok(
          contentTerms(word).some(({ stem }) => matches(stem.replace(/\*$/, ""))),
          `"${word}" of "${query}"`,
        );
      }
      const named = new Set(words.flatMap((word) => termsIn(word).map(stemOf)));
      for (const stem of stems) assert.ok(named.has(stem), `${stem} of "${query}" in ${words.join(", ")}`);
    }),
    { numRuns: 1_000 },
  );
});
