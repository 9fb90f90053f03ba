/** The map as papers are added, changed and removed, with real embeddings. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { describeModel } from "../../src/embedding/description.js";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { SIDE } from "../../src/map/layout.js";
import { Store } from "../../src/store/store.js";
import { quantize } from "../../src/vectors/quantize.js";
import { SAMPLE, sampleDirectory, samplePapers, temporaryDirectory } from "../sample.js";
import { clusteredVectors, randomNumbers } from "../vectors/random.js";

const bytes = (...records: object[]): Readable =>
  Readable.from([Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""))]);

async function open(t: TestContext, directory: string): Promise<Kindred> {
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  return kindred;
}

type Points = Map<string, readonly [x: number, y: number]>;

/** The place of each paper, by id. */
async function pointsOf(kindred: Kindred): Promise<Points> {
  const { bytes: drawn } = await kindred.mapPoints();
  const view = new DataView(drawn.buffer, drawn.byteOffset, drawn.byteLength);
  const places = Array.from({ length: drawn.byteLength / 16 }, (_, i) => ({
    label: view.getUint32(16 * i, true),
    place: [view.getFloat32(16 * i + 4, true), view.getFloat32(16 * i + 8, true)] as const,
  }));
  const points: Points = new Map();
  for (let i = 0; i < places.length; i += 50) {
    const some = places.slice(i, i + 50);
    const { papers } = await kindred.mapPapers({ label: some.map(({ label }) => label) });
    papers.forEach(({ paper }, j) => points.set(paper.id, some[j]!.place));
  }
  return points;
}

/** The stored map except its points. */
async function known(directory: string) {
  const store = Store.openForReading(directory, await describeModel());
  try {
    return { ...store.map.get()!, version: store.map.version() };
  } finally {
    store.close();
  }
}

/** The points of only those papers, or of all others. */
const only = (points: Points, ...ids: string[]): Points => new Map([...points].filter(([id]) => ids.includes(id)));
const without = (points: Points, ...ids: string[]): Points => new Map([...points].filter(([id]) => !ids.includes(id)));

/** The papers nearest to one on the map. */
function besideOn(points: Points, id: string, count: number): string[] {
  const [x, y] = points.get(id)!;
  const distance = ([otherX, otherY]: readonly [number, number]) => Math.hypot(otherX - x, otherY - y);
  return [...without(points, id)]
    .toSorted(([, one], [, other]) => distance(one) - distance(other))
    .slice(0, count)
    .map(([other]) => other);
}

test("when all is embedded every paper has its own point, and the same papers give the same map", async (t) => {
  const kept = await open(t, await sampleDirectory(t));
  const points = await pointsOf(kept);
  assert.deepEqual(
    [...points.keys()].toSorted(),
    samplePapers()
      .map(({ id }) => id)
      .toSorted(),
  );
  assert.equal(new Set([...points.values()].map(String)).size, 154);
  assert.ok([...points.values()].flat().every((coordinate) => Math.abs(coordinate) <= SIDE / 2 + 0.01));
  assert.deepEqual([(await kept.map()).pending, (await kept.status()).pendingPoints], [0, 0]);

  const again = await open(t, temporaryDirectory(t));
  await again.import(SAMPLE);
  assert.equal((await again.map()).pending, 154);
  await again.index();
  assert.deepEqual(await pointsOf(again), points);
  assert.deepEqual((await again.map()).regions, (await kept.map()).regions);
});

const NEW = [
  {
    id: "new-stars",
    title: "The speed at which galaxies move away from us",
    abstract: "From the light of exploding stars in far galaxies we measure how the universe expands, ever faster.",
  },
  {
    id: "new-words",
    title: "A network of attention that translates",
    abstract: "Neural networks that attend to the words of a sentence translate between languages, and are pretrained.",
  },
  {
    id: "new-genes",
    title: "Cutting DNA where one wants",
    abstract: "An enzyme guided by a piece of RNA cuts the DNA of bacteria and of human cells at a chosen gene.",
  },
];

test("papers added later are placed near their neighbours, and no other paper moves", async (t) => {
  const directory = await sampleDirectory(t);
  const kindred = await open(t, directory);
  const before = await pointsOf(kindred);
  const regions = (await kindred.map()).regions;
  await kindred.import(bytes(...NEW));
  assert.equal((await kindred.map()).pending, 3);
  await kindred.index();
  const after = await pointsOf(kindred);
  const ids = NEW.map(({ id }) => id);
  assert.deepEqual(without(after, ...ids), before);
  for (const id of ids) {
    const { hits } = await kindred.related({ id, limit: 8 });
    const related = hits.map(({ paper }) => paper.id);
    const beside = besideOn(after, id, 8);
    const both = beside.filter((one) => related.includes(one));
    // Random places would give less than one of eight.
    assert.ok(both.length >= 2, `${id} is beside ${beside.join(", ")}; related are ${related.join(", ")}`);
  }
  const now = await kindred.map();
  assert.deepEqual(
    now.regions.map(({ name, x, y }) => [name, x, y]),
    regions.map(({ name, x, y }) => [name, x, y]),
    "regions stay where they are, and what they are called",
  );
  const grown = [0, 1, 2].map((level) => {
    const papers = (of: typeof regions) => of.filter((one) => one.level === level).map((region) => region.papers);
    return papers(now.regions).reduce((sum, count, i) => sum + count - papers(regions)[i]!, 0);
  });
  for (const [level, more] of grown.entries())
    if (regions.some((one) => one.level === level)) assert.equal(more, 3, `regions of level ${level} count them`);
});

