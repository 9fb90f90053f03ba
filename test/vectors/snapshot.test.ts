import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { HnswGraph } from "../../src/vectors/hnsw.js";
import { loadSnapshot, saveSnapshot, snapshotToken } from "../../src/vectors/snapshot.js";
import { temporaryDirectory } from "../sample.js";
import { clusteredVectors, randomNumbers } from "./random.js";

const DIMENSIONS = 16;
const MODEL = JSON.stringify({ name: "a model" });
const CHANGE = 123;

const vectors = clusteredVectors(randomNumbers(12), 100, DIMENSIONS);
/** The change number of each saved token, which the store keeps in real use. */
const tokens = new Map<string, number>();
const save = (directory: string, graph: HnswGraph, change = CHANGE) =>
  saveSnapshot(directory, { model: MODEL, change }, graph, (token) => void tokens.set(token, change));
const knows = (token: string, change: number) => tokens.get(token) === change;
const load = (directory: string, model = MODEL, dimensions = DIMENSIONS, known = knows) =>
  loadSnapshot(directory, model, dimensions, known, true);

let saved: string;
const cleaning: (() => void)[] = [];
before(async () => {
  saved = temporaryDirectory({ after: (work) => cleaning.push(work) });
  const graph = HnswGraph.empty(DIMENSIONS);
  vectors.forEach((vector, i) => graph.add(10 * i, vector));
  graph.delete(70);
  graph.delete(30);
  await save(saved, graph);
});
after(() => cleaning.forEach((work) => work()));

test("a snapshot restores vectors, deletions and the change number", async () => {
  const loaded = await load(saved);
  assert.ok(loaded.graph !== null && loaded.graph !== "not loaded");
  assert.equal(loaded.change, CHANGE);
  const { graph } = loaded;
  assert.equal(graph.count, 98);
  assert.deepEqual([...graph.deleted], [30, 70]);
  vectors.forEach((vector, i) => {
    const [nearest] = graph.nearest(vector, 1, 100);
    if (i === 3 || i === 7) assert.notEqual(nearest?.label, 10 * i);
    else assert.equal(nearest?.label, 10 * i);
  });
});

test("an unneeded graph is still checked, and its size reported", async (t) => {
  const unheld = (directory: string) => loadSnapshot(directory, MODEL, DIMENSIONS, knows, false);
  assert.deepEqual(await unheld(saved), { graph: "not loaded", change: CHANGE, count: 98 });
  const directory = temporaryDirectory(t);
  cpSync(saved, directory, { recursive: true });
  const graph = readFileSync(join(directory, "vectors.hnsw"));
  graph[graph.length >> 1]! ^= 1;
  writeFileSync(join(directory, "vectors.hnsw"), graph);
  assert.deepEqual(await unheld(directory), {
    graph: null,
    reason: "vectors.hnsw is damaged: its checksum is not the recorded one",
  });
});

test("a graph saved without vectors accepts some after loading", async (t) => {
  const directory = temporaryDirectory(t);
  await save(directory, HnswGraph.empty(DIMENSIONS));
  const loaded = await load(directory);
  assert.ok(loaded.graph !== null && loaded.graph !== "not loaded");
  loaded.graph.add(5, vectors[0]!);
  assert.deepEqual(loaded.graph.labels(), [5]);
});

test("saving leaves only the two files", () => {
  assert.deepEqual(readdirSync(saved).toSorted(), ["vectors.hnsw", "vectors.json"]);
});

test("a failed save leaves the previous snapshot unchanged", async (t) => {
  const directory = temporaryDirectory(t);
  cpSync(saved, directory, { recursive: true });
  mkdirSync(join(directory, "vectors.json.new"));
  await assert.rejects(save(directory, HnswGraph.empty(DIMENSIONS), CHANGE + 1));
  const loaded = await load(directory);
  assert.ok(loaded.graph !== null && loaded.graph !== "not loaded");
  assert.equal(loaded.change, CHANGE);
  assert.ok(!existsSync(join(directory, "vectors.hnsw.new")));
});

