/** Every kind of damage, applied to a real directory: verify finds it, repairs it, and touches nothing else. */
import "../tiny.js";
import assert from "node:assert/strict";
import { closeSync, copyFileSync, cpSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, describe, test, type TestContext } from "node:test";
import Sqlite from "better-sqlite3";
import { describeModel } from "../../src/embedding/description.js";
import { openKindred } from "../../src/kindred.js";
import { databasePath } from "../../src/store/database.js";
import { verify } from "../../src/admin/verify.js";
import { sampleDirectory, samplePapers, temporaryDirectory } from "../sample.js";

const model = await describeModel();

/** A copy of the sample whose index is on disk. */
const whole = await sampleDirectory({ after });
await prepare(whole);

/** The paper that a search finds after each repair. */
const SOUGHT = "shannon-1948-communication";
/** A part of the sample: each kind of damage needs several checks, which read every paper. */
const SOME = samplePapers().filter(({ id }, i) => i < 40 || id === SOUGHT);
const some = temporaryDirectory({ after });
await prepare(some, SOME);

async function prepare(directory: string, papers: object[] = []): Promise<void> {
  const kindred = await openKindred({ directory, workers: 1 });
  if (papers.length > 0)
    await kindred.import(Readable.from(papers.map((paper) => Buffer.from(`${JSON.stringify(paper)}\n`))));
  await kindred.index();
  await kindred.close();
}

function copy(t: TestContext, of = whole): string {
  const directory = join(temporaryDirectory(t), "index");
  cpSync(of, directory, { recursive: true });
  return directory;
}

