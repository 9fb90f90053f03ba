import "../tiny.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { describeModel } from "../../src/embedding/description.js";
import { openKindred } from "../../src/kindred.js";
import { databasePath } from "../../src/store/database.js";
import { Store } from "../../src/store/store.js";
import { verify } from "../../src/admin/verify.js";
import { SAMPLE, sampleDirectory, temporaryDirectory } from "../sample.js";

const RUN = fileURLToPath(new URL("./run.js", import.meta.url));
/** Texts being embedded when a process is killed, at most: two calls of eight texts per worker. */
const IN_HAND = 2 * 8;

/**
 * Runs until a line of the output matches `until`, waits for `moment`, then kills; without `until` it runs to the end.
 * @returns The number of texts embedded in each phase.
 */
async function run(
  directory: string,
  until?: RegExp,
  moment: (over: () => boolean) => Promise<void> = () => Promise.resolve(),
): Promise<{ vectors: number; sentences: number; ended: boolean }> {
  const child = spawn(process.execPath, [RUN, directory, SAMPLE], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const counts = { vectors: 0, sentences: 0 };
  for await (const line of createInterface({ input: child.stdout })) {
    const [phase = "", done] = line.split(" ");
    if (phase === "vectors" || phase === "sentences") counts[phase] = Number(done);
    if (until?.test(line) === true) void moment(() => child.exitCode !== null).then(() => child.kill("SIGKILL"));
  }
  return { ...counts, ended: (await exited) === 0 };
}

/** Every stored vector and sketch, by paper. */
async function everything(directory: string): Promise<Map<string, string>> {
  const store = Store.openForReading(directory, await describeModel());
  try {
    return new Map(
      store.vectors.changesSince(0, 1_000_000).map(({ label, vector, sketches }) => {
        const bytes = [vector?.vector ?? [], sketches ?? []].map((part) =>
          Buffer.from(part as Uint8Array).toString("hex"),
        );
        return [String(store.papers.get(label)?.id), bytes.join(" ")];
      }),
    );
  } finally {
    store.close();
  }
}

test("a run killed during abstracts, and again during sentences, ends with the same result as an uninterrupted one", async (t) => {
  const directory = temporaryDirectory(t);
  const first = await run(directory, /^vectors (2\d|[3-9]\d)/);
  assert.equal(first.ended, false, "it was killed before its end");
  const second = await run(directory, /^vectors (4\d|[5-9]\d|1\d\d)/);
  assert.equal(second.ended, false);
  const third = await run(directory, /^sentences (3\d|[4-9]\d)/);
  assert.equal(third.ended, false);
  const last = await run(directory);
  assert.equal(last.ended, true);

  const total = 154;
  const runs = [first, second, third, last];
  for (const phase of ["vectors", "sentences"] as const) {
    const embedded = runs.reduce((sum, counts) => sum + counts[phase], 0);
    // Texts stored but not yet reported at the kill are missing from the count; none is counted twice.
    assert.ok(embedded <= total, `${phase}: ${embedded} stored, of ${total} texts`);
    assert.ok(embedded >= total - 3 * 2 * IN_HAND, `${phase}: only ${embedded} told, of ${total} texts`);
  }
  assert.deepEqual(await everything(directory), await everything(await sampleDirectory(t)));

  const kindred = await openKindred({ directory });
  t.after(() => kindred.close());
  const status = await kindred.status();
  assert.deepEqual([status.papers, status.embedded, status.pending, status.pendingSentences], [total, total, 0, 0]);
});

/** Places of papers by label, and the rest of the map. */
async function mapOf(directory: string) {
  const store = Store.openForReading(directory, await describeModel());
  try {
    const points = store.map.rows(0, 1_000_000).map(([label, x, y]) => [label, x, y]);
    return { points, map: store.map.get(), version: store.map.version() };
  } finally {
    store.close();
  }
}

/** The embedded sample with a like and a note, without a map. */
async function withoutMap(t: TestContext): Promise<string> {
  const directory = await sampleDirectory(t);
  const kindred = await openKindred({ directory });
  await kindred.addToList("likes", "doll-1950-smoking");
  await kindred.note("doll-1950-smoking", "Ask at the hospital.");
  await kindred.close();
  const database = new Sqlite(databasePath(directory));
  database.exec("DELETE FROM points; DELETE FROM maps");
  database.close();
  return directory;
}

/** @param over Whether the run has already ended. */
const MOMENTS: [what: string, moment: (directory: string, over: () => boolean) => Promise<void>][] = [
  ...[0, 150].map((milliseconds): (typeof MOMENTS)[number] => [
    `${milliseconds} ms after it was begun`,
    () => setTimeout(milliseconds),
  ]),
  [
    "when it begins to be stored",
    async (directory, over) => {
      const size = () => statSync(`${databasePath(directory)}-wal`, { throwIfNoEntry: false })?.size ?? 0;
      // Nothing else writes meanwhile.
      for (const before = size(); size() === before && !over();) await setImmediate();
    },
  ],
];

for (const [what, moment] of MOMENTS)
  test(`a run killed while the map is made, ${what}, leaves a whole map or none, and the next run makes it`, async (t) => {
    const directory = await withoutMap(t);
    const [before, whole] = [await everything(directory), await mapOf(await sampleDirectory(t))];
    await run(directory, /^imported/, (over) => moment(directory, over));
    const { points, map, version } = await mapOf(directory);
    if (version === 0) assert.deepEqual([points, map], [[], null]);
    else assert.deepEqual({ points, map }, { points: whole.points, map: whole.map });
    assert.deepEqual(await everything(directory), before);

    const kindred = await openKindred({ directory, workers: 1 });
    t.after(() => kindred.close());
    assert.deepEqual(await kindred.index(), { state: "done", abstracts: 0, sentences: 0 });
    assert.deepEqual(await mapOf(directory), { ...whole, version: 1 });
    const { lists, notes } = await kindred.lists();
    assert.deepEqual([lists[0]?.ids, notes.length], [["doll-1950-smoking"], 1]);
    assert.deepEqual((await verify(directory, await describeModel())).findings, []);
  });

test("a killed import leaves only whole papers, and importing again completes it", async (t) => {
  const directory = temporaryDirectory(t);
  await run(directory, /^imported/);
  const kindred = await openKindred({ directory });
  t.after(() => kindred.close());
  const { papers } = await kindred.status();
  const again = await kindred.import(SAMPLE);
  assert.equal(again.unchanged, papers);
  assert.equal(again.added + again.unchanged, 154);
  assert.equal(
    (await kindred.search({ q: "smoking lung cancer", mode: "lexical" })).hits[0]?.paper.id,
    "doll-1950-smoking",
  );
});
