import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { temporaryDirectory } from "../sample.js";
import { ExactIndex } from "../../src/vectors/exact.js";
import { HnswGraph } from "../../src/vectors/hnsw.js";
import { dequantize, quantize } from "../../src/vectors/quantize.js";
import { clusteredVectors, near, randomNumbers, unitVector } from "./random.js";

const DIMENSIONS = 64;
const COUNT = 2_000;
const EF = 100;

const random = randomNumbers(11);
const vectors = clusteredVectors(random, COUNT, DIMENSIONS).map((vector) => dequantize(quantize(vector)));
const queries = Array.from({ length: 100 }, (_, i) => near(random, vectors[i * 20] as Float32Array, 0.5));
const exact = new ExactIndex(DIMENSIONS);
let graph: HnswGraph;
before(() => {
  graph = HnswGraph.empty(DIMENSIONS);
  vectors.forEach((vector, label) => {
    exact.set(label, quantize(vector));
    graph.add(label, vector);
  });
});

/** A small separate graph for tests that change it. */
function smallGraph(count = 50): HnswGraph {
  const small = HnswGraph.empty(DIMENSIONS);
  for (let label = 0; label < count; label++) small.add(label, vectors[label] as Float32Array);
  return small;
}

const first = (of: HnswGraph, query: Float32Array) => of.nearest(query, 1, EF)[0]?.label;
const labelsOf = (neighbours: { label: number }[]) => neighbours.map(({ label }) => label);

/** The share of the ten nearest that the graph finds, over all queries. */
function recall(of: HnswGraph): number {
  let found = 0;
  for (const query of queries) {
    const truth = new Set(labelsOf(exact.nearest(query, 10)));
    found += of.nearest(query, 10, EF).filter(({ label }) => truth.has(label)).length;
  }
  return found / (10 * queries.length);
}

test("among 2,000 clustered vectors at least 0.95 of the ten nearest are found", () => {
  const measured = recall(graph);
  assert.ok(measured >= 0.95, `recall@10 is ${measured}`);
});

test("a graph saved empty accepts vectors after loading", async (t) => {
  const path = join(temporaryDirectory(t), "graph");
  await HnswGraph.empty(DIMENSIONS).save(path);
  const loaded = await HnswGraph.load(path, DIMENSIONS, []);
  assert.deepEqual(loaded.nearest(vectors[0]!, 10, EF), []);
  for (let label = 0; label < 50; label++) loaded.add(label, vectors[label]!);
  assert.deepEqual(loaded.nearest(vectors[7]!, 10, EF), smallGraph().nearest(vectors[7]!, 10, EF));
});

test("a saved and loaded graph gives the same answers", async (t) => {
  const path = join(temporaryDirectory(t), "graph");
  await graph.save(path);
  const loaded = await HnswGraph.load(path, DIMENSIONS, []);
  assert.equal(loaded.count, COUNT);
  for (const query of queries) assert.deepEqual(loaded.nearest(query, 10, EF), graph.nearest(query, 10, EF));
  assert.ok(recall(loaded) >= 0.95);
});

test("the same vectors in the same order give the same graph", () => {
  const [one, other] = [smallGraph(), smallGraph()];
  for (const query of queries) assert.deepEqual(one.nearest(query, 10, EF), other.nearest(query, 10, EF));
});

test("neighbours are nearest first, with their cosines", () => {
  for (const query of queries.slice(0, 20)) {
    const found = graph.nearest(query, 10, EF);
    found.forEach(({ label, similarity }, i) => {
      assert.ok(Math.abs(similarity - (exact.similarities(query, [label])[0] as number)) < 1e-3);
      assert.ok(i === 0 || found[i - 1]!.similarity >= similarity);
    });
  }
});

