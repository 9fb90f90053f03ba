import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../src/core/root.js";
import { collect } from "../cli/command.js";

test("the example of the README runs and finds the expected papers", async () => {
  const { code, stdout, stderr } = await collect(
    spawn(process.execPath, [join(ROOT, "dist", "scripts", "examples", "library.js")]),
  );
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^imported 3 papers/m);
  assert.match(stdout, /^embedded them/m);
  assert.match(stdout, /^found "Crows that bend wire", cosine 0\.\d\d$/m);
  assert.match(stdout, /^related to the otters: "Crows that bend wire"$/m);
  assert.match(stdout, /^recommended: "Tides in narrow bays"$/m);
});
