/** Examples of the rules; papers-model.test.ts tests their combinations. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PaperRecord } from "../../src/core/paper.js";
import type { Outcome } from "../../src/store/papers.js";
import type { Store } from "../../src/store/store.js";
import { openStore } from "./store.js";

function put(store: Store, record: PaperRecord): { outcome: Outcome; remark?: string } {
  const { outcome, remark } = store.write(() => store.papers.put(record));
  return remark === undefined ? { outcome } : { outcome, remark };
}
const paper = (store: Store, id: string) => {
  const label = store.papers.find({ kind: "id", value: id });
  return label === undefined ? undefined : store.papers.get(label);
};

test("an update replaces the fields of the record and keeps the others", (t) => {
  const store = openStore(t);
  put(store, {
    id: "a",
    title: "Knots",
    abstract: "Old.",
    authors: ["Ann"],
    venue: "Here",
    upvotes: 3,
    keywords: ["k"],
  });
  assert.deepEqual(put(store, { id: "a", title: "On knots", authors: [], upvotes: 0 }), { outcome: "updated" });
  const { title, abstract, authors, venue, upvotes, keywords } = paper(store, "a")!;
  assert.deepEqual([title, abstract, authors, venue, upvotes, keywords], ["On knots", "Old.", [], "Here", 0, ["k"]]);
  assert.deepEqual(put(store, { id: "a", title: "On knots" }), { outcome: "unchanged" });
});

test("ids are stored unchanged", (t) => {
  const store = openStore(t);
  for (const id of [
    "a b",
    "A B",
    "a/b",
    "https://example.org/?q=a&b#c",
    "論文-1",
    "é",
    "e\u0301",
    "%20",
    "'; DROP",
    "😀",
  ]) {
    assert.equal(put(store, { id, title: `Of ${id}` }).outcome, "added", id);
    assert.equal(paper(store, id)?.id, id);
  }
});

test("another source's id with a known DOI or arXiv id identifies the same paper, which keeps its own id", (t) => {
  const store = openStore(t);
  put(store, { id: "first", title: "Knots", doi: "10.1000/x" });
  put(store, { id: "second", title: "Knots", doi: "10.1000/x", arxiv: "1701.00001" });
  put(store, { id: "third", title: "Knots", arxiv: "1701.00001" });
  assert.equal(store.papers.count(), 1);
  for (const id of ["first", "second", "third"]) assert.equal(paper(store, id)?.id, "first");
  assert.ok(
    store.write(() => store.papers.remove("second")),
    "it can be removed by any of them",
  );
  for (const id of ["first", "second", "third"]) assert.equal(paper(store, id), undefined);
});

test("an arXiv paper is identified by its arXiv DOI, whichever was known first", (t) => {
  const store = openStore(t);
  put(store, { title: "Knots", arxiv: "1701.00001" });
  assert.equal(put(store, { title: "Knots", doi: "10.48550/arxiv.1701.00001" }).outcome, "updated");
  put(store, { title: "Graphs", doi: "10.48550/arxiv.1701.00002" });
  assert.equal(put(store, { title: "Graphs", arxiv: "1701.00002" }).outcome, "updated");
  assert.equal(store.papers.count(), 2);
});

test("a DOI that belongs to another paper stays there, and the import reports it", (t) => {
  const store = openStore(t);
  put(store, { id: "a", title: "Knots", doi: "10.1000/x" });
  put(store, { id: "b", title: "Graphs" });
  const { remark } = put(store, { id: "b", title: "Graphs", doi: "10.1000/x" });
  assert.equal(remark, "the DOI 10.1000/x already belongs to the paper a: it was left there");
  assert.equal(paper(store, "b")?.doi, null);
  assert.equal(paper(store, "a")?.doi, "10.1000/x");
});

/** A paper with a wrong DOI that was then corrected. */
const correct = (store: Store): void => {
  put(store, { id: "c", title: "On cats", doi: "10.1000/wrong" });
  put(store, { id: "c", title: "On cats", doi: "10.1000/right" });
};

test("a DOI that a paper had by mistake goes to a new paper with that DOI", (t) => {
  const store = openStore(t);
  correct(store);
  assert.deepEqual(put(store, { id: "d", title: "Knots", doi: "10.1000/wrong" }), { outcome: "added" });
  assert.deepEqual([paper(store, "c")?.title, paper(store, "c")?.doi], ["On cats", "10.1000/right"]);
  const found = store.papers.find({ kind: "doi", value: "10.1000/wrong" });
  assert.equal(store.papers.get(found!)?.id, "d");
  assert.deepEqual(put(store, { title: "Knots", doi: "10.1000/wrong" }), { outcome: "unchanged" });
});

test("a DOI that a paper had by mistake goes to the known paper it belongs to", (t) => {
  const store = openStore(t);
  correct(store);
  put(store, { id: "d", title: "Knots" });
  assert.deepEqual(put(store, { id: "d", title: "Knots", doi: "10.1000/wrong" }), { outcome: "updated" });
  assert.equal(paper(store, "d")?.doi, "10.1000/wrong");
});

test("a preprint's DOI still identifies the paper after the journal's DOI replaced it", (t) => {
  const store = openStore(t);
  put(store, { id: "c", title: "On cats", doi: "10.1101/preprint" });
  put(store, { id: "c", title: "On cats", doi: "10.1000/journal" });
  assert.equal(put(store, { id: "other", title: "On Cats.", doi: "10.1101/preprint" }).outcome, "updated");
  assert.equal(store.papers.count(), 1);
});

