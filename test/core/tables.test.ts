import assert from "node:assert/strict";
import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadTables, saveTables, tablesToken } from "../../src/core/tables.js";
import { temporaryDirectory } from "../sample.js";

const PARTS = { one: Uint8Array.of(1, 2, 3), none: new Uint8Array(), two: new Uint8Array(5_000).fill(7) };

/** The parts that a file holds; null if it must not be used. */
function load(directory: string, model = "m", known: (token: string, change: number) => boolean = () => true) {
  return loadTables(directory, model, known, (reader) =>
    Object.fromEntries(
      Object.keys(PARTS).map((name) => {
        const into = new Uint8Array(reader.size(name));
        reader.read(name, into);
        return [name, into];
      }),
    ),
  );
}

test("saved tables are loaded with their change number, and the token is checked with the store", async (t) => {
  const directory = temporaryDirectory(t);
  assert.equal(load(directory), null, "there is none yet");
  let registered = "";
  await saveTables(directory, { model: "m", change: 12 }, PARTS, (given) => {
    assert.ok(!existsSync(join(directory, "tables.bin")), "the store knows it before it takes its name");
    registered = given;
  });
  assert.equal(tablesToken(directory), registered);
  assert.deepEqual(load(directory), { built: PARTS, change: 12 });
  assert.deepEqual(load(directory, "m", (asked, change) => asked === registered && change === 12)?.built, PARTS);
  assert.equal(
    load(directory, "m", () => false),
    null,
    "the store does not know it",
  );
  assert.equal(load(directory, "other"), null, "another model");
});

test("a file that is cut or changed anywhere is not used", async (t) => {
  const directory = temporaryDirectory(t);
  await saveTables(directory, { model: "m", change: 12 }, PARTS, () => {});
  const path = join(directory, "tables.bin");
  const whole = readFileSync(path);
  for (let place = 0; place < whole.length; place += place < 400 ? 1 : 97) {
    const changed = Buffer.from(whole);
    changed[place]! ^= 1 << (place % 8);
    writeFileSync(path, changed);
    assert.equal(load(directory), null, `byte ${place}`);
  }
  writeFileSync(path, whole);
  for (let length = whole.length - 1; length >= 0; length -= length > 5_000 ? 1 : 83) {
    truncateSync(path, length);
    assert.equal(load(directory), null, `cut to ${length}`);
  }
});

test("a failed save leaves the previous file and nothing else", async (t) => {
  const directory = temporaryDirectory(t);
  await saveTables(directory, { model: "m", change: 12 }, PARTS, () => {});
  await assert.rejects(
    saveTables(directory, { model: "m", change: 13 }, PARTS, () => {
      throw new Error("the disk is full");
    }),
    /the disk is full/,
  );
  assert.equal(load(directory)?.change, 12);
  assert.ok(!existsSync(join(directory, "tables.bin.new")));
});

test("changes to parts during a save do not reach the file", async (t) => {
  const directory = temporaryDirectory(t);
  const parts = { ...PARTS, one: Uint8Array.of(1, 2, 3) };
  const saving = saveTables(directory, { model: "m", change: 1 }, parts, () => {});
  parts.one.fill(9);
  await saving;
  assert.deepEqual(load(directory)?.built, PARTS);
});