test("a removed paper leaves the map; one that returns is placed again, and no other paper moves", async (t) => {
  const kindred = await open(t, await sampleDirectory(t));
  const before = await pointsOf(kindred);
  const paper = samplePapers().find(({ id }) => id === "doll-1950-smoking")!;
  await kindred.remove(paper.id);
  assert.deepEqual(await pointsOf(kindred), without(before, paper.id));
  await kindred.index();
  assert.deepEqual(await pointsOf(kindred), without(before, paper.id));
  await kindred.import(bytes(paper));
  await kindred.index();
  const after = await pointsOf(kindred);
  assert.deepEqual(without(after, paper.id), without(before, paper.id));
  assert.ok(after.has(paper.id));
});

test("a paper with a changed abstract is placed again; a changed date moves nothing", async (t) => {
  const kindred = await open(t, await sampleDirectory(t));
  const before = await pointsOf(kindred);
  const [id, doi] = ["doll-1950-smoking", "10.1136/bmj.2.4682.739"];
  const { title, abstract } = NEW[0]!;
  await kindred.import(bytes({ id, doi, title, abstract }));
  assert.ok(!(await pointsOf(kindred)).has(id), "meanwhile it is nowhere");
  await kindred.index();
  const after = await pointsOf(kindred);
  assert.deepEqual(without(after, id), without(before, id));
  assert.notDeepEqual(only(after, id), only(before, id));
  const { hits } = await kindred.related({ id, limit: 8 });
  const related = hits.map(({ paper }) => paper.id);
  assert.ok(besideOn(after, id, 8).filter((one) => related.includes(one)).length >= 2);
  await kindred.import(bytes({ id, title, published: "1951" }));
  await kindred.index();
  assert.deepEqual(await pointsOf(kindred), after);
});

/** Papers of a few words each, which are fast to embed. */
const short = (from: number, to: number): object[] =>
  samplePapers()
    .slice(from, to)
    .map(({ id, title }) => ({ id: `again-${id}`, title: `${title}, again` }));

test("a map is laid out again when the number of papers has grown by more than half", async (t) => {
  const directory = await sampleDirectory(t);
  const kindred = await open(t, directory);
  const before = await pointsOf(kindred);
  await kindred.import(bytes(...short(0, 77)));
  await kindred.index();
  const grown = await pointsOf(kindred);
  assert.equal(grown.size, 231);
  assert.deepEqual(only(grown, ...before.keys()), before);
  assert.equal((await known(directory)).laidOut, 154);
  await kindred.import(bytes(...short(77, 78)));
  await kindred.index();
  const anew = await pointsOf(kindred);
  assert.equal(anew.size, 232);
  assert.notDeepEqual(only(anew, ...before.keys()), before);
  assert.equal((await known(directory)).laidOut, 232);
});

test("after more than a third of its papers are removed it is laid out again when the next one is added", async (t) => {
  const directory = await sampleDirectory(t);
  const kindred = await open(t, directory);
  const before = await pointsOf(kindred);
  const gone = samplePapers()
    .slice(0, 53)
    .map(({ id }) => id);
  for (const id of gone) await kindred.remove(id);
  await kindred.index();
  assert.deepEqual(await pointsOf(kindred), without(before, ...gone));
  await kindred.import(bytes(NEW[0]!));
  await kindred.index();
  assert.equal((await known(directory)).laidOut, 102);
});

test("an empty directory can be indexed; the first paper gets a point, and so does the second", async (t) => {
  const directory = temporaryDirectory(t);
  const kindred = await open(t, directory);
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 0, sentences: 0 });
  assert.equal((await kindred.map()).points, 0);
  await kindred.import(bytes(NEW[0]!));
  await kindred.index();
  assert.deepEqual([...(await pointsOf(kindred)).keys()], ["new-stars"]);
  await kindred.import(bytes(NEW[1]!));
  await kindred.index();
  assert.equal((await pointsOf(kindred)).size, 2);
});

test("while many papers are embedded there is an early map, which is replaced when all abstracts are done", async (t) => {
  const directory = temporaryDirectory(t);
  const count = 2_100;
  const store = Store.open(directory, await describeModel());
  const vectors = clusteredVectors(randomNumbers(3), count, 384).map(quantize);
  store.write(() => {
    for (let i = 0; i < count; i++) store.papers.put({ id: `made-${i}`, title: `Made up ${i}` });
    for (const { hash, label } of store.vectors.pending("vectors", 0, count))
      store.vectors.putVector(hash, vectors[label - 1]!, (one) => store.changes.recordVectors(one));
    // Otherwise as many sentences would be embedded.
    for (const { hash, label } of store.vectors.pending("sentences", 0, count)) {
      const sentences = {
        spans: Uint32Array.of(0, 4),
        sketches: Uint8Array.from(vectors[label - 1]!.vector).slice(0, 48),
      };
      store.vectors.putSentences(hash, sentences, (one) => store.changes.recordVectors(one));
    }
  });
  store.close();
  const kindred = await open(t, directory);
  await kindred.import(bytes(...short(0, 40)));
  await kindred.index();
  const { regions: _, ...rest } = await known(directory);
  assert.deepEqual(rest, { laidOut: count + 40, early: false, version: 2 });
  assert.equal((await pointsOf(kindred)).size, count + 40);
});
