/** Papers are not merged because their files use the same ids, keys or placeholder DOIs. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { PaperRecord } from "../../src/core/paper.js";
import type { Store } from "../../src/store/store.js";
import { openStore } from "./store.js";

/** Imports records as one file. @returns The outcome of each, and the remarks. */
function bring(store: Store, ...records: PaperRecord[]) {
  return store.write(() => {
    const number = store.imports.begin("a file");
    return records.map((record) => {
      const { label, outcome, before, remark, lost } = store.papers.put(record);
      store.imports.record(number, label, outcome, before);
      for (const other of lost) store.imports.record(number, other.label, "updated", other.before);
      return { label, outcome, remark };
    });
  });
}

const outcomes = (store: Store, ...records: PaperRecord[]) => bring(store, ...records).map(({ outcome }) => outcome);
const all = (store: Store) => store.papers.export(0, 10_000).map(({ paper }) => paper);
const titles = (store: Store) =>
  all(store)
    .map(({ title }) => title)
    .toSorted((a, b) => (a < b ? -1 : 1));
const titleOf = (store: Store, id: string) => {
  const label = store.papers.find({ kind: "id", value: id });
  return label === undefined ? undefined : store.papers.get(label)?.title;
};

const FIRST: PaperRecord[] = [
  { id: "1", title: "Frost on cave walls", abstract: "Frost grows on walls of caves in spring.", published: "2010" },
  { id: "2", title: "Owls at dusk", abstract: "Owls hunt at dusk.", published: "2012" },
];
const SECOND: PaperRecord[] = [
  { id: "1", title: "Violin varnish ages", abstract: "Varnish of old violins hardens slowly.", published: "2015" },
  { id: "2", title: "Teaching fractions", abstract: "Fractions are taught with paper strips.", published: "2017" },
];

test("two files with ids from 1 keep all their papers, and list entries stay", (t) => {
  const store = openStore(t);
  bring(store, ...FIRST);
  store.write(() => store.lists.add("likes", "1"));
  const said = bring(store, ...SECOND);
  assert.deepEqual(titles(store), ["Frost on cave walls", "Owls at dusk", "Teaching fractions", "Violin varnish ages"]);
  assert.deepEqual(
    store.lists.ids("likes").map((id) => titleOf(store, id)),
    ["Frost on cave walls"],
  );
  const id = all(store).find(({ title }) => title === "Violin varnish ages")?.id;
  assert.match(id ?? "", /^kindred:[0-9a-f]{16}$/);
  assert.equal(
    said[0]?.remark,
    `the id 1 already belongs to the paper "Frost on cave walls": this one was given the id ${id}`,
  );
});

test("importing both files again, or with corrections, adds nothing", (t) => {
  const store = openStore(t);
  bring(store, ...FIRST);
  bring(store, ...SECOND);
  for (const file of [FIRST, SECOND]) assert.deepEqual(outcomes(store, ...file), ["unchanged", "unchanged"]);
  for (const [one, other] of [FIRST, SECOND] as [PaperRecord, PaperRecord][]) {
    const corrected = { ...one, title: `${one.title}, revisited` };
    assert.deepEqual(outcomes(store, corrected, { ...other, abstract: "Entirely different words here." }), [
      "updated",
      "updated",
    ]);
    assert.deepEqual(outcomes(store, { ...corrected, authors: ["Ann Moss"], published: "2020" }), ["updated"]);
  }
  assert.equal(store.papers.count(), 4);
  assert.deepEqual(outcomes(store, ...all(store).map(recordOf)), Array(4).fill("unchanged"), "as does an export");
});

/** A paper as in an export. */
const recordOf = ({ basis: _basis, ...paper }: ReturnType<typeof all>[number]): PaperRecord =>
  Object.fromEntries(Object.entries(paper).filter(([, value]) => value !== null)) as PaperRecord;

test("one of Kindred's own ids identifies its paper, whatever its title is now", (t) => {
  const store = openStore(t);
  bring(store, { title: "Frost on cave walls" });
  const [{ id } = { id: "" }] = all(store);
  assert.deepEqual(outcomes(store, { id, title: "Givre sur les parois" }), ["updated"]);
});

