/** Full disks, read-only folders, other file systems, two writers, and a clock that is set back. */
import "./tiny.js";
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import type { Operation } from "../scripts/torture/library.js";
import { backup, restore } from "../src/admin/backup.js";
import { describeModel } from "../src/embedding/description.js";
import { addKey, Keys, listKeys, removeKey } from "../src/server/keys.js";
import { KindredError, openKindred, type ImportReport } from "../src/kindred.js";
import { databasePath, SCHEMA_VERSION, tryLock } from "../src/store/database.js";
import { verify } from "../src/admin/verify.js";
import { MAIN } from "./cli/command.js";
import { SAMPLE, sampleDirectory, temporaryDirectory } from "./sample.js";
import { openStore } from "./store/store.js";
import { unprivileged } from "./unprivileged.js";

const model = await describeModel();
const DISK = fileURLToPath(new URL("./disk.js", import.meta.url));
const TORTURED = fileURLToPath(new URL("../scripts/torture/child.js", import.meta.url));

type Came = { acknowledged: number; code?: string; message?: string };

const run = (command: string, args: string[]): Came => {
  const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout) as Came;
};

/** Runs with a file size limit in kilobytes (some shells double it): larger writes fail. */
const limited = (kilobytes: number, ...args: string[]): Came =>
  run("sh", ["-c", `trap '' XFSZ; ulimit -f ${kilobytes}; exec "$0" "$@"`, process.execPath, DISK, ...args]);

/** Mounts a file system of this size; false if the user may not. */
const mountSmallDisk = (place: string, size: string, ...options: string[]): boolean =>
  spawnSync("mount", ["-t", "tmpfs", "-o", [...options, `size=${size}`].join(), "tmpfs", place]).status === 0;

/** Fills a disk. */
function fill(place: string): void {
  const { stderr } = spawnSync("dd", ["if=/dev/zero", `of=${join(place, "filler")}`, "bs=4k"], { encoding: "utf8" });
  assert.match(stderr, /No space left/);
}

