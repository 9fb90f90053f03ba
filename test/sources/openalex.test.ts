import assert from "node:assert/strict";
import { test } from "node:test";
import { plusDays } from "../../src/sources/days.js";
import { openalex } from "../../src/sources/openalex.js";
import { type Answers, complete, readRecords, allCome, Service, Shelf, TestClock, withNetwork } from "./service.js";

/** Works of 150 days, several a day; some lack almost everything. */
const WORKS = Array.from({ length: 450 }, (_, i) => ({
  id: `https://openalex.org/W${1000 + i}`,
  title: `Work ${i}`,
  publication_date: plusDays("2026-07-01", Math.floor(i / 3)),
  ...(i % 10 === 0
    ? { abstract_inverted_index: null, authorships: [], doi: null, primary_location: null }
    : { abstract_inverted_index: { An: [0], abstract: [1] }, doi: `https://doi.org/10.1/w${i}` }),
}));

/** Newest first, by a cursor; the last page with works still has a cursor. */
const api =
  ({ expired = () => false }: { expired?: () => boolean } = {}): Answers =>
  ({ url, query }) => {
    assert.equal(url.pathname, "/works");
    const cursor = query.get("cursor")!;
    if (cursor !== "*" && expired()) return { status: 400, body: { error: "Invalid query", message: "bad cursor" } };
    const bounds = Object.fromEntries((query.get("filter") ?? "").split(",").map((one) => one.split(/:(.*)/)));
    assert.equal(bounds["type"], "article");
    const from = bounds["from_publication_date"] ?? "";
    const to = bounds["to_publication_date"] ?? "9999";
    const found = WORKS.filter(({ publication_date: day }) => day >= from && day <= to).toReversed();
    const at = cursor === "*" ? 0 : Number(Buffer.from(cursor, "base64").toString().slice(7));
    const size = Number(query.get("per-page"));
    const results = found.slice(at, at + size);
    const next = results.length === 0 ? null : Buffer.from(`cursor+${at + size}`).toString("base64");
    return { body: { meta: { count: found.length, next_cursor: next }, results } };
  };
const options = { filter: "type:article" };

test("all works come", async () => {
  await allCome({ kind: openalex, options, answers: () => api() }, 450);
});

test("the walk ends when there is no cursor and no work", async () => {
  const { asked } = await complete({ kind: openalex, options, answers: () => api(), key: "k3y" });
  assert.equal(asked.length, 6);
  assert.equal(asked[0]!.headers["authorization"], "Bearer k3y");
  assert.doesNotMatch(asked.map(({ url }) => url.href).join(), /k3y/);
});

test("an expired cursor begins again at the day that was reached", async () => {
  let cursors = 0;
  const { shelf, asked } = await complete({
    kind: openalex,
    options,
    answers: () => api({ expired: () => [2, 4].includes(++cursors) }),
  });
  assert.equal(shelf.papers.size, 450);
  assert.ok(shelf.came.length < 460, "only the day that was reached comes twice");
  assert.ok(asked.some(({ query }) => query.get("filter")!.includes("to_publication_date:2026-09-")));
});

test("a cursor that is always refused is an error", async () => {
  await assert.rejects(
    complete({ kind: openalex, options, answers: () => api({ expired: () => true }) }),
    /127\.0\.0\.1 answered with status 400: bad cursor/,
  );
});

test("a second run asks for a month", async () => {
  const clock = new TestClock();
  const service = await Service.start(api(), clock);
  const shelf = new Shelf();
  const run = { options: { ...options, since: "2026-09-01", baseUrl: service.base, private: true } };
  try {
    await withNetwork({ clock }, async (network) => {
      await shelf.run(openalex, { ...run, network }, readRecords);
      await shelf.run(openalex, { ...run, network }, readRecords);
      const froms = new Set(service.asked.map(({ query }) => query.get("filter")!.split(",")[1]));
      assert.deepEqual([...froms], ["from_publication_date:2026-09-01", "from_publication_date:2026-10-31"]);
    });
  } finally {
    await service.close();
  }
});

test("the daily budget: the run ends and says until when", async () => {
  await assert.rejects(
    complete({
      kind: openalex,
      options,
      answers: () => () => ({
        status: 429,
        headers: { "x-ratelimit-reset": "57600" },
        body: { error: "Rate limit exceeded", message: "Daily limit exceeded. Resets at midnight UTC." },
      }),
    }),
    /status 429: Daily limit exceeded\. Resets at midnight UTC\.\. 127\.0\.0\.1 asks for a pause of 961 minutes/,
  );
});

test("the limit is kept, and raised", async () => {
  const clock = new TestClock();
  const service = await Service.start(api(), clock);
  const shelf = new Shelf();
  try {
    await withNetwork({ clock }, async (network) => {
      const run = (max: number) =>
        shelf.run(
          openalex,
          { options: { ...options, max, baseUrl: service.base, private: true }, network },
          readRecords,
        );
      assert.equal(await run(5), "stopped");
      assert.equal(shelf.papers.size, 5);
      assert.equal(await run(120), "stopped");
      assert.equal(await run(10_000), "done");
      assert.equal(shelf.papers.size, 450);
      assert.equal(shelf.came.length, 450);
    });
  } finally {
    await service.close();
  }
});

test("a filter or a search is needed", async () => {
  await withNetwork({}, async (network) => {
    await assert.rejects(
      new Shelf().run(openalex, { options: {}, network }, readRecords),
      /filter: expected a filter, or words to search for/,
    );
  });
});
