/** A short run of scripts/torture: kills at any moment, and kills of what changes whole files; cut and changed files. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { cut } from "../scripts/torture/cuts.js";
import { kill } from "../scripts/torture/kills.js";
import { describeModel } from "../src/embedding/description.js";
import { temporaryDirectory } from "./sample.js";

const model = await describeModel();

test("whatever is killed at whatever moment, what was acknowledged is there, and all fits together", async (t) => {
  const done = await kill(join(temporaryDirectory(t), "kills"), model, { seed: 7, kills: 15 });
  assert.equal(done.kills, 15);
  assert.equal(done.rebuilt, 1);
});

for (const at of ["migrate", "remove", "backup", "restore"] as const)
  test(`${at}: killed at any moment, it is done wholly or not at all`, async (t) => {
    const { kills, hit } = await kill(join(temporaryDirectory(t), "kills"), model, { seed: 11, kills: 5, at });
    assert.equal(kills, 5);
    assert.ok((hit.get(at) ?? 0) > 0, "some kills came while it was under way");
  });

test("whatever file is cut, changed, lost or taken for another, no answer is wrong", async (t) => {
  const { cuts, faults } = await cut(join(temporaryDirectory(t), "cuts"), { seed: 3, cuts: 50 });
  assert.deepEqual(faults, []);
  assert.equal(cuts, 50);
});
