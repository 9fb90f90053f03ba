import assert from "node:assert/strict";
import { test } from "node:test";
import { biorxiv } from "../../src/sources/biorxiv.js";
import { plusDays } from "../../src/sources/days.js";
import { type Answers, complete, readKeys, allCome } from "./service.js";

const POSTS = Array.from({ length: 400 }, (_, i) => ({
  title: `Post ${i % 380}`,
  authors: "Author, A. B.; de Author, C.; Consortium X",
  doi: `10.1101/2026.11.01.${100_000 + (i % 380)}`,
  date: i < 380 ? plusDays("2026-11-20", i < 250 ? 3 : i % 8) : "2026-11-29",
  version: i < 380 ? "1" : "2",
  category: "cancer biology",
}));

/** 30 a page; totals are texts, and wrong; the cursor is a text on later pages. */
const api: Answers = ({ url, query }) => {
  const [, details, server, from, until, offset, format] = url.pathname.split("/");
  assert.deepEqual([details, server, format], ["details", "biorxiv", "json"]);
  assert.equal(from, until);
  const found = POSTS.filter(
    ({ date, category }) => date === from && category.replace(" ", "_") === (query.get("category") ?? "cancer_biology"),
  );
  const at = Number(offset);
  const collection = found.slice(at, at + 30);
  const message =
    collection.length === 0
      ? { status: "no posts found" }
      : { status: "ok", cursor: at === 0 ? 0 : String(at), count: collection.length, total: String(found.length - 5) };
  return { body: { messages: [message], collection } };
};
const options = { since: "2026-11-20" };

test("all posts come page by page", async () => {
  await allCome({ kind: biorxiv, options, answers: () => api, read: readKeys }, 380);
});

test("of several versions the last wins; a subject is asked for by its name", async () => {
  const { shelf } = await complete({
    kind: biorxiv,
    options: { ...options, category: "Cancer Biology" },
    answers: () => api,
    read: readKeys,
  });
  assert.match(shelf.papers.get("10.1101/2026.11.01.100000")!, /"version":"2"/);
  assert.equal(shelf.papers.size, 380);
  const other = await complete({
    kind: biorxiv,
    options: { ...options, category: "neuroscience" },
    answers: () => api,
    read: readKeys,
  });
  assert.equal(other.shelf.papers.size, 0);
  assert.equal(other.asked.length, 11);
});
