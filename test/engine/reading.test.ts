/** Each answer is of one state of the real engine, while another connection writes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { recommendSchema } from "../../src/api.js";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { Reading } from "../../src/engine/reading.js";
import { recommend } from "../../src/questions/recommend.js";
import { Store } from "../../src/store/store.js";
import { sampleDirectory, samplePapers } from "../sample.js";

const ids = samplePapers().map(({ id }) => id);
const embed = () => Promise.reject(new Error("nothing here has to be embedded"));
const request = recommendSchema.parse({ positive: ids.slice(0, 60), negative: ids.slice(60, 100) });

async function open(t: { after(work: () => void): void }) {
  const directory = await sampleDirectory(t);
  const model = await describeModel();
  const engine = new EmbeddedEngine(directory, model);
  while (engine.advance(1_000)) await setImmediate();
  const store = Store.open(directory, model);
  t.after(() => {
    store.close();
    engine.close();
  });
  const reading = new Reading(
    () => engine.stale,
    () => engine.catchUp(),
  );
  const put = (count: number) =>
    store.write(() => {
      for (let i = 0; i < count; i++) store.papers.put({ id: `new-${i}`, title: `A new paper ${i}` });
    });
  const papers = async () => (await engine.counts()).papers;
  return { engine, reading, put, papers };
}

test("an answer is of the state at its start, and a later one of the newest state", async (t) => {
  const { engine, reading, put, papers } = await open(t);
  const before = await recommend(engine, embed, request, () => undefined);
  const hold = await reading.begin();
  put(20);
  let begun = false;
  const next = reading.begin().then((other) => {
    begun = true;
    return other;
  });
  const during = await recommend(engine, embed, request, () => setImmediate());
  assert.deepEqual(during, before);
  assert.ok(!begun && !reading.free, "the next one waits for it");
  assert.equal(await papers(), ids.length);
  hold.end();
  const other = await next;
  assert.equal(await papers(), ids.length + 20);
  const after = await recommend(engine, embed, request, () => setImmediate());
  assert.equal(after.pending, 20, "the answer would have changed");
  other.end();
  assert.ok(reading.free);
});

test("answers share an unchanged state, and none waits forever during an import", async (t) => {
  const { reading, put } = await open(t);
  const [one, other] = [await reading.begin(), await reading.begin()];
  put(1);
  const order: string[] = [];
  const third = reading.begin().then(async (hold) => {
    order.push("third");
    await setImmediate();
    hold.end();
  });
  const free = reading.whenFree().then(() => order.push("free"));
  one.end();
  await setImmediate();
  assert.deepEqual(order, [], "one is still under way");
  other.end();
  await Promise.all([third, free]);
  assert.deepEqual(new Set(order), new Set(["free", "third"]));
});

test("the state may change while an answer has released it, and the answer can detect that", async (t) => {
  const { engine, reading, put, papers } = await open(t);
  const hold = await reading.begin();
  const { version } = engine;
  hold.release();
  put(3);
  const other = await reading.begin();
  assert.equal(await papers(), ids.length + 3);
  other.end();
  await hold.resume();
  assert.notEqual(engine.version, version);
  assert.ok(!reading.free);
  hold.end();
  await hold.resume();
  assert.ok(reading.free, "an answer that has ended holds nothing");
});

test("an answer that ends while it waits for the state does not hold it", async (t) => {
  const { reading, put } = await open(t);
  const [one, other] = [await reading.begin(), await reading.begin()];
  other.release();
  put(1);
  const resumed = other.resume();
  other.end();
  one.end();
  await resumed;
  assert.ok(reading.free);
});

test("an answer fails if catching up fails, and the next one can start", async () => {
  let damaged = true;
  const reading = new Reading(
    () => true,
    () => {
      if (damaged) throw new Error("damaged");
    },
  );
  await assert.rejects(reading.begin(), /damaged/);
  assert.ok(reading.free);
  damaged = false;
  (await reading.begin()).end();
});
