/** The engine compared with exhaustive search, through changes, with a graph that is stale, nearly current and current. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import type { Filters, Selection } from "../../src/api.js";
import type { ModelDescription } from "../../src/embedding/description.js";
import { loadGraph } from "../../src/engine/graph.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { embeddedWriter } from "../../src/engine/embedded-writer.js";
import type { Writer } from "../../src/engine/writer.js";
import { databasePath } from "../../src/store/database.js";
import { textHash } from "../../src/store/row.js";
import { Store } from "../../src/store/store.js";
import { dequantize, quantize } from "../../src/vectors/quantize.js";
import { temporaryDirectory } from "../sample.js";
import { record } from "../store/records.js";
import { dot, near, randomNumbers, unitVector } from "../vectors/random.js";

const MODEL: ModelDescription = {
  name: "none",
  dtype: "q8",
  pooling: "mean",
  cut: 256,
  sha256: "",
  dimensions: 32,
  identity: "none",
};
const COUNT = 8_000;
const CLUSTERS = 40;
/** Low, so that the graph is used at sizes that a test can handle in seconds. */
const SIZES = { exact: 1_000, scan: 2_000 };

/** Minimum recall; low, because 32 signs describe a vector less well than 384. */
const SIGNS = 0.96;

const doiOf = (id: number): string => `10.1000/paper.${id}`;

type Vectors = { vector: Float32Array; cluster: number; year: number };

/** Papers in clusters, and a plain Map of what an engine should find. */
class World {
  readonly directory: string;
  readonly store: Store;
  readonly papers = new Map<number, Vectors>();
  readonly #random = randomNumbers(21);
  readonly #centres = Array.from({ length: CLUSTERS }, () => unitVector(this.#random, MODEL.dimensions));
  #texts = 0;

  constructor(t: { after(work: () => void): void }, directory = temporaryDirectory(t)) {
    this.directory = directory;
    this.store = Store.open(this.directory, MODEL);
    t.after(() => this.store.close());
  }

