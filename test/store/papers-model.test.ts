/** Random sequences of puts, removals and embeddings, compared with naive.ts. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { normalizeUrl } from "../../src/core/identifiers.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { Changes } from "../../src/store/changes.js";
import { openDatabase, type Database } from "../../src/store/database.js";
import { registerFilterFunctions } from "../../src/store/filters.js";
import { Papers } from "../../src/store/papers.js";
import { Vectors } from "../../src/store/vectors.js";
import { Words } from "../../src/store/words.js";
import { stemOf } from "../../src/words/stem.js";
import { temporaryDirectory } from "../sample.js";
import { DERIVED, NaivePapers, stemsOf, type NaivePaper } from "./naive.js";
import { ARXIVS, DOIS, IDS, KEYS, record } from "./records.js";

const WORDS = "graph graphs knots theory winter sleep proved smith smithson erdos luka journal noel topology".split(
  " ",
);
const VECTOR = { vector: Int8Array.of(1, 2, 3, 4, 5, 6, 7, 127), scale: 0.007 };

let database: Database;
let papers: Papers;
let words: Words;
let vectors: Vectors;
let changes: Changes;
const cleaning: (() => void)[] = [];
before(() => {
  database = openDatabase(temporaryDirectory({ after: (work) => cleaning.push(work) }));
  registerFilterFunctions(database, "");
  papers = new Papers(database);
  words = new Words(database);
  vectors = new Vectors(database, "model", 8);
  changes = new Changes(database);
});
after(() => {
  database.close();
  for (const work of cleaning) work();
});

type Step = { put: PaperRecord } | { remove: number } | { embed: true };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: record.map((put) => ({ put })) },
  { weight: 2, arbitrary: fc.nat(20).map((remove) => ({ remove })) },
  { weight: 1, arbitrary: fc.constant({ embed: true as const }) },
);

const textOf = ({ paper }: NaivePaper) => JSON.stringify([paper.title, paper.abstract]);

/** Performs a step on both. @returns The labels it changed. */
function take(step: Step, naive: NaivePapers, embedded: Set<string>): number[] {
  if ("put" in step) {
    const expected = naive.put(step.put);
    const { outcome, remark, lost } = papers.put(step.put);
    assert.equal(outcome, expected.outcome);
    assert.equal(remark !== undefined, expected.remarked, remark);
    assert.deepEqual(new Set(lost.map(({ label }) => label)), new Set(expected.lost));
    return outcome === "unchanged" ? [] : [expected.label, ...expected.lost];
  }
  if ("remove" in step) {
    const all = [...naive.all.values()];
    // Any of its ids, and sometimes an unknown one.
    const ids = all.flatMap((one) =>
      [...one.ids].map((id) => (id.startsWith(DERIVED) ? papers.get(one.label)!.id : id)),
    );
    const id = ids[step.remove] ?? "nothing has this id";
    const label = papers.find({ kind: "id", value: id });
    assert.equal(papers.remove(id), label !== undefined);
    if (label !== undefined) naive.all.delete(label);
    return label === undefined ? [] : [label];
  }
  const labels = [...naive.all.values()].filter((one) => !embedded.has(textOf(one)));
  for (const { hash } of vectors.pending("vectors", 0, 100)) {
    assert.ok(vectors.putVector(hash, VECTOR, (label) => changes.record(label)));
    vectors.putSentences(hash, { spans: Uint32Array.of(), sketches: Uint8Array.of(1) }, (label) =>
      changes.record(label),
    );
  }
  for (const one of labels) embedded.add(textOf(one));
  return labels.map(({ label }) => label);
}

