import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { removeDerived, writeDerived, type Derivation } from "../../src/store/derived.js";
import { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";

const FILE = "tables.bin";
const MODEL = { identity: "m", dimensions: 8 };
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A library of two papers, and writing its derived file. */
function library(t: TestContext) {
  const directory = temporaryDirectory(t);
  const store = Store.open(directory, MODEL);
  t.after(() => store.close());
  store.write(() => ["One", "Two"].forEach((title) => store.papers.put({ title })));
  const write = (text: string, derivation: Derivation = { change: 2, details: "" }, failing = () => {}) =>
    writeDerived(store, directory, FILE, derivation, (path) => {
      writeFileSync(path, text);
      failing();
    });
  return { directory, store, write, path: join(directory, FILE) };
}

test("a file is registered by its content, with its change number and details", async (t) => {
  const { store, write, path } = library(t);
  await write("content", { change: 2, details: "noted" });
  assert.equal(readFileSync(path, "utf8"), "content");
  assert.deepEqual(store.derived.find(FILE, sha256("content")), { change: 2, details: "noted" });
  assert.equal(store.derived.find(FILE, sha256("other")), undefined);
  assert.equal(store.derived.find("vectors.hnsw", sha256("content")), undefined, "of another name");
});

test("another connection sees the registration before the file has its name", async (t) => {
  const { directory, store, path } = library(t);
  const other = Store.openForReading(directory, MODEL);
  t.after(() => other.close());
  let known: unknown;
  const registry = {
    derived: store.derived,
    write: (work: () => void) => {
      store.write(work);
      if (existsSync(path)) return;
      known = other.derived.find(FILE, sha256("content"));
    },
  };
  await writeDerived(registry, directory, FILE, { change: 1, details: "" }, (at) => writeFileSync(at, "content"));
  assert.deepEqual(known, { change: 1, details: "" });
});

test("a file that replaces another is the only one that is known", async (t) => {
  const { store, write, directory } = library(t);
  await write("first");
  await write("second");
  assert.equal(store.derived.find(FILE, sha256("first")), undefined);
  assert.equal(store.derived.find(FILE, sha256("second"))?.change, 2);
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.startsWith(FILE)),
    [FILE],
  );
});

test("a failed write leaves the previous file, and nothing else", async (t) => {
  const { store, write, directory, path } = library(t);
  await write("first");
  const full = () => {
    throw Object.assign(new Error("no space"), { code: "ENOSPC" });
  };
  await assert.rejects(
    write("second", { change: 2, details: "" }, full),
    /tables\.bin could not be written, the disk is full/,
  );
  assert.equal(readFileSync(path, "utf8"), "first");
  assert.equal(store.derived.find(FILE, sha256("first"))?.change, 2);
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.startsWith(FILE)),
    [FILE],
  );
});

test("a file with changes that the database does not have is not used", async (t) => {
  const { store, write } = library(t);
  await write("content", { change: 3, details: "" });
  assert.equal(store.derived.find(FILE, sha256("content")), undefined);
});

test("a file that is no longer needed is removed and forgotten", async (t) => {
  const { store, write, directory, path } = library(t);
  await write("content");
  await removeDerived(store, directory, FILE);
  assert.ok(!existsSync(path));
  assert.equal(store.derived.find(FILE, sha256("content")), undefined);
  await removeDerived(store, directory, FILE);
});