function change(directory: string, ...statements: string[]): void {
  const database = new Sqlite(databasePath(directory));
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** Everything in the directory that comes from users, as text. */
function brought(directory: string): unknown {
  const database = new Sqlite(databasePath(directory), { readonly: true });
  const all = ["papers", "entries", "notes"].map((table) =>
    database
      .prepare(`SELECT * FROM ${table} ORDER BY 1, 2`)
      .all()
      .map((row) => ({ ...(row as object), title_key: null, text_hash: null })),
  );
  database.close();
  return all;
}

test("verify finds nothing in an intact directory", async (t) => {
  const { findings, papers } = await verify(copy(t), model);
  assert.deepEqual([findings, papers], [[], 154]);
});

test("verify embeds as many texts again as requested, and no more than exist", async (t) => {
  const directory = copy(t);
  for (const [texts, looked] of [
    [0, 0],
    [100, 100],
    [1_000, 154],
  ] as const)
    assert.equal((await verify(directory, model, { texts })).texts, looked);
});

/** @param what Matches the finding. The last parameter causes the damage. */
const DAMAGES: [about: string, what: RegExp, damage: (directory: string) => void][] = [
  [
    "names and categories",
    /not found by their id/,
    (at) => change(at, "DELETE FROM identifiers WHERE kind = 'id' AND label = 3"),
  ],
  [
    "names and categories",
    /not found by their DOI/,
    (at) => change(at, "DELETE FROM identifiers WHERE kind = 'doi' AND label < 9"),
  ],
  [
    "names and categories",
    /not found by their web address/,
    (at) => change(at, "DELETE FROM identifiers WHERE kind = 'url'"),
  ],
  [
    "names and categories",
    /or by another one/,
    (at) => change(at, "UPDATE identifiers SET value = value || 'x' WHERE kind = 'url' AND label = 3"),
  ],
  [
    "names and categories",
    /the DOI of their arXiv id/,
    (at) => change(at, "DELETE FROM identifiers WHERE value LIKE '10.48550/arxiv%'"),
  ],
  [
    "names and categories",
    /of an unknown kind/,
    (at) => change(at, "UPDATE identifiers SET kind = 'uRl' WHERE kind = 'url' AND label = 3"),
  ],
  [
    "names and categories",
    /missing from one of their categories/,
    (at) => change(at, "DELETE FROM categories WHERE label = 5"),
  ],
  [
    "names and categories",
    /a category they do not have/,
    (at) => change(at, "INSERT INTO categories VALUES ('Cookery', 5)"),
  ],
  [
    "names and categories",
    /identifiers of papers that are gone/,
    (at) => change(at, "INSERT INTO identifiers VALUES ('id', 'x', 999)"),
  ],
  [
    "names and categories",
    /words of papers that are gone/,
    (at) => change(at, "INSERT INTO words (rowid, title) VALUES (999, 'x')"),
  ],
  [
    "texts and words",
    /title key or text hash is wrong/,
    (at) => change(at, "UPDATE papers SET title_key = 'x' WHERE label = 7"),
  ],
  [
    "texts and words",
    /title key or text hash is wrong/,
    (at) => change(at, "UPDATE papers SET abstract = 'Other words.' WHERE label = 7"),
  ],
  ["texts and words", /without words/, (at) => change(at, "DELETE FROM words WHERE rowid = 7")],
  [
    "texts and words",
    /find the wrong papers/,
    (at) => change(at, "DELETE FROM words WHERE rowid = 7", "INSERT INTO words (rowid, title) VALUES (7, 'marmalade')"),
  ],
  ["changes", /without a change number/, (at) => change(at, "DELETE FROM changes WHERE label = 4")],
  ["vectors", /damaged/, (at) => change(at, "UPDATE vectors SET scale = scale * 2")],
  ["vectors", /damaged/, (at) => change(at, "UPDATE vectors SET vector = substr(vector, 1, 20)")],
  ["sentences", /damaged/, (at) => change(at, "UPDATE sentences SET spans = substr(spans, 1, 9)")],
  ["sentences", /damaged/, (at) => change(at, "UPDATE sentences SET spans = zeroblob(length(spans))")],
  ["the map", /damaged/, (at) => change(at, "UPDATE points SET model = 77")],
  ["the map", /damaged/, (at) => change(at, "UPDATE maps SET map = substr(map, 2)")],
  ["the map", /damaged/, (at) => change(at, "DELETE FROM maps")],
  ["the map", /damaged/, (at) => change(at, "UPDATE points SET x = 9e999 WHERE label = 3")],
  ["the map", /damaged/, (at) => change(at, "UPDATE points SET label = 999 WHERE label = 3")],
  [
    "lists and imports",
    /key does not match their name/,
    (at) => change(at, "INSERT INTO lists (name, name_key, created) VALUES ('To read', 'to reap', '2024')"),
  ],
  [
    "lists and imports",
    /built-in lists that are missing/,
    (at) => change(at, "INSERT INTO entries VALUES (1, 'x', '2024')", "DELETE FROM lists WHERE list = 1"),
  ],
  [
    "lists and imports",
    /key does not match their name/,
    (at) => change(at, "UPDATE lists SET name = 'mikes', name_key = 'mikes' WHERE list = 1"),
  ],
  [
    "lists and imports",
    /import records that cannot be read/,
    (at) => change(at, "UPDATE imported SET outcome = 'unchangeD' WHERE label = 3"),
  ],
  [
    "lists and imports",
    /import records that cannot be read/,
    (at) => change(at, "UPDATE imported SET before = '{' WHERE label = 3"),
  ],
  ["lists and imports", /dates in imports/, (at) => change(at, "UPDATE imports SET began = 'x' || began")],
  ["lists and imports", /dates in lists/, (at) => change(at, "UPDATE lists SET created = 'x' WHERE list = 2")],
  ["lists and imports", /lists that are gone/, (at) => change(at, "INSERT INTO entries VALUES (77, 'x', '2024')")],
  [
    "vectors and their texts",
    /do not match their texts/,
    (at) =>
      change(
        at,
        "CREATE TEMP TABLE v AS SELECT text_hash, vector, scale, row_number() OVER (ORDER BY text_hash) AS n FROM vectors",
        `UPDATE vectors SET (vector, scale) = (SELECT o.vector, o.scale FROM temp.v JOIN temp.v o ON o.n = v.n % ${SOME.length} + 1
         WHERE v.text_hash = vectors.text_hash)`,
      ),
  ],
  [
    "tables.bin",
    /have changed since they were stored/,
    // Swaps the first two components: another vector of the same length.
    (at) =>
      change(
        at,
        "UPDATE vectors SET vector = unhex(substr(hex(vector), 3, 2) || substr(hex(vector), 1, 2) || substr(hex(vector), 5))",
      ),
  ],
  [
    "tables.bin",
    /have changed since they were stored/,
    (at) => change(at, "UPDATE sentences SET sketches = zeroblob(length(sketches))"),
  ],
  ["tables.bin", /damaged/, (at) => flip(join(at, "tables.bin"))],
  ["vectors.hnsw", /damaged/, (at) => writeFileSync(join(at, "vectors.hnsw"), "a graph")],
];

function flip(path: string): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.from([readFileSync(path)[5_000]! ^ 1]), 0, 1, 5_000);
  closeSync(file);
}

describe("damage is found, and repaired without changing users' data", () => {
  for (const [about, what, damage] of DAMAGES)
    test(`${about}: ${what.source}`, async (t) => {
      const directory = copy(t, some);
      damage(directory);
      const before = brought(directory);
      const texts = about.includes("their texts") ? 20 : 0;
      const found = await verify(directory, model, { texts });
      const told = found.findings.find((one) => one.about === about && what.test(one.what));
      assert.ok(told !== undefined, JSON.stringify(found.findings));
      assert.equal(told.repaired, false);
      const repaired = await verify(directory, model, { repair: true, texts });
      assert.ok(
        repaired.findings.every(({ repaired }) => repaired),
        JSON.stringify(repaired.findings),
      );
      assert.deepEqual(brought(directory), before);
      const kindred = await openKindred({ directory, workers: 1 });
      if (/vectors|sentences|map/.test(about)) {
        await kindred.index();
        assert.equal((await kindred.mapPoints()).bytes.length, SOME.length * 16);
      }
      const { hits } = await kindred.search({ q: "a mathematical theory of communication", limit: 1 });
      await kindred.close();
      assert.equal(hits[0]?.paper.id, SOUGHT);
      assert.deepEqual((await verify(directory, model, { texts })).findings, []);
    });
});

