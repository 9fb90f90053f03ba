/** Every filter compared with a simple implementation over all papers. */
import "../tiny.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { browseAnswerSchema, type Filters } from "../../src/api.js";
import type { Paper } from "../../src/core/paper.js";
import { addExtra } from "./extra.js";
import { answerIn, idsOf, parsed, servedSample } from "./serving.js";

const papers: Paper[] = [];
const served = servedSample(async (kindred) => {
  await addExtra(kindred);
  for (const id of LIKED) await kindred.addToList("likes", id);
  for await (const paper of kindred.papers()) papers.push(paper);
});

const LIKED = ["shannon-1948-communication", "extra/3 é%", "extra/6 é%"];

const words = (text: string): string[] =>
  text
    .normalize("NFD")
    .replaceAll(/\p{Mn}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
const holds = (text: string | null, wanted: string): boolean => {
  const present = words(text ?? "");
  return words(wanted).every((word) => present.includes(word));
};
const year = (date: string | null): number | undefined => (date === null ? undefined : Number(date.slice(0, 4)));

/** Filters as documented. */
function passes(paper: Paper, filters: Filters): boolean {
  const any = <V>(values: V[] | undefined, test: (value: V) => boolean) => values === undefined || values.some(test);
  const { published } = paper;
  return (
    (filters.from === undefined || (published !== null && published >= filters.from)) &&
    (filters.to === undefined || (published !== null && published.slice(0, filters.to.length) <= filters.to)) &&
    any(filters.year, (wanted) => year(published) === wanted) &&
    any(filters.category, (wanted) =>
      paper.categories.some((category) => `${category}.`.toLowerCase().startsWith(`${wanted}.`.toLowerCase())),
    ) &&
    any(filters.venue, (wanted) =>
      papers.some(({ venue }) => venue === wanted)
        ? paper.venue === wanted
        : paper.venue !== null && holds(paper.venue, wanted),
    ) &&
    any(filters.author, (wanted) => paper.authors.some((author) => holds(author, wanted))) &&
    any(filters.source, (wanted) => paper.source === wanted) &&
    (filters.listed === undefined || paper.listed?.startsWith(filters.listed) === true) &&
    any(filters.list, (wanted) => wanted === "likes" && LIKED.includes(paper.id)) &&
    any(filters.within, (wanted) => paper.id === wanted)
  );
}

/** Each filter, and every pair of different kinds. */
const FILTERS: Filters[] = [
  { from: "1950" },
  { from: "1953-04-25" },
  { to: "1950" },
  { to: "2019-03" },
  { to: "2020-02-28" },
  { year: [1972] },
  { year: [1905, 2019, 2020] },
  { category: ["Physics"] },
  { category: ["cs"] },
  { category: ["cs.LG", "Machine learning"] },
  { category: ["machine learning"] },
  { venue: ["nature"] },
  { venue: ["Nature"] },
  { venue: ["beasts SLOW", "Science"] },
  { author: ["chatelet"] },
  { author: ["Émilie Châtelet", "shannon"] },
  { author: ["ada", "du bois"] },
  { author: ["lovelace byron"] },
  { source: ["feed"] },
  { source: ["feed", "bookshelf"] },
  { source: ["nowhere"] },
  { listed: "2024-05" },
  { list: ["likes"] },
  { within: ["shannon-1948-communication", "extra/3 é%", "no such id"] },
];
const PAIRS: Filters[] = FILTERS.flatMap((one, i) => FILTERS.slice(i + 1).map((other) => ({ ...one, ...other })));

const expected = (filters: Filters): string[] =>
  papers
    .filter((paper) => passes(paper, filters))
    .map(({ id }) => id)
    .toSorted();

describe("a filter passes the documented papers, in a search and in a list", () => {
  for (const filters of FILTERS)
    test(JSON.stringify(filters), async () => {
      const wanted = expected(filters);
      const listed = await served.browse({ ...filters, limit: 500 });
      assert.deepEqual(listed.papers.map(({ id }) => id).toSorted(), wanted);
      assert.equal(listed.total, wanted.length);
      for (const mode of ["hybrid", "semantic"]) {
        const found = await served.answer({ q: "how far do tortoises walk", mode, limit: 500, ...filters });
        assert.deepEqual(idsOf(found).toSorted(), wanted, mode);
        if (wanted.length === 0) assert.match(found.notice ?? "", /filter/);
      }
      const similar = answerIn(
        await served.post("api/related", { text: "the speed of slow animals", limit: 500, ...filters }),
      );
      assert.deepEqual(idsOf(similar).toSorted(), wanted);
      const liked = { positive: [{ text: "the speed of slow animals" }], limit: 500, ...filters };
      assert.deepEqual(idsOf(answerIn(await served.post("api/recommend", liked))).toSorted(), wanted);
    });

  test("and each passes some papers and excludes others, otherwise this test would be vacuous", () => {
    for (const filters of FILTERS) {
      assert.ok(expected(filters).length < papers.length);
      if (filters.source?.[0] !== "nowhere" && filters.author?.[0] !== "lovelace byron")
        assert.ok(expected(filters).length > 0, JSON.stringify(filters));
    }
  });
});

test("any two filters together pass the papers that both pass", async () => {
  for (const filters of PAIRS) {
    const listed = await served.browse({ ...filters, limit: 500 });
    assert.deepEqual(listed.papers.map(({ id }) => id).toSorted(), expected(filters), JSON.stringify(filters));
  }
});

test("ten thousand ids are accepted in a body, and more than a thousand in an address", async () => {
  const many = (count: number) => [...Array.from({ length: count - 1 }, (_, i) => `x${i}`), "doll-1950-smoking"];
  const posted = await served.post("api/search", { q: "smoking", within: many(10_000) });
  assert.deepEqual(idsOf(answerIn(posted)), ["doll-1950-smoking"]);
  const got = await served.ask(served.path("api/papers", { within: many(3_000) }));
  assert.equal(parsed(browseAnswerSchema, got).total, 1);
});
