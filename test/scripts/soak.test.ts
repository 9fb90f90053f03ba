import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../src/core/root.js";

test("soak refuses an invalid number instead of measuring nothing", () => {
  for (const [name, value] of [
    ["requests", "abc"],
    ["minutes", "0"],
    ["papers", "many"],
  ] as const) {
    const words = [join(ROOT, "dist", "scripts", "soak", "main.js"), `--${name}`, value];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, new RegExp(`--${name}: got "${value}", expected a number above 0`));
  }
});