test("vectors that were changed in the file are computed again", async (t) => {
  const directory = copy(t);
  const vectors = () => {
    const database = new Sqlite(databasePath(directory), { readonly: true });
    const all = database.prepare("SELECT * FROM vectors ORDER BY text_hash").all();
    database.close();
    return all;
  };
  const before = vectors();
  change(directory, "UPDATE vectors SET vector = unhex('00' || substr(hex(vector), 3))");
  await verify(directory, model, { repair: true, texts: 0 });
  const kindred = await openKindred({ directory, workers: 1 });
  await kindred.index();
  await kindred.close();
  assert.deepEqual(vectors(), before);
});

test("unreadable times of list entries and notes are repaired, and the rest of them stays", async (t) => {
  const directory = copy(t);
  const id = SOUGHT;
  change(
    directory,
    `INSERT INTO entries VALUES (1, '${id}', 'U024-05-01T10:00:00.000Z'), (1, 'x', '2024-05-01T10:00:00.000Z')`,
    `INSERT INTO notes VALUES ('${id}', 'Read this.', '2024-95-01T10:00:00.000Z')`,
  );
  const { findings } = await verify(directory, model, { texts: 0, repair: true });
  assert.deepEqual(
    findings.map(({ what, repaired }) => [what.split(" that")[0], repaired]),
    [
      ["dates in entries", true],
      ["dates in notes", true],
    ],
  );
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  const { lists, notes } = await kindred.lists();
  assert.deepEqual(lists[0]?.ids, [id, "x"]);
  assert.deepEqual(
    notes.map(({ id: of, note }) => [of, note]),
    [[id, "Read this."]],
  );
  assert.deepEqual((await verify(directory, model, { texts: 0 })).findings, []);
});

test("an unreadable date of a paper is reduced to the part that is certain", async (t) => {
  const directory = copy(t);
  change(
    directory,
    "UPDATE papers SET published = '2019-02-30', updated = '2019-12-0x', listed = '~' WHERE label = 7",
    "UPDATE papers SET published = '99' WHERE label = 8",
  );
  const rows = () => {
    const database = new Sqlite(databasePath(directory), { readonly: true });
    try {
      return database
        .prepare<[], string[]>("SELECT id, published, updated, listed FROM papers WHERE label IN (7, 8) ORDER BY label")
        .raw()
        .all();
    } finally {
      database.close();
    }
  };
  const ids = rows().map(([id]) => id);
  const last = rows()[1]!.slice(2);
  const { findings } = await verify(directory, model, { texts: 0, repair: true });
  assert.deepEqual(
    findings.map(({ what, count, examples, repaired }) => [what.split(" that")[0], count, examples, repaired]),
    [["papers with dates", 2, ids, true]],
  );
  assert.deepEqual(rows(), [
    [ids[0], "2019-02", "2019-12", null],
    [ids[1], null, ...last],
  ]);
  assert.deepEqual((await verify(directory, model, { texts: 0 })).findings, []);
});

test("undo leaves a paper alone if the record of what the import did to it is unreadable", async (t) => {
  const directory = copy(t);
  change(directory, "UPDATE imported SET outcome = 'addeD' WHERE label = 3");
  await verify(directory, model, { texts: 0, repair: true });
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  assert.deepEqual(await kindred.undo(1), { removed: 153, restored: 0, kept: 0 });
});

test("unreadable rows are reported, and nothing is written", async (t) => {
  const directory = copy(t);
  change(directory, "UPDATE papers SET authors = '[\"Crow' WHERE label = 9");
  const { findings } = await verify(directory, model, { repair: true, texts: 0 });
  assert.deepEqual(
    findings.map(({ what, repairable }) => [what, repairable]),
    [["papers whose authors, categories or keywords cannot be read", false]],
  );
});

test("a damaged file is reported and left unchanged", async (t) => {
  const directory = copy(t);
  change(directory, "PRAGMA wal_checkpoint(TRUNCATE)");
  const path = databasePath(directory);
  const { size } = statSync(path);
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(4_096, 7), 0, 4_096, Math.floor(size / 8_192) * 4_096);
  closeSync(file);
  copyFileSync(path, join(directory, "before"));
  const { findings } = await verify(directory, model);
  assert.ok(findings.some(({ repairable }) => !repairable));
  assert.deepEqual(readFileSync(path), readFileSync(join(directory, "before")));
});