  /** Adds papers, or gives those with these ids a new vector elsewhere. */
  put(ids: readonly number[]): void {
    this.store.write(() => {
      for (const id of ids) {
        const cluster = Math.floor(this.#random() * CLUSTERS);
        const year = 2000 + (id % 10);
        const stored = quantize(near(this.#random, this.#centres[cluster]!, 0.4 + this.#random()));
        const title = `Text ${this.#texts++}`;
        // The DOI identifies the paper, whatever its title.
        const doi = doiOf(id);
        this.store.papers.put({ id: `${id}`, doi, title, categories: [`c${cluster}`], published: `${year}` });
        this.store.vectors.putVector(textHash(title, null), stored, (label) => this.store.changes.record(label));
        const label = this.store.papers.find({ kind: "id", value: `${id}` })!;
        this.papers.set(label, { vector: dequantize(stored), cluster, year });
      }
    });
  }

  remove(ids: readonly number[]): void {
    this.store.write(() => {
      for (const id of ids) {
        this.papers.delete(this.store.papers.find({ kind: "id", value: `${id}` })!);
        this.store.papers.remove(`${id}`);
      }
    });
  }

  /** A query vector in a random cluster, like a question about a subject. */
  query(cluster: number): Float32Array {
    return near(this.#random, this.#centres[cluster]!, 0.6);
  }

  nearest(query: Float32Array, passes: (paper: Vectors) => boolean): { label: number; similarity: number }[] {
    return [...this.papers]
      .filter(([, paper]) => passes(paper))
      .map(([label, { vector }]) => ({ label, similarity: dot(query, vector) }))
      .toSorted((a, b) => b.similarity - a.similarity || a.label - b.label);
  }
}

type Asked = { filters: Filters; passes: (paper: Vectors) => boolean };
const NONE: Asked = { filters: {}, passes: () => true };
const years = (count: number): Asked => ({
  filters: { year: Array.from({ length: count }, (_, i) => 2000 + i) },
  passes: ({ year }) => year < 2000 + count,
});
const clusters = (passes: (cluster: number) => boolean): Asked => ({
  filters: {
    category: Array.from({ length: CLUSTERS }, (_, i) => i)
      .filter(passes)
      .map((cluster) => `c${cluster}`),
  },
  passes: ({ cluster }) => passes(cluster),
});

/** Filters of every selectivity that are independent of the query, and some that pass, or exclude, just what is near it. */
const asked = (cluster: number): Asked[] => [
  NONE,
  ...[9, 7, 5, 3, 2, 1].map(years),
  clusters((other) => other === cluster),
  clusters((other) => other !== cluster),
  clusters((other) => Math.abs(other - cluster) < 10),
  clusters((other) => Math.abs(other - cluster) >= 10),
  { filters: { year: [2000], category: ["c0"] }, passes: ({ year, cluster }) => year === 2000 && cluster === 0 },
  { filters: { year: [1999] }, passes: () => false },
];

/**
 * Compares all answers: k hits if k exist, none removed or filtered out, each with its current cosine.
 *
 * @returns The share of true neighbours found, and the number of answers by strategy.
 */
async function compare(
  engine: EmbeddedEngine,
  world: World,
  queries = 8,
): Promise<{ recall: number; graph: number; scan: number; exact: number }> {
  engine.catchUp();
  const sums = { expected: 0, found: 0, hnsw: 0, scan: 0, exact: 0 };
  for (let i = 0; i < queries; i++) {
    const cluster = (5 * i) % CLUSTERS;
    const query = world.query(cluster);
    for (const { filters, passes } of asked(cluster)) {
      const truth = world.nearest(query, passes);
      for (const k of [1, 10, 150]) {
        const { neighbours, way } = await engine.nearest(query, filters, k);
        sums[way]++;
        assert.equal(neighbours.length, Math.min(k, truth.length), `${way} ${JSON.stringify(filters)}`);
        assert.equal(new Set(neighbours.map(({ label }) => label)).size, neighbours.length, "each once");
        // Nearly equal cosines may be in another order.
        const last = (truth[neighbours.length - 1]?.similarity ?? 1) - 1e-5;
        for (const [place, { label, similarity }] of neighbours.entries()) {
          const paper = world.papers.get(label);
          assert.ok(paper !== undefined && passes(paper), `${label} is gone or does not pass`);
          const cosine = dot(query, paper.vector);
          assert.ok(Math.abs(similarity - cosine) < 1e-5, "it is found by the vector it has now");
          assert.ok(place === 0 || neighbours[place - 1]!.similarity >= similarity);
          assert.ok(way !== "exact" || cosine >= last, "exact search is exact");
          if (cosine >= last) sums.found++;
        }
        sums.expected += neighbours.length;
      }
    }
  }
  return { recall: sums.found / sums.expected, graph: sums.hnsw, scan: sums.scan, exact: sums.exact };
}

const range = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
const advanceAll = (engine: EmbeddedEngine) => {
  while (engine.advance(100));
};

test("nearest papers equal those of exhaustive search, whatever the filter, the changes and the graph", async (t) => {
  const world = new World(t);
  world.put(range(0, COUNT));
  const engine = new EmbeddedEngine(world.directory, MODEL, SIZES);
  t.after(() => engine.close());

  const without = await compare(engine, world, 2);
  assert.ok(
    without.recall >= SIGNS && without.graph === 0,
    `without a graph, signs are looked at: ${JSON.stringify(without)}`,
  );

  await engine.openGraph();
  assert.equal(engine.index().state, "building", "there is none on disk");
  engine.rebuildGraph();
  assert.equal(engine.index().state, "building");
  engine.advance(50);
  const building = await compare(engine, world, 2);
  assert.ok(
    building.recall >= SIGNS && building.graph === 0,
    `nor is a graph asked that is only begun: ${JSON.stringify(building)}`,
  );

  advanceAll(engine);
  assert.deepEqual([engine.index().state, engine.index().count], ["ready", COUNT]);
  const whole = await compare(engine, world);
  assert.ok(whole.graph > 20 && whole.scan > 50 && whole.exact > 50, `all ways are gone: ${JSON.stringify(whole)}`);
  assert.ok(whole.recall >= SIGNS, `recall ${whole.recall}`);

  // 300 moved, 200 removed, 100 new: the graph has none of these changes.
  world.put(range(0, 3_000, 10));
  world.remove(range(5, 4_005, 20));
  world.put(range(COUNT, COUNT + 100));
  const behind = await compare(engine, world);
  assert.equal(engine.index().state, "building");
  assert.ok(behind.graph > 20 && behind.recall >= SIGNS, `with 600 behind: ${JSON.stringify(behind)}`);

  // A slice of 0 ms still adds one vector.
  for (let i = 0; i < 300; i++) engine.advance(0);
  assert.equal(engine.index().state, "building");
  const partly = await compare(engine, world);
  assert.ok(partly.graph > 20 && partly.recall >= SIGNS, `with 300 behind: ${JSON.stringify(partly)}`);

  advanceAll(engine);
  assert.deepEqual([engine.index().state, engine.index().count], ["ready", world.papers.size]);
  const caughtUp = await compare(engine, world);
  assert.ok(caughtUp.graph > 20 && caughtUp.recall >= SIGNS, `with none behind: ${JSON.stringify(caughtUp)}`);

  await t.test("another engine answers from the snapshot and catches up with later changes", async (t) => {
    await engine.save(new AbortController().signal);
    world.remove(range(4_000, 4_100));
    world.put(range(5_000, 5_100));
    const other = new EmbeddedEngine(world.directory, MODEL, SIZES);
    t.after(() => other.close());
    await other.openGraph();
    const loaded = await compare(other, world);
    assert.equal(other.index().state, "building", "what changed since the snapshot is behind");
    assert.ok(loaded.graph > 20 && loaded.recall >= SIGNS, JSON.stringify(loaded));
    advanceAll(other);
    assert.deepEqual([other.index().state, other.index().count], ["ready", world.papers.size]);
  });

  await t.test("a rebuilt graph finds the same", async () => {
    engine.rebuildGraph();
    assert.equal(engine.index().state, "building");
    advanceAll(engine);
    const rebuilt = await compare(engine, world);
    assert.ok(rebuilt.graph > 20 && rebuilt.recall >= SIGNS, JSON.stringify(rebuilt));
  });
});

test("counts follow imports, embedding and removals by another connection", async (t) => {
  const world = new World(t);
  world.put([0, 1, 2]);
  const engine = new EmbeddedEngine(world.directory, MODEL);
  t.after(() => engine.close());
  const counts = async () => {
    engine.catchUp();
    const { papers, embedded, pending, pendingSentences } = await engine.counts();
    return [papers, embedded, pending, pendingSentences];
  };
  const { store } = world;
  const embed = (title: string) =>
    store.write(() => {
      const sentences = { spans: new Uint32Array(), sketches: new Uint8Array(MODEL.dimensions / 8) };
      store.vectors.putSentences(textHash(title, null), sentences, (label) => store.changes.record(label));
    });
  assert.deepEqual(await counts(), [3, 3, 0, 3]);
  store.write(() => store.papers.put({ id: "new", title: "Without a vector" }));
  assert.deepEqual(await counts(), [4, 3, 1, 4]);
  embed("Text 0");
  embed("Without a vector");
  assert.deepEqual(await counts(), [4, 3, 1, 2]);
  store.write(() => store.papers.put({ id: "0", doi: doiOf(0), title: "Another text" }));
  assert.deepEqual(await counts(), [4, 2, 2, 3], "a changed text has neither any more");
  world.remove([1]);
  store.write(() => store.papers.remove("new"));
  assert.deepEqual(await counts(), [2, 1, 1, 2]);
  world.remove([0, 2]);
  assert.deepEqual(await counts(), [0, 0, 0, 0]);
});

test("only the process that holds the lock of the directory is given texts to embed", async (t) => {
  const { directory, store } = new World(t);
  store.write(() => store.papers.put({ id: "new", title: "Without a vector" }));
  const other = Store.open(directory, MODEL);
  t.after(() => other.close());
  const [first, second] = [embeddedWriter(store), embeddedWriter(other)];
  const taken = async (writer: Writer) => {
    const lease = { holder: "a", now: 1_000, until: 2_000 };
    const { texts, held } = await writer.takePending({ phase: "vectors", after: 0, limit: 10, ...lease });
    return [texts.length, held];
  };
  assert.deepEqual(await taken(first), [0, true]);
  assert.equal(await second.startIndexing(), true);
  assert.equal(await second.startIndexing(), false, "one run at a time");
  assert.equal(await first.startIndexing(), false);
  assert.deepEqual(
    [await taken(first), await taken(second)],
    [
      [0, true],
      [1, false],
    ],
  );
  await second.stopIndexing();
  assert.equal(await first.startIndexing(), true);
  assert.deepEqual(await taken(first), [1, false]);
  await first.stopIndexing();
});

test("tables of another history are not used, after the database was restored from a copy and changed", async (t) => {
  const world = new World(t);
  const { directory } = world;
  const saved = async () => {
    const engine = new EmbeddedEngine(directory, MODEL);
    await engine.save(new AbortController().signal);
    const { change } = engine.index();
    engine.close();
    return change;
  };
  world.put(range(0, 50));
  await saved();
  world.store.close();
  const copy = readFileSync(databasePath(directory));

  const other = new World(t, directory);
  other.put(range(50, 60));
  const change = await saved();
  other.store.close();
  writeFileSync(databasePath(directory), copy);

  const third = new World(t, directory);
  for (const [label, paper] of world.papers) third.papers.set(label, paper);
  third.put(range(60, 80));
  third.put(range(0, 20));
  assert.ok(third.store.changes.latest() > change, "by its number alone the file would do");
  const engine = new EmbeddedEngine(directory, MODEL);
  t.after(() => engine.close());
  const block = await engine.inspect();
  for (const [label, { vector }] of third.papers)
    assert.ok(dot(block.vector(label)!, vector) > 0.9999, "every paper has its own vector");
  assert.equal((await engine.counts()).papers, 70);
});

test("the papers that pass a filter are those of the SQL query, after any changes", async (t) => {
  const directory = temporaryDirectory(t);
  const store = Store.open(directory, MODEL);
  t.after(() => store.close());
  const engine = new EmbeddedEngine(directory, MODEL);
  t.after(() => engine.close());
  const filters: Selection[] = [
    { from: "2017" },
    { category: ["cs"] },
    { category: ["math"], year: [2016, 2018] },
    { author: ["smith"] },
    { venue: ["knots"] },
    { source: ["arxiv"] },
    { within: ["a", "論文"] },
    { restrictions: [{ is: "word", not: true, value: "winter" }] },
    { list: ["likes"] },
  ];
  const step = fc.record({ record, remove: fc.option(fc.constantFrom("a", "論文", "A b/ç#?")), look: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      for (const { record: one, remove, look } of steps) {
        store.write(() => (remove === null ? store.papers.put(one) : store.papers.remove(remove)));
        if (!look) continue;
        engine.catchUp();
        for (const one of filters) {
          const expected = [...store.papers.labels(one)!];
          // Every question has its own filter object.
          assert.deepEqual(await engine.passing({ ...one }, 10_000), expected, JSON.stringify(one));
          assert.equal(await engine.count({ ...one }), expected.length);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test("filters that name very many papers do not fill memory", async (t) => {
  const world = new World(t);
  world.put([1, 2, 3]);
  const engine = new EmbeddedEngine(world.directory, MODEL);
  t.after(() => engine.close());
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const asked = async (i: number) => {
    const within = Array.from({ length: 10_000 }, (_, j) => `${i} ${j} ${"x".repeat(100)}`);
    assert.deepEqual(await engine.passing({ within: [...within, "2"] }, 10), [
      world.store.papers.find({ kind: "id", value: "2" }),
    ]);
  };
  await asked(0);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 1; i <= 60; i++) await asked(i);
  collect();
  const held = process.memoryUsage().heapUsed - before;
  assert.ok(held < 20e6, `60 filters of 1.1 MB each hold ${held} bytes`);
});

test("words are found as by FTS5 while changes are read in slices, and while 5% of the papers are not indexed", async (t) => {
  const world = new World(t);
  const { store } = world;
  const put = (from: number, to: number, title: string) =>
    store.write(() => range(from, to).forEach((i) => store.papers.put({ id: `${i}`, title: `${title} ${i}` })));
  put(0, 1_000, "Tide");
  const engine = new EmbeddedEngine(world.directory, MODEL);
  t.after(() => engine.close());
  const found = (word: string) => engine.words([word], {}, 5_000);
  const stored = (word: string) => store.words.search([word], {}, 5_000);
  let slices = 0;
  const compareWhileFolding = async (late: number) => {
    for (let more = true; more; slices++) {
      engine.catchUp(0);
      if (slices % 25 !== 0) {
        more = engine.advance(0);
        continue;
      }
      for (const word of ["tide", "crow"]) {
        const [hits, expected] = [(await found(word)).length, stored(word).length];
        assert.ok(Math.abs(hits - expected) <= late, `${word}: ${hits}, expected ${expected} after ${slices} slices`);
      }
      more = engine.advance(0);
    }
    for (const word of ["tide", "crow"]) {
      // Compares labels only: FTS5 still counts changed and removed papers, so its weights differ.
      const labels = (hits: readonly { label: number }[]) => hits.map(({ label }) => label).toSorted((x, y) => x - y);
      assert.deepEqual(labels(await found(word)), labels(stored(word)));
    }
  };
  await compareWhileFolding(60);
  put(500, 1_200, "Crow");
  slices = 0;
  await compareWhileFolding(60);
  assert.ok(slices > 5, `all was read in ${slices} slices`);
  store.write(() => range(0, 600).forEach((i) => store.papers.remove(`${i}`)));
  await compareWhileFolding(60);
  store.write(() => store.papers.put({ id: "one", title: "Sleep" }));
  engine.catchUp(10);
  assert.equal((await found("sleep")).length, 1, "a few papers are found at once");
  assert.ok(engine.current);
});

test("a paper is read even if its vectors arrive while changes are read in slices", async (t) => {
  const world = new World(t);
  const { store } = world;
  world.put([0]);
  const engine = new EmbeddedEngine(world.directory, MODEL);
  t.after(() => engine.close());
  const labels = store.write(() =>
    range(1, 1_000).map((i) => store.papers.put({ id: `${i}`, title: `Tide ${i}`, source: "here" }).label),
  );
  engine.catchUp(0);
  assert.ok(!engine.current);
  store.write(() => labels.forEach((label) => store.changes.recordVectors(label)));
  advanceAll(engine);
  assert.equal((await engine.words(["tide"], {}, 2_000)).length, 999);
  assert.equal(await engine.count({ source: ["here"] }), 999);
  const block = await engine.inspect();
  for (const label of labels) assert.deepEqual(block.maybeCopies([label], [label]), [[label]], "its title is known");
});

test("tables do not grow with restarts, and hold no more entries than there are papers", async (t) => {
  const world = new World(t);
  world.put(range(0, 3_000));
  const sizes: number[] = [];
  for (let start = 0; start < 3; start++) {
    // Tables are only written if something is new.
    world.put([0]);
    const engine = new EmbeddedEngine(world.directory, MODEL);
    await engine.save(new AbortController().signal);
    engine.close();
    sizes.push(statSync(join(world.directory, "tables.bin")).size);
  }
  const [first, ...others] = sizes as [number, ...number[]];
  for (const size of others) assert.ok(size < 1.01 * first, `${sizes.join(", ")} bytes`);
  assert.ok(first < 300 * 3_000, `${first} bytes for 3,000 papers of ${MODEL.dimensions} dimensions`);
});

test("a graph is built and written only for a large library, and removed from one that is no longer large", async (t) => {
  const world = new World(t);
  const path = join(world.directory, "vectors.hnsw");
  const { signal } = new AbortController();
  const save = async () => {
    const engine = new EmbeddedEngine(world.directory, MODEL, { exact: 100, scan: 300 });
    t.after(() => engine.close());
    await engine.openGraph();
    assert.equal(await engine.save(signal), engine.index().change);
    const { saved, change, state } = engine.index();
    assert.deepEqual([saved, state], [change, "ready"]);
    return (await engine.nearest(world.papers.values().next().value!.vector, {}, 5)).way;
  };
  world.put(range(0, 300));
  // An earlier version wrote one for any library.
  writeFileSync(path, "graph");
  writeFileSync(join(world.directory, "vectors.json"), "{}");
  assert.equal(await save(), "scan");
  assert.deepEqual(
    readdirSync(world.directory).filter((name) => name.startsWith("vectors")),
    [],
  );
  world.put(range(300, 310));
  assert.equal(await save(), "hnsw");
  assert.ok(existsSync(path));
  world.remove(range(0, 20));
  assert.equal(await save(), "scan");
  assert.ok(!existsSync(path));
});

test("an engine takes over the graph that another has written", async (t) => {
  const world = new World(t);
  world.put(range(0, 1_000));
  const { signal } = new AbortController();
  const answering = new EmbeddedEngine(world.directory, MODEL, { exact: 100, scan: 300 });
  t.after(() => answering.close());
  await answering.openGraph();
  const write = async (again: boolean) => {
    const builder = new EmbeddedEngine(world.directory, MODEL, { exact: 100, scan: 300 });
    const change = (await builder.save(signal, again))!;
    builder.close();
    assert.ok(answering.unsaved, "it does not know of the files yet");
    await answering.written(change, again);
    assert.ok(!answering.unsaved);
    assert.equal(answering.index().state, "ready");
    return statSync(join(world.directory, "vectors.hnsw")).ino;
  };
  await write(false);
  world.put([1_000]);
  advanceAll(answering);
  await write(false);
  world.remove([1_000]);
  advanceAll(answering);
  await write(true);
  assert.equal(
    (await answering.nearest(world.papers.get(5)?.vector ?? new Float32Array(MODEL.dimensions), {}, 3)).way,
    "hnsw",
  );
});

test("a graph with many removed papers is rebuilt without them when it is saved", async (t) => {
  const world = new World(t);
  world.put(range(0, 1_000));
  const { signal } = new AbortController();
  const saved = async () => {
    const engine = new EmbeddedEngine(world.directory, MODEL, { exact: 100, scan: 300 });
    await engine.save(signal);
    engine.close();
    const { graph } = await loadGraph(world.directory, MODEL, world.store.derived);
    const { count, deleted } = graph!;
    graph!.free();
    return [count, deleted.size];
  };
  assert.deepEqual(await saved(), [1_000, 0]);
  world.remove(range(0, 200));
  assert.deepEqual(await saved(), [800, 200]);
  world.remove(range(200, 400));
  assert.deepEqual(await saved(), [600, 0]);
});
