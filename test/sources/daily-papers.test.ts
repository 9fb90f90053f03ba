import assert from "node:assert/strict";
import { test } from "node:test";
import { dailyPapers } from "../../src/sources/daily-papers.js";
import { plusDays } from "../../src/sources/days.js";
import { type Answers, complete, readRecords, allCome, Service, Shelf, TestClock, withNetwork } from "./service.js";

const DAYS = 12;
const FIRST = "2026-11-19";
/** Papers of one day: none at weekends, and more than a page on one day. */
const count = (day: string): number =>
  day === "2026-11-24" ? 230 : [0, 6].includes(new Date(day).getUTCDay()) ? 0 : 4;
const total = Array.from({ length: DAYS }, (_, i) => count(plusDays(FIRST, i))).reduce((a, b) => a + b);

/** The largest page is smaller than what is asked for. */
const hub =
  (votes: () => number = () => 1, size = 50): Answers =>
  ({ url, query }) => {
    assert.equal(url.pathname, "/api/daily_papers");
    const day = query.get("date")!;
    if (day > "2026-11-30") return { status: 400, body: { error: "Invalid date" } };
    const papers = Array.from({ length: day < FIRST ? 0 : count(day) }, (_, i) => ({
      paper: {
        id: `${day.slice(2, 4)}${day.slice(5, 7)}.${day.slice(8)}${String(i).padStart(3, "0")}`,
        title: `Paper ${i} of ${day}`,
        summary: "It is about something.",
        upvotes: votes(),
        authors: [{ name: "Ada Author" }],
      },
      numComments: 2,
    }));
    const page = Number(query.get("p"));
    return { headers: { ratelimit: '"api";r=499;t=290' }, body: papers.slice(page * size, (page + 1) * size) };
  };
const options = { since: FIRST };

test("each day is read until an empty page", async () => {
  await allCome({ kind: dailyPapers, options, answers: () => hub() }, total);
});

test("the last days are read again, for their votes", async () => {
  let votes = 1;
  const clock = new TestClock();
  const service = await Service.start(
    hub(() => votes),
    clock,
  );
  const shelf = new Shelf();
  const run = { options: { ...options, baseUrl: service.base, private: true }, key: " hf_secret\n" };
  try {
    await withNetwork({ clock }, async (network) => {
      assert.equal(await shelf.run(dailyPapers, { ...run, network }, readRecords), "done");
      const asked = service.asked.length;
      votes = 77;
      assert.equal(await shelf.run(dailyPapers, { ...run, network }, readRecords), "done");
      const days = new Set(service.asked.slice(asked).map(({ query }) => query.get("date")));
      assert.deepEqual(
        [...days],
        Array.from({ length: 8 }, (_, i) => plusDays("2026-11-23", i)),
      );
      assert.match(shelf.papers.get("2611.30000")!, /"upvotes":77/);
      assert.match(shelf.papers.get("2611.20000")!, /"upvotes":1\b/);
      assert.equal(service.asked[0]!.headers["authorization"], "Bearer hf_secret");
    });
  } finally {
    await service.close();
  }
});

test("a server that does not know pages does not keep the walk for ever", async () => {
  const { shelf, asked } = await complete({
    kind: dailyPapers,
    options: { since: "2026-11-27" },
    answers: () => (request) => {
      request.query.set("p", "0");
      return hub()(request);
    },
  });
  assert.equal(shelf.papers.size, 8);
  assert.equal(asked.length, 2 + 1 + 1 + 2);
});

test("something else than a list is an error in words", async () => {
  await assert.rejects(
    complete({ kind: dailyPapers, options, answers: () => () => ({ body: { error: "Invalid date" } }) }),
    /127\.0\.0\.1 answered without a list of records: Invalid date/,
  );
});