test("a deleted label is not found or counted, and does not hide others", () => {
  const small = smallGraph();
  for (let label = 0; label < 50; label += 2) small.delete(label);
  assert.equal(small.count, 25);
  const expected = Array.from({ length: 25 }, (_, i) => 2 * i + 1);
  for (const query of queries)
    assert.deepEqual(
      labelsOf(small.nearest(query, 50, EF)).toSorted((a, b) => a - b),
      expected,
    );
  assert.deepEqual([...small.deleted].length, 25);
  small.delete(0);
  small.delete(4_000);
  assert.equal(small.count, 25, "deleting what is not there changes nothing");
});

test("a graph with only deleted labels finds nothing, and can be filled again", () => {
  const small = smallGraph();
  for (let label = 0; label < 50; label++) small.delete(label);
  assert.deepEqual(small.nearest(queries[0] as Float32Array, 5, EF), []);
  small.add(3, vectors[3] as Float32Array);
  assert.deepEqual(labelsOf(small.nearest(queries[0] as Float32Array, 5, EF)), [3]);
});

test("deletions survive a save", async (t) => {
  const path = join(temporaryDirectory(t), "graph");
  const small = smallGraph();
  small.delete(7);
  await small.save(path);
  const loaded = await HnswGraph.load(path, DIMENSIONS, small.deleted);
  assert.equal(loaded.count, 49);
  assert.ok(!loaded.has(7));
  assert.ok(!labelsOf(loaded.nearest(vectors[7] as Float32Array, 50, EF)).includes(7));
  loaded.add(7, vectors[7] as Float32Array);
  assert.equal(first(loaded, vectors[7] as Float32Array), 7);
});

test("a deleted label can be added again, with the same vector or another", () => {
  const small = smallGraph();
  for (const vector of [vectors[9] as Float32Array, unitVector(random, DIMENSIONS)]) {
    small.delete(9);
    assert.ok(!small.has(9));
    small.add(9, vector);
    assert.ok(small.has(9));
    assert.equal(small.count, 50);
    assert.equal(first(small, vector), 9);
  }
});

test("adding a label again with another vector moves it", () => {
  const small = smallGraph();
  const elsewhere = unitVector(random, DIMENSIONS);
  small.add(5, elsewhere);
  assert.equal(small.count, 50);
  assert.equal(first(small, elsewhere), 5);
  assert.notEqual(first(small, vectors[5] as Float32Array), 5);
});

test("asking for more neighbours than exist returns all, and an empty graph returns none", () => {
  assert.deepEqual(HnswGraph.empty(DIMENSIONS).nearest(queries[0] as Float32Array, 10, EF), []);
  assert.equal(smallGraph().nearest(queries[0] as Float32Array, 1_000, EF).length, 50);
  assert.deepEqual(smallGraph().nearest(queries[0] as Float32Array, 0, EF), []);
});

test("a loaded graph can grow", async (t) => {
  const path = join(temporaryDirectory(t), "graph");
  await smallGraph().save(path);
  const loaded = await HnswGraph.load(path, DIMENSIONS, []);
  for (let label = 50; label < 1_200; label++) loaded.add(label, vectors[label] as Float32Array);
  assert.equal(loaded.count, 1_200);
  for (const label of [0, 49, 1_023, 1_024, 1_199]) assert.equal(first(loaded, vectors[label] as Float32Array), label);
});

test("invalid arguments that hnswlib would accept silently are refused", () => {
  const small = smallGraph();
  const vector = vectors[0] as Float32Array;
  for (const component of [NaN, Infinity, -Infinity]) {
    const broken = Float32Array.from(vector);
    broken[3] = component;
    assert.throws(() => small.add(60, broken), /expected finite/);
    assert.throws(() => small.nearest(broken, 1, EF), /expected finite/);
  }
  assert.throws(() => small.add(60, vector.subarray(1)), /got 63 dimensions, expected 64/);
  assert.throws(() => small.nearest(new Float32Array(65), 1, EF), /got 65 dimensions, expected 64/);
  for (const label of [-1, 0.5, NaN, 2 ** 32]) assert.throws(() => small.add(label, vector), /label: got/);
  assert.equal(small.count, 50, "nothing of it was added");
  small.add(2 ** 32 - 1, unitVector(random, DIMENSIONS));
  assert.ok(small.has(2 ** 32 - 1));
});
