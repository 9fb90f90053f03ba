import assert from "node:assert/strict";
import { test } from "node:test";
import { crossref } from "../../src/sources/crossref.js";
import { plusDays } from "../../src/sources/days.js";
import { type Answers, complete, readRecords, Service, Shelf, TestClock, withNetwork } from "./service.js";

const WORKS = Array.from({ length: 1730 }, (_, i) => ({
  DOI: `10.1234/w(${i})#x`,
  title: i % 9 === 0 ? [`0`] : [`Work ${i}`],
  author: [{ family: "Author", given: "A." }, { name: "Group" }],
  issued: { "date-parts": [[2026, 1]] },
  type: "journal-article",
  created: { "date-time": `${plusDays("2026-01-01", Math.floor(i / 6))}T12:00:00Z` },
  updated: plusDays("2026-02-01", Math.floor(i / 6)),
}));

/**
 * A list is read by a cursor whose text stays the same: the server remembers where it is. So a request whose answer was lost
 * gets the page after it when it is repeated.
 */
function api(expired: () => boolean = () => false, most = Infinity): Answers {
  const lists = new Map<string, { at: number; found: typeof WORKS }>();
  return ({ url, query }) => {
    assert.equal(url.pathname, "/works");
    const cursor = query.get("cursor")!;
    const bounds = Object.fromEntries((query.get("filter") ?? "").split(",").map((one) => one.split(/:(.*)/)));
    if (cursor === "*") {
      const from = bounds["from-created-date"] ?? "";
      const changed = bounds["from-update-date"] ?? "";
      const found = WORKS.filter(({ created, updated }) => created["date-time"] >= from && updated >= changed);
      lists.set(`scroll+/${lists.size}==`, { at: 0, found });
    }
    const name = cursor === "*" ? `scroll+/${lists.size - 1}==` : cursor;
    const list = lists.get(name);
    if (list === undefined || (cursor !== "*" && expired())) {
      lists.delete(name);
      const message = [{ type: "cursor-invalid", value: cursor, message: "Cursor specified but it is invalid" }];
      return { status: 404, body: { status: "failed", "message-type": "resource-failure", message } };
    }
    const rows = Math.min(most, Number(query.get("rows")));
    const items = list.found.slice(list.at, list.at + rows);
    list.at += rows;
    return { body: { status: "ok", message: { "total-results": list.found.length, "next-cursor": name, items } } };
  };
}
const options = { query: "work", since: "2026-01-01" };

test("all works come although the cursor stays the same", async () => {
  const { shelf, asked } = await complete({ kind: crossref, options, answers: () => api() });
  assert.equal(shelf.papers.size, 1730);
  assert.equal(asked.length, 4);
});

test("pages that are shorter than was asked for are not the end", async () => {
  const { shelf } = await complete({ kind: crossref, options, answers: () => api(() => false, 99) });
  assert.equal(shelf.papers.size, 1730);
  assert.deepEqual(shelf.remarks, []);
});

test("a walk that was cut off goes on at the day that was reached", async () => {
  const clock = new TestClock();
  const service = await Service.start(api(), clock);
  const shelf = new Shelf();
  const run = { options: { ...options, baseUrl: service.base, private: true } };
  try {
    await withNetwork({ clock }, async (network) => {
      assert.equal(await shelf.run(crossref, { ...run, network }, readRecords, 2), "killed");
      assert.equal(await shelf.run(crossref, { ...run, network }, readRecords), "done");
      assert.equal(shelf.papers.size, 1730);
      assert.ok(shelf.came.length < 1740);
    });
  } finally {
    await service.close();
  }
});

test("a service whose cursors never work is read day by day", async () => {
  const { shelf } = await complete({ kind: crossref, options, answers: () => api(() => true) });
  assert.equal(shelf.papers.size, 1730);
});

test("an expired cursor begins again with the day that was reached", async () => {
  let cursors = 0;
  const { shelf } = await complete({ kind: crossref, options, answers: () => api(() => ++cursors === 2) });
  assert.equal(shelf.papers.size, 1730);
  assert.ok(shelf.came.length < 1740, "only one day comes twice");
});

test("a second run asks for what was registered since the start and changed since the last run", async () => {
  const clock = new TestClock();
  const service = await Service.start(api(), clock);
  const shelf = new Shelf();
  const run = {
    options: { filter: "type:journal-article", since: "2026-01-01", baseUrl: service.base, private: true },
  };
  try {
    await withNetwork({ clock }, async (network) => {
      await shelf.run(crossref, { ...run, network, key: "plus", contact: "ada@example.org" }, readRecords);
      await shelf.run(crossref, { ...run, network }, readRecords);
      assert.equal(service.asked[0]!.query.get("filter"), "type:journal-article,from-created-date:2026-01-01");
      assert.equal(
        service.asked.at(-1)!.query.get("filter"),
        "type:journal-article,from-created-date:2026-01-01,from-update-date:2026-11-29",
      );
      assert.equal(service.asked[0]!.headers["crossref-plus-api-token"], "Bearer plus");
      assert.match(String(service.asked[0]!.headers["user-agent"]), /mailto:ada@example\.org/);
    });
  } finally {
    await service.close();
  }
});

test("a list that stays short is read twice and then reported", async () => {
  const { shelf } = await complete({
    kind: crossref,
    options,
    answers: () => {
      const answers = api();
      return (asked) => {
        const reply = answers(asked) as { body: { message: { "total-results": number } } };
        reply.body.message["total-results"] += 3;
        return reply;
      };
    },
  });
  assert.equal(shelf.papers.size, 1730);
  assert.deepEqual(shelf.remarks, ["127.0.0.1 sent 1730 of the 1733 works that it counts"]);
});
