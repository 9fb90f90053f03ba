/** The map as the search thread answers it, while others change it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelDescription } from "../../src/embedding/description.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { MapReader } from "../../src/questions/map.js";
import { textHash } from "../../src/store/row.js";
import { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";

const MODEL: ModelDescription = {
  name: "none",
  dtype: "q8",
  pooling: "mean",
  cut: 256,
  sha256: "",
  dimensions: 4,
  identity: "none",
};

/** Papers 1 to `count`, each with a vector and at x = its label and y = `y`. */
class World {
  readonly store: Store;
  readonly engine: EmbeddedEngine;
  readonly reader: MapReader;

  constructor(t: { after(work: () => void): void }, count: number) {
    const directory = temporaryDirectory(t);
    this.store = Store.open(directory, MODEL);
    this.add(1, count);
    this.engine = new EmbeddedEngine(directory, MODEL);
    this.reader = new MapReader(this.engine);
    t.after(() => {
      this.engine.close();
      this.store.close();
    });
  }

  /** The reader, after the engine has caught up, as before each question. */
  caughtUp(): MapReader {
    this.engine.catchUp();
    return this.reader;
  }

  add(from: number, to: number): void {
    this.store.write(() => {
      for (let i = from; i <= to; i++) {
        this.store.papers.put({ id: `${i}`, title: `Of ${i}`, published: `${1990 + i}`, categories: [`c${i % 30}`] });
        const vector = { vector: Int8Array.of(i, 1, 1, 1), scale: 0.1 };
        this.store.vectors.putVector(textHash(`Of ${i}`, null), vector, (label) =>
          this.store.changes.recordVectors(label),
        );
      }
    });
  }

  map(y: number, replace = true): void {
    const papers = this.store.map.mappable(0, 100_000).filter(({ point }) => replace || point === null);
    const labels = Uint32Array.from(papers, ({ label }) => label);
    const places = Float32Array.from(papers.flatMap(({ label }) => [label, y]));
    const regions = [{ name: "all", x: 0, y, papers: labels.length, level: 0 as const }];
    const map = { laidOut: labels.length, early: false, regions };
    this.store.write(() => this.store.map.put({ labels, places, replace, change: this.store.changes.latest(), map }));
  }

  /** Labels and y of all points. */
  async points(): Promise<[number, number][]> {
    const { bytes } = await this.caughtUp().points();
    const view = new DataView(bytes.buffer);
    return Array.from({ length: bytes.length / 16 }, (_, i) => [
      view.getUint32(16 * i, true),
      view.getFloat32(16 * i + 4 + 4, true),
    ]);
  }
}

test("without a map there are no points, and everything is pending", async (t) => {
  const world = new World(t, 3);
  const { version, ...map } = await world.caughtUp().map();
  assert.match(version, /^\w+$/);
  assert.deepEqual(map, {
    points: 0,
    pending: 3,
    bounds: { x0: 0, y0: 0, x1: 0, y1: 0 },
    categories: [],
    years: null,
    regions: [],
  });
  assert.equal((await world.caughtUp().points()).bytes.length, 0);
});

test("the version changes only when points, dates or categories do", async (t) => {
  const world = new World(t, 5);
  const versions = [(await world.caughtUp().map()).version];
  const changed = async (work: () => void) => {
    work();
    versions.push((await world.caughtUp().map()).version);
  };
  await changed(() => world.map(1));
  await changed(() => world.map(2));
  await changed(() => world.store.write(() => world.store.papers.remove("2")));
  await changed(() => world.store.write(() => world.store.papers.put({ id: "3", title: "Of 3", published: "1712" })));
  await changed(() =>
    world.store.write(() => world.store.papers.put({ id: "4", title: "Of 4", categories: ["other"] })),
  );
  assert.equal(new Set(versions).size, versions.length);
  await changed(() => world.add(6, 6));
  await changed(() => world.store.write(() => world.store.papers.put({ id: "5", title: "Of 5", upvotes: 3 })));
  assert.equal(new Set(versions).size, versions.length - 2);
  assert.equal((await world.caughtUp().points()).version, versions.at(-1));
  const { points, pending, years } = await world.caughtUp().map();
  assert.deepEqual([points, pending, years], [4, 1, { from: 1712, to: 1995 }]);
});

test("categories are numbered by frequency; those after the first 24 have no number", async (t) => {
  const world = new World(t, 95);
  world.map(0);
  const { categories } = await world.caughtUp().map();
  // c0 to c5 have four papers each, the others three.
  assert.deepEqual(categories.slice(0, 5), ["c1", "c2", "c3", "c4", "c5"]);
  assert.equal(categories.length, 24);
  const { bytes } = await world.caughtUp().points();
  for (let label = 1; label <= 95; label++)
    assert.equal(bytes[16 * (label - 1) + 14], (categories.indexOf(`c${label % 30}`) + 256) % 256);
});

test("a map that is laid out again during a read is read again, never mixed", async (t) => {
  const world = new World(t, 9_000);
  world.map(1);
  const reading = world.points();
  // It reads a few thousand points at a time, and yields in between.
  await new Promise(setImmediate);
  world.map(2);
  const points = await reading;
  assert.equal(points.length, 9_000);
  assert.deepEqual(new Set(points.map(([, y]) => y)), new Set([2]));
});

test("concurrent requests share one read", async (t) => {
  const world = new World(t, 10);
  world.map(1);
  const [one, other] = await Promise.all([world.caughtUp().points(), world.caughtUp().points()]);
  assert.equal(one.bytes, other.bytes);
});

test("requests during an import share the current read and one after it", async (t) => {
  const world = new World(t, 9_000);
  world.map(1);
  const asked = [];
  for (let i = 1; i <= 20; i++) {
    world.store.write(() => world.store.papers.put({ id: `${i}`, title: `Of ${i}`, published: "1700" }));
    asked.push(world.caughtUp().points());
    await new Promise(setImmediate);
  }
  const read = await Promise.all(asked);
  assert.ok(new Set(read.map(({ bytes }) => bytes)).size <= 8, "twenty questions are no twenty readings");
  const { bytes } = await world.caughtUp().points();
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 20; i++) assert.equal(view.getUint16(16 * i + 12, true), 1700, "the last has all of it");
});

test("a filter by area follows the points even if no paper changes", async (t) => {
  const world = new World(t, 6);
  const area = { area: "0,0,3,10" };
  const passing = async () => {
    world.engine.catchUp();
    const all = Array.from({ length: 6 }, (_, i) => i + 1);
    const matches = await world.engine.matches(all, area);
    return [await world.engine.passing(area, 100), all.filter((_, i) => matches[i])];
  };
  assert.deepEqual(await passing(), [[], []]);
  world.map(5);
  assert.deepEqual(await passing(), [
    [1, 2, 3],
    [1, 2, 3],
  ]);
  world.map(50);
  assert.deepEqual(await passing(), [[], []]);
  assert.deepEqual(
    await world.engine.passing({}, 4),
    [1, 2, 3, 4],
    "without a filter all, up to as many as are asked for",
  );
});
