/** Backups made while others write, and restored. */
import "../tiny.js";
import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, existsSync, readFileSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import Sqlite from "better-sqlite3";
import { backup, restore } from "../../src/admin/backup.js";
import { describeModel } from "../../src/embedding/description.js";
import { KindredError } from "../../src/core/errors.js";
import { openKindred } from "../../src/kindred.js";
import { databasePath } from "../../src/store/database.js";
import { verify } from "../../src/admin/verify.js";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { bytesOf, jsonLines } from "../server/serving.js";

const OPEN = fileURLToPath(new URL("../store/open.js", import.meta.url));
const model = await describeModel();
const refused = (code: string, words: RegExp) => (thrown: unknown) =>
  thrown instanceof KindredError && thrown.code === code && words.test(thrown.message);

test("a restored backup gives the same answers as the original", async (t) => {
  const directory = await sampleDirectory(t);
  const file = join(temporaryDirectory(t), "deep", "papers.backup");
  const question = { q: "how do we judge chances", limit: 10 };
  const kindred = await openKindred({ directory, workers: 1 });
  await kindred.addToList("likes", "shannon-1948-communication");
  const before = await kindred.search(question);
  await backup(directory, model, file);
  await kindred.close();
  const other = join(temporaryDirectory(t), "restored");
  assert.equal(await restore(other, file), null);
  const back = await openKindred({ directory: other, workers: 1 });
  assert.deepEqual(await back.index(), { state: "done", abstracts: 0, sentences: 0 });
  assert.deepEqual(await back.search(question), before);
  assert.deepEqual((await back.lists()).lists[0]?.ids, ["shannon-1948-communication"]);
  await back.close();
});

test("a backup made during an import holds everything imported before it, and is consistent", async (t) => {
  const directory = await sampleDirectory(t);
  const file = join(temporaryDirectory(t), "papers.backup");
  const more = Array.from({ length: 2_000 }, (_, i) => ({ id: `late ${i}`, title: `Crows on antenna ${i}` }));
  const kindred = await openKindred({ directory, workers: 1 });
  await Promise.all([kindred.import(bytesOf(jsonLines(...more))), backup(directory, model, file)]);
  await kindred.close();
  const other = join(temporaryDirectory(t), "restored");
  await restore(other, file);
  const { papers, findings } = await verify(other, model);
  assert.ok(papers >= 154 && papers <= 2_154, `${papers} papers`);
  assert.deepEqual(findings, []);
});

test("restore keeps the replaced database, and the replaced index is not used", async (t) => {
  const directory = await sampleDirectory(t);
  const file = join(temporaryDirectory(t), "papers.backup");
  await backup(directory, model, file);
  const kindred = await openKindred({ directory, workers: 1 });
  await kindred.import(bytesOf(jsonLines({ id: "crow", title: "Crows on antennas" })));
  await kindred.index();
  await kindred.close();
  const kept = await restore(directory, file);
  assert.ok(kept !== null && existsSync(kept));
  const back = await openKindred({ directory, workers: 1 });
  await assert.rejects(back.paper("crow"), refused("not-found", /crow/));
  assert.equal((await back.status()).papers, 154);
  await back.close();
});

test("if papers.db is replaced by hand with an older copy and then gets other papers, files derived from the newer one are not used", async (t) => {
  const directory = await sampleDirectory(t);
  const file = join(temporaryDirectory(t), "papers.backup");
  await backup(directory, model, file);
  const bring = async (id: string) => {
    const kindred = await openKindred({ directory, workers: 1 });
    await kindred.import(bytesOf(jsonLines({ id, title: `${id} on antennas` })));
    await kindred.index();
    await kindred.close();
  };
  await bring("Crows");
  const path = join(directory, "tables.bin");
  const ofCrows = readFileSync(path);
  copyFileSync(file, databasePath(directory));
  // The change numbers are the same, but the paper is another.
  await bring("Moths");
  writeFileSync(path, ofCrows);
  const { findings } = await verify(directory, model, { texts: 0, repair: true });
  assert.deepEqual(
    findings.map(({ about, what, repaired }) => [about, what, repaired]),
    [["tables.bin", "file that is damaged, of another version, or of another papers.db", true]],
  );
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  assert.equal((await kindred.search({ q: "moths", mode: "lexical", limit: 1 })).hits[0]?.paper.id, "Moths");
});

