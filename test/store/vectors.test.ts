import assert from "node:assert/strict";
import { test } from "node:test";
import { KindredError } from "../../src/core/errors.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";
import { MODEL, openStore } from "./store.js";

const put = (store: Store, ...records: PaperRecord[]) =>
  store.write(() => records.forEach((record) => store.papers.put(record)));
const vectorOf = (first: number) => ({ vector: Int8Array.of(first, 2, 3, 127), scale: 0.5 });
const sentencesOf = (count: number) => ({
  spans: Uint32Array.from({ length: 2 * count }, (_, i) => 70_000 * i),
  sketches: Uint8Array.from({ length: count + 1 }, (_, i) => i),
});
const record = (store: Store) => (label: number) => store.changes.record(label);

/** Embeds up to `limit` pending texts. @returns Their titles. */
const embed = (store: Store, limit = 100) =>
  store.write(() =>
    store.vectors.pending("vectors", 0, limit).map(({ hash, title, label }) => {
      assert.ok(store.vectors.putVector(hash, vectorOf(label), record(store)));
      return title;
    }),
  );
const vectors = (store: Store) =>
  Object.fromEntries(store.vectors.changesSince(0, 100).map(({ label, vector }) => [label, vector?.vector[0] ?? null]));

test("pending texts are in the order of their papers, after a given label, without embedded ones", (t) => {
  const store = openStore(t);
  put(store, ...["a", "b", "c", "d"].map((id) => ({ id, title: `Of ${id}` })));
  assert.deepEqual(
    store.vectors.pending("vectors", 1, 2).map(({ label, title, abstract }) => [label, title, abstract]),
    [
      [2, "Of b", null],
      [3, "Of c", null],
    ],
  );
  assert.equal(store.vectors.countPending("vectors"), 4);
  assert.deepEqual(embed(store, 3), ["Of a", "Of b", "Of c"]);
  assert.equal(store.vectors.countPending("vectors"), 1);
  assert.equal(store.vectors.countPending("sentences"), 4, "sentences wait for their own");
});

test("the same text in two papers is embedded once, and both have its vector", (t) => {
  const store = openStore(t);
  put(store, { id: "a", title: "Knots", abstract: "On." }, { id: "b", title: "Knots", abstract: "On." });
  put(store, { id: "c", title: "Knots" });
  assert.equal(store.vectors.countPending("vectors"), 2);
  const [{ hash } = { hash: Buffer.alloc(0) }] = store.vectors.pending("vectors", 0, 1);
  const labels: number[] = [];
  store.write(() => store.vectors.putVector(hash, vectorOf(9), (label) => labels.push(label)));
  assert.deepEqual(labels, [1, 2]);
  assert.deepEqual(vectors(store), { 1: 9, 2: 9, 3: null });
  put(store, { id: "d", title: "Knots", abstract: "On." });
  assert.deepEqual(vectors(store), { 1: 9, 2: 9, 3: null, 4: 9 }, "a third comes with its vector");
});

test("texts differ if the boundary of title and abstract differs", (t) => {
  const store = openStore(t);
  put(store, { id: "a", title: "Knots on", abstract: "cats" }, { id: "b", title: "Knots", abstract: "on cats" });
  assert.equal(store.vectors.countPending("vectors"), 2);
});

test("a vector is deleted with the last paper that has its text", (t) => {
  const store = openStore(t);
  put(store, { id: "a", title: "Knots" }, { id: "b", title: "Knots" });
  const [{ hash } = { hash: Buffer.alloc(0) }] = store.vectors.pending("vectors", 0, 1);
  embed(store);
  put(store, { id: "a", title: "Cats and knots" });
  put(store, { id: "c", title: "Knots" });
  assert.equal(store.vectors.countPending("vectors"), 1, "b still had it");
  store.write(() => (store.papers.remove("b"), store.papers.remove("c")));
  put(store, { id: "d", title: "Knots" });
  assert.equal(store.vectors.countPending("vectors"), 2, "now it would have to be embedded again");
  store.write(() => store.papers.remove("d"));
  assert.equal(
    store.write(() => store.vectors.putVector(hash, vectorOf(1), record(store))),
    false,
    "a vector that comes too late is not kept",
  );
});

test("sentences are read back unchanged", (t) => {
  const store = openStore(t);
  put(store, { id: "a", title: "Knots", abstract: "One. Two." }, { id: "b", title: "Cats" });
  assert.equal(store.vectors.sentences(1), undefined);
  store.write(() =>
    store.vectors
      .pending("sentences", 0, 9)
      .forEach(({ hash }, i) => store.vectors.putSentences(hash, sentencesOf(i === 0 ? 2 : 0), record(store))),
  );
  for (const [label, count] of [
    [1, 2],
    [2, 0],
  ] as const) {
    const { spans, sketches } = store.vectors.sentences(label)!;
    assert.deepEqual(spans, sentencesOf(count).spans);
    assert.deepEqual(Uint8Array.from(sketches), sentencesOf(count).sketches);
  }
  assert.equal(store.vectors.countPending("sentences"), 0);
});

