/** Adding papers by their identifiers over HTTP. What services answer is tested in test/sources/add.test.ts. */
import "../tiny.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { addReportSchema } from "../../src/api.js";
import { parsed, problemIn, servedSample } from "./serving.js";

const served = servedSample();

test("papers that are here are named", async () => {
  const report = parsed(addReportSchema, await served.post("api/add", { identifiers: ["arXiv:1706.03762"] }));
  assert.deepEqual(report, {
    import: null,
    added: 0,
    updated: 0,
    unchanged: 0,
    identifiers: [
      {
        given: "arXiv:1706.03762",
        outcome: "here",
        paper: { id: "vaswani-2017-attention", title: "Attention Is All You Need" },
        reason: null,
      },
    ],
    remarks: [],
  });
});

test("a request with anything that is no identifier, or with too many, is refused", async () => {
  for (const identifiers of [["tides"], [], Array.from({ length: 101 }, (_, i) => `10.1000/${i}`)]) {
    const { parameter } = problemIn(await served.post("api/add", { identifiers }), 400);
    assert.match(parameter ?? "", /^identifiers/);
  }
});
