import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import fc from "fast-check";
import { GRAPH_FILE, GraphIndex, loadGraph } from "../../src/engine/graph.js";
import { Store } from "../../src/store/store.js";
import { ExactIndex } from "../../src/vectors/exact.js";
import { quantize } from "../../src/vectors/quantize.js";
import { temporaryDirectory } from "../sample.js";
import { clusteredVectors, randomNumbers } from "../vectors/random.js";

const MODEL = { identity: "a model", dimensions: 16 };
const COUNT = 1_000;
const random = clusteredVectors(randomNumbers(12), COUNT, MODEL.dimensions);

/** All vectors at labels 0, 10, 20, ... */
function allVectors(): ExactIndex {
  const vectors = new ExactIndex(MODEL.dimensions);
  random.forEach((vector, i) => vectors.set(10 * i, quantize(vector)));
  return vectors;
}

/** A store with this many changes. */
function storeIn(directory: string, changes: number): Store {
  const store = Store.open(directory, MODEL);
  store.write(() => {
    for (let i = 0; i < changes; i++) store.papers.put({ title: `Paper ${i}` });
  });
  return store;
}

/** A folder with the graph of all vectors but those of labels 30 and 70, which were removed, written at change 5 of 8. */
const saved = temporaryDirectory({ after });
before(async () => {
  const store = storeIn(saved, 8);
  const vectors = allVectors();
  const graph = new GraphIndex(saved, MODEL);
  graph.start(vectors.labels());
  while (graph.advance(vectors, Infinity));
  for (const label of [70, 30]) {
    vectors.delete(label);
    graph.note(label);
  }
  while (graph.advance(vectors, Infinity));
  await graph.save(store, 5);
  graph.drop();
  store.close();
});

/** A copy of the folder, and its store. */
function copy(t: TestContext) {
  const directory = temporaryDirectory(t);
  cpSync(saved, directory, { recursive: true });
  const store = Store.open(directory, MODEL);
  t.after(() => store.close());
  return { directory, store, path: join(directory, GRAPH_FILE) };
}

test("a loaded graph has the vectors, deletions and change number with which it was written", async (t) => {
  const { directory, store } = copy(t);
  const loaded = await loadGraph(directory, MODEL, store.derived);
  assert.ok(loaded.graph !== null);
  const { graph, change } = loaded;
  t.after(() => graph.free());
  assert.equal(change, 5);
  assert.equal(graph.count, COUNT - 2);
  assert.deepEqual([...graph.deleted], [30, 70]);
  let found = 0;
  for (const [i, vector] of random.entries()) {
    const [nearest] = graph.nearest(vector, 1, 100);
    if (i === 3 || i === 7) assert.notEqual(nearest?.label, 10 * i);
    else if (nearest?.label === 10 * i) found++;
  }
  assert.ok(found > 0.98 * COUNT, `${found}`);
});

test("vectors that changed since the file was written are compared one by one, until the graph has them", async (t) => {
  const { directory, store } = copy(t);
  const vectors = allVectors();
  const graph = new GraphIndex(directory, MODEL);
  t.after(() => graph.drop());
  assert.equal(graph.nearest(random[3]!, 1, vectors, 10), null, "not loaded");
  let asked = -1;
  assert.equal(await graph.load(store.derived, (change) => ((asked = change), [30])), null);
  assert.equal(asked, 5);
  assert.equal(graph.saved, 5);
  assert.ok(!graph.ready);
  assert.equal(graph.nearest(random[3]!, 1, vectors, 0), null, "more have changed than are to be compared");
  assert.equal(graph.nearest(random[3]!, 1, vectors, 10)![0]!.label, 30);
  assert.notEqual(graph.nearest(random[7]!, 1, vectors, 10)![0]!.label, 70, "nothing said that it came back");
  while (graph.advance(vectors, 0));
  assert.ok(graph.ready);
  assert.equal(graph.nearest(random[3]!, 1, vectors, 10)![0]!.label, 30);
});

test("a graph in memory is kept when it was written elsewhere; without one, the file has to be loaded", async (t) => {
  const { directory, store } = copy(t);
  const graph = new GraphIndex(directory, MODEL);
  assert.equal(graph.written(6), false);
  await graph.load(store.derived, () => []);
  assert.equal(graph.written(6), true);
  assert.equal(graph.saved, 6);
  graph.drop();
  assert.equal(graph.saved, 0);
});

test("a graph is started again only if there is none, or a quarter of its nodes are of removed papers", (t) => {
  const vectors = allVectors();
  const graph = new GraphIndex(temporaryDirectory(t), MODEL);
  t.after(() => graph.drop());
  const remove = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      vectors.delete(10 * i);
      graph.note(10 * i);
    }
    while (graph.advance(vectors, Infinity));
  };
  assert.ok(graph.restart(() => vectors.labels()));
  while (graph.advance(vectors, Infinity));
  assert.ok(!graph.restart(() => vectors.labels()));
  remove(0, 250);
  assert.ok(!graph.restart(() => vectors.labels()));
  remove(250, 251);
  assert.ok(graph.restart(() => vectors.labels()));
  assert.ok(!graph.ready);
});

test("a folder without a graph is no fault", async (t) => {
  const directory = temporaryDirectory(t);
  const store = storeIn(directory, 1);
  t.after(() => store.close());
  assert.deepEqual(await loadGraph(directory, MODEL, store.derived), { graph: null, reason: null });
});

test("a graph of another model, other dimensions or another store is refused with the reason", async (t) => {
  const { directory, store, path } = copy(t);
  for (const model of [
    { ...MODEL, identity: "another" },
    { ...MODEL, dimensions: 32 },
  ])
    assert.deepEqual(await loadGraph(directory, model, store.derived), {
      graph: null,
      reason: "vectors.hnsw was made with another model",
    });
  const other = storeIn(temporaryDirectory(t), 8);
  t.after(() => other.close());
  const refused = await loadGraph(directory, MODEL, other.derived);
  assert.deepEqual(refused, {
    graph: null,
    reason: "vectors.hnsw is damaged, of another version, or of another papers.db",
  });
  rmSync(path);
  mkdirSync(path);
  const unreadable = await loadGraph(directory, MODEL, store.derived);
  assert.match(JSON.stringify(unreadable), /vectors\.hnsw could not be read/);
});

test("a failed save leaves the previous graph", async (t) => {
  const { directory, store, path } = copy(t);
  mkdirSync(`${path}.new`);
  const graph = new GraphIndex(directory, MODEL);
  t.after(() => graph.drop());
  graph.start([]);
  await assert.rejects(graph.save(store, 6));
  const loaded = await loadGraph(directory, MODEL, store.derived);
  assert.ok(loaded.graph !== null && loaded.change === 5);
  loaded.graph.free();
  assert.ok(!existsSync(`${path}.new`));
  assert.ok(readdirSync(directory).includes(GRAPH_FILE));
});

test("a graph cut at any length or with any one byte changed is refused", async (t) => {
  const { directory, store, path } = copy(t);
  const whole = readFileSync(path);
  const refused = async (bytes: Buffer) => {
    writeFileSync(path, bytes);
    assert.equal((await loadGraph(directory, MODEL, store.derived)).graph, null);
  };
  const place = fc
    .double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    .map((at) => Math.floor(at * whole.length));
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 0, max: 255 }), (at, change) => {
      if (change === 0) return refused(whole.subarray(0, at));
      const bytes = Buffer.from(whole);
      bytes[at]! ^= change;
      return refused(bytes);
    }),
    { numRuns: 60, examples: [[0, 0]] },
  );
});
