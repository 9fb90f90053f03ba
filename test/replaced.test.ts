/** papers.db is removed or replaced while a server has it open. */
import "./tiny.js";
import assert from "node:assert/strict";
import { cpSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { describeModel } from "../src/embedding/description.js";
import { KindredError, openKindred } from "../src/kindred.js";
import { createLogger } from "../src/server/log.js";
import { serve } from "../src/server/serve.js";
import { databasePath } from "../src/store/database.js";
import { verify } from "../src/admin/verify.js";
import { sampleDirectory, temporaryDirectory } from "./sample.js";
import { bytesOf, jsonLines, problemIn, type Reply } from "./server/serving.js";

const model = await describeModel();
const REPLACED = /was (removed|replaced by another file) while Kindred had it open: nothing more is written/;

async function served(t: TestContext, directory: string) {
  const kindred = await openKindred({ directory, workers: 1 });
  const logged: string[] = [];
  const log = createLogger("error", { write: (line) => void logged.push(line) });
  const serving = await serve(kindred, { host: "127.0.0.1", port: 0, log });
  const close = async () => {
    await serving.close();
    await kindred.close();
  };
  t.after(close);
  const ask = async (method: string, path: string, body?: string): Promise<Reply> => {
    const response = await fetch(serving.url + path, { method, ...(body === undefined ? {} : { body }) });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  while ((await ask("GET", "api/ready")).status !== 200);
  return { ask, close };
}

const CHANGES = [
  ["PUT", "api/lists/kept"],
  ["POST", "api/papers", jsonLines({ id: "late", title: "Crows that come late" })],
  ["PUT", "api/lists/likes/papers/shannon-1948-communication"],
  ["DELETE", "api/papers/shannon-1948-communication"],
] as const;

for (const [what, damage, said] of [
  ["its folder is removed", (at) => rmSync(at, { recursive: true }), /papers\.db was removed/],
  ["papers.db gets another name", (at) => renameSync(databasePath(at), join(at, "old.db")), /papers\.db was removed/],
  ["its log is removed", (at) => rmSync(`${databasePath(at)}-wal`), /papers\.db-wal was removed/],
] as [string, (directory: string) => void, RegExp][])
  test(`when ${what}, a server acknowledges no more changes, and is not ready`, async (t) => {
    const directory = join(temporaryDirectory(t), "index");
    cpSync(await sampleDirectory(t), directory, { recursive: true });
    const { ask } = await served(t, directory);
    assert.equal((await ask("PUT", "api/lists/before")).status, 204);
    damage(directory);
    for (const [method, path, body] of CHANGES) {
      const { detail } = problemIn(await ask(method, path, body), 500);
      assert.match(detail, REPLACED);
      assert.match(detail, said);
    }
    problemIn(await ask("GET", "api/ready"), 503);
    assert.match(problemIn(await ask("GET", "api/status"), 500).detail, REPLACED);
    assert.equal((await ask("GET", "api/search?q=information&mode=lexical")).status, 200, "what was read is answered");
  });

test("when papers.db is replaced by another, both stay intact, each with everything acknowledged", async (t) => {
  const [directory, from] = [await sampleDirectory(t), temporaryDirectory(t)];
  const other = await openKindred({ directory: from, workers: 1 });
  await other.import(bytesOf(jsonLines({ id: "other", title: "Otters in another library" })));
  await other.close();
  const { ask, close } = await served(t, directory);
  assert.equal((await ask("PUT", "api/lists/before")).status, 204);
  renameSync(databasePath(directory), join(directory, "old.db"));
  cpSync(databasePath(from), databasePath(directory));
  for (const [method, path, body] of CHANGES)
    assert.match(problemIn(await ask(method, path, body), 500).detail, /papers\.db was replaced by another file/);
  await close();
  const { papers, findings } = await verify(directory, model, { texts: 0 });
  assert.equal(papers, 1);
  assert.ok(
    findings.every(({ about }) => /tables|hnsw/.test(about)),
    JSON.stringify(findings),
  );
  const again = temporaryDirectory(t);
  cpSync(join(directory, "old.db"), databasePath(again));
  assert.deepEqual((await verify(again, model, { texts: 0 })).findings, []);
  const kindred = await openKindred({ directory: again, workers: 1 });
  t.after(() => kindred.close());
  const { lists } = await kindred.lists();
  assert.deepEqual([(await kindred.status()).papers, lists.some(({ name }) => name === "before")], [154, true]);
});

test("indexing writes no derived files next to another papers.db than its own", async (t) => {
  const directory = await sampleDirectory(t);
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  await kindred.import(bytesOf(jsonLines({ id: "late", title: "Crows that come late" })));
  // Now both threads have opened papers.db.
  await kindred.status();
  rmSync(databasePath(directory));
  const before = readdirSync(directory);
  await assert.rejects(
    kindred.index(),
    (thrown) => thrown instanceof KindredError && thrown.code === "damaged" && REPLACED.test(thrown.message),
  );
  assert.deepEqual(readdirSync(directory), before);
});
