/** A short run of scripts/fuzz, the same every time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "../scripts/fuzz/run.js";
import { SAMPLE, sampleDirectory } from "./sample.js";

test("wrong requests and damaged files get an answer in time, and nothing breaks", async (t) => {
  const directory = await sampleDirectory(t);
  const { requests, keyed, records, findings, answers, read } = await fuzz({
    directory,
    seed: 7,
    requests: 1_200,
    files: 250,
    samples: SAMPLE,
  });
  assert.deepEqual(findings, []);
  // It was looked at what it is meant to be looked at; on a busy machine, slow ones twice.
  assert.ok(requests >= 1_200 && keyed > 100 && records > 1_000, `${requests} + ${keyed} requests, ${records} records`);
  assert.ok([...answers.values()].some((counts) => counts.has("200")));
  assert.deepEqual([...read.keys()].toSorted(), ["bibtex", "csv", "json", "jsonl", "none", "ris"]);
});