/** Papers of a few megabytes in total. */
function manyPapers(t: TestContext): string {
  const file = join(temporaryDirectory(t), "papers.jsonl");
  const abstract = "Tides move the water of the oceans, and the moon moves the tides. ".repeat(20);
  const lines = Array.from({ length: 3_000 }, (_, i) =>
    JSON.stringify({ id: `p${i}`, title: `Tide ${i}`, abstract: `${i}. ${abstract}` }),
  );
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

async function goesOn(directory: string, acknowledged: number, file: string, papers: number): Promise<void> {
  const kindred = await openKindred({ directory, workers: 1 });
  try {
    assert.ok((await kindred.status()).papers >= acknowledged, "what was acknowledged is there");
    await kindred.import(file);
    assert.equal((await kindred.status()).papers, papers);
  } finally {
    await kindred.close();
  }
  assert.deepEqual((await verify(directory, model, { texts: 0 })).findings, []);
}

test("an import that exceeds the file size limit fails as a storage error, and succeeds without the limit", async (t) => {
  const directory = temporaryDirectory(t);
  const file = manyPapers(t);
  const { acknowledged, code, message } = limited(1_500, "import", directory, file);
  assert.equal(code, "storage", message);
  assert.match(message ?? "", /papers\.db could not be written, .*; what was stored before is safe/);
  assert.ok(acknowledged > 0 && acknowledged < 3_000, `${acknowledged} acknowledged`);
  await goesOn(directory, acknowledged, file, 3_000);
});

test("indexing that exceeds the file size limit fails as a storage error, and succeeds without the limit", async (t) => {
  const directory = temporaryDirectory(t);
  const kindred = await openKindred({ directory, workers: 1 });
  await kindred.import(SAMPLE);
  await kindred.close();
  const { code, message } = limited(100, "index", directory);
  assert.equal(code, "storage", message);
  await goesOn(directory, 154, SAMPLE, 154);
  const again = await openKindred({ directory, workers: 1 });
  assert.equal((await again.index()).state, "done");
  assert.equal((await again.status()).pending, 0);
  await again.close();
  assert.deepEqual((await verify(directory, model, { texts: 3 })).findings, []);
});

test("on a full disk an import fails and says what to do, and succeeds when there is room", async (t) => {
  const place = temporaryDirectory(t);
  if (!mountSmallDisk(place, "3m")) return t.skip("only root on Linux can mount a small disk");
  try {
    const directory = join(place, "index");
    const file = manyPapers(t);
    const { acknowledged, code, message } = run(process.execPath, [DISK, "import", directory, file]);
    assert.deepEqual([code, /disk is full: make room/.test(message ?? "")], ["storage", true], message);
    assert.ok(acknowledged > 0, "some went in");
    const indexing = run(process.execPath, [DISK, "index", directory]);
    assert.equal(indexing.code, "storage", indexing.message);
    assert.ok(mountSmallDisk(place, "200m", "remount"));
    await goesOn(directory, acknowledged, file, 3_000);
  } finally {
    spawnSync("umount", [place]);
  }
});

test("on a full disk keys can still be removed, and adding one fails with a reason", async (t) => {
  const place = temporaryDirectory(t);
  if (!mountSmallDisk(place, "1m")) return t.skip("only root on Linux can mount a small disk");
  try {
    const directory = join(place, "index");
    for (const name of ["Ada", "Bob", "Cleo"]) await addKey(directory, name);
    const ada = await addKey(directory, "Ada at home");
    const server = new Keys(directory);
    const session = await server.beginSession(ada);
    assert.ok(session !== null);
    fill(place);
    const full = (thrown: unknown) =>
      thrown instanceof KindredError && thrown.code === "storage" && /disk is full: make room/.test(thrown.message);
    await assert.rejects(addKey(directory, "Dana"), full);
    await server.endSessions([session]);
    assert.equal(await server.nameOfSession(session), null);
    assert.equal(await server.nameOf(ada), "Ada at home");
    await removeKey(directory, "Ada at home");
    assert.equal(await server.nameOf(ada), null);
    await removeKey(directory, "Bob");
    assert.deepEqual(
      listKeys(directory).map(({ name }) => name),
      ["Ada", "Cleo"],
    );
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith("keys.json")),
      ["keys.json"],
    );
    assert.equal(statSync(join(directory, "keys.json")).mode & 0o777, 0o600);
    await assert.rejects(addKey(join(place, "another"), "Dana"), full);
  } finally {
    spawnSync("umount", [place]);
  }
});

test("a lock works on a full disk", async (t) => {
  const place = temporaryDirectory(t);
  if (!mountSmallDisk(place, "20m")) return t.skip("only root on Linux can mount a small disk");
  try {
    const directory = join(place, "index");
    const kindred = await openKindred({ directory, workers: 1 });
    await kindred.import(SAMPLE);
    await kindred.close();
    fill(place);
    const unlock = tryLock(join(directory, "keys.lock"));
    assert.ok(unlock !== null);
    assert.equal(tryLock(join(directory, "keys.lock")), null);
    unlock();
  } finally {
    spawnSync("umount", [place]);
  }
});

test("an import stopped by the disk reports the papers that were stored", async (t) => {
  const directory = temporaryDirectory(t);
  const file = manyPapers(t);
  const words = [MAIN, "import", file, "--no-index", "--json", "-d", directory];
  const { status, stdout, stderr } = spawnSync(
    "sh",
    ["-c", `trap '' XFSZ; ulimit -f 1500; exec "$0" "$@"`, process.execPath, ...words],
    { encoding: "utf8" },
  );
  assert.equal(status, 1);
  assert.match(stderr, /papers\.db could not be written/);
  const { files } = JSON.parse(stdout) as { files: Record<string, ImportReport & { stopped?: string }> };
  const { added, import: number, format, stopped } = files[file]!;
  assert.match(stopped ?? "", /papers\.db could not be written/);
  const { papers } = await verify(directory, model, { texts: 0 });
  assert.deepEqual([added, number, format], [papers, 1, "jsonl"]);
  assert.ok(papers > 0 && papers < 3_000, `${papers} papers`);
});