function compare(naive: NaivePapers, embedded: ReadonlySet<string>): void {
  const all = [...naive.all.values()];
  for (const [kind, values] of [
    ["id", [...IDS, ...KEYS, ...DOIS.map((doi) => `doi:${doi}`), ...ARXIVS.map((arxiv) => `arxiv:${arxiv}`)]],
    ["doi", DOIS],
    ["arxiv", ARXIVS],
  ] as const)
    for (const value of values)
      assert.equal(papers.find({ kind, value }), naive.find(kind, value)?.label, `${kind} ${value}`);
  for (const value of ["example.org/one", "example.org/two"])
    assert.equal(
      papers.find({ kind: "url", value }),
      all.find(({ paper }) => paper.url !== null && normalizeUrl(paper.url) === value)?.label,
    );
  for (const { label, paper } of all) {
    const got = papers.get(label);
    assert.ok(got);
    assert.equal(papers.find({ kind: "id", value: got.id }), label);
    const id = paper.id.startsWith(DERIVED) ? got.id : paper.id;
    if (id !== paper.id) assert.match(id, /^kindred:[0-9a-f]{16}$/);
    assert.deepEqual(got, { ...paper, id });
  }
  for (const kind of ["id", "doi", "arxiv"] as const) {
    const values = papers.export(0, 100).flatMap(({ paper }) => paper[kind] ?? []);
    assert.equal(new Set(values).size, values.length, `one ${kind} is with two papers: ${values.join(", ")}`);
  }
  for (const sort of ["date", "upvotes"] as const) {
    const key = ({ paper }: NaivePaper) => (sort === "date" ? (paper.published ?? "") : (paper.upvotes ?? -1));
    const expected = all.toSorted((a, b) => (key(a) < key(b) ? 1 : key(a) > key(b) ? -1 : a.label - b.label));
    const found: number[] = [];
    for (let page = papers.browse({}, sort, 3); page.length > 0; page = papers.browse({}, sort, 3, page.at(-1)))
      found.push(...page.map(({ label }) => label));
    assert.deepEqual(
      found,
      expected.map(({ label }) => label),
    );
  }
  assert.equal(papers.count(), all.length);
  for (const word of WORDS)
    assert.deepEqual(
      words
        .search([word], {}, 100)
        .map(({ label }) => label)
        .toSorted((a, b) => a - b),
      all.filter(({ paper }) => stemsOf(paper).has(stemOf(word))).map(({ label }) => label),
      word,
    );
  const texts = new Set(all.map(textOf));
  assert.equal(vectors.countPending("vectors"), [...texts].filter((text) => !embedded.has(text)).length);
  for (const { label, gone, vector } of vectors.changesSince(0, 1_000)) {
    assert.equal(gone, !naive.all.has(label));
    assert.equal(vector !== null, !gone && embedded.has(textOf(naive.all.get(label)!)));
  }
}

/** Checks that no table has rows of a removed paper. */
function noRemains(): void {
  for (const [table, label] of [
    ["identifiers", "label"],
    ["categories", "label"],
    ["words", "rowid"],
  ])
    assert.equal(
      database.prepare(`SELECT count(*) FROM ${table} WHERE ${label} NOT IN (SELECT label FROM papers)`).pluck().get(),
      0,
      table,
    );
  for (const table of ["vectors", "sentences"])
    assert.equal(
      database
        .prepare(`SELECT count(*) FROM ${table} WHERE text_hash NOT IN (SELECT text_hash FROM papers)`)
        .pluck()
        .get(),
      0,
      table,
    );
}

test("any sequence of puts, removals and embeddings gives the same papers as the naive store", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
      database.exec("BEGIN");
      try {
        // The transaction is rolled back.
        vectors = new Vectors(database, "model", 8);
        const naive = new NaivePapers();
        const embedded = new Set<string>();
        for (const step of steps) {
          const latest = changes.latest();
          const changed = take(step, naive, embedded);
          const told = vectors.changesSince(latest, 100).map(({ label }) => label);
          assert.deepEqual(
            told.toSorted((a, b) => a - b),
            changed.toSorted((a, b) => a - b),
          );
          assert.equal(changes.latest() > latest, changed.length > 0, "a change has a higher number than any before");
          const texts = new Set([...naive.all.values()].map(textOf));
          for (const text of embedded) if (!texts.has(text)) embedded.delete(text);
          // As at the end of indexing.
          Array.from(vectors.forgetUnused((work) => work()));
          compare(naive, embedded);
          noRemains();
        }
        for (const id of papers.export(0, 100).map(({ paper }) => paper.id)) papers.remove(id);
        noRemains();
        assert.equal(database.prepare("SELECT count(*) FROM vocabulary").pluck().get(), 0, "no word is left");
      } finally {
        database.exec("ROLLBACK");
      }
    }),
    { numRuns: 200 },
  );
});
