/** Every operation of the table gives the same answer over HTTP as in the library, at each of its addresses. */
import "../tiny.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { QUESTIONS, type Questions } from "../../src/operations/table.js";
import { segmentOf } from "../../src/core/segment.js";
import { servedSample, type Query } from "./serving.js";

const served = servedSample(async (kindred) => {
  await kindred.createList("to read");
  await kindred.addToList("to read", ID);
});

const ID = "vaswani-2017-attention";
const ASKED: Record<keyof Questions, Record<string, unknown>> = {
  search: { q: "neural networks", limit: 3, explain: true, facets: true, year: [2015, 2017] },
  explain: { q: "neural networks", id: ID },
  find: { text: "10.1038/nature14539 arXiv:1706.03762" },
  browse: { limit: 3, sort: "trending" },
  paper: { id: ID },
  related: { id: ID, limit: 3, aspect: "method" },
  neighbourhood: { id: ID, limit: 5 },
  recommend: { positive: [ID], limit: 3 },
  lists: {},
  imports: {},
  map: {},
  mapMatches: { q: "neural networks", limit: 5 },
  mapPapers: { label: [1, 2] },
};

for (const [name, { input, addresses }] of Object.entries(QUESTIONS))
  for (const { method, path } of addresses)
    test(`${name}: ${method.toUpperCase()} ${path}`, async () => {
      const asked = ASKED[name as keyof Questions];
      const expected = await served.kindred.answer(name as keyof Questions, input.parse(asked));
      const rest = { ...asked };
      const address = `api${path.replaceAll(/:(\w+)/g, (_, field: string) => {
        delete rest[field];
        return segmentOf(String(asked[field]));
      })}`;
      const reply =
        method === "get" ? await served.ask(served.path(address, rest as Query)) : await served.post(address, rest);
      assert.equal(reply.status, 200, reply.text.slice(0, 300));
      assert.equal(reply.text, expected);
    });
