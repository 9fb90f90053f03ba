import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { HnswGraph } from "../../src/vectors/hnsw.js";
import { loadSnapshot, saveSnapshot } from "../../src/vectors/snapshot.js";
import { temporaryDirectory } from "../sample.js";
import { clusteredVectors, randomNumbers } from "./random.js";

const DIMENSIONS = 16;
const MODEL = JSON.stringify({ name: "a model" });
const CHANGE = 123;
const STORE_CHANGE = 500;

const vectors = clusteredVectors(randomNumbers(12), 100, DIMENSIONS);
const load = (directory: string, model = MODEL, dimensions = DIMENSIONS, storeChange = STORE_CHANGE) =>
  loadSnapshot(directory, model, dimensions, () => storeChange, true);

let saved: string;
const cleaning: (() => void)[] = [];
before(async () => {
  saved = temporaryDirectory({ after: (work) => cleaning.push(work) });
  const graph = HnswGraph.empty(DIMENSIONS);
  vectors.forEach((vector, i) => graph.add(10 * i, vector));
  graph.delete(70);
  graph.delete(30);
  await saveSnapshot(saved, MODEL, graph, CHANGE);
});
after(() => cleaning.forEach((work) => work()));

test("what was saved is loaded: vectors, deletions and the change", async () => {
  const loaded = await load(saved);
  assert.ok(loaded.graph !== null && loaded.graph !== "not held");
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

test("where the graph is not wanted it is checked all the same, and its size told", async (t) => {
  const unheld = (directory: string) => loadSnapshot(directory, MODEL, DIMENSIONS, () => STORE_CHANGE, false);
  assert.deepEqual(await unheld(saved), { graph: "not held", change: CHANGE, count: 98 });
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

test("a graph that was saved without any vectors takes some", async (t) => {
  const directory = temporaryDirectory(t);
  await saveSnapshot(directory, MODEL, HnswGraph.empty(DIMENSIONS), CHANGE);
  const loaded = await load(directory);
  assert.ok(loaded.graph !== null && loaded.graph !== "not held");
  loaded.graph.add(5, vectors[0]!);
  assert.deepEqual(loaded.graph.labels(), [5]);
});

test("saving leaves the two files and nothing else", () => {
  assert.deepEqual(readdirSync(saved).toSorted(), ["vectors.hnsw", "vectors.json"]);
});

test("a save that fails leaves the snapshot before it as it was", async (t) => {
  const directory = temporaryDirectory(t);
  cpSync(saved, directory, { recursive: true });
  mkdirSync(join(directory, "vectors.json.new"));
  await assert.rejects(saveSnapshot(directory, MODEL, HnswGraph.empty(DIMENSIONS), CHANGE + 1));
  const loaded = await load(directory);
  assert.ok(loaded.graph !== null && loaded.graph !== "not held");
  assert.equal(loaded.change, CHANGE);
  assert.ok(!existsSync(join(directory, "vectors.hnsw.new")));
});

test("an empty directory has no snapshot, and that is nothing to tell", async (t) => {
  assert.deepEqual(await load(temporaryDirectory(t)), { graph: null, reason: null });
});

test("a snapshot of another model, of other dimensions or of a newer store is refused with the reason", async () => {
  assert.deepEqual(await load(saved, "{}"), { graph: null, reason: "vectors.hnsw was made with another model" });
  assert.match(JSON.stringify(await load(saved, MODEL, 32)), /another model/);
  assert.match(JSON.stringify(await load(saved, MODEL, DIMENSIONS, CHANGE - 1)), /newer than papers.db/);
  assert.ok((await load(saved, MODEL, DIMENSIONS, CHANGE)).graph !== null, "as new as the store is well");
});

/** Damages one file of a copy and tells whether what remains is refused; a damage that changes nothing is none. */
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
    // Without its closing line break the manifest is as good as with it.
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

test("a manifest whose change, count or deletions were edited is refused", async (t) => {
  const directory = temporaryDirectory(t);
  cpSync(saved, directory, { recursive: true });
  for (const [was, is] of [
    ['"change":123', '"change":124'],
    ['"deleted":[30,70]', '"deleted":[30,80]'],
    ['"count":98', '"count":99'],
    ['"format":1', '"format":2'],
    ['"m":16', '"m":32'],
  ] as const)
    await refused(directory, "vectors.json", (bytes) => {
      const text = bytes.toString();
      assert.ok(text.includes(was));
      return Buffer.from(text.replace(was, is));
    });
});