for (const { what, known = {}, record, same } of [
  { what: "another title", record: { title: "Violin varnish" }, same: false },
  {
    what: "another title and DOI",
    known: { doi: "10.1000/a" },
    record: { title: "Violins", doi: "10.1000/b" },
    same: false,
  },
  {
    what: "another title and the same DOI",
    known: { doi: "10.1000/a" },
    record: { title: "Violins", doi: "10.1000/a" },
    same: true,
  },
  { what: "a subtitle", record: { title: "Frost on cave walls: ten winters of measurement in the Alps" }, same: true },
  { what: "a misspelt title", record: { title: "Frst on cavve walls" }, same: true },
  { what: "one word of the title changed", record: { title: "Frost on mine walls" }, same: true },
  {
    what: "a similar title and other authors",
    known: { authors: ["Ann Moss"] },
    record: { title: "Frost on mine walls", authors: ["Bo Reed"] },
    same: false,
  },
  {
    what: "a similar title, a new DOI and the same authors",
    known: { authors: ["Ann Moss"], doi: "10.1000/a" },
    record: { title: "Frost on mine walls", authors: ["Moss, A."], doi: "10.1000/b" },
    same: true,
  },
  {
    what: "a similar title and a new DOI",
    known: { doi: "10.1000/a" },
    record: { title: "Frost on mine walls", doi: "10.1000/b" },
    same: false,
  },
  {
    what: "a title that differs in its number",
    known: { title: "Report on caves 2015" },
    record: { title: "Report on caves 2016" },
    same: false,
  },
  {
    what: "a corrected DOI",
    known: { doi: "10.1000/a" },
    record: { title: "Frost on cave walls", doi: "10.1000/b" },
    same: true,
  },
  {
    what: "the same title by others under another DOI",
    known: { authors: ["Ann Moss"], doi: "10.1000/a" },
    record: { title: "Frost on cave walls", authors: ["Bo Reed"], doi: "10.1000/b" },
    same: false,
  },
  {
    what: "another title of the same abstract",
    known: { abstract: "Frost grows on walls of caves." },
    record: { title: "Rime underground", abstract: "Frost grows on walls of caves." },
    same: true,
  },
  {
    what: "a corrected title in Chinese",
    known: { title: "洞穴壁上的霜冻现象研究" },
    record: { title: "洞穴壁上的霜冻现象之研究" },
    same: true,
  },
  {
    what: "another title in Chinese",
    known: { title: "洞穴壁上的霜冻现象研究" },
    record: { title: "小提琴清漆的老化" },
    same: false,
  },
] as { what: string; known?: Partial<PaperRecord>; record: PaperRecord; same: boolean }[])
  test(`a repeated id with ${what} is ${same ? "the same" : "another"} paper`, (t) => {
    const store = openStore(t);
    bring(store, { id: "7", title: "Frost on cave walls", ...known });
    assert.deepEqual(outcomes(store, { id: "7", ...record }), [same ? "updated" : "added"]);
    assert.equal(store.papers.count(), same ? 1 : 2);
    assert.deepEqual(outcomes(store, { id: "7", ...record }), ["unchanged"], "and the same again");
  });

test("an id that was only an alias of a paper goes to a new paper with that id", (t) => {
  const store = openStore(t);
  const records = [
    { id: "z1", title: "Frost on cave walls", doi: "10.1000/d" },
    { id: "z2", title: "Frost on cave walls", doi: "10.1000/d" },
    { id: "z2", title: "Violin varnish", doi: "10.1000/e" },
  ];
  assert.deepEqual(outcomes(store, ...records), ["added", "updated", "added"]);
  assert.deepEqual([titleOf(store, "z1"), titleOf(store, "z2")], ["Frost on cave walls", "Violin varnish"]);
  bring(store, ...records);
  assert.equal(store.papers.count(), 2);
  assert.deepEqual([titleOf(store, "z1"), titleOf(store, "z2")], ["Frost on cave walls", "Violin varnish"]);
});

test("papers merged by a wrong DOI are separate again when the file is corrected", (t) => {
  const store = openStore(t);
  const wrong = ["Frost on cave walls", "Violin varnish", "Owls at dusk"].map((title, i) => ({ id: `p${i}`, title }));
  bring(store, ...wrong.map((one) => ({ ...one, doi: "10.1000/same" })));
  assert.equal(store.papers.count(), 1, "two records with one DOI are one paper");
  const right = wrong.map((one, i) => ({ ...one, doi: `10.1000/${i}` }));
  for (let again = 0; again < 2; again++) {
    bring(store, ...right);
    assert.deepEqual(titles(store), wrong.map(({ title }) => title).toSorted());
  }
});

