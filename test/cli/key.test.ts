import "../tiny.js";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryDirectory } from "../sample.js";
import { kindred } from "./command.js";

describe("key", () => {
  test("adds a key, lists it without showing it, and removes it", async (t) => {
    const where = ["-d", temporaryDirectory(t)];
    const added = await kindred(["key", "add", "Ada", ...where]);
    assert.deepEqual([added.code, added.stderr], [0, ""]);
    assert.match(added.stdout, /^kindred_[\w-]{43}\n$/);
    const listed = await kindred(["key", "list", ...where]);
    assert.match(listed.stdout, /^\d{4}-\d\d-\d\d {2}Ada\n$/);
    const json = await kindred(["key", "list", "--json", ...where]);
    assert.deepEqual(
      (JSON.parse(json.stdout) as { name: string }[]).map(({ name }) => name),
      ["Ada"],
    );
    assert.equal((await kindred(["key", "remove", "Ada", ...where])).code, 0);
    const told = await kindred(["key", "add", "Ada", "--json", ...where]);
    const { name, key } = JSON.parse(told.stdout) as { name: string; key: string };
    assert.equal(name, "Ada");
    assert.match(key, /^kindred_[\w-]{43}$/);
    assert.equal((await kindred(["key", "remove", "Ada", ...where])).code, 0);
    assert.equal((await kindred(["key", "list", ...where])).stdout, "");
  });

  test("does not remove a key that does not exist, nor create a folder", async (t) => {
    const nowhere = join(temporaryDirectory(t), "nowhere");
    const { code, stderr } = await kindred(["key", "remove", "Ada", "-d", nowhere]);
    assert.equal(code, 3);
    assert.match(stderr, /^kindred: there are no keys in .*nowhere: name another folder with --directory\n$/);
    assert.ok(!existsSync(nowhere));
  });

  test("reports errors with their exit codes", async (t) => {
    const where = ["-d", temporaryDirectory(t)];
    const named = await kindred(["key", "add", "a/b", ...where]);
    assert.deepEqual([named.code, named.stdout], [2, ""]);
    assert.match(named.stderr, /^kindred: the name: got "a\/b", expected/);
    assert.equal((await kindred(["key", "remove", "nobody", ...where])).code, 3);
    assert.equal((await kindred(["key"])).code, 2);
  });
});
