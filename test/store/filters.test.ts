import assert from "node:assert/strict";
import { before, after, test } from "node:test";
import fc from "fast-check";
import type { Filters } from "../../src/api.js";
import type { Paper } from "../../src/core/paper.js";
import { Store } from "../../src/store/store.js";
import { fold, wordsOf } from "../../src/core/text.js";
import { temporaryDirectory } from "../sample.js";
import { IDS, record, SOURCES, VENUES } from "./records.js";
import { MODEL, openStore } from "./store.js";

/** A year or a month counts as its first day. */
const firstDay = (date: string) => `${date}-01-01`.slice(0, 10);

/** Days of the records by calendar week. */
const WEEKS: Record<string, string> = { "2017-06-12": "2017-W24", "2017-06-13": "2017-W24", "2018-12-31": "2019-W01" };
const listedIn = (day: string, period: string): boolean =>
  period.includes("W") ? WEEKS[day] === period : day.startsWith(period);

const LISTS: Record<string, string[]> = { likes: ["a", "paper that is gone"], "to read": ["b", "論文"], empty: [] };

/** All words are in the name; next to a longer word, a single letter is the initial of another one. */
function isNamed(name: string[], wanted: string[]): boolean {
  const long = wanted.filter((word) => word.length > 1);
  if (long.length === 0) return wanted.length > 0 && wanted.every((word) => name.includes(word));
  const others = name.filter((word) => !long.includes(word)).map((word) => word[0]!);
  const letters = wanted.filter((word) => word.length === 1);
  return (
    long.every((word) => name.includes(word)) &&
    letters.every(
      (letter) => letters.filter((one) => one === letter).length <= others.filter((one) => one === letter).length,
    )
  );
}

/** The documentation of each filter, implemented as simply as possible. */
function passes(
  { id, published, categories, venue, authors, source, listed }: Paper,
  label: number,
  filters: Filters,
): boolean {
  const words = (text: string) => wordsOf(fold(text).replaceAll("ł", "l"));
  const day = published === null ? undefined : firstDay(published);
  const holds = (text: string, wanted: string) =>
    words(wanted).length > 0 && words(wanted).every((word) => words(text).includes(word));
  const one = <V>(values: V[] | undefined, test: (value: V) => boolean) => values === undefined || values.some(test);
  return (
    (filters.from === undefined || (day !== undefined && day >= firstDay(filters.from))) &&
    (filters.to === undefined || (day !== undefined && day.slice(0, filters.to.length) <= filters.to)) &&
    one(filters.year, (year) => published !== null && Number(published.slice(0, 4)) === year) &&
    one(filters.category, (wanted) =>
      categories.some((category) => `${category}.`.toLowerCase().startsWith(`${wanted}.`.toLowerCase())),
    ) &&
    one(filters.venue, (wanted) =>
      all.some(({ paper }) => paper.venue === wanted) ? venue === wanted : venue !== null && holds(venue, wanted),
    ) &&
    one(filters.author, (wanted) => authors.some((author) => isNamed(words(author), words(wanted)))) &&
    one(filters.source, (wanted) => source === wanted) &&
    (filters.listed === undefined || (listed !== null && listedIn(listed, filters.listed))) &&
    one(filters.list, (wanted) => (LISTS[wanted.toLowerCase()] ?? []).includes(id)) &&
    (filters.addedAfter === undefined || label > filters.addedAfter) &&
    one(filters.within, (wanted) => wanted === id)
  );
}

let store: Store;
let all: { label: number; paper: Paper }[];
const cleaning: (() => void)[] = [];
before(() => {
  const directory = temporaryDirectory({ after: (work) => cleaning.push(work) });
  store = Store.open(directory, MODEL);
  store.write(() => {
    // Without identifiers, which would merge most of them: the test needs many different papers.
    for (const [i, { id, doi, arxiv, key, ...rest }] of fc.sample(record, { numRuns: 600, seed: 3 }).entries())
      store.papers.put({ ...rest, id: i < IDS.length ? IDS[i]! : `paper ${i} ${id} ${doi} ${arxiv} ${key}` });
  });
  store.write(() => {
    for (const [name, ids] of Object.entries(LISTS)) {
      store.lists.create(name);
      for (const id of ids) store.lists.add(name, id);
    }
  });
  all = store.papers.export(0, 1_000);
});
after(() => {
  store.close();
  for (const work of cleaning) work();
});