test("a DOI takes precedence over an id with an only similar title", (t) => {
  const store = openStore(t);
  bring(store, { id: "1", title: "Frost on cave walls" }, { id: "9", title: "Frost on mine walls", doi: "10.1000/m" });
  assert.deepEqual(outcomes(store, { id: "1", title: "Frost on mine walls", doi: "10.1000/m" }), ["updated"]);
  assert.deepEqual(titles(store), ["Frost on cave walls", "Frost on mine walls"]);
});

test("a file whose papers all have the same id keeps each of them", (t) => {
  const store = openStore(t);
  const records = Array.from({ length: 60 }, (_, i) => ({
    id: "article",
    title: createHash("md5")
      .update(String(i))
      .digest("hex")
      .replaceAll(/\d/g, (digit) => "ghijklmnop"[Number(digit)]!),
  }));
  bring(store, ...records);
  assert.equal(store.papers.count(), 60);
  assert.deepEqual(new Set(outcomes(store, ...records)), new Set(["unchanged"]));
});

test("undo removes papers that were given new ids, and nothing else", (t) => {
  const store = openStore(t);
  bring(store, ...FIRST);
  const before = all(store);
  bring(store, ...SECOND);
  const steps = store.imports.undo(2, (work) => store.write(work));
  while (steps.next().done !== true);
  assert.deepEqual(all(store), before);
  assert.deepEqual(outcomes(store, ...FIRST), ["unchanged", "unchanged"]);
});

/** Words that no two titles share. */
const WORDS = "frost violin owl fraction harbour lichen quartz sonnet tariff vaccine walrus zeppelin".split(" ");
const distinct: fc.Arbitrary<PaperRecord[]> = fc.shuffledSubarray(WORDS, { minLength: 1 }).chain((words) =>
  fc.tuple(
    ...words.map((word) =>
      fc
        .record({
          name: fc.constantFrom<"id" | "key" | "neither">("id", "id", "key", "neither"),
          id: fc.constantFrom("1", "2", "3", "smith2017"),
          abstract: fc.option(fc.constant(`All of it is on ${word} and nothing but ${word}.`), { nil: undefined }),
          authors: fc.constantFrom(undefined, ["Ann Moss"], ["Bo Reed", "Ann Moss"]),
          published: fc.constantFrom(undefined, "2010", "2011-02"),
          doi: fc.option(fc.constant(`10.1000/${word}`), { nil: undefined }),
        })
        .map(({ name, id, ...said }) => {
          const record = {
            title: `On ${word} and the ${word}s`,
            ...said,
            ...(name === "neither" ? {} : { [name]: id }),
          };
          return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as PaperRecord;
        }),
    ),
  ),
);

test("papers without a common title or DOI are never merged, in any order; importing them again changes nothing", () => {
  fc.assert(
    fc.property(distinct, fc.nat(11), (records, cut) => {
      const cleaning: (() => void)[] = [];
      const store = openStore({ after: (work) => cleaning.push(work) });
      try {
        const files = [records.slice(0, cut), records.slice(cut)];
        for (const file of files) bring(store, ...file);
        const expected = records.map(({ title }) => title).toSorted((a, b) => (a < b ? -1 : 1));
        assert.deepEqual(titles(store), expected);
        const before = all(store);
        for (const file of files.toReversed()) assert.ok(outcomes(store, ...file).every((one) => one === "unchanged"));
        assert.deepEqual(all(store), before);
      } finally {
        for (const work of cleaning.toReversed()) work();
      }
    }),
    { numRuns: 40 },
  );
});

