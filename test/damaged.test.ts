/** A database that is damaged while it is in use. */
import "./tiny.js";
import assert from "node:assert/strict";
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { test } from "node:test";
import Sqlite from "better-sqlite3";
import { KindredError, openKindred } from "../src/kindred.js";
import { databasePath } from "../src/store/database.js";
import { sampleDirectory, temporaryDirectory } from "./sample.js";
import { bytesOf, jsonLines } from "./server/serving.js";

/** One more than a single read. */
const MANY = Array.from({ length: 501 }, (_, i) => ({ id: `p${i}`, title: `Crows on antenna ${i}`, authors: ["Ann"] }));

for (const [what, papers] of [
  ["few papers", MANY.slice(0, 3)],
  ["many papers", MANY],
] as const)
  test(`asking ${what} with an unreadable one gives an error that says it is damaged and what to do`, async (t) => {
    const directory = temporaryDirectory(t);
    const before = await openKindred({ directory, workers: 1 });
    await before.import(bytesOf(jsonLines(...papers)));
    await before.close();
    const database = new Sqlite(databasePath(directory));
    database.exec(`UPDATE papers SET authors = '["Ann' WHERE id = 'p0'`);
    database.close();
    const kindred = await openKindred({ directory, workers: 1 });
    t.after(() => kindred.close());
    // Words are read after the index is opened.
    await kindred.openingNotice().catch(() => {});
    for (let again = 0; again < 2; again++)
      await assert.rejects(
        kindred.search({ q: "crows", mode: "lexical" }),
        (error) =>
          error instanceof KindredError &&
          error.code === "damaged" &&
          error.message === 'the paper p0 is damaged: run "kindred verify"',
      );
    await kindred.import(bytesOf(jsonLines({ ...papers[0]!, authors: ["Bo"] })));
    assert.equal((await kindred.search({ q: "bo", mode: "lexical" })).hits[0]?.paper.id, "p0", "it was put right");
  });

test("a question gives an error that says the database is damaged and what to do", async (t) => {
  const directory = await sampleDirectory(t);
  const kindred = await openKindred({ directory });
  t.after(() => kindred.close());
  await kindred.status();
  const path = databasePath(directory);
  const file = openSync(path, "r+");
  // All pages but the first, so that some of them are not cached.
  const { size } = statSync(path);
  for (let place = 4_096; place < size; place += 4_096) writeSync(file, Buffer.alloc(4_096, 0xff), 0, 4_096, place);
  closeSync(file);
  await assert.rejects(
    kindred.search({ q: "smoking and lung cancer", limit: 100 }),
    (error) =>
      error instanceof KindredError &&
      error.code === "damaged" &&
      /papers\.db is damaged .*restore a copy/.test(error.message),
  );
});
