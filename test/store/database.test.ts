import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, linkSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { gunzipSync } from "node:zlib";
import Sqlite from "better-sqlite3";
import { describeModel } from "../../src/embedding/description.js";
import { KindredError } from "../../src/core/errors.js";
import { openKindred } from "../../src/kindred.js";
import { ROOT } from "../../src/core/root.js";
import {
  databasePath,
  holdAlone,
  inPlace,
  openDatabase,
  openForReading,
  SCHEMA_VERSION,
  tryLock,
} from "../../src/store/database.js";
import { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";

const OPEN = fileURLToPath(new URL("./open.js", import.meta.url));
const DATABASE = new URL("../../src/store/database.js", import.meta.url).href;
const HOLD = fileURLToPath(new URL("./hold.js", import.meta.url));

const damaged = (message: RegExp) => (error: unknown) =>
  error instanceof KindredError && error.code === "damaged" && message.test(error.message);

/** Creates a file with another application's tables. */
function foreign(path: string, statements: string): void {
  const database = new Sqlite(path);
  database.exec(statements);
  database.close();
}

test("a missing directory is created with its parents, and opened again with its content", (t) => {
  const directory = join(temporaryDirectory(t), "a", "b");
  const database = openDatabase(directory);
  database.exec("INSERT INTO models (identity) VALUES ('m')");
  database.close();
  const again = openDatabase(directory);
  t.after(() => again.close());
  assert.equal(again.prepare("SELECT identity FROM models").pluck().get(), "m");
  assert.equal(again.pragma("user_version", { simple: true }), SCHEMA_VERSION);
  assert.equal(again.pragma("journal_mode", { simple: true }), "wal");
});

test("two open connections each see what the other commits", (t) => {
  const directory = temporaryDirectory(t);
  const [one, other] = [openDatabase(directory), openDatabase(directory)];
  const reader = openForReading(directory);
  t.after(() => [one, other, reader].forEach((database) => database.close()));
  one.exec("INSERT INTO models (identity) VALUES ('one')");
  other.exec("INSERT INTO models (identity) VALUES ('other')");
  for (const database of [one, other, reader])
    assert.equal(database.prepare("SELECT count(*) FROM models").pluck().get(), 2);
  assert.throws(() => reader.exec("DELETE FROM models"), /readonly/);
});

const REFUSED: { what: string; make: (path: string) => void; message: RegExp }[] = [
  {
    what: "a file that is no database",
    make: (path) => writeFileSync(path, "These are my notes, not a database.\n".repeat(100)),
    message: /papers\.db is damaged or not a database .*left unchanged; restore a copy of it, or name another folder/,
  },
  { what: "a file of three bytes", make: (path) => writeFileSync(path, "abc"), message: /damaged or not a database/ },
  {
    what: "another application's database",
    make: (path) => foreign(path, "CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')"),
    message: /papers\.db is a SQLite database, but not Kindred's: name another folder with --directory/,
  },
  {
    what: "another application's database with a version of its own",
    make: (path) => foreign(path, "PRAGMA journal_mode = WAL; CREATE TABLE notes (text); PRAGMA user_version = 75"),
    message: /not Kindred's/,
  },
  {
    what: "another application's database without a table",
    make: (path) => foreign(path, "PRAGMA application_id = 77; PRAGMA user_version = 1"),
    message: /not Kindred's/,
  },
  {
    what: "a database of a newer version",
    make: (path) => {
      openDatabase(join(path, "..")).close();
      foreign(path, `PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    },
    message: new RegExp(
      `newer Kindred \\(schema ${SCHEMA_VERSION + 1}; this one reads up to ${SCHEMA_VERSION}\\): ` +
        "update Kindred, or name another folder with --directory",
    ),
  },
];
for (const { what, make, message } of REFUSED)
  test(`${what} is refused with advice, and left unchanged`, (t) => {
    const directory = temporaryDirectory(t);
    make(databasePath(directory));
    const before = readFileSync(databasePath(directory));
    assert.throws(() => openDatabase(directory), damaged(message));
    assert.deepEqual(readFileSync(databasePath(directory)), before);
    assert.deepEqual(
      readdirSync(directory).filter((name) => !/^papers\.db(-shm|-wal)?$/.test(name)),
      [],
    );
  });

test("a damaged page is reported as damage", (t) => {
  const directory = temporaryDirectory(t);
  openDatabase(directory).close();
  const path = databasePath(directory);
  const bytes = readFileSync(path);
  bytes.fill(0xee, 100, 4_096);
  writeFileSync(path, bytes);
  assert.throws(() => openDatabase(directory), damaged(/damaged or not a database/));
  assert.deepEqual(readFileSync(path), bytes);
});

test("an empty file becomes a database", (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(databasePath(directory), "");
  const database = openDatabase(directory);
  t.after(() => database.close());
  assert.equal(database.prepare("SELECT count(*) FROM papers").pluck().get(), 0);
});

for (const beside of ["papers.db-wal", "tables.bin", "vectors.hnsw"])
  test(`an emptied file next to ${beside} is not treated as a new library`, (t) => {
    const directory = temporaryDirectory(t);
    writeFileSync(databasePath(directory), "");
    writeFileSync(join(directory, beside), "made of papers");
    assert.throws(() => openDatabase(directory), damaged(/is empty, but .* restore a copy .*, or delete both/));
    assert.deepEqual(
      [databasePath(directory), join(directory, beside)].map((path) => readFileSync(path, "utf8")),
      ["", "made of papers"],
    );
  });

test("opening an empty database or one of an earlier version for reading is refused with advice", (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(databasePath(directory), "");
  assert.throws(
    () => openForReading(directory),
    damaged(/empty or .* older Kindred .*run "kindred status" to migrate it/),
  );
  writeFileSync(databasePath(directory), gunzipSync(readFileSync(join(ROOT, "test", "store", "version-1.db.gz"))));
  assert.throws(() => openForReading(directory), damaged(/older Kindred \(schema 1, expected/));
});

test("a database with missing tables is damaged, and not kept open", async (t) => {
  const directory = temporaryDirectory(t);
  const model = await describeModel();
  openDatabase(directory).close();
  foreign(databasePath(directory), "DROP TABLE changes");
  assert.throws(() => Store.open(directory, model), damaged(/could not be opened: no such table: .*changes/));
  assert.doesNotThrow(() => holdAlone(databasePath(directory))(), "nobody has it open");
});

test("opening a database while it is being replaced opens the new one", async (t) => {
  const [directory, from] = [temporaryDirectory(t), temporaryDirectory(t)];
  for (const one of [directory, from]) openDatabase(one).close();
  const path = databasePath(directory);
  foreign(databasePath(from), "INSERT INTO models (identity) VALUES ('put back')");
  const release = holdAlone(path);
  const opener = new Worker(OPEN, { argv: [directory, "late"], stdout: true });
  t.after(() => opener.terminate());
  const said = createInterface(opener.stdout)[Symbol.asyncIterator]();
  assert.equal((await said.next()).value, "opening");
  // Usually the thread now waits for this connection; if it is not that far yet, it just opens the other.
  await setTimeout(300);
  linkSync(path, `${path}.kept`);
  renameSync(databasePath(from), path);
  release();
  assert.equal((await said.next()).value, "put back, late");
  const read = openForReading(directory);
  assert.deepEqual(read.prepare("SELECT identity FROM models").pluck().all(), ["put back", "late"]);
  read.close();
});

for (const [who, use] of [
  ["writes", (database: Sqlite.Database) => database.pragma("journal_mode = WAL")],
  ["reads", (database: Sqlite.Database) => database.pragma("user_version")],
] as const)
  test(`a database that was replaced before it was read is opened again: ${who}`, (t) => {
    const [directory, from] = [temporaryDirectory(t), temporaryDirectory(t)];
    for (const one of [directory, from]) openDatabase(one).close();
    const path = databasePath(directory);
    foreign(databasePath(from), "INSERT INTO models (identity) VALUES ('put back')");
    holdAlone(path)();
    let times = 0;
    const database = inPlace(path, () => {
      const opened = new Sqlite(path);
      t.after(() => opened.close());
      if (times++ === 0) renameSync(databasePath(from), path);
      use(opened);
      return opened;
    });
    assert.equal(times, 2);
    assert.equal(database.prepare("SELECT identity FROM models").pluck().get(), "put back");
  });

test("a path that cannot be opened is an error that says so", (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(databasePath(directory));
  assert.throws(() => openDatabase(directory), damaged(/papers\.db could not be opened: /));
  writeFileSync(join(directory, "file"), "");
  assert.throws(() => openDatabase(join(directory, "file", "below")), damaged(/could not be opened: /));
  assert.throws(() => openForReading(join(directory, "nowhere")), damaged(/could not be opened: /));
});

test("a lock has one holder at a time, until it is released", (t) => {
  const path = join(temporaryDirectory(t), "lock");
  const unlock = tryLock(path);
  assert.ok(unlock !== null);
  assert.equal(tryLock(path), null);
  unlock();
  const again = tryLock(path);
  assert.ok(again !== null);
  again();
});

test("a lock file with arbitrary content still works as a lock", (t) => {
  const path = join(temporaryDirectory(t), "lock");
  writeFileSync(path, "This is no lock.\n".repeat(100));
  const unlock = tryLock(path);
  assert.ok(unlock !== null);
  assert.equal(tryLock(path), null);
  unlock();
});

test("a lock excludes another thread", async (t) => {
  const path = join(temporaryDirectory(t), "lock");
  const unlock = tryLock(path);
  const worker = new Worker(HOLD, { argv: [path], stdin: true, stdout: true });
  t.after(() => worker.terminate());
  const [said] = (await once(worker.stdout, "data")) as [Buffer];
  assert.equal(said.toString().trim(), "busy");
  unlock?.();
});

test("a lock excludes another process, and is free again when that process is killed", async (t) => {
  const path = join(temporaryDirectory(t), "lock");
  const child = spawn(process.execPath, [HOLD, path], { stdio: ["pipe", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  assert.equal(said.toString().trim(), "locked");
  assert.equal(tryLock(path), null);
  child.kill("SIGKILL");
  await once(child, "exit");
  const unlock = tryLock(path);
  assert.ok(unlock !== null);
  unlock();
});

test("a database whose writer was killed before write-ahead logging was on is rolled back", async (t) => {
  const [from, directory] = [temporaryDirectory(t), temporaryDirectory(t)];
  openDatabase(from).close();
  const killed = new Sqlite(databasePath(from));
  killed.pragma("journal_mode = DELETE");
  // A cache so small that writes reach the file before the commit.
  killed.pragma("cache_size = 1");
  killed.exec("BEGIN");
  for (let i = 0; i < 200; i++) killed.exec("INSERT INTO models (identity) VALUES (hex(randomblob(500)))");
  for (const suffix of ["", "-journal"]) copyFileSync(databasePath(from) + suffix, databasePath(directory) + suffix);
  killed.close();
  const store = Store.open(directory, await describeModel());
  assert.equal(store.papers.count(), 0);
  store.close();
  const database = openForReading(directory);
  assert.equal(database.prepare("SELECT count(*) FROM models").pluck().get(), 1, "but for the one that Store adds");
  database.close();
});

/** A directory with a stored database of an earlier version. */
function ofVersion(t: TestContext, version: number): string {
  const directory = temporaryDirectory(t);
  const fixture = join(ROOT, "test", "store", `version-${version}.db.gz`);
  writeFileSync(databasePath(directory), gunzipSync(readFileSync(fixture)));
  const before = new Sqlite(databasePath(directory));
  assert.equal(before.pragma("user_version", { simple: true }), version, "the fixture is what it is called");
  before.close();
  return directory;
}

async function opened(t: TestContext, version: number): Promise<Store> {
  const store = Store.open(ofVersion(t, version), await describeModel());
  t.after(() => store.close());
  return store;
}

/** All rows of a table, sorted by its columns. */
function rowsOf(directory: string, table: string): unknown[] {
  const database = new Sqlite(databasePath(directory), { readonly: true });
  try {
    return database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all();
  } finally {
    database.close();
  }
}

type ImportRow = { began: string; finished: string | null };

test("a database whose papers have DOIs without a suffix keeps the papers and drops these DOIs", async (t) => {
  const directory = ofVersion(t, 3);
  const before = new Sqlite(databasePath(directory));
  before.exec(`UPDATE papers SET doi = '10.1145/' WHERE label = 1; UPDATE papers SET doi = '10.1000/a/' WHERE label = 2;
    INSERT INTO identifiers VALUES ('doi', '10.1145/', 1), ('doi', '10.1000/a/', 2)`);
  before.close();
  const store = Store.open(directory, await describeModel());
  t.after(() => store.close());
  assert.deepEqual(
    [1, 2].map((label) => store.papers.get(label)?.doi),
    [null, "10.1000/a/"],
  );
  assert.deepEqual(
    ["10.1145/", "10.1000/a/"].map((value) => store.papers.find({ kind: "doi", value })),
    [undefined, 2],
  );
});

test("in a database of version 4 words are indexed again, and nothing is embedded again", async (t) => {
  const directory = ofVersion(t, 4);
  // Words as indexed before, in a file that is registered in this database.
  const tables = gunzipSync(readFileSync(join(ROOT, "test", "store", "version-4.tables.gz")));
  writeFileSync(join(directory, "tables.bin"), tables);
  const names = ["papers", "identifiers", "vectors", "sentences", "changes", "points"];
  const before = names.map((table) => rowsOf(directory, table));
  for (const row of before[0] as { notice: null }[]) row.notice = null;
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  const { embedded, pending } = await kindred.status();
  assert.deepEqual([embedded, pending], [4, 0]);
  for (const [i, table] of names.entries()) assert.deepEqual(rowsOf(directory, table), before[i], table);
  const ids = async (q: string) => (await kindred.search({ q, mode: "lexical" })).hits.map(({ paper }) => paper.id);
  for (const [q, id] of [
    ["Laeso", "ferry"],
    ["author:Ostergard", "ferry"],
    ["TGF-alpha", "moss"],
    ["茶叶", "tea"],
    ['"茶叶片"', "tea"],
    ["What is the Ising model", "spins"],
  ] as const)
    assert.equal((await ids(q))[0], id, q);
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 0, sentences: 0 });
  assert.equal((await ids("Laeso"))[0], "ferry", "from the tables that were written now");
});

test("a database of version 5 gets the tables that it lacks, and its words are not indexed again", (t) => {
  const directory = ofVersion(t, 4);
  openDatabase(directory).close();
  const database = new Sqlite(databasePath(directory));
  database.exec(
    "DROP TABLE jobs; DROP TABLE owned; DROP TABLE derived; DROP INDEX entries_by_time; DELETE FROM words;" +
      "ALTER TABLE papers DROP COLUMN notice;" +
      "CREATE TABLE snapshots (token TEXT PRIMARY KEY, change INTEGER NOT NULL) STRICT, WITHOUT ROWID",
  );
  database.pragma("user_version = 5");
  database.close();
  const migrated = openDatabase(directory);
  t.after(() => migrated.close());
  const count = (table: string) => migrated.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  assert.deepEqual(["papers", "jobs", "owned", "derived", "words"].map(count), [4, 0, 0, 0, 0]);
  assert.equal(migrated.pragma("user_version", { simple: true }), SCHEMA_VERSION);
});

test("in a database of version 6 retracted papers are marked, and its imports can still be undone", async (t) => {
  const directory = ofVersion(t, 3);
  openDatabase(directory).close();
  const database = new Sqlite(databasePath(directory));
  database.exec(
    `ALTER TABLE papers DROP COLUMN notice;
     UPDATE papers SET keywords = '["otters","Retracted Publication"]' WHERE label = 1;
     UPDATE papers SET title = 'RETRACTED ARTICLE: ' || title WHERE label = 2;
     UPDATE papers SET title = '[Retracted] ' || title WHERE label = 4;
     UPDATE papers SET keywords = '["Retraction of Publication"]', title = 'Retraction: ' || title WHERE label = 5`,
  );
  database.pragma("user_version = 6");
  const before = database.prepare("SELECT * FROM papers ORDER BY label").all() as object[];
  const changes = database.prepare("SELECT * FROM changes ORDER BY change").all();
  database.close();
  const store = Store.open(directory, await describeModel());
  t.after(() => store.close());
  const notices = ["retracted", "retracted", "retracted", null];
  assert.deepEqual(
    rowsOf(directory, "papers"),
    before.map((row, i) => ({ ...row, notice: notices[i] })),
  );
  assert.deepEqual(rowsOf(directory, "changes"), changes);
  Array.from(store.imports.undo(2, (work) => store.write(work)));
  assert.equal(store.papers.get(store.papers.find({ kind: "id", value: "bread" })!)?.venue, null);
});

test("if a process is killed while it migrates a database of version 4, its word index is the old or the new one", async (t) => {
  const directory = ofVersion(t, 4);
  const path = databasePath(directory);
  const database = new Sqlite(path);
  const columns = (database.prepare("SELECT name FROM pragma_table_info('papers')").pluck().all() as string[])
    .filter((name) => name !== "label" && name !== "id")
    .join(", ");
  database.exec(
    `WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
     INSERT INTO papers (id, ${columns}) SELECT id || n, ${columns} FROM papers, numbers`,
  );
  const papers = database.prepare("SELECT count(*) FROM papers").pluck().get();
  database.close();
  const child = spawn(process.execPath, [OPEN, directory, "late"], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(child, "exit");
  const said = (await once(child.stderr, "data")) as [Buffer];
  assert.match(said[0].toString(), /migrating papers.db to this version: the words of 20004 papers are indexed again/);
  // It takes seconds; the assertions hold whenever it is killed.
  await setTimeout(200);
  child.kill("SIGKILL");
  await exited;
  const version = () => {
    const read = new Sqlite(path);
    const found = {
      version: read.pragma("user_version", { simple: true }),
      words: read.prepare("SELECT count(*) FROM words").pluck().get(),
    };
    read.close();
    return found;
  };
  const { version: left, words } = version();
  assert.deepEqual([left, words], left === 4 ? [4, 4] : [SCHEMA_VERSION, papers]);
  openDatabase(directory).close();
  assert.deepEqual(version(), { version: SCHEMA_VERSION, words: papers });
});

test("a database of version 3 keeps its content, and indexing puts its papers on the map", async (t) => {
  const directory = ofVersion(t, 3);
  const kept = ["papers", "categories", "identifiers", "vectors", "sentences", "lists", "entries", "notes", "imports"];
  const tables = [...kept, "imported", "changes"];
  const before = tables.map((table) => rowsOf(directory, table));
  assert.ok(
    before.every((rows) => rows.length > 0),
    "the fixture has something in every table",
  );
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  assert.equal((await kindred.map()).points, 0);
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 0, sentences: 0 }, "nothing is embedded again");
  for (const [i, table] of tables.entries()) {
    const rows = rowsOf(directory, table);
    // All earlier imports have ended.
    if (table === "imports") for (const row of before[i] as ImportRow[]) row.finished = row.began;
    if (table === "papers") for (const row of before[i] as { notice: null }[]) row.notice = null;
    assert.deepEqual(rows, before[i], table);
  }
  const { points, pending } = await kindred.map();
  assert.deepEqual([points, pending], [4, 0]);

  const { lists, notes } = await kindred.lists();
  assert.deepEqual(
    lists.map(({ name, ids }) => [name, ids]),
    [
      ["likes", ["tides"]],
      ["dislikes", []],
      ["To read", ["bread"]],
    ],
  );
  assert.deepEqual(
    notes.map(({ id, note }) => [id, note]),
    [["kettles", "Ask Ann about her kettle."]],
  );
  const found = async (q: string, mode: "lexical" | "semantic") =>
    (await kindred.search({ q, mode, limit: 1 })).hits[0]?.paper.id;
  assert.equal(await found("pier", "lexical"), "tides");
  assert.equal(await found("boiling water makes a sound", "semantic"), "kettles");
  assert.deepEqual(await kindred.undo(2), { removed: 1, restored: 1, kept: 0 });
  assert.equal((await kindred.paper("bread")).venue, null, "as it was before the second import");
  assert.equal((await kindred.map()).points, 3);
});

test("a database of version 2 keeps its content", async (t) => {
  const store = await opened(t, 2);
  assert.deepEqual(
    store.vectors.changesSince(0, 10).map(({ label, vector, sketches }) => [label, vector !== null, sketches !== null]),
    [
      [1, true, true],
      [2, true, true],
    ],
    "nothing is embedded again",
  );
  assert.equal(store.papers.get(1)?.listed, "2024-05-01");
});

test("opening a database again does not let another process lock it or remove its log", async (t) => {
  const directory = temporaryDirectory(t);
  const first = Store.open(directory, await describeModel());
  t.after(() => first.close());
  first.write(() => first.papers.put({ id: "tide", title: "Why tides turn" }));
  // Each opening reads the header first, and on POSIX closing a file drops all locks of its process on it.
  openForReading(directory).close();
  const second = openDatabase(directory);
  t.after(() => second.close());
  const code = `import { holdAlone, openDatabase } from ${JSON.stringify(DATABASE)};
    try { holdAlone(${JSON.stringify(databasePath(directory))}); } catch (thrown) { console.log(thrown.code); }
    const database = openDatabase(${JSON.stringify(directory)});
    database.exec("INSERT INTO notes VALUES ('tide', 'Read this.', '2024')");
    database.close();`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
  assert.deepEqual([stdout, stderr], ["busy\n", ""]);
  first.write(() => first.papers.put({ id: "bread", title: "Why bread goes stale" }));
  assert.deepEqual(
    second.prepare("SELECT (SELECT count(*) FROM papers) AS papers, (SELECT count(*) FROM notes) AS notes").get(),
    { papers: 2, notes: 1 },
  );
});

test("a database of version 1 keeps its content, and can be used", async (t) => {
  const store = await opened(t, 1);
  const found = (label: number) => store.papers.get(label)?.id;
  assert.deepEqual([1, 2, 3].map(found), ["tide", "bread", "untold"]);
  assert.deepEqual(
    store.words.search(["currents"], {}, 10).map(({ label }) => label),
    [1],
  );
  const changes = store.vectors.changesSince(0, 10);
  assert.equal(changes.length, 3);
  assert.ok(
    changes.every(({ vector, sketches }) => vector !== null && sketches !== null),
    "nothing is embedded again",
  );
  assert.ok(
    changes.every(({ change, row }) => change === row),
    "which change was the row's is not known: the last",
  );
  const last = store.changes.latest();
  store.write(() => store.changes.recordVectors(1));
  store.write(() => store.papers.put({ id: "bread", title: "Why bread goes stale", upvotes: 5 }));
  assert.deepEqual(
    store.vectors.changesSince(last, 10).map(({ label, change, row }) => [label, change - last, row - last]),
    [
      [1, 1, changes.find(({ label }) => label === 1)!.row - last],
      [2, 2, 2],
    ],
  );
});