test("the same work is found by title, author and year, if one record has an identifier that the other lacks", (t) => {
  const title = "Annual report of the committee on tides";
  const known: PaperRecord = { id: "known", title, authors: ["Ada Lovelace"], published: "2020" };
  const same: PaperRecord = { title: title.toUpperCase(), authors: ["Lovelace, A."], published: "2020-05" };
  for (const [before, record, outcome] of [
    [{}, { doi: "10.1000/a" }, "updated"],
    [{ doi: "10.1000/a" }, {}, "updated"],
    [{ arxiv: "2001.00001" }, { doi: "10.1000/a", published: "2023" }, "updated"],
    [{}, {}, "added"],
    [{}, { doi: "10.1000/a", published: "2021" }, "added"],
    [{ arxiv: "2001.00001" }, { doi: "10.1000/a", published: "2024" }, "added"],
    [{ doi: "10.1000/b" }, { doi: "10.1000/a" }, "added"],
    [{}, { doi: "10.1000/a", authors: ["Charles Babbage"] }, "added"],
    [{ published: undefined }, { doi: "10.1000/a" }, "added"],
    // A word that two names share says little.
    [{ authors: ["Wei Zhang"] }, { doi: "10.1000/a", authors: ["Zhang Li"] }, "added"],
    [{ authors: ["Wei Zhang"] }, { doi: "10.1000/a", authors: ["Li Zhang"] }, "added"],
    [{ authors: ["Jan van Dam"] }, { doi: "10.1000/a", authors: ["Piet van Gool"] }, "added"],
    [{ authors: ["Jan van Dam"] }, { doi: "10.1000/a", authors: ["J. van Dam"] }, "updated"],
    [{ authors: ["Li Wu", "Wei Zhang"] }, { doi: "10.1000/a", authors: ["Xia Li", "Wei Zhang", "Bo Ma"] }, "added"],
    [{ authors: ["Li Wu", "Wei Zhang"] }, { doi: "10.1000/a", authors: ["Wei Zhang", "Li Wu", "Bo Ma"] }, "updated"],
    [
      { abstract: "Tides of the North Sea were measured." },
      { doi: "10.1000/a", abstract: "A committee met and chose its chair." },
      "added",
    ],
    [{ abstract: "No abstract." }, { doi: "10.1000/a", abstract: "Tides of the North Sea were measured." }, "updated"],
  ] as [Partial<PaperRecord>, Partial<PaperRecord>, string][]) {
    const store = openStore(t);
    bring(store, { ...known, ...before });
    const found = store.write(() => store.papers.put({ ...same, ...record }, { work: () => true }));
    assert.equal(found.outcome, outcome, JSON.stringify([before, record]));
  }
  const store = openStore(t);
  bring(store, known, { ...known, id: "twin", doi: "10.1000/b" });
  const put = (more: Partial<PaperRecord>, work: (id: string) => boolean) =>
    store.write(() => store.papers.put({ ...same, ...more }, { work }).outcome);
  assert.equal(
    put({ arxiv: "2001.00001" }, (id) => id === "other"),
    "added",
    "none may be meant",
  );
  assert.equal(
    put({ arxiv: "2001.00002" }, () => true),
    "added",
    "several may be meant",
  );
  assert.equal(outcomes(openStore(t), known, { ...same, doi: "10.1000/a" })[1], "added", "files do not merge by title");
});

test("a record that only fills in keeps what the paper has, but for votes, notices and a title made from the abstract", (t) => {
  const store = openStore(t);
  const [first] = bring(store, {
    id: "one",
    title: "On tides",
    authors: ["Ada Lovelace"],
    doi: "10.1000/a",
    upvotes: 7,
    notice: "withdrawn",
    keywords: [],
  });
  const record: PaperRecord = {
    id: "other",
    title: "ON TIDES",
    authors: ["A. Lovelace"],
    doi: "10.1000/a",
    upvotes: 3,
    notice: "retracted",
    abstract: "We measure tides.",
    venue: "Nature",
    keywords: ["tides"],
  };
  const put = () => store.write(() => store.papers.put(record, { fills: (id) => id === "one" }));
  assert.equal(put().outcome, "updated");
  const { title, authors, upvotes, notice, abstract, venue, keywords } = store.papers.get(first!.label)!;
  assert.deepEqual(
    { title, authors, upvotes, notice, abstract, venue, keywords },
    {
      title: "On tides",
      authors: ["Ada Lovelace"],
      upvotes: 3,
      notice: "retracted",
      abstract: "We measure tides.",
      venue: "Nature",
      keywords: ["tides"],
    },
  );
  assert.equal(put().outcome, "unchanged");
});

test("that a preprint was withdrawn or deleted says nothing about its article", (t) => {
  for (const [doi, said, notice] of [
    ["10.1000/a", "withdrawn", null],
    ["10.1000/a", "deleted", null],
    ["10.1000/a", "retracted", "retracted"],
    ["10.48550/arxiv.2001.00001", "withdrawn", "withdrawn"],
    [undefined, "withdrawn", "withdrawn"],
  ] as const) {
    const store = openStore(t);
    const paper: PaperRecord = { title: "On tides", arxiv: "2001.00001", ...(doi !== undefined && { doi }) };
    const [first] = bring(store, paper, { title: "On tides", arxiv: "2001.00001", notice: said });
    assert.equal(store.papers.get(first!.label)!.notice ?? null, notice, `${doi} ${said}`);
  }
});
