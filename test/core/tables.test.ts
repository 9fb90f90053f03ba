import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { readTables, writeTables } from "../../src/core/tables.js";
import { temporaryDirectory } from "../sample.js";

const PARTS = { one: Uint8Array.of(1, 2, 3), none: new Uint8Array(), two: new Uint8Array(5_000).fill(7) };

function written(t: TestContext): string {
  const path = join(temporaryDirectory(t), "tables.bin");
  writeTables(path, "m", PARTS);
  return path;
}

/** The parts that a file holds, and its checksum; null if it must not be used. */
const read = (path: string, model = "m") =>
  readTables(path, model, (reader) =>
    Object.fromEntries(
      Object.keys(PARTS).map((name) => {
        const into = new Uint8Array(reader.size(name));
        reader.read(name, into);
        return [name, into];
      }),
    ),
  );

test("tables are read as they were written, with the checksum of the file", (t) => {
  const path = written(t);
  const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
  assert.deepEqual(read(path), { built: PARTS, sha256 });
  assert.equal(read(path, "other"), null, "another model");
});

test("a file that is cut or changed anywhere is not used, or has another checksum", (t) => {
  const path = written(t);
  const whole = readFileSync(path);
  const { sha256 } = read(path)!;
  for (let place = 0; place < whole.length; place += place < 400 ? 1 : 97) {
    const changed = Buffer.from(whole);
    changed[place]! ^= 1 << (place % 8);
    writeFileSync(path, changed);
    assert.notEqual(read(path)?.sha256, sha256, `byte ${place}`);
  }
  writeFileSync(path, whole);
  for (let length = whole.length - 1; length >= 0; length -= length > 5_000 ? 1 : 83) {
    truncateSync(path, length);
    assert.equal(read(path), null, `cut to ${length}`);
  }
});
