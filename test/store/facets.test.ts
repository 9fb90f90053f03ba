import assert from "node:assert/strict";
import { before, after, test } from "node:test";
import fc from "fast-check";
import type { Facets, Filters } from "../../src/api.js";
import type { Paper } from "../../src/core/paper.js";
import { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";
import { record } from "./records.js";
import { MODEL } from "./store.js";

let store: Store;
let all: { label: number; paper: Paper }[];
const cleaning: (() => void)[] = [];
before(() => {
  store = Store.open(temporaryDirectory({ after: (work) => cleaning.push(work) }), MODEL);
  store.write(() => fc.sample(record, { numRuns: 400, seed: 5 }).forEach((one) => store.papers.put(one)));
  all = store.papers.export(0, 1_000);
});
after(() => {
  store.close();
  for (const work of cleaning) work();
});

function counted(values: (string | null)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function agree(facets: Facets, papers: Paper[]): void {
  const expected = {
    years: counted(papers.map(({ published }) => published?.slice(0, 4) ?? null)),
    // "cs.LG" and "CS.lg" are the same category, and a paper counts once.
    categories: counted(papers.flatMap(({ categories }) => [...new Set(categories.map((one) => one.toLowerCase()))])),
    venues: counted(papers.map(({ venue }) => venue)),
    sources: counted(papers.map(({ source }) => source)),
    days: counted(papers.map(({ listed }) => listed)),
  };
  for (const [name, counts] of Object.entries(expected)) {
    const told = facets[name as keyof Facets];
    const folded = told.map(({ value, papers: count }) => [name === "categories" ? value.toLowerCase() : value, count]);
    assert.deepEqual(new Map(folded as [string, number][]), counts, name);
    const order = name === "years" ? (i: number) => told[i]!.value : name === "days" ? null : null;
    for (let i = 1; i < told.length; i++) {
      if (order !== null) assert.ok(order(i - 1) < order(i), "in order of time");
      else if (name === "days") assert.ok(told[i - 1]!.value > told[i]!.value, "newest first");
      else assert.ok(told[i - 1]!.papers >= told[i]!.papers, "most frequent first");
    }
  }
}

test("all papers are counted", () =>
  agree(
    store.facets.of(null),
    all.map(({ paper }) => paper),
  ));

const FILTERS: Filters[] = [
  { category: ["cs"] },
  { from: "2017-06" },
  { venue: ["knots"], year: [2017] },
  { source: [] },
];
for (const filters of FILTERS)
  test(`those that pass ${JSON.stringify(filters)} are counted`, () => {
    const labels = new Set(store.papers.labels(filters));
    agree(
      store.facets.of(store.papers.labels(filters)),
      all.filter(({ label }) => labels.has(label)).map(({ paper }) => paper),
    );
  });

test("any set of papers is counted, and unknown labels are ignored", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 500 })), (labels) =>
      agree(
        store.facets.of(labels),
        all.filter(({ label }) => labels.includes(label)).map(({ paper }) => paper),
      ),
    ),
    { numRuns: 40 },
  );
});

test("counts follow added, changed and removed papers", () => {
  const sources = () => store.facets.of(null).sources.find(({ value }) => value === "nowhere else")?.papers ?? 0;
  const put = (id: string, source: string) =>
    store.write(() => store.papers.put({ id, title: `${id} of its kind`, source }));
  assert.equal(sources(), 0);
  put("new-1", "nowhere else");
  put("new-2", "nowhere else");
  assert.equal(sources(), 2);
  put("new-2", "somewhere");
  assert.equal(sources(), 1);
  store.write(() => store.papers.remove("new-1"));
  assert.equal(sources(), 0);
});

test("incrementally updated facets equal newly read ones, after any changes, also during an update", () => {
  const directory = temporaryDirectory({ after: (work) => cleaning.push(work) });
  const writer = Store.open(directory, MODEL);
  const kept = Store.openForReading(directory, MODEL);
  const source = fc.constantFrom("here", "there", "elsewhere");
  const step = fc.record({
    id: fc.integer({ min: 1, max: 30 }),
    paper: fc.option(fc.record({ record, source })),
    now: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      kept.facets.of(null);
      for (const { id, paper, now } of steps) {
        writer.write(() => {
          if (paper === null) writer.papers.remove(`p${id}`);
          else {
            // Without identifiers that may belong to another paper.
            const { doi: _doi, arxiv: _arxiv, url: _url, key: _key, ...rest } = paper.record;
            const { label } = writer.papers.put({ ...rest, id: `p${id}`, source: paper.source });
            // As if its vectors were stored: the paper gets a new change number.
            if (id % 3 === 0) writer.changes.recordVectors(label);
          }
        });
        if (now) kept.facets.catchUp(0);
      }
      const fresh = Store.openForReading(directory, MODEL);
      const labels = fresh.papers.export(0, 1_000).map(({ label }) => label);
      const lower = (facets: Facets): Facets => ({
        ...facets,
        categories: facets.categories.map(({ value, papers }) => ({ value: value.toLowerCase(), papers })),
      });
      for (const asked of [null, labels.filter((label) => label % 2 === 0)])
        assert.deepEqual(lower(kept.facets.of(asked)), lower(fresh.facets.of(asked)));
      fresh.close();
    }),
    { numRuns: 60 },
  );
  kept.close();
  writer.close();
});

test("an update that stops midway does not miss papers whose vectors are stored meanwhile", () => {
  const directory = temporaryDirectory({ after: (work) => cleaning.push(work) });
  const writer = Store.open(directory, MODEL);
  const kept = Store.openForReading(directory, MODEL);
  kept.facets.of(null);
  const labels = writer.write(() =>
    Array.from(
      { length: 1_000 },
      (_, i) => writer.papers.put({ id: `${i}`, title: `Tide ${i}`, source: "here" }).label,
    ),
  );
  assert.ok(kept.facets.catchUp(0), "there is more to do");
  writer.write(() => labels.forEach((label) => writer.changes.recordVectors(label)));
  while (kept.facets.catchUp(0));
  assert.deepEqual(kept.facets.of(null).sources, [{ value: "here", papers: 1_000 }]);
  kept.close();
  writer.close();
});