test("a paper without an id is not merged with one whose id was derived from its DOI by mistake", (t) => {
  const store = openStore(t);
  put(store, { title: "On cats", doi: "10.1000/wrong" });
  put(store, { id: "doi:10.1000/wrong", title: "On cats", doi: "10.1000/right" });
  const record = { title: "Knots", doi: "10.1000/wrong" };
  assert.equal(put(store, record).outcome, "added");
  assert.equal(put(store, record).outcome, "unchanged", "and the same again when it comes a second time");
  assert.equal(paper(store, "doi:10.1000/wrong")?.title, "On cats");
});

const KEYED: PaperRecord = {
  key: "smith2017",
  title: "On knots",
  authors: ["Ann Smith", "Bo Li"],
  published: "2017",
  doi: "10.1000/x",
};
for (const { what, record, same } of [
  { what: "nothing else", record: { key: "smith2017", title: "On Knots!" }, same: true },
  { what: "another DOI", record: { key: "smith2017", title: "On knots", doi: "10.1000/y" }, same: false },
  {
    what: "another title and author",
    record: { key: "smith2017", title: "On cats", authors: ["Al Smith"] },
    same: false,
  },
  { what: "another title and no author", record: { key: "smith2017", title: "On cats" }, same: false },
  {
    what: "a corrected title by the same first author in the same year",
    record: { key: "smith2017", title: "On all knots", authors: ["ANN SMITH"], published: "2017-05" },
    same: true,
  },
  {
    what: "quite another title by the same first author in the same year",
    record: { key: "smith2017", title: "On cats", authors: ["Ann Smith"], published: "2017" },
    same: false,
  },
  {
    what: "another title by the same first author of another year",
    record: { key: "smith2017", title: "On cats", authors: ["Ann Smith"], published: "2019" },
    same: false,
  },
])
  test(`a repeated citation key with ${what} is ${same ? "the same" : "another"} paper`, (t) => {
    const store = openStore(t);
    put(store, KEYED);
    assert.equal(put(store, record).outcome, same ? "updated" : "added");
    assert.equal(store.papers.count(), same ? 1 : 2);
    assert.equal(put(store, record).outcome, "unchanged", "and the same again when it comes a third time");
    assert.equal(paper(store, "smith2017")?.title, same ? record.title : "On knots");
  });

test("titles without letters match only if they are equal", (t) => {
  const store = openStore(t);
  put(store, { key: "k", title: "???" });
  assert.equal(put(store, { key: "k", title: "!!!" }).outcome, "added");
  assert.equal(put(store, { key: "k", title: "???" }).outcome, "unchanged");
  assert.deepEqual(store.papers.titled("???"), [], "and nobody means one by them");
});

test("papers without an identifier get a stable id from title, first author and year", (t) => {
  const store = openStore(t);
  put(store, { title: "Knots", authors: ["Ann Smith"], published: "2017" });
  assert.equal(put(store, { title: "KNOTS.", authors: ["Ann Smith"], published: "2017-06" }).outcome, "updated");
  assert.equal(put(store, { title: "Knots", authors: ["Bo Li"], published: "2017" }).outcome, "added");
  assert.equal(put(store, { title: "Knots", authors: ["Ann Smith"], published: "2018" }).outcome, "added");
  assert.equal(store.papers.count(), 3);
});

test("a label is never reused, so stale references cannot mean another paper", (t) => {
  const store = openStore(t);
  put(store, { id: "a", title: "A" });
  const label = store.papers.find({ kind: "id", value: "a" })!;
  store.write(() => store.papers.remove("a"));
  put(store, { id: "a", title: "A" });
  assert.ok(store.papers.find({ kind: "id", value: "a" })! > label);
});

test("a transaction that throws changes nothing", (t) => {
  const store = openStore(t);
  const before = store.changes.latest();
  assert.throws(
    () =>
      store.write(() => {
        store.papers.put({ id: "a", title: "Knots" });
        throw new Error("stop");
      }),
    /stop/,
  );
  assert.deepEqual([store.papers.count(), store.changes.latest(), paper(store, "a")], [0, before, undefined]);
  assert.deepEqual(store.words.search(["knots"], {}, 10), []);
});

test("export returns all papers in the order of import, page by page", (t) => {
  const store = openStore(t);
  store.write(() => {
    for (let i = 0; i < 7; i++) store.papers.put({ id: `${i}`, title: `Paper ${i}` });
    store.papers.remove("3");
  });
  const ids: string[] = [];
  for (let page = store.papers.export(0, 2); page.length > 0; page = store.papers.export(page.at(-1)!.label, 2))
    ids.push(...page.map(({ paper }) => paper.id));
  assert.deepEqual(ids, ["0", "1", "2", "4", "5", "6"]);
});

test("trending weighs votes by age: ten times the votes make up for 30 days", (t) => {
  const store = openStore(t);
  store.write(() => {
    store.papers.put({ id: "old and noted", title: "A", published: "2024-04-02", upvotes: 99 });
    store.papers.put({ id: "new", title: "B", listed: "2024-05-01", published: "2019", upvotes: 9 });
    store.papers.put({ id: "new and discussed", title: "C", published: "2024-05-01", upvotes: 9, comments: 3 });
    store.papers.put({ id: "undated", title: "D", upvotes: 5_000 });
    store.papers.put({ id: "by its year", title: "E", published: "2024", upvotes: 99 });
  });
  const order = (sort: "trending" | "added") => store.papers.browse({}, sort, 10).map(({ paper }) => paper.id);
  assert.deepEqual(order("trending"), ["new and discussed", "old and noted", "new", "by its year", "undated"]);
  assert.deepEqual(order("added"), ["by its year", "undated", "new and discussed", "new", "old and noted"]);
  const [first, second] = store.papers.browse({}, "trending", 2);
  const rest = store.papers.browse({}, "trending", 10, second).map(({ paper }) => paper.id);
  assert.deepEqual([first?.paper.id, ...rest], ["new and discussed", "new", "by its year", "undated"]);
});