const oneOrTwo = <T>(...values: T[]) => fc.subarray(values, { minLength: 1, maxLength: 2 });
const date = fc.constantFrom(
  "2015",
  "2016",
  "2017",
  "2017-01-01",
  "2017-05",
  "2017-06-01",
  "2017-06",
  "2017-06-12",
  "2017-12-31",
  "2018",
  "2019",
);
const each = {
  from: date,
  to: date,
  year: oneOrTwo(0, 2016, 2017, 2018, 9999),
  category: oneOrTwo("cs", "CS", "cs.lg", "cs.L", "math", "math.GT", "m", "cs-x", "%", "c_"),
  venue: oneOrTwo(
    "knots",
    "JOURNAL",
    "journal knots",
    "knots journal",
    "noel",
    "Noël",
    "knot",
    "of",
    "!?",
    "conference",
    ...VENUES,
  ),
  author: oneOrTwo(
    "smith",
    "Smith, Ann",
    "ann erdos",
    "erdős",
    "LUKA",
    "łuka bo",
    "smi",
    "jane",
    '"',
    "smithson",
    "A. Smith",
    "smith a",
    "B. Smith",
    "S. Smith",
    "J",
    "A",
    "P. Erdos",
    "E. Paul",
  ),
  source: oneOrTwo(...SOURCES, "ARXIV", "hf"),
  listed: fc.constantFrom(
    "2017",
    "2017-06",
    "2017-06-13",
    "2017-06-14",
    "2017-W24",
    "2017-W25",
    "2018-12-31",
    "2019-W01",
  ),
  list: oneOrTwo(...Object.keys(LISTS), "To Read", "no such list"),
  addedAfter: fc.constantFrom(0, 1, 300, 599, 600, 1e6),
  within: oneOrTwo(...IDS, "not here", "paper"),
};

for (const [name, values] of Object.entries(each))
  test(`the filter ${name} passes the documented papers`, () => {
    fc.assert(
      fc.property(values as fc.Arbitrary<Filters[keyof Filters]>, (value) => agree({ [name]: value })),
      { numRuns: 60 },
    );
  });

test("several filters must all hold", () => {
  fc.assert(
    fc.property(fc.record(each, { requiredKeys: [] }), (filters) => agree(filters as Filters)),
    { numRuns: 300 },
  );
});

/** Everything that uses filters must agree: labels, count, browse, words. */
function agree(filters: Filters): void {
  const expected = all.filter(({ label, paper }) => passes(paper, label, filters)).map(({ label }) => label);
  const labels = store.papers.labels(filters);
  if (Object.keys(filters).length === 0) assert.equal(labels, null);
  else assert.deepEqual([...labels!], expected);
  assert.equal(store.papers.count(filters), expected.length);
  const browsed = store.papers.browse(filters, "upvotes", 1_000).map(({ label }) => label);
  assert.deepEqual(
    browsed.toSorted((a, b) => a - b),
    expected,
  );
  const knots = new Set(store.words.search(["knots"], {}, 1_000).map(({ label }) => label));
  assert.deepEqual(
    store.words
      .search(["knots"], filters, 1_000)
      .map(({ label }) => label)
      .toSorted((a, b) => a - b),
    expected.filter((label) => knots.has(label)),
  );
}

test("every filter passes some papers and not others, so that the tests above are not vacuous", () => {
  for (const filters of [
    { from: "2017-06" },
    { to: "2017-06" },
    { year: [2017] },
    { category: ["cs"] },
    { venue: ["knots"] },
    { author: ["smith"] },
    { source: ["arxiv"] },
    { listed: "2017-W24" },
    { listed: "2019-W01" },
    { list: ["to read"] },
    { addedAfter: 300 },
    { within: IDS },
  ]) {
    const count = store.papers.count(filters);
    assert.ok(count > 0 && count < all.length, JSON.stringify(filters));
  }
});

test("an empty list of values passes nothing", () => {
  for (const name of ["year", "category", "venue", "author", "source", "list", "within"])
    assert.equal(store.papers.count({ [name]: [] }), 0, name);
});

test("no text in a filter throws", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("category", "venue", "author", "source", "list", "within"),
      fc.string({ unit: "binary" }),
      (name, text) => {
        assert.ok(store.papers.count({ [name]: [text] }) <= all.length);
      },
    ),
    { numRuns: 300 },
  );
});

test("a filter finds a paper by each of its ids", (t) => {
  const own = openStore(t);
  own.write(() => {
    own.papers.put({ id: "a", title: "Knots", doi: "10.1000/x" });
    own.papers.put({ id: "b", title: "Knots", doi: "10.1000/x" });
  });
  assert.equal(own.papers.count({ within: ["b"] }), 1);
});