test("a folder or file without write permission is reported", async (t) => {
  const directory = await sampleDirectory(t);
  const files = readdirSync(directory).map((name) => join(directory, name));
  const as = unprivileged();
  if (as === null) return t.skip("root cannot give up its rights here: setpriv is not installed");
  const unaided = (...args: string[]) => {
    const [command = "", ...rest] = [...as, process.execPath, DISK, ...args];
    return run(command, rest);
  };
  chmodSync(directory, 0o500);
  for (const path of files) chmodSync(path, 0o400);
  for (const what of ["import", "index"]) {
    const { code, message } = unaided(what, directory, SAMPLE);
    assert.equal(code, "storage", `${what}: ${message}`);
    assert.match(message ?? "", /may not (be )?writ/);
  }
  // Even reading needs to create the files that coordinate readers and writers.
  chmodSync(directory, 0o700);
  assert.deepEqual(unaided("search", directory), { acknowledged: 0 });
  for (const what of ["import", "index"]) {
    const { code, message } = unaided(what, directory, SAMPLE);
    assert.equal(code, "storage", `${what}: ${message}`);
  }
  for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o600);
  assert.equal(unaided("import", directory, SAMPLE).code, undefined);
});

test("papers on another file system, with a backup on this one", async (t) => {
  const other = "/dev/shm";
  if (!existsSync(other) || statSync(other).dev === statSync(tmpdir()).dev)
    return t.skip("there is one file system only");
  const directory = mkdtempSync(join(other, "kindred-test-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const kindred = await openKindred({ directory, workers: 1 });
  await kindred.import(SAMPLE);
  await kindred.close();
  const file = join(temporaryDirectory(t), "papers.backup");
  await backup(directory, model, file);
  await restore(directory, file);
  await goesOn(directory, 154, SAMPLE, 154);
});

test("two processes that write at the same time lose nothing and see no errors", async (t) => {
  const folder = temporaryDirectory(t);
  const write = async (name: string) => {
    const operations: Operation[] = Array.from({ length: 40 }, (_, i) => ({
      kind: "import",
      name: `${name} ${i}`,
      records: [0, 1, 2].map((j) => ({ id: `${name}-${i}-${j}`, title: `${name} on ${i} antennas and ${j} roofs` })),
    }));
    const child = spawn(process.execPath, [TORTURED], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.write(`${JSON.stringify({ folder, operations: [{ kind: "open" }, ...operations] })}\n`);
    for await (const line of createInterface({ input: child.stdout })) if (line === "end") break;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    const [code] = (await exited) as [number | null];
    assert.equal(code, null, "it did not end by itself");
  };
  await Promise.all([write("Crows"), write("Moths")]);
  const directory = join(folder, "index");
  const { papers, findings } = await verify(directory, model, { texts: 0 });
  assert.deepEqual([papers, findings], [2 * 40 * 3, []]);
});

test("everything that opens a newer database refuses it, and nothing in its folder changes", async (t) => {
  const directory = await sampleDirectory(t);
  const file = join(temporaryDirectory(t), "papers.backup");
  const newer = new Sqlite(databasePath(directory));
  newer.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
  newer.close();
  const all = () =>
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name)).toString("base64")]);
  const before = all();
  const refused = (thrown: unknown) => thrown instanceof KindredError && /newer Kindred/.test(thrown.message);
  await assert.rejects(openKindred({ directory }), refused);
  await assert.rejects(verify(directory, model), refused);
  await assert.rejects(verify(directory, model, { repair: true }), refused);
  await assert.rejects(backup(directory, model, file), refused);
  assert.deepEqual(all(), before);
  assert.ok(!existsSync(file));
});

test("with the clock set back, the last entry still counts as last, in lists and imports", (t) => {
  const store = openStore(t);
  const add = (id: string) => store.write(() => store.lists.add("likes", id));
  const begin = (name: string) => store.write(() => store.imports.begin(name));
  t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2030, 0) });
  add("first");
  begin("first");
  for (const [i, name] of ["second", "third"].entries()) {
    t.mock.timers.setTime(Date.UTC(2010 - i, 0));
    add(name);
    begin(name);
  }
  assert.deepEqual(store.lists.ids("likes"), ["first", "second", "third"]);
  assert.deepEqual(
    store.imports.all().map(({ name }) => name),
    ["third", "second", "first"],
  );
});
