/** A short run of scripts/torture for sources: services with faults that change while they are read, and kills. */
import "../tiny.js";
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { trouble, troubles } from "../../scripts/torture/sources.js";
import { describeModel } from "../../src/embedding/description.js";
import { KINDS, type KindName } from "../../src/sources/kinds.js";
import { temporaryDirectory } from "../sample.js";

test("whatever goes wrong at services, and whenever the process is killed, each source brings what it brings otherwise", async (t) => {
  const each = { all: 4, kills: 1 };
  const kinds = Object.keys(KINDS) as KindName[];
  const done = await trouble(join(temporaryDirectory(t), "sources"), await describeModel(), { seed: 21, kinds, each });
  for (const one of done) {
    assert.equal(one.wrong, undefined, one.kind);
    assert.ok(one.kills >= each.kills && troubles(one) >= each.all, one.kind);
    assert.ok(one.papers >= 60 && one.days >= 1, one.kind);
  }
});
