import "../tiny.js";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { kindred } from "./command.js";

test("backup and restore print what they made and kept, as text and as JSON", async (t) => {
  const directory = await sampleDirectory(t);
  const file = join(temporaryDirectory(t), "papers.backup");
  const backed = await kindred(["backup", file, "--json", "-d", directory]);
  assert.deepEqual([backed.code, backed.stderr], [0, ""]);
  assert.deepEqual(JSON.parse(backed.stdout), { file });
  const restored = await kindred(["restore", file, "--json", "-d", directory]);
  assert.deepEqual([restored.code, restored.stderr], [0, ""]);
  const { directory: where, kept } = JSON.parse(restored.stdout) as { directory: string; kept: string };
  assert.equal(where, directory);
  assert.ok(existsSync(kept));
  assert.match((await kindred(["restore", file, "-d", directory])).stdout, /What was there before is in /);
});
