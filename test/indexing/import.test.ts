import "../tiny.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describeModel } from "../../src/embedding/description.js";
import { embeddedWriter } from "../../src/engine/embedded-writer.js";
import { importPapers } from "../../src/indexing/import.js";
import { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Megabytes held outside of the heap, where chunks of files are. */
function held(): number {
  collectGarbage();
  // Memory freed by the first collection is counted until the second.
  collectGarbage();
  return process.memoryUsage().arrayBuffers / 1e6;
}

test("memory does not hold more of a large file than the part being read", async (t) => {
  const store = Store.open(temporaryDirectory(t), await describeModel());
  t.after(() => store.close());
  const before = held();
  let after = Infinity;
  const report = await importPapers(
    embeddedWriter(store),
    "large",
    (async function* () {
      yield Buffer.from('{"id":"a","title":"Otters juggling pebbles"}\n');
      for (let i = 0; i < 600; i++) yield Buffer.alloc(256 * 1024, `${" ".repeat(1_023)}\n`);
      after = held();
    })(),
    { signal: new AbortController().signal, progress: () => {} },
  );
  assert.equal(report.added, 1);
  assert.ok(after - before < 30, `${Math.round(after - before)} MB of 157 are held`);
});

test("an import from a stalled source ends when it is aborted", async (t) => {
  const store = Store.open(temporaryDirectory(t), await describeModel());
  t.after(() => store.close());
  const stop = new AbortController();
  const importing = importPapers(
    embeddedWriter(store),
    "silent",
    (async function* () {
      yield Buffer.from('{"id":"a","title":"Otters juggling pebbles"}\n');
      setImmediate(() => stop.abort());
      await new Promise(() => {});
    })(),
    { signal: stop.signal, progress: () => {} },
  );
  await assert.rejects(importing, { code: "cancelled" });
});
