import assert from "node:assert/strict";
import { test } from "node:test";
import { datacite } from "../../src/sources/datacite.js";
import { type Answers, complete, readKeys, Service, Shelf, TestClock, withNetwork } from "./service.js";

const RECORDS = Array.from({ length: 800 }, (_, i) => ({
  id: `10.48550/arxiv.2611.${10_000 + i}`,
  type: "dois",
  attributes: { doi: `10.48550/arxiv.2611.${10_000 + i}`, titles: [{ title: `Record ${i}` }] },
}));

/** A cursor that is none begins the list; the link to the next page names another host. */
const api: Answers = ({ url, query }) => {
  assert.equal(url.pathname, "/dois");
  const cursor = /^c\+(\d+)=$/.exec(query.get("page[cursor]")!)?.[1];
  const at = Number(cursor ?? 0);
  const size = Number(query.get("page[size]"));
  const data = RECORDS.slice(at, at + size);
  const next = data.length === size ? { next: `https://evil.example/dois?page%5Bcursor%5D=${encodeURIComponent(`c+${at + size}=`)}` } : {}; // prettier-ignore
  return { headers: { "content-type": "application/vnd.api+json" }, body: { data, meta: { total: 800 }, links: next } };
};
const options = { client: "arxiv.content" };

test("all records come, and a full last page is followed by an empty one", async () => {
  const { shelf, asked } = await complete({ kind: datacite, options, answers: () => api, read: readKeys });
  assert.equal(shelf.papers.size, 800);
  assert.equal(asked.length, 5);
});

test("a second run asks for what was updated", async () => {
  const clock = new TestClock();
  const service = await Service.start(api, clock);
  const shelf = new Shelf();
  const run = { options: { query: "climate OR ice", since: "2026-06-01", baseUrl: service.base, private: true } };
  try {
    await withNetwork({ clock }, async (network) => {
      await shelf.run(datacite, { ...run, network }, readKeys);
      await shelf.run(datacite, { ...run, network }, readKeys);
    });
    const first = "(climate OR ice) AND created:[2026-06-01 TO *]";
    assert.equal(service.asked[0]!.query.get("query"), first);
    assert.equal(service.asked.at(-1)!.query.get("query"), `${first} AND updated:[2026-11-29 TO *]`);
  } finally {
    await service.close();
  }
});

test("a list that leads back to itself, and errors in both forms, end the run", async () => {
  const endless: Answers = (asked) => {
    asked.query.set("page[cursor]", "1");
    return api(asked);
  };
  await assert.rejects(
    complete({ kind: datacite, options, answers: () => endless, read: readKeys }),
    /127\.0\.0\.1 sends the same page again and again/,
  );
  for (const errors of [
    { title: "Failed to parse query [a:(b]" },
    [{ status: "400", title: "Failed to parse query [a:(b]" }],
  ])
    await assert.rejects(
      complete({ kind: datacite, options, answers: () => () => ({ status: 400, body: { errors } }), read: readKeys }),
      /status 400: Failed to parse query \[a:\(b\]/,
    );
});
