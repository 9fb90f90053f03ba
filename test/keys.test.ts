import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { KindredError } from "../src/errors.js";
import { addKey, Keys, listKeys, removeKey } from "../src/keys.js";
import { tryLock } from "../src/store/database.js";
import { temporaryDirectory } from "./sample.js";

const failing = (code: string, said: RegExp) => (error: unknown) =>
  error instanceof KindredError && error.code === code && said.test(error.message);

test("a key lets in whoever shows it, under its name, until it is removed; also where keys were read before", async (t) => {
  const directory = temporaryDirectory(t);
  const keys = new Keys(directory);
  assert.equal(await keys.nameOf("kindred_x"), null);
  const ada = addKey(directory, "Ada");
  const lab = addKey(directory, "lab 7");
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
  removeKey(directory, "Ada");
  assert.equal(await keys.nameOf(ada), null);
  assert.equal(await keys.nameOf(lab), "lab 7");
});

test("what is stored is no key, and only its owner may read it", (t) => {
  const directory = temporaryDirectory(t);
  const key = addKey(directory, "Ada");
  const text = readFileSync(join(directory, "keys.json"), "utf8");
  assert.ok(!text.includes(key) && !text.includes(key.slice("kindred_".length)));
  assert.equal(statSync(join(directory, "keys.json")).mode & 0o777, 0o600);
});

test("a name that is none, is taken, or is not there is told", (t) => {
  const directory = temporaryDirectory(t);
  addKey(directory, "Ada");
  assert.throws(() => addKey(directory, "Ada"), failing("invalid", /there is a key called "Ada"/));
  for (const name of ["", " Ada", "a/b", "x".repeat(65), "a\nb"])
    assert.throws(() => addKey(directory, name), failing("invalid", /^the name: got .*expected 1 to 64 letters/s));
  assert.throws(() => removeKey(directory, "Bob"), failing("not-found", /no key called "Bob"/));
  assert.equal(listKeys(directory).length, 1);
});

test("a file that is damaged lets nobody in, and says so", async (t) => {
  const directory = temporaryDirectory(t);
  const key = addKey(directory, "Ada");
  for (const text of ["", "{}", '{"keys":[{"name":"Ada"}]}', "null"]) {
    writeFileSync(join(directory, "keys.json"), text);
    await assert.rejects(new Keys(directory).nameOf(key), failing("damaged", /keys\.json could not be read/));
    assert.throws(() => addKey(directory, "Bob"), failing("damaged", /keys\.json/));
  }
});

test("two who change keys at once do not lose each other's", (t) => {
  const directory = temporaryDirectory(t);
  addKey(directory, "Ada");
  const unlock = tryLock(join(directory, "keys.lock"));
  assert.ok(unlock !== null);
  assert.throws(() => addKey(directory, "Bob"), failing("busy", /try again/));
  unlock();
  addKey(directory, "Bob");
  assert.equal(listKeys(directory).length, 2);
});
