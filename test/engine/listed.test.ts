/** Queries that consist only of conditions. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openKindred } from "../../src/kindred.js";
import { bytesOf, jsonLines } from "../server/serving.js";
import { temporaryDirectory } from "../sample.js";

const cleaning: (() => unknown)[] = [];
const kindred = await openKindred({
  directory: temporaryDirectory({ after: (work) => void cleaning.push(work) }),
  workers: 1,
});
after(async () => {
  await kindred.close();
  for (const work of cleaning) await work();
});

/** More papers than other orders consider; the oldest have the most votes. */
const COUNT = 700;
const papers = Array.from({ length: COUNT }, (_, i) => ({
  id: `p${i}`,
  title: i % 2 === 0 ? `The Ising model of ${i} spins` : `What is said of ${i} spins`,
  authors: ["Ann Li"],
  published: `${1300 + i}`,
  upvotes: COUNT - i,
}));
await kindred.import(bytesOf(jsonLines(...papers)));

test("are sorted as a whole, and can be paged through", async () => {
  for (const [sort, expected] of [
    ["upvotes", papers],
    ["date", papers.toReversed()],
    ["relevance", papers.toReversed()],
  ] as const) {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const answer = await kindred.search({ q: "author:li", sort, limit: 100, ...(cursor === null ? {} : { cursor }) });
      found.push(...answer.hits.map(({ paper }) => paper.id));
      cursor = answer.next;
    } while (cursor !== null);
    assert.deepEqual(
      found,
      expected.slice(0, 500).map(({ id }) => id),
      sort,
    );
  }
});

test("are explained as conditions, not as titles", async () => {
  const { place, why } = await kindred.explain({ q: "author:li", id: "p690" });
  assert.equal(place, 10);
  assert.match(why, /^It is hit 10 of 500\. The query has only filters, so the newest paper comes first\./);
});

test("exclude a word, but not a stop word with the same stem", async () => {
  const { hits } = await kindred.search({ q: "year:1300..1399 -ising", limit: 100 });
  assert.deepEqual(
    hits.map(({ paper }) => paper.title.slice(0, 4)),
    Array.from({ length: 50 }, () => "What"),
  );
});