test("an empty directory has no snapshot, and this is not reported", async (t) => {
  assert.deepEqual(await load(temporaryDirectory(t)), { graph: null, reason: null });
});

test("a snapshot of another model, other dimensions or another store is refused with the reason", async () => {
  assert.deepEqual(await load(saved, "{}"), { graph: null, reason: "vectors.hnsw was made with another model" });
  assert.match(JSON.stringify(await load(saved, MODEL, 32)), /another model/);
  assert.deepEqual(await load(saved, MODEL, DIMENSIONS, () => false), {
    graph: null,
    reason: "vectors.hnsw was made from another papers.db",
  });
});

test("the token is in the store before the files get their names, and can be read from the files", async (t) => {
  const directory = temporaryDirectory(t);
  assert.equal(await snapshotToken(directory), null);
  let registered = "";
  await saveSnapshot(directory, { model: MODEL, change: CHANGE }, HnswGraph.empty(DIMENSIONS), (token) => {
    assert.deepEqual(
      readdirSync(directory).filter((name) => !name.endsWith(".new")),
      [],
    );
    registered = token;
  });
  assert.equal(await snapshotToken(directory), registered);
  const told: unknown[] = [];
  await load(directory, MODEL, DIMENSIONS, (...file) => told.push(file) > 0);
  assert.deepEqual(told, [[registered, CHANGE]]);
});

/** Damages one file of a copy and checks that loading refuses it, unless the damage changed nothing. */
async function refused(directory: string, file: string, damage: (bytes: Buffer) => Buffer): Promise<void> {
  const whole = readFileSync(join(saved, file));
  const damaged = damage(Buffer.from(whole));
  if (damaged.equals(whole)) return;
  writeFileSync(join(directory, file), damaged);
  try {
    const loaded = await load(directory);
    assert.equal(loaded.graph, null, `${file} was taken: ${damaged.subarray(0, 400).toString("latin1")}`);
    assert.match(loaded.reason ?? "", /vectors\.(hnsw|json)/);
  } finally {
    writeFileSync(join(directory, file), whole);
  }
}

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

for (const file of ["vectors.hnsw", "vectors.json"]) {
  test(`${file} cut at any length is refused`, async (t) => {
    const directory = temporaryDirectory(t);
    cpSync(saved, directory, { recursive: true });
    // The manifest is also valid without its final line break.
    const end = file === "vectors.json" ? 1 : 0;
    await fc.assert(
      fc.asyncProperty(place, (at) =>
        refused(directory, file, (bytes) => bytes.subarray(0, Math.floor(at * (bytes.length - end)))),
      ),
      { numRuns: 60, examples: [[0]] },
    );
  });

  test(`${file} with any one byte changed is refused`, async (t) => {
    const directory = temporaryDirectory(t);
    cpSync(saved, directory, { recursive: true });
    const end = file === "vectors.json" ? 1 : 0;
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), (at, change) =>
        refused(directory, file, (bytes) => {
          const i = Math.floor(at * (bytes.length - end));
          bytes[i] = bytes[i]! ^ change;
          return bytes;
        }),
      ),
      { numRuns: file === "vectors.json" ? 300 : 60 },
    );
  });
}

test("a manifest with an edited change, count or deletions is refused", async (t) => {
  const directory = temporaryDirectory(t);
  cpSync(saved, directory, { recursive: true });
  for (const [was, is] of [
    ['"change":123', '"change":124'],
    ['"deleted":[30,70]', '"deleted":[30,80]'],
    ['"count":98', '"count":99'],
    ['"format":2', '"format":1'],
    ['"m":16', '"m":32'],
  ] as const)
    await refused(directory, "vectors.json", (bytes) => {
      const text = bytes.toString();
      assert.ok(text.includes(was));
      return Buffer.from(text.replace(was, is));
    });
});
