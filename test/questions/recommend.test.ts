/** Recommending yields to other tasks, and ends when its answer is no longer wanted; likes count by their age. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { test } from "node:test";
import { MAX_EXAMPLES, recommendSchema } from "../../src/api.js";
import { describeModel } from "../../src/embedding/description.js";
import { KindredError } from "../../src/core/errors.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { pauses } from "../../src/core/pauses.js";
import { recommend } from "../../src/questions/recommend.js";
import { openDatabase } from "../../src/store/database.js";
import { openSample, sampleDirectory, samplePapers } from "../sample.js";

const ids = samplePapers().map(({ id }) => id);
const embed = () => Promise.reject(new Error("nothing here has to be embedded"));
const request = recommendSchema.parse({ positive: ids.slice(0, 60), negative: ids.slice(60, 100), limit: 20 });

test("other tasks run between its stages, and do not change its answer", async (t) => {
  const engine = new EmbeddedEngine(await sampleDirectory(t), await describeModel());
  t.after(() => engine.close());
  const alone = await recommend(engine, embed, request, () => undefined);
  assert.equal(alone.hits.length, 20);
  let turns = 0;
  const state = { over: false };
  const asked = recommend(engine, embed, request, () => setImmediate()).finally(() => (state.over = true));
  const other = recommendSchema.parse({ positive: [ids[120]] });
  while (!state.over) {
    await setImmediate();
    if (turns++ % 50 === 0) assert.ok((await recommend(engine, embed, other, () => undefined)).hits.length > 0);
  }
  assert.ok(turns > 50, `${turns} turns`);
  assert.deepEqual(await asked, alone);
});

test("it ends at the first pause after its client disconnects", async (t) => {
  const engine = new EmbeddedEngine(await sampleDirectory(t), await describeModel());
  t.after(() => engine.close());
  // Values that are computed once for all papers are cached now.
  await recommend(engine, embed, request, () => undefined);
  let all = 0;
  await recommend(engine, embed, request, () => void all++);
  for (const last of [1, Math.floor(all / 2), all - 1]) {
    let count = 0;
    const pause = () => {
      if (++count === last) return Promise.reject(new KindredError("cancelled", "cancelled"));
      return undefined;
    };
    await assert.rejects(recommend(engine, embed, request, pause), { code: "cancelled" });
    assert.equal(count, last, "nothing is done after that");
  }
});

test("a pause lets the event loop run, and throws if the answer is no longer wanted", async () => {
  const controller = new AbortController();
  const pause = pauses(controller.signal);
  globalThis.setTimeout(() => controller.abort(), 0);
  // Endless, unless the timer runs.
  const work = async () => {
    for (;;) await pause();
  };
  await assert.rejects(work(), { code: "cancelled" });
});

test("of very many examples only the nearest are compared in full, and the very nearest is among them", async (t) => {
  const engine = new EmbeddedEngine(await sampleDirectory(t), await describeModel());
  t.after(() => engine.close());
  const labels = await engine.passing({}, Infinity);
  const block = await engine.inspect();
  let found = 0;
  for (const label of labels) {
    const among = labels.filter((other) => other !== label);
    const likely = block.likelyNearest([label], among, 16)[0]!.positions;
    assert.equal(new Set(likely).size, 16);
    const cosines = block.similarities(block.vector(label)!, among).map((cosine) => cosine ?? -1);
    if (likely.includes(cosines.indexOf(Math.max(...cosines)))) found++;
  }
  assert.ok(found > 0.95 * labels.length, `${found} of ${labels.length}`);
});

test("of likes in a list the newer count more, whichever list; likes that are named in the request have no age", async (t) => {
  const kindred = await openSample(t);
  const [search, language] = [
    ["karpukhin-2020-dpr", "khattab-2020-colbert", "thakur-2021-beir"],
    ["brown-2020-gpt3", "hoffmann-2022-chinchilla", "ouyang-2022-instructgpt"],
  ];
  for (const id of [...search, ...language]) await kindred.addToList("likes", id);
  const scoreOf = async (id: string, asked: object) => {
    const { hits } = await kindred.recommend({ ...asked, limit: 100 });
    return hits.find(({ paper }) => paper.id === id)!.score;
  };
  /** By how much a paper on search scores more than one on language models. */
  const lead = async (asked: object) =>
    (await scoreOf("robertson-2009-bm25", asked)) - (await scoreOf("kaplan-2020-scaling", asked));
  const list = { basedOn: ["likes"] };
  const named = { positive: [...search, ...language] };
  const alike = await lead(list);
  assert.equal(alike, await lead(named), "all were added today");
  const add = (ids: string[], added: string) => {
    const database = openDatabase(kindred.directory);
    for (const id of ids) database.prepare("UPDATE entries SET added = ? WHERE id = ?").run(added, id);
    database.close();
  };
  add(search, "2019-05-01T08:00:00.000Z");
  const oldSearch = await lead(list);
  add(search, "2931-05-01T08:00:00.000Z");
  assert.equal(await lead(list), alike, "a clock that was ahead makes the others no older");
  add(search, new Date().toISOString());
  add(language, "2019-05-01T08:00:00.000Z");
  const newSearch = await lead(list);
  assert.ok(oldSearch < alike - 0.01 && newSearch > alike + 0.01, `${oldSearch}, ${alike}, ${newSearch}`);
  assert.equal(await lead(named), alike);
  assert.equal(await lead({ ...list, ...named }), alike, "named and in the list");
});

test("of lists that are too long together, the likes that were added last count, whichever list they are in", async (t) => {
  const kindred = await openSample(t);
  await kindred.addToList("likes", "karpukhin-2020-dpr");
  await kindred.createList("long");
  const database = openDatabase(kindred.directory);
  const { list } = database.prepare("SELECT list FROM lists WHERE name = 'long'").get() as { list: number };
  const add = database.prepare("INSERT INTO entries (list, id, added) VALUES (?, ?, '2019-05-01T08:00:00.000Z')");
  database.transaction(() => {
    for (let i = 0; i < MAX_EXAMPLES; i++) add.run(list, `removed-${i}`);
  })();
  database.close();
  const { hits } = await kindred.recommend({ basedOn: ["likes", "long"], limit: 1 });
  assert.equal(hits[0]!.because!.for[0]!.title, (await kindred.paper("karpukhin-2020-dpr")).title);
});
