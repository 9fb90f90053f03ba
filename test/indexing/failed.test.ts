/** Texts that cannot be embedded are reported, and the rest is embedded. */
import "../tiny.js";
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { describeModel } from "../../src/embedding/description.js";
import { KindredError } from "../../src/core/errors.js";
import { embeddedWriter } from "../../src/engine/embedded-writer.js";
import { embedPending } from "../../src/indexing/embed.js";
import { EmbedderPool } from "../../src/indexing/pool.js";
import { openKindred } from "../../src/kindred.js";
import { Store } from "../../src/store/store.js";
import { verify } from "../../src/admin/verify.js";
import { temporaryDirectory } from "../sample.js";

const model = await describeModel();
const GOOD = Array.from({ length: 10 }, (_, i) => ({ id: `good-${i}`, title: `Tides in the ${i}th bay` }));

async function filled(t: TestContext, papers: readonly { id: string; title: string; abstract?: string }[]) {
  const directory = temporaryDirectory(t);
  const store = Store.open(directory, model);
  t.after(() => store.close());
  store.write(() => papers.forEach((paper) => store.papers.put(paper)));
  const embed = async (module: string, name = model.name) => {
    const pool = new EmbedderPool({ model: name, polite: false }, 2, new URL(module, import.meta.url));
    const writer = embeddedWriter(store);
    assert.equal(await writer.startIndexing(), true);
    const told: { done: number; total: number }[] = [];
    try {
      const progress = ({ done, total }: { done: number; total: number }) => void told.push({ done, total });
      await embedPending(writer, pool, { progress, signal: new AbortController().signal });
      return told;
    } finally {
      await writer.stopIndexing();
      await pool.close();
    }
  };
  return { directory, store, embed };
}

test("a text on which the model fails is set aside with the reason, and everything else is embedded", async (t) => {
  const papers = [
    ...GOOD.slice(0, 3),
    { id: "throws", doi: "10.1000/throws", title: "Of poison" },
    ...GOOD.slice(3, 7),
    { id: "ends", title: "Of a killer" },
    // The whole abstract is embedded separately from its sentences.
    ...GOOD.slice(7),
  ];
  const { directory, store, embed } = await filled(t, papers);
  const told = await embed("./failing-embedder.js");
  assert.deepEqual([told.at(-1)!.done, told.at(-1)!.total], [10, 10], "what failed is not counted");
  assert.deepEqual([store.vectors.countPending("vectors"), store.vectors.countPending("sentences")], [0, 0]);
  const failed = store.vectors.failed();
  assert.deepEqual(
    failed.map(({ id, tries }) => [id, tries]),
    [
      ["throws", 1],
      ["ends", 3],
    ],
  );
  assert.match(failed[0]!.reason, /an index is out of bounds/);
  assert.match(failed[1]!.reason, /ended before it had answered: with code 3/);
  assert.deepEqual(await embed("./failing-embedder.js"), [], "they are not tried again");

  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  const counts = async () => {
    const { papers, embedded, pending, pendingSentences, pendingPoints, failed } = await kindred.status();
    return { papers, embedded, pending, pendingSentences, pendingPoints, failed };
  };
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 0, sentences: 0 });
  const all = { papers: 12, pending: 0, pendingSentences: 0, pendingPoints: 0 };
  assert.deepEqual(await counts(), { ...all, embedded: 10, failed: 2 });
  assert.deepEqual((await kindred.search({ q: "poison", mode: "lexical" })).hits[0]?.paper.id, "throws");

  const verified = await verify(directory, model, { texts: 0 });
  assert.deepEqual(verified.findings, []);
  assert.deepEqual(verified.failed, failed);

  // The model works now: a changed text is embedded, and all are on request.
  const changed = [Buffer.from(JSON.stringify({ id: "throws", doi: "10.1000/throws", title: "Of an antidote" }))];
  await kindred.import(
    (async function* () {
      yield* changed;
    })(),
  );
  assert.deepEqual(await counts(), { ...all, embedded: 10, pending: 1, pendingSentences: 1, failed: 1 });
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 1, sentences: 1 });
  assert.deepEqual(await counts(), { ...all, embedded: 11, failed: 1 });
  assert.deepEqual(await kindred.index({ rebuild: true }), { state: "done", abstracts: 1, sentences: 1 });
  assert.deepEqual(await counts(), { ...all, embedded: 12, failed: 0 });
});

test("a text of which only the sentences fail keeps its vector", async (t) => {
  // The model truncates a long abstract, so only a sentence contains the word.
  const abstract = `${"The tide comes in and goes out again in the bay. ".repeat(60)}It is a poison.`;
  const { directory, store, embed } = await filled(t, [...GOOD, { id: "half", title: "Half", abstract }]);
  // The failing model checks the text before truncation, so the vector is made by a working one.
  const whole = new EmbedderPool({ model: model.name, polite: false }, 1);
  const [text] = store.vectors.pending("vectors", 10, 1);
  const [vector] = await whole.call("vectors", [{ title: text!.title, abstract: text!.abstract }]);
  await whole.close();
  store.write(() => store.vectors.putVector(text!.hash, vector!, (label) => store.changes.recordVectors(label)));
  await embed("./failing-embedder.js");
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  const { embedded, pending, pendingSentences, failed } = await kindred.status();
  assert.deepEqual([embedded, pending, pendingSentences, failed], [11, 0, 0, 1]);
});

test("if no text can be embedded none is set aside, because the model is at fault", async (t) => {
  const { store, embed } = await filled(t, GOOD);
  await assert.rejects(embed("./broken-embedder.js"), /the session is gone/);
  await assert.rejects(
    embed("./failing-embedder.js", "none"),
    (error) => error instanceof KindredError && error.code !== "interrupted",
  );
  assert.deepEqual(store.vectors.failed(), []);
  assert.equal(store.vectors.countPending("vectors"), 10);
});
