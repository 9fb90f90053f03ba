import assert from "node:assert/strict";
import { test } from "node:test";
import { plusDays } from "../../src/sources/days.js";
import { pubmed } from "../../src/sources/pubmed.js";
import {
  type Answers,
  complete,
  type Read,
  allCome,
  Service,
  Shelf,
  TestClock,
  textOf,
  withNetwork,
} from "./service.js";

interface Citation {
  id: number;
  added: string;
  changed: string;
  title: string;
}

const FIRST = "2026-10-25";
const citations = (count: number): Citation[] =>
  Array.from({ length: count }, (_, i) => {
    const day = plusDays(FIRST, i % 36);
    return { id: 40_000_000 + ((i * 7919) % count), added: day, changed: day, title: `Citation ${i}` };
  });

/** Only the first ids of a search, and at times fewer records than were asked for, without a word. */
const api =
  (all: readonly Citation[], most = 9_999, drop: () => boolean = () => false): Answers =>
  ({ url, form, method, query }) => {
    assert.equal(method, "POST");
    assert.equal([...query].length, 0);
    assert.equal(form.get("tool"), "kindred");
    if (url.pathname === "/esearch.fcgi") {
      const which = form.get("datetype") === "mdat" ? "changed" : "added";
      const [from, until] = [form.get("mindate")!, form.get("maxdate")!].map((day) => day.replaceAll("/", "-"));
      const start = /AND (\S+):3000\[edat\]/.exec(form.get("term")!)?.[1]?.replaceAll("/", "-") ?? "";
      const found = all.filter((one) => one[which] >= from! && one[which] <= until! && one.added >= start);
      const ids = found.map(({ id }) => String(id)).slice(0, Math.min(most, Number(form.get("retmax"))));
      return { body: { header: { type: "esearch" }, esearchresult: { count: String(found.length), idlist: ids } } };
    }
    assert.equal(url.pathname, "/efetch.fcgi");
    const wanted = form.get("id")!.split(",").map(Number);
    assert.ok(wanted.length <= 200);
    const records = all.filter(({ id }) => wanted.includes(id) && (wanted.length === 1 || !drop()));
    return {
      body: `<?xml version="1.0" ?><!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" "x.dtd">
<PubmedArticleSet>${records
        .map(
          ({ id, title }) =>
            `<PubmedArticle><MedlineCitation><PMID Version="1">${id}</PMID><Article><ArticleTitle>${title}</ArticleTitle></Article>` +
            `<CommentsCorrectionsList><CommentsCorrections><PMID>1</PMID></CommentsCorrections></CommentsCorrectionsList>` +
            `</MedlineCitation></PubmedArticle>`,
        )
        .join("")}</PubmedArticleSet>`,
    };
  };
const read: Read = (page) => {
  const found = [...textOf(page).matchAll(/<MedlineCitation><PMID Version="1">(\d+)<[^]*?<\/PubmedArticle>/g)];
  assert.equal(found.length, page.count);
  return Promise.resolve(found.map(([record, id]) => [id!, record]));
};
const options = { query: "crispr", since: FIRST };

test("all records come", async () => {
  await allCome({ kind: pubmed, options, answers: () => api(citations(1500)), read }, 1500);
});

test("a search that finds more than it gives is split by days", async () => {
  const { shelf } = await complete({ kind: pubmed, options, answers: () => api(citations(1500), 100), read });
  assert.equal(shelf.papers.size, 1500);
  assert.deepEqual(shelf.remarks, []);
});

test("a day with more than that is told", async () => {
  const { shelf } = await complete({ kind: pubmed, options, answers: () => api(citations(1500), 41), read });
  assert.ok(shelf.papers.size < 1500);
  assert.match(
    shelf.remarks[0]!,
    /^42 records of 2026-10-25 match, and PubMed gives no more than 41: use a narrower query$/,
  );
});

test("records that are missing from an answer are asked for again, and reported if they do not come", async () => {
  let count = 0;
  const some = await complete({
    kind: pubmed,
    options,
    answers: () => api(citations(700), 9_999, () => ++count % 150 === 0),
    read,
  });
  assert.equal(some.shelf.papers.size, 700);
  const all = citations(300);
  const gone = await complete({
    kind: pubmed,
    options,
    answers: () => (asked) =>
      asked.url.pathname === "/esearch.fcgi" ? api(all)(asked) : api(all.filter(({ id }) => id !== 40_000_005))(asked),
    read,
  });
  assert.equal(gone.shelf.papers.size, 299);
  assert.deepEqual(gone.shelf.remarks, ["PubMed did not send 1 records that it lists, among them 40000005"]);
});

test("later runs bring what was added and what was changed, but nothing older than the start", async () => {
  const all = citations(60);
  const clock = new TestClock();
  const service = await Service.start((asked) => api(all)(asked), clock);
  const shelf = new Shelf();
  const run = {
    options: { ...options, baseUrl: service.base, private: true },
    key: "ncbi-key",
    contact: "ada@example.org",
  };
  try {
    await withNetwork({ clock }, async (network) => {
      await shelf.run(pubmed, { ...run, network }, read);
      all[3] = { ...all[3]!, changed: "2026-11-30", title: "Retracted" };
      all.push({ id: 1, added: "2001-01-01", changed: "2026-11-30", title: "Old" });
      all.push({ id: 50_000_000, added: "2026-11-30", changed: "2026-11-30", title: "New" });
      await shelf.run(pubmed, { ...run, network }, read);
    });
    assert.match(shelf.papers.get(String(all[3]!.id))!, /Retracted/);
    assert.ok(shelf.papers.has("50000000"));
    assert.ok(!shelf.papers.has("1"));
    assert.equal(service.asked[0]!.form.get("api_key"), "ncbi-key");
    assert.equal(service.asked[0]!.form.get("email"), "ada@example.org");
    assert.ok(service.paths.every((path) => !path.includes("ncbi-key")));
  } finally {
    await service.close();
  }
});

test("errors in a 200, and words that PubMed does not know, are told", async () => {
  const answering = (esearchresult: object) =>
    complete({ kind: pubmed, options, answers: () => () => ({ body: { esearchresult } }), read });
  await assert.rejects(answering({ ERROR: "Search Backend failed" }), /127\.0\.0\.1 answered: Search Backend failed/);
  await assert.rejects(answering({}), /answered without a list of records/);
  const { shelf } = await answering({ count: "0", idlist: [], errorlist: { phrasesnotfound: ["xyzzy"] } });
  assert.deepEqual(shelf.remarks, ['PubMed knows no "xyzzy", which is in the query']);
});