test("two models do not see each other's vectors, and a removed paper's are deleted for both", (t) => {
  const directory = temporaryDirectory(t);
  const one = openStore(t, directory);
  const other = openStore(t, directory, { identity: "another model", dimensions: 4 });
  put(one, { id: "a", title: "Knots" }, { id: "b", title: "Cats" });
  embed(one);
  assert.equal(other.vectors.countPending("vectors"), 2);
  assert.deepEqual(vectors(other), { 1: null, 2: null });
  other.write(() => {
    for (const { hash } of other.vectors.pending("vectors", 0, 1))
      other.vectors.putVector(hash, vectorOf(77), record(other));
  });
  assert.deepEqual(vectors(other), { 1: 77, 2: null });
  assert.deepEqual(vectors(one), { 1: 1, 2: 2 });
  one.write(() => one.papers.remove("a"));
  put(one, { id: "a", title: "Knots" });
  assert.equal(one.vectors.countPending("vectors"), 1);
  assert.equal(other.vectors.countPending("vectors"), 2);
});

test("for a model unknown to the database a reader finds everything pending, until a writer opens it", (t) => {
  const directory = temporaryDirectory(t);
  const writer = openStore(t, directory);
  put(writer, { id: "a", title: "Knots" });
  const model = { identity: "a later model", dimensions: 4 };
  const reader = Store.openForReading(directory, model);
  t.after(() => reader.close());
  assert.equal(reader.vectors.countPending("vectors"), 1);
  assert.deepEqual(vectors(reader), { 1: null });
  const later = openStore(t, directory, model);
  embed(later);
  assert.deepEqual(vectors(reader), { 1: 1 });
});

test("changes are oldest first, each label once with its current state, as many as requested", (t) => {
  const store = openStore(t);
  put(store, { id: "a", title: "A" }, { id: "b", title: "B" }, { id: "c", title: "C" });
  put(store, { id: "a", title: "A again" });
  store.write(() => store.papers.remove("b"));
  const changes = store.vectors.changesSince(0, 100);
  assert.deepEqual(
    changes.map(({ label, gone }) => [label, gone]),
    [
      [3, false],
      [1, false],
      [2, true],
    ],
  );
  assert.deepEqual(store.vectors.changesSince(changes[0]!.change, 1), [changes[1]]);
  assert.equal(store.changes.latest(), changes[2]!.change);
  assert.deepEqual(store.vectors.changesSince(store.changes.latest(), 9), []);
});

test("another connection's commits change the data version, its own do not", (t) => {
  const directory = temporaryDirectory(t);
  const [one, other] = [openStore(t, directory), openStore(t, directory)];
  const [before, beforeOther] = [one.dataVersion(), other.dataVersion()];
  put(one, { id: "a", title: "A" });
  assert.equal(one.dataVersion(), before);
  assert.notEqual(other.dataVersion(), beforeOther);
});

test("a stored vector of the wrong length is reported as damage, with the paper and both lengths", (t) => {
  const directory = temporaryDirectory(t);
  put(openStore(t, directory), { id: "a", title: "A" });
  const wrong = openStore(t, directory, { ...MODEL, dimensions: 8 });
  embed(wrong);
  assert.throws(
    () => wrong.vectors.changesSince(0, 9),
    (error) =>
      error instanceof KindredError &&
      error.code === "damaged" &&
      /vector of paper 1 in .*papers\.db has 4 dimensions, expected 8/.test(error.message),
  );
});

test("vectors of texts without a paper are deleted, while others write", (t) => {
  const directory = temporaryDirectory(t);
  const [store, other] = [openStore(t, directory), openStore(t, directory)];
  const of = (words: string) => Array.from({ length: 40 }, (_, i) => ({ id: `p${i}`, title: `${words} ${i}` }));
  put(store, ...of("Knots"));
  embed(store);
  put(store, ...of("Graphs of knots").slice(0, 30));
  let steps = 0;
  for (const _ of store.vectors.forgetUnused((work) => store.write(work)))
    put(other, { id: "other", title: "Trees", upvotes: ++steps });
  assert.equal(embed(store, 100).length, 31, "texts that are new");
  put(store, ...of("Knots"));
  assert.equal(store.vectors.countPending("vectors"), 30, "those that came back are embedded again, others are kept");
  assert.ok(steps > 100);
});

test("unused vectors are looked for only after a paper has changed, also by another process", (t) => {
  const directory = temporaryDirectory(t);
  const [store, other] = [openStore(t, directory), openStore(t, directory)];
  const looked = () => Array.from(store.vectors.forgetUnused((work) => store.write(work))).length > 0;
  put(store, { id: "a", title: "Knots" });
  assert.ok(looked());
  const [{ hash } = { hash: Buffer.alloc(0) }] = store.vectors.pending("vectors", 0, 1);
  store.write(() => store.vectors.putVector(hash, vectorOf(1), (label) => store.changes.recordVectors(label)));
  put(store, { id: "a", title: "Knots" });
  assert.ok(!looked(), "its vector has come");
  put(other, { id: "a", title: "Graphs" });
  assert.ok(looked());
  assert.ok(!looked());
});
