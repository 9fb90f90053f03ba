import "../tiny.js";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { KindredError } from "../../src/core/errors.js";
import { addKey, Keys, listKeys, removeKey } from "../../src/server/keys.js";
import { tryLock } from "../../src/store/database.js";
import { MAIN } from "../cli/command.js";
import { temporaryDirectory } from "../sample.js";

const failing = (code: string, said: RegExp) => (error: unknown) =>
  error instanceof KindredError && error.code === code && said.test(error.message);

test("a key gives access under its name until it is removed, also if keys were already cached", async (t) => {
  const directory = temporaryDirectory(t);
  const keys = new Keys(directory);
  assert.equal(await keys.nameOf("kindred_x"), null);
  const ada = await addKey(directory, "Ada");
  const lab = await addKey(directory, "lab 7");
  assert.notEqual(ada, lab);
  assert.deepEqual(
    listKeys(directory).map(({ name }) => name),
    ["Ada", "lab 7"],
  );
  for (const [key, name] of [
    [ada, "Ada"],
    [lab, "lab 7"],
    [`${ada}x`, null],
    [ada.slice(0, -1), null],
    [ada.toUpperCase(), null],
    ["", null],
  ] as const)
    assert.equal(await keys.nameOf(key), name);
  await removeKey(directory, "Ada");
  assert.equal(await keys.nameOf(ada), null);
  assert.equal(await keys.nameOf(lab), "lab 7");
});

test("the stored file contains no key, and only its owner may read it", async (t) => {
  const directory = temporaryDirectory(t);
  const key = await addKey(directory, "Ada");
  const text = readFileSync(join(directory, "keys.json"), "utf8");
  assert.ok(!text.includes(key) && !text.includes(key.slice("kindred_".length)));
  assert.equal(statSync(join(directory, "keys.json")).mode & 0o777, 0o600);
});

test("an invalid, existing or unknown name is an error", async (t) => {
  const directory = temporaryDirectory(t);
  await addKey(directory, "Ada");
  await assert.rejects(addKey(directory, "Ada"), failing("invalid", /there is a key called "Ada"/));
  for (const name of ["", " Ada", "a/b", "x".repeat(65), "a\nb"])
    await assert.rejects(addKey(directory, name), failing("invalid", /^the name: got .*expected 1 to 64 letters/s));
  await assert.rejects(removeKey(directory, "Bob"), failing("not-found", /no key called "Bob"/));
  assert.equal(listKeys(directory).length, 1);
});

test("a damaged file gives nobody access, and is reported", async (t) => {
  const directory = temporaryDirectory(t);
  const key = await addKey(directory, "Ada");
  for (const text of ["", "{}", '{"keys":[{"name":"Ada"}]}', "null"]) {
    writeFileSync(join(directory, "keys.json"), text);
    await assert.rejects(new Keys(directory).nameOf(key), failing("damaged", /keys\.json is not a valid list of keys/));
    await assert.rejects(addKey(directory, "Bob"), failing("damaged", /keys\.json/));
  }
});

test("concurrent changes to keys do not lose each other's", async (t) => {
  const directory = temporaryDirectory(t);
  await addKey(directory, "Ada");
  const unlock = tryLock(join(directory, "keys.lock"));
  assert.ok(unlock !== null);
  await assert.rejects(addKey(directory, "Bob"), failing("busy", /try again/));
  unlock();
  await addKey(directory, "Bob");
  assert.equal(listKeys(directory).length, 2);
});

test("read and write errors are reported, and existing keys stay", async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "keys.json");
  for (let i = 0; i < 12; i++) await addKey(directory, `key ${i}`);
  // A file size limit truncates the write.
  const command = [process.execPath, MAIN, "key", "add", "one more", "-d", directory];
  const { status, stderr } = spawnSync("sh", ["-c", `trap '' XFSZ; ulimit -f 1; exec "$0" "$@"`, ...command], {
    encoding: "utf8",
  });
  assert.match(
    stderr,
    /keys\.json could not be written, it would exceed the largest file size allowed here; .* is safe/,
  );
  assert.equal(status, 1);
  assert.equal(listKeys(directory).length, 12);
  assert.ok(!existsSync(`${path}.new`));

  rmSync(path);
  mkdirSync(path);
  const unread = failing("storage", /keys\.json could not be read \(.*\): let this user read it, or remove it/);
  assert.throws(() => listKeys(directory), unread);
  await assert.rejects(addKey(directory, "Bob"), unread);
  await assert.rejects(new Keys(directory).nameOf("kindred_x"), unread);

  writeFileSync(join(directory, "file"), "");
  await assert.rejects(addKey(join(directory, "file", "below"), "Bob"), failing("damaged", /could not be opened/));
});
