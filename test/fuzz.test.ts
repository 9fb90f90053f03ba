/** A short run of scripts/fuzz with a fixed seed. */
import "./tiny.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "../scripts/fuzz/run.js";
import { FORMATS } from "../src/core/import-report.js";
import { SAMPLE, sampleDirectory } from "./sample.js";

test("invalid requests and damaged files get correct answers in time", async (t) => {
  const directory = await sampleDirectory(t);
  const { requests, keyed, records, findings, answers, read } = await fuzz({
    directory,
    seed: 8,
    requests: 1_200,
    files: 300,
    samples: SAMPLE,
  });
  assert.deepEqual(findings, []);
  // The run covered what it should. On a busy machine, slow requests are repeated and counted twice.
  assert.ok(requests >= 1_200 && keyed > 100 && records > 1_000, `${requests} + ${keyed} requests, ${records} records`);
  assert.ok([...answers.values()].some((counts) => counts.has("200")));
  assert.deepEqual([...read.keys()].toSorted(), [...FORMATS, "none"].toSorted());
});
