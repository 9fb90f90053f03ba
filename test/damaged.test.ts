/** A database that is damaged while it is asked. */
import assert from "node:assert/strict";
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { test } from "node:test";
import { KindredError, openKindred } from "../src/kindred.js";
import { databasePath } from "../src/store/database.js";
import { sampleDirectory } from "./sample.js";

test("who asks is told that the database is damaged, and what to do", async (t) => {
  const directory = await sampleDirectory(t);
  const kindred = await openKindred({ directory });
  t.after(() => kindred.close());
  await kindred.status();
  const path = databasePath(directory);
  const file = openSync(path, "r+");
  // All but the first page: some of them are not in memory.
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
