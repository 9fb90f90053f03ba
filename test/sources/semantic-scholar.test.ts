import assert from "node:assert/strict";
import { test } from "node:test";
import { semanticScholar } from "../../src/sources/semantic-scholar.js";
import { type Answers, complete, readRecords, allCome, Service, Shelf, TestClock, withNetwork } from "./service.js";

const PAPERS = Array.from({ length: 95 }, (_, i) => ({
  paperId: i.toString(16).padStart(40, "0"),
  title: `Paper ${i}`,
  abstract: i % 5 === 0 ? null : "About something.",
  year: 2026,
  publicationDate: null,
  externalIds: {},
  authors: [{ authorId: null, name: "Ada Author" }],
}));

const api =
  (expired: () => boolean = () => false): Answers =>
  ({ url, query }) => {
    assert.equal(url.pathname, "/graph/v1/paper/search/bulk");
    if (query.get("query") === "nothing") return { body: { total: 0, offset: 0 } };
    const token = query.get("token");
    if (token !== null && expired()) return { status: 400, body: { error: "Invalid token" } };
    const at = token === null ? 0 : Number(token.slice(6));
    return {
      // The total is an estimate.
      body: { total: 110, token: at + 10 < PAPERS.length ? `TOKEN+${at + 10}` : null, data: PAPERS.slice(at, at + 10) },
    };
  };
const options = { query: "kubernetes + (cluster | storage)" };

test("all papers come", async () => {
  await allCome({ kind: semanticScholar, options, answers: () => api() }, 95);
});

test("an answer without a list is an empty one", async () => {
  const { shelf, asked } = await complete({
    kind: semanticScholar,
    options: { query: "nothing" },
    answers: () => api(),
  });
  assert.equal(shelf.papers.size, 0);
  assert.equal(asked.length, 1);
});

test("an expired token begins the list again, once", async () => {
  let tokens = 0;
  const { shelf } = await complete({ kind: semanticScholar, options, answers: () => api(() => ++tokens === 5) });
  assert.equal(shelf.papers.size, 95);
  await assert.rejects(
    complete({ kind: semanticScholar, options, answers: () => api(() => true) }),
    /127\.0\.0\.1 answered with status 400: Invalid token/,
  );
});

test("a list that never ends, or has empty pages, ends the run", async () => {
  for (const data of [PAPERS.slice(0, 2), []])
    await assert.rejects(
      complete({ kind: semanticScholar, options, answers: () => () => ({ body: { total: 9, token: "T", data } }) }),
      /127\.0\.0\.1 continues its list with the same page again and again/,
    );
});

test("the key is a header, and a second run asks for a month", async () => {
  const clock = new TestClock();
  const service = await Service.start(api(), clock);
  const shelf = new Shelf();
  const run = { options: { ...options, baseUrl: service.base, private: true }, key: "s2key\r\n" };
  try {
    await withNetwork({ clock }, async (network) => {
      await shelf.run(semanticScholar, { ...run, network }, readRecords);
      await shelf.run(semanticScholar, { ...run, network }, readRecords);
    });
    assert.equal(service.asked[0]!.headers["x-api-key"], "s2key");
    assert.equal(service.asked[0]!.query.get("publicationDateOrYear"), null);
    assert.equal(service.asked.at(-1)!.query.get("publicationDateOrYear"), "2026-10-31:");
  } finally {
    await service.close();
  }
});

test("what the service says about an error is told", async () => {
  for (const [status, body, message] of [
    [
      400,
      { error: "Unrecognized or unsupported fields: [x]" },
      /status 400: Unrecognized or unsupported fields: \[x\]/,
    ],
    [403, { message: "Forbidden" }, /status 403: Forbidden/],
    [429, { message: "Too Many Requests.", code: "429" }, /status 429: Too Many Requests\.: given up after 6 tries/],
    [200, { message: "Internal" }, /answered without a list of records: Internal/],
  ] as const)
    await assert.rejects(
      complete({ kind: semanticScholar, options, answers: () => () => ({ status, body }) }),
      message,
    );
});
