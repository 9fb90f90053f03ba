/** An import whose process is killed. */
import "./tiny.js";
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { openKindred } from "../src/kindred.js";
import { start } from "./cli/command.js";
import { temporaryDirectory } from "./sample.js";
import { jsonLines } from "./server/serving.js";

test("an import whose process was killed can be undone completely", async (t) => {
  const directory = temporaryDirectory(t);
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  const child = start(["import", "-", "--directory", directory]);
  const exited = once(child, "exit");
  // More records than are read to detect the format, and than fit one transaction.
  const abstract = "Voles dig, and dig again. ".repeat(20);
  const records = Array.from({ length: 300 }, (_, i) => ({ id: `v${i}`, title: `Vole number ${i}`, abstract }));
  // Standard input stays open, so the import waits for more.
  child.stdin!.write(jsonLines(...records));
  while ((await kindred.status()).papers === 0) await setTimeout(20);
  child.kill("SIGKILL");
  await exited;
  const { imports } = await kindred.imports();
  assert.deepEqual(
    imports.map(({ added, undone }) => [added, undone]),
    [[256, null]],
  );
  assert.deepEqual(await kindred.undo(1), { removed: 256, restored: 0, kept: 0 });
  assert.equal((await kindred.status()).papers, 0);
});
