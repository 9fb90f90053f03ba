import assert from "node:assert/strict";
import { test } from "node:test";
import { dblp } from "../../src/sources/dblp.js";
import { type Answers, complete, readKeys, allCome } from "./service.js";

const hits = (count: number): object[] =>
  Array.from({ length: count }, (_, i) => ({
    "@id": String(i),
    info: {
      key: `conf/x/${i}`,
      title: `Attention &amp; its use ${i}.`,
      authors: { author: i % 2 ? { text: "Wei Wang 0001" } : [{ text: "Wei Wang 0001" }, { text: "Ada Author" }] },
      venue: i % 3 ? "CoRR" : ["NIPS", "CoRR"],
      volume: i === 1 ? "abs/1706.03762" : "5",
      year: "2017",
      doi: `10.1000/DBLP.${i}`,
      ee: "https://example.org/x.html",
      url: `https://dblp.org/rec/conf/x/${i}`,
    },
  }));

/** Numbers are texts, and without hits there is no list. */
const api =
  (all: object[], total = all.length): Answers =>
  ({ url, query }) => {
    assert.equal(url.pathname, "/search/publ/api");
    const first = Number(query.get("f"));
    const hit = all.slice(first, first + Number(query.get("h")));
    const numbers = { "@total": String(total), "@sent": String(hit.length), "@first": String(first) };
    return { body: { result: { hits: hit.length === 0 ? numbers : { ...numbers, hit } } } };
  };
const options = { query: "attention year:2017:" };

test("all hits come", async () => {
  await allCome(
    { kind: dblp, options: { ...options, max: 10_000 }, answers: () => api(hits(2100)), read: readKeys },
    2100,
  );
});

test("a single hit may come without a list", async () => {
  const { shelf } = await complete({
    kind: dblp,
    options,
    answers: () => () => ({ body: { result: { hits: { "@total": "1", "@sent": "1", hit: hits(1)[0] } } } }),
    read: readKeys,
  });
  assert.deepEqual([...shelf.papers.keys()], ["conf/x/0"]);
});

test("nothing found; more than the service sends; a page that blocks", async () => {
  const none = await complete({ kind: dblp, options, answers: () => api([]), read: readKeys });
  assert.equal(none.asked.length, 1);
  const many = await complete({ kind: dblp, options, answers: () => api(hits(1200), 50_000), read: readKeys });
  assert.deepEqual(many.shelf.remarks, [
    "127.0.0.1 sent 1200 of 50000 hits, which is as many as it sends: use a narrower query",
  ]);
  const html = "<!DOCTYPE HTML PUBLIC><html><head><title>429 Too Many Requests</title></head></html>";
  await assert.rejects(
    complete({
      kind: dblp,
      options,
      answers: () => () => ({ status: 429, headers: { "retry-after": "5" }, body: html }),
    }),
    /^SourceError|127\.0\.0\.1 answered with status 429: given up after 6 tries/,
  );
});