test("a backup is one file, and neither backup nor restore leaves other files", async (t) => {
  const directory = await sampleDirectory(t);
  const folder = temporaryDirectory(t);
  const file = join(folder, "papers.backup");
  await backup(directory, model, file);
  assert.deepEqual(readdirSync(folder), ["papers.backup"]);
  for (const left of ["", "-wal"]) writeFileSync(`${databasePath(directory)}.part${left}`, "of one that was killed");
  assert.ok((await restore(directory, file)) !== null);
  assert.deepEqual(readdirSync(folder), ["papers.backup"]);
  const names = readdirSync(directory).filter((name) => !/^papers\.db\.\d{4}[\dTZ-]+$/.test(name));
  assert.deepEqual(names.toSorted(), ["indexing.lock", "papers.db"]);
});

test("a backup in write-ahead mode, as earlier versions made, can be restored and stays unchanged", async (t) => {
  const directory = await sampleDirectory(t);
  const folder = temporaryDirectory(t);
  const file = join(folder, "papers.backup");
  copyFileSync(databasePath(directory), file);
  const before = readFileSync(file);
  await restore(directory, file);
  assert.deepEqual(readdirSync(folder), ["papers.backup"]);
  assert.ok(before.equals(readFileSync(file)));
});

test("the next indexing removes what a killed restore left", async (t) => {
  const directory = await sampleDirectory(t);
  for (const left of ["", "-wal", "-journal"]) writeFileSync(`${databasePath(directory)}.part${left}`, "half of it");
  const kindred = await openKindred({ directory, workers: 1 });
  await kindred.index();
  await kindred.close();
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.includes(".part")),
    [],
  );
});

test("backing up a damaged papers.db fails, and the error names papers.db", async (t) => {
  const directory = await sampleDirectory(t);
  const folder = temporaryDirectory(t);
  const path = databasePath(directory);
  const bytes = readFileSync(path);
  bytes.fill(0xee, 40 * 4_096, 80 * 4_096);
  writeFileSync(path, bytes);
  await assert.rejects(
    backup(directory, model, join(folder, "papers.backup")),
    refused("damaged", /^(?!.*\.part).*papers\.db is damaged, .*: run "kindred verify"$/),
  );
  assert.deepEqual(readdirSync(folder), []);
});

test("a write acknowledged during a restore is in the database or in the kept one", async (t) => {
  const folder = temporaryDirectory(t);
  const file = join(folder, "papers.backup");
  const directory = await sampleDirectory(t);
  await backup(directory, model, file);
  /** The file that each restore kept; null if the restore was refused. */
  const kept: (string | null)[] = [];
  const restoring = (async () => {
    while (kept.length < 20)
      try {
        kept.push(await restore(directory, file));
      } catch (thrown) {
        assert.ok(refused("busy", /in use/)(thrown), String(thrown));
        kept.push(null);
      }
  })();
  const stored: string[] = [];
  while (kept.length < 20) {
    const opener = new Worker(OPEN, { argv: [directory, `stored ${stored.length}`], stdout: true });
    const [code] = (await once(opener, "exit")) as [number];
    assert.equal(code, 0);
    stored.push(`stored ${stored.length}`);
  }
  await restoring;
  const names = [databasePath(directory), ...kept.filter((name) => name !== null)].flatMap((path) => {
    const database = new Sqlite(path, { readonly: true });
    try {
      return database.prepare<[], string>("SELECT identity FROM models").pluck().all();
    } finally {
      database.close();
    }
  });
  assert.deepEqual(
    stored.filter((name) => !names.includes(name)),
    [],
  );
});

test("restoring a backup repairs a damaged directory", async (t) => {
  const directory = await sampleDirectory(t);
  const file = join(temporaryDirectory(t), "papers.backup");
  await backup(directory, model, file);
  writeFileSync(databasePath(directory), "this was a database");
  await restore(directory, file);
  const back = await openKindred({ directory, workers: 1 });
  assert.equal((await back.status()).papers, 154);
  await back.close();
});

test("restore refuses a directory in use and a file that is not a backup; backup refuses to overwrite a file", async (t) => {
  const directory = await sampleDirectory(t);
  const folder = temporaryDirectory(t);
  const file = join(folder, "papers.backup");
  await backup(directory, model, file);
  await assert.rejects(backup(directory, model, file), refused("invalid", /exists/));
  const kindred = await openKindred({ directory, workers: 1 });
  assert.equal((await kindred.status()).papers, 154);
  await assert.rejects(restore(directory, file), refused("busy", /in use/));
  await kindred.close();
  await assert.rejects(restore(directory, join(folder, "nothing")), refused("not-found", /no file/));
  writeFileSync(join(folder, "text"), "no database at all, but long enough to look at, ".repeat(40));
  await assert.rejects(restore(directory, join(folder, "text")), refused("damaged", /not a database/));
  truncateSync(file, 100_000);
  await assert.rejects(restore(directory, file), refused("damaged", /./));
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.includes(".part")),
    [],
  );
  const still = await openKindred({ directory, workers: 1 });
  assert.equal((await still.status()).papers, 154);
  await still.close();
});
