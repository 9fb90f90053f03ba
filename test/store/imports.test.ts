import assert from "node:assert/strict";
import { test } from "node:test";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import { KindredError } from "../../src/core/errors.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { databasePath } from "../../src/store/database.js";
import type { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";
import { ARXIVS, DOIS, record } from "./records.js";
import { openStore } from "./store.js";

/** Imports records as indexing does. */
function bring(store: Store, ...records: PaperRecord[]): number {
  return store.write(() => {
    const number = store.imports.begin("a file");
    for (const one of records) {
      const { label, outcome, before, lost } = store.papers.put(one);
      store.imports.record(number, label, outcome, before);
      for (const other of lost) store.imports.record(number, other.label, "updated", other.before);
    }
    return number;
  });
}

function undo(store: Store, number: number) {
  const steps = store.imports.undo(number, (work) => store.write(work));
  for (;;) {
    const { value, done } = steps.next();
    if (done === true) return value;
  }
}

const refused = (code: string, words: RegExp) => (thrown: unknown) =>
  thrown instanceof KindredError && thrown.code === code && words.test(thrown.message);

/** Everything stored about the papers. */
const papers = (store: Store) => store.papers.export(0, 10_000).map(({ paper }) => paper);

test("undo removes what an import added, and restores what it changed", (t) => {
  const store = openStore(t);
  bring(store, { id: "a", title: "Knots", upvotes: 1, url: "https://example.org/a" });
  const before = papers(store);
  const second = bring(store, { id: "a", title: "Knots and graphs", upvotes: 5 }, { id: "b", title: "Trees" });
  assert.deepEqual(undo(store, second), { removed: 1, restored: 1, kept: 0 });
  assert.deepEqual(papers(store), before);
  assert.equal(store.words.search(["graphs", "trees"], {}, 10).length, 0);
  assert.equal(store.papers.find({ kind: "url", value: "example.org/a" }), 1);
});

test("a notice stays until a stronger one comes or a record clears it, and goes with the import that brought it", (t) => {
  const store = openStore(t);
  const notice = () => papers(store)[0]?.notice;
  const paper = { id: "a", title: "Knots" };
  bring(store, paper);
  assert.equal(notice(), null);
  const numbers: [number, typeof notice extends () => infer N ? N : never][] = [];
  for (const [said, expected] of [
    ["deleted", "deleted"],
    ["concern", "concern"],
    ["deleted", "concern"],
    [undefined, "concern"],
    ["withdrawn", "withdrawn"],
    ["retracted", "retracted"],
    ["concern", "retracted"],
    ["cleared", null],
    ["concern", "concern"],
  ] as const) {
    const before = notice();
    numbers.push([bring(store, said === undefined ? paper : { ...paper, notice: said }), before]);
    assert.equal(notice(), expected, `after ${said}`);
  }
  for (const [number, before] of numbers.toReversed()) {
    undo(store, number);
    assert.equal(notice(), before);
  }
});

test("undo removes an id that the import gave to a known paper", (t) => {
  const store = openStore(t);
  bring(store, { id: "a", title: "Knots", doi: "10.1000/x" });
  const second = bring(store, { id: "other", title: "Knots", doi: "10.1000/x" });
  assert.equal(store.papers.find({ kind: "id", value: "other" }), 1);
  undo(store, second);
  assert.equal(store.papers.find({ kind: "id", value: "other" }), undefined);
  assert.equal(store.papers.find({ kind: "id", value: "a" }), 1);
});

test("undo returns an identifier that the import moved from another paper", (t) => {
  const store = openStore(t);
  bring(store, { id: "c", title: "On cats", doi: "10.1000/x" });
  const second = bring(store, { id: "c", title: "On cats", doi: "10.1000/y" });
  const third = bring(store, { id: "d", title: "Knots", doi: "10.1000/x" });
  const found = () => store.papers.find({ kind: "doi", value: "10.1000/x" });
  assert.equal(found(), 2);
  assert.deepEqual(undo(store, second), { removed: 0, restored: 0, kept: 1 }, "as two papers would have one DOI");
  assert.deepEqual(undo(store, third), { removed: 1, restored: 1, kept: 0 });
  assert.equal(found(), 1);
});

test("undo returns an arXiv DOI that the import moved from another paper, whichever of the two is older", (t) => {
  const store = openStore(t);
  bring(
    store,
    { id: "d", title: "Graphs", arxiv: "1701.00001" },
    { id: "c", title: "Cats", doi: "10.48550/arxiv.1701.00002" },
    { id: "d", title: "Graphs", arxiv: "1701.00002" },
    { id: "c", title: "Cats", doi: "10.1000/x" },
  );
  const found = () => store.papers.find({ kind: "doi", value: "10.48550/arxiv.1701.00002" });
  assert.equal(found(), 2);
  const second = bring(store, { id: "d", title: "Knots", arxiv: "1701.00002" });
  assert.equal(found(), 1);
  undo(store, second);
  assert.equal(found(), 2);
});

test("undo keeps papers that a later import also contained, changed or not", (t) => {
  const store = openStore(t);
  const first = bring(store, { id: "a", title: "Knots" }, { id: "b", title: "Trees" }, { id: "c", title: "Rivers" });
  bring(store, { id: "a", title: "Knots" }, { id: "b", title: "Trees of life" });
  assert.deepEqual(undo(store, first), { removed: 1, restored: 0, kept: 2 });
  assert.deepEqual(
    papers(store).map(({ title }) => title),
    ["Knots", "Trees of life"],
  );
});

test("kept papers are undone when the later import is undone", (t) => {
  const store = openStore(t);
  bring(store, { id: "z", title: "Zebras" });
  const before = papers(store);
  const first = bring(store, { id: "a", title: "Knots" }, { id: "b", title: "Trees" }, { id: "z", title: "Zebras" });
  const second = bring(store, { id: "a", title: "Knots and graphs" });
  assert.deepEqual(undo(store, first), { removed: 1, restored: 0, kept: 1 });
  const { added, undone } = store.imports.all()[1]!;
  assert.deepEqual([added, undone], [1, null], "all that is left of it is what was kept");
  assert.deepEqual(undo(store, first), { removed: 0, restored: 0, kept: 1 });
  undo(store, second);
  assert.deepEqual(undo(store, first), { removed: 1, restored: 0, kept: 0 });
  assert.deepEqual(papers(store), before);
  assert.throws(() => undo(store, first), refused("invalid", /already/));
});

test("a partly undone import does not prevent undoing another", (t) => {
  const store = openStore(t);
  const first = bring(store, { id: "a", title: "Knots" }, { id: "b", title: "Trees" });
  const second = bring(store, { id: "a", title: "Knots", venue: "Here" }, { id: "b", title: "Trees" });
  bring(store, { id: "a", title: "Knots and graphs" });
  assert.deepEqual(undo(store, second), { removed: 0, restored: 0, kept: 1 });
  assert.deepEqual(undo(store, first), { removed: 1, restored: 0, kept: 1 }, "it had only brought b again");
});

test("papers that another process imports before a step of an undo stay", (t) => {
  const directory = temporaryDirectory(t);
  const [store, other] = [openStore(t, directory), openStore(t, directory)];
  const first = bring(store, { id: "a", title: "Knots" });
  const steps = store.imports.undo(first, (work) => {
    bring(other, { id: "a", title: "Knots and graphs" });
    return store.write(work);
  });
  assert.deepEqual(steps.next().value, { removed: 0, restored: 0, kept: 1 });
  assert.equal(papers(store)[0]?.title, "Knots and graphs");
});

test("undoing all imports in reverse order leaves nothing", (t) => {
  const store = openStore(t);
  const numbers = [1, 2, 3].map((upvotes) => bring(store, { id: "a", title: "Knots", upvotes }));
  for (const [i, number] of numbers.toReversed().entries()) {
    undo(store, number);
    assert.equal(papers(store)[0]?.upvotes, [2, 1, undefined][i]);
  }
});

test("undo restores a paper that occurs twice in a file to its state before the first", (t) => {
  const store = openStore(t);
  bring(store, { id: "a", title: "Knots", upvotes: 1 });
  const second = bring(
    store,
    { id: "a", title: "Knots", upvotes: 1 },
    { id: "a", title: "Knots", upvotes: 2 },
    { id: "a", title: "Knots", upvotes: 3 },
  );
  undo(store, second);
  assert.equal(papers(store)[0]?.upvotes, 1);
});

test("undo does not bring back papers that were removed since", (t) => {
  const store = openStore(t);
  bring(store, { id: "a", title: "Knots" });
  const second = bring(store, { id: "a", title: "Knots", upvotes: 2 });
  store.write(() => store.papers.remove("a"));
  assert.deepEqual(undo(store, second), { removed: 0, restored: 0, kept: 0 });
  assert.deepEqual(papers(store), []);
});

test("an import can be undone once, and only if it is known and recent enough", (t) => {
  const store = openStore(t);
  const first = bring(store, { id: "a", title: "Knots" });
  undo(store, first);
  assert.throws(() => undo(store, first), refused("invalid", /already/));
  assert.throws(() => undo(store, 99), refused("not-found", /no import 99/));
  const second = bring(store, { id: "a", title: "Knots" });
  for (let i = 0; i < 20; i++) bring(store, { id: `b${i}`, title: "Trees" });
  assert.throws(() => undo(store, second), refused("invalid", /too old/));
  assert.equal(store.imports.all().length, 20);
});

test("an import undone while it runs stores nothing more, here or in another process", (t) => {
  const directory = temporaryDirectory(t);
  const [store, other] = [openStore(t, directory), openStore(t, directory)];
  const number = store.write(() => {
    const begun = store.imports.begin("a file");
    const { label } = store.papers.put({ id: "a", title: "Knots" });
    store.imports.record(begun, label, "added");
    return begun;
  });
  store.write(() => store.imports.expectRunning(number));
  assert.deepEqual(undo(other, number), { removed: 1, restored: 0, kept: 0 });
  assert.throws(() => store.write(() => store.imports.expectRunning(number)), refused("busy", /was undone while/));
});

for (const [what, damage] of [
  ["an outcome that there is not", "outcome = 'unchangeD'"],
  ["an outcome that does not go with the rest", "outcome = 'added'"],
  ["a paper as it was that is no JSON", `before = '{"row":'`],
  ["a paper as it was that lacks its title", "before = json_remove(before, '$.row.title')"],
  ["no paper as it was", "before = NULL"],
] as const)
  test(`an import with ${what} is reported as damage, and nothing is undone`, (t) => {
    const directory = temporaryDirectory(t);
    const store = openStore(t, directory);
    bring(store, { id: "a", title: "Knots" });
    const number = bring(store, { id: "b", title: "Trees" }, { id: "a", title: "Knots and graphs" });
    const database = new Sqlite(databasePath(directory));
    database.exec(`UPDATE imported SET ${damage} WHERE import = 2 AND label = 1`);
    database.close();
    const before = papers(store);
    for (let again = 0; again < 2; again++)
      assert.throws(
        () => undo(store, number),
        refused("damaged", /import 2 was not undone: .* label 1 cannot be read/),
      );
    assert.deepEqual(papers(store), before);
  });

test("the next undo completes one that stopped midway", (t) => {
  const store = openStore(t);
  const many = Array.from({ length: 500 }, (_, i) => ({ id: `p${i}`, title: `Paper ${i}` }));
  const first = bring(store, ...many);
  const steps = store.imports.undo(first, (work) => store.write(work));
  steps.next();
  assert.equal(store.papers.count(), 300);
  assert.deepEqual(undo(store, first), { removed: 300, restored: 0, kept: 0 });
  assert.equal(store.papers.count(), 0);
});

test("undoing any import immediately restores the papers and their identifiers", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 12 }), fc.array(record, { maxLength: 12 }), (first, second) => {
      const cleaning: (() => void)[] = [];
      const store = openStore({ after: (work) => cleaning.push(work) });
      try {
        bring(store, ...first);
        const before = papers(store);
        const names = () => [
          ...before.map(({ id }) => store.papers.find({ kind: "id", value: id })),
          ...DOIS.map((value) => store.papers.find({ kind: "doi", value })),
          ...ARXIVS.map((value) => store.papers.find({ kind: "arxiv", value })),
        ];
        const named = names();
        undo(store, bring(store, ...second));
        assert.deepEqual(papers(store), before);
        assert.deepEqual(names(), named);
      } finally {
        for (const work of cleaning.toReversed()) work();
      }
    }),
    { numRuns: 60 },
  );
});
