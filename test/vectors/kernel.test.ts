import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../src/core/root.js";

test("src/vectors/kernel.wasm, which npm start uses, is what the kernel compiles to: copy it from dist after a change", () => {
  const [kept, compiled] = ["src", join("dist", "src")].map((folder) =>
    readFileSync(join(ROOT, folder, "vectors", "kernel.wasm")),
  );
  assert.deepEqual(kept, compiled);
});
