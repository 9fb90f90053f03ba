/** Concatenated pages equal one long page, for every paged answer. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { z } from "zod";
import { answerSchema, browseAnswerSchema } from "../../src/api.js";
import { addExtra } from "./extra.js";
import { parsed, servedSample } from "./serving.js";

const served = servedSample(addExtra);

type Request = { method: "GET" | "POST"; path: string; ask: Record<string, string | number | string[] | object[]> };
const search = (ask: Request["ask"]): Request => ({ method: "GET", path: "api/search", ask });
const LISTS: Record<string, Request> = {
  "search by relevance": search({ q: "tortoise at rest" }),
  "search by meaning": search({ q: "tortoise at rest", mode: "semantic" }),
  "search by words, with many equal scores": search({ q: "tortoise hedge", mode: "lexical" }),
  "search by date, with many equal dates": search({ q: "tortoise at rest", sort: "date" }),
  "search by upvotes, with many equal votes": search({ q: "tortoise at rest", sort: "upvotes" }),
  "search with filters": search({ q: "tortoise at rest", category: ["cs", "Physics"], from: "1900" }),
  "search for an exact title": search({ q: "Attention Is All You Need" }),
  "papers by date": { method: "GET", path: "api/papers", ask: {} },
  "papers by upvotes": { method: "GET", path: "api/papers", ask: { sort: "upvotes" } },
  "papers with filters": { method: "GET", path: "api/papers", ask: { source: ["feed", "Feed"] } },
  "related to a paper": { method: "GET", path: "api/papers/extra%2F1%20%C3%A9%25/related", ask: {} },
  "related to a text": { method: "POST", path: "api/related", ask: { text: "tortoises sleep" } },
  recommended: {
    method: "POST",
    path: "api/recommend",
    ask: { positive: ["extra/1 é%", "shannon-1948-communication"], negative: ["extra/2 é%"] },
  },
};

type Page = { papers: string[]; places: object[]; next: string | null };

async function page({ method, path, ask }: Request, more: { limit: number; cursor?: string | null }): Promise<Page> {
  const { limit, cursor } = more;
  const asked = { ...ask, limit, ...(cursor == null ? {} : { cursor }) };
  const reply = method === "POST" ? await served.post(path, asked) : await served.ask(served.path(path, asked));
  if (path === "api/papers") {
    const { papers, next } = parsed(browseAnswerSchema, reply);
    return { papers: papers.map(({ id }) => id), places: papers, next };
  }
  const { hits, next }: z.infer<typeof answerSchema> = parsed(answerSchema, reply);
  return { papers: hits.map(({ paper }) => paper.id), places: hits, next };
}

describe("twenty pages of three equal one page of sixty", () => {
  for (const [what, request] of Object.entries(LISTS))
    test(what, async () => {
      const whole = await page(request, { limit: 60 });
      assert.ok(whole.papers.length > 10, `only ${whole.papers.length} papers`);
      const places: object[] = [];
      for (let cursor: string | null = null; places.length < 60;) {
        const part = await page(request, { limit: 3, cursor });
        places.push(...part.places);
        cursor = part.next;
        if (cursor === null) break;
        assert.equal(part.places.length, 3);
      }
      assert.deepEqual(places.slice(0, 60), whole.places);
    });
});

describe("the last page has no cursor, and no paper is on two pages", () => {
  for (const [what, request] of Object.entries(LISTS))
    test(what, async () => {
      const papers: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const part: Page = await page(request, { limit: 50, ...(cursor === undefined ? {} : { cursor }) });
        papers.push(...part.papers);
        cursor = part.next;
        assert.ok(papers.length <= 200, "it does not end");
      }
      assert.equal(new Set(papers).size, papers.length);
    });
});

test("only limit and explain may change between pages", async () => {
  const first = await served.answer({ q: "tortoise", limit: 2 });
  const whole = await served.answer({ q: "tortoise", limit: 10 });
  const rest = await served.answer({ q: "tortoise", limit: 8, explain: true, cursor: first.next ?? "" });
  assert.deepEqual(
    [...first.hits, ...rest.hits].map(({ paper }) => paper.id),
    whole.hits.map(({ paper }) => paper.id),
  );
});

test("upvotes are sorted in descending order, and papers without votes are last", async () => {
  const { papers } = await served.browse({ sort: "upvotes", limit: 500 });
  const votes = papers.map(({ upvotes }) => upvotes ?? -1);
  assert.deepEqual(
    votes,
    votes.toSorted((a, b) => b - a),
  );
  assert.ok(votes[0] === 9 && votes.at(-1) === -1);
  const { hits } = await served.answer({ q: "tortoise", sort: "upvotes", limit: 200 });
  const found = hits.map(({ paper }) => paper.upvotes ?? -1);
  assert.deepEqual(
    found,
    found.toSorted((a, b) => b - a),
  );
});
