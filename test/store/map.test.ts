import assert from "node:assert/strict";
import { test } from "node:test";
import Sqlite from "better-sqlite3";
import { KindredError } from "../../src/core/errors.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { databasePath } from "../../src/store/database.js";
import type { Mapped, StoredMap } from "../../src/store/map.js";
import { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";
import { MODEL, openStore } from "./store.js";

const put = (store: Store, ...records: PaperRecord[]) =>
  store.write(() => records.forEach((record) => store.papers.put(record)));

/** Embeds everything pending. */
const embed = (store: Store) =>
  store.write(() => {
    for (const { hash, label } of store.vectors.pending("vectors", 0, 1_000))
      store.vectors.putVector(hash, { vector: Int8Array.of(label, 2, 3, 127), scale: 0.5 }, (one) =>
        store.changes.recordVectors(one),
      );
  });

/** A store with papers "a", "b", "c" ..., labels 1, 2, 3 ..., all embedded. */
function embedded(t: { after(work: () => void): void }, count: number, directory = temporaryDirectory(t)): Store {
  const store = openStore(t, directory);
  put(store, ...Array.from({ length: count }, (_, i) => ({ id: idOf(i + 1), title: `Of ${idOf(i + 1)}` })));
  embed(store);
  return store;
}
const idOf = (label: number) => String.fromCodePoint(96 + label);

const KNOWN: StoredMap = {
  laidOut: 3,
  early: false,
  regions: [{ name: "knots, sea shanties", x: 0.5, y: -1.25, papers: 3, level: 0 }],
};

/** A map with each label at x = label and y = `y`, for the current state of the store. */
const mapped = (store: Store, labels: number[], y: number, replace = true): Mapped => ({
  labels: Uint32Array.from(labels),
  places: Float32Array.from(labels.flatMap((label) => [label, y])),
  replace,
  change: store.changes.latest(),
  map: KNOWN,
});
const keep = (store: Store, made: Mapped) => store.write(() => store.map.put(made));

/** y of each point, by label. */
const points = (store: Store) => Object.fromEntries(store.map.rows(0, 1_000).map(([label, , y]) => [label, y]));
const numbers = (store: Store) => [store.map.count(), store.map.countPending(), store.map.version()];

test("a store without a map has no points, and every paper with a vector is pending", (t) => {
  const store = embedded(t, 2);
  put(store, { id: "c", title: "Of c" });
  assert.equal(store.map.get(), null);
  assert.deepEqual(numbers(store), [0, 2, 0], "the third has no vector yet");
  assert.deepEqual(store.map.rows(0, 10), []);
});

test("a stored map is read back unchanged, also by another connection", (t) => {
  const directory = temporaryDirectory(t);
  const store = embedded(t, 3, directory);
  const reader = Store.openForReading(directory, MODEL);
  t.after(() => reader.close());
  keep(store, mapped(store, [1, 2, 3], 0.1));
  for (const one of [store, reader]) {
    assert.deepEqual(one.map.get(), KNOWN);
    assert.deepEqual(numbers(one), [3, 0, 1]);
    // Coordinates are stored as 32-bit floats.
    assert.deepEqual(points(one), { 1: Math.fround(0.1), 2: Math.fround(0.1), 3: Math.fround(0.1) });
  }
});

test("points have the data they are drawn with, in ascending order, after a given label", (t) => {
  const store = embedded(t, 4);
  put(store, { id: "b", title: "Of b", published: "1999-05", categories: ["cs.LG", "math"] });
  keep(store, mapped(store, [4, 2, 1, 3], 7));
  assert.deepEqual(store.map.rows(1, 2), [
    [2, 2, 7, "1999-05", "cs.LG"],
    [3, 3, 7, null, null],
  ]);
  assert.deepEqual(store.map.rows(4, 2), []);
});

test("papers to map have vector, title and point, after a given label; those without a vector are left out", (t) => {
  const store = embedded(t, 3);
  put(store, { id: "d", title: "Of d" });
  keep(store, mapped(store, [1, 3], 7));
  const vectorOf = (label: number) => ({ vector: Int8Array.of(label, 2, 3, 127), scale: 0.5 });
  assert.deepEqual(store.map.mappable(0, 2), [
    { label: 1, title: "Of a", vector: vectorOf(1), point: { x: 1, y: 7 } },
    { label: 2, title: "Of b", vector: vectorOf(2), point: null },
  ]);
  assert.deepEqual(
    store.map.mappable(2, 10).map(({ label }) => label),
    [3],
  );
});

test("papers with the same text share a vector and have separate points", (t) => {
  const store = openStore(t);
  put(store, { id: "a", title: "Knots" }, { id: "b", title: "Knots" });
  embed(store);
  assert.equal(store.map.countPending(), 2);
  keep(store, mapped(store, [1, 2], 7));
  assert.deepEqual(numbers(store), [2, 0, 1]);
});

test("added points leave the others in place; a new map replaces all of the previous one", (t) => {
  const store = embedded(t, 4);
  keep(store, mapped(store, [1, 2], 7));
  keep(store, { ...mapped(store, [3], 8, false), map: { ...KNOWN, laidOut: 2 } });
  assert.deepEqual(points(store), { 1: 7, 2: 7, 3: 8 });
  assert.equal(store.map.get()?.laidOut, 2);
  keep(store, mapped(store, [2, 4], 9));
  assert.deepEqual(points(store), { 2: 9, 4: 9 });
  assert.deepEqual(numbers(store), [2, 2, 3], "each is another version");
});

test("papers changed or removed while the map was made have no point", (t) => {
  const store = embedded(t, 4);
  for (const replace of [true, false]) {
    const made = mapped(store, [1, 2, 3, 4], 7, replace);
    put(store, { id: "b", title: "Of b", abstract: `Of something else ${replace}.` });
    store.write(() => store.papers.remove("c"));
    embed(store);
    keep(store, made);
    assert.deepEqual(points(store), { 1: 7, 4: 7 });
    assert.equal(store.map.countPending(), 1, "what changed is placed by its new vector");
    assert.equal(store.map.mappable(1, 1)[0]?.point, null);
  }
  keep(store, mapped(store, [2], 8, false));
  assert.deepEqual(points(store), { 1: 7, 2: 8, 4: 7 });
});

test("papers whose sentences were stored while the map was made have a point", (t) => {
  const store = embedded(t, 2);
  const made = mapped(store, [1, 2], 7);
  store.write(() => {
    for (const { hash } of store.vectors.pending("sentences", 0, 10)) {
      const sentences = { spans: Uint32Array.of(0, 4), sketches: Uint8Array.of(1, 2) };
      store.vectors.putSentences(hash, sentences, (label) => store.changes.recordVectors(label));
    }
  });
  keep(store, made);
  assert.deepEqual(points(store), { 1: 7, 2: 7 });
});

test("removing a paper removes its point, and no other paper gets its label", (t) => {
  const store = embedded(t, 3);
  keep(store, mapped(store, [1, 2, 3], 7));
  store.write(() => store.papers.remove("c"));
  assert.deepEqual(points(store), { 1: 7, 2: 7 });
  put(store, { id: "c", title: "Of c" });
  embed(store);
  assert.deepEqual(points(store), { 1: 7, 2: 7 });
  assert.deepEqual(numbers(store).slice(0, 2), [2, 1]);
});

test("a changed text removes the point; a changed date keeps it", (t) => {
  const store = embedded(t, 3);
  keep(store, mapped(store, [1, 2, 3], 7));
  put(store, { id: "a", title: "Of a", abstract: "Of something else." }, { id: "b", title: "Of b, and more" });
  put(store, { id: "c", title: "Of c", published: "2001", venue: "Elsewhere", upvotes: 5 });
  assert.deepEqual(store.map.rows(0, 10), [[3, 3, 7, "2001", null]]);
  assert.equal(store.map.countPending(), 0, "they have no vector either");
  embed(store);
  assert.equal(store.map.countPending(), 2);
});

test("undoing an import removes its points, and papers it changed are pending again", (t) => {
  const store = embedded(t, 1);
  const second = store.write(() => {
    const number = store.imports.begin("a file");
    for (const record of [
      { id: "a", title: "Of a", abstract: "Of something else." },
      { id: "b", title: "Of b" },
    ]) {
      const { label, outcome, before } = store.papers.put(record);
      store.imports.record(number, label, outcome, before);
    }
    return number;
  });
  embed(store);
  keep(store, mapped(store, [1, 2], 7));
  for (const _ of store.imports.undo(second, (work) => store.write(work)));
  assert.deepEqual(points(store), {});
  assert.equal(store.map.countPending(), 1);
});

test("each model has its own map", (t) => {
  const directory = temporaryDirectory(t);
  const store = embedded(t, 2, directory);
  const other = openStore(t, directory, { ...MODEL, identity: "another model" });
  embed(other);
  keep(store, mapped(store, [1, 2], 7));
  assert.equal(other.map.get(), null);
  assert.deepEqual(numbers(other), [0, 2, 0]);
  keep(other, mapped(other, [1, 2], 8));
  keep(other, mapped(other, [2], 9));
  assert.deepEqual([points(store), points(other)], [{ 1: 7, 2: 7 }, { 2: 9 }]);
  store.write(() => store.papers.remove("b"));
  assert.deepEqual([points(store), points(other)], [{ 1: 7 }, {}], "a paper that is gone is on no map");
});

test("a store opened for reading before anything was embedded sees a later map", (t) => {
  const directory = temporaryDirectory(t);
  openStore(t, directory, { ...MODEL, identity: "another model" });
  const reader = Store.openForReading(directory, MODEL);
  t.after(() => reader.close());
  assert.deepEqual([reader.map.get(), ...numbers(reader)], [null, 0, 0, 0]);
  const store = embedded(t, 2, directory);
  keep(store, mapped(store, [1, 2], 7));
  assert.deepEqual(numbers(reader), [2, 0, 1]);
});

test("a map is stored as a whole or not at all", (t) => {
  const store = embedded(t, 3);
  keep(store, mapped(store, [1, 2, 3], 7));
  assert.throws(
    () =>
      store.write(() => {
        store.map.put(mapped(store, [1, 2, 3], 8));
        throw new Error("the power is gone");
      }),
    /the power is gone/,
  );
  assert.deepEqual(points(store), { 1: 7, 2: 7, 3: 7 });
  assert.equal(store.map.version(), 1);
});

for (const map of ["{", `{"laidOut": -0.5, "early": false, "regions": []}`, `{"laidOut": 3}`])
  test(`a map stored as ${map} is reported as damage`, (t) => {
    const directory = temporaryDirectory(t);
    const store = embedded(t, 1, directory);
    keep(store, mapped(store, [1], 7));
    const database = new Sqlite(databasePath(directory));
    database.prepare("UPDATE maps SET map = ?").run(map);
    database.close();
    assert.throws(
      () => store.map.get(),
      (thrown) =>
        thrown instanceof KindredError &&
        thrown.code === "damaged" &&
        /the map in .*papers\.db could not be read.*restore a copy/.test(thrown.message),
    );
  });
