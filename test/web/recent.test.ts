import assert from "node:assert/strict";
import { test } from "node:test";
import { Recent } from "../../src/web/session/recent.js";

test("keeps the most recent entries, each once, newest first", () => {
  const recent = new Recent<string, number>(3);
  for (const [i, key] of ["a", "b", "c", "a", "d"].entries()) recent.set(key, i);
  assert.deepEqual(recent.newestFirst(), [4, 3, 2]);
  assert.deepEqual([recent.get("a"), recent.get("b"), recent.has("b"), recent.has("d")], [3, undefined, false, true]);
});
