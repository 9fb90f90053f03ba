import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Reader } from "../../src/core/tables.js";
import type { Fields } from "../../src/core/word.js";
import { InvertedIndex } from "../../src/words/inverted.js";
import { hasUnspaced } from "../../src/core/text.js";
import { stemOf } from "../../src/words/stem.js";
import { STOP_WORDS } from "../../src/words/stop-words.js";
import { contentTerms } from "../../src/words/terms.js";
import type { Store } from "../../src/store/store.js";
import { samplePapers } from "../sample.js";
import { openStore } from "../store/store.js";
import { anyWriting } from "../writings.js";

/** Words that equal their stems. */
const WORDS = "knot graph field proof cat dog bear fish bird seal".split(" ");
const word = fc.constantFrom(...WORDS);
const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(" "));
const fields: fc.Arbitrary<Fields> = fc.record(
  { title: text, abstract: text, authors: text, venue: text, keywords: text },
  { noNullPrototype: true },
);

const WEIGHTS = { title: 3, abstract: 1, authors: 1, venue: 0.5, keywords: 0.5 };
const countOf = (texts: string, wanted: string) => texts.split(" ").filter((one) => one === wanted).length;
const lengthOf = (paper: Fields) =>
  Object.values(paper).reduce((sum, one) => sum + (one === "" ? 0 : one.split(" ").length), 0);

/** BM25 of every paper that contains a word, by definition. */
function naive(papers: ReadonlyMap<number, Fields>, query: readonly string[]): Map<number, number> {
  const mean = [...papers.values()].reduce((sum, paper) => sum + lengthOf(paper), 0) / papers.size;
  const frequency = (paper: Fields, wanted: string) =>
    Object.entries(WEIGHTS).reduce(
      (sum, [field, weight]) => sum + weight * countOf(paper[field as keyof Fields], wanted),
      0,
    );
  const scores = new Map<number, number>();
  for (const wanted of query) {
    const holding = [...papers].filter(([, paper]) => frequency(paper, wanted) > 0);
    const idf = Math.max(1e-6, Math.log((papers.size - holding.length + 0.5) / (holding.length + 0.5)));
    for (const [label, paper] of holding) {
      const count = frequency(paper, wanted);
      const score = (idf * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * lengthOf(paper)) / mean));
      scores.set(label, (scores.get(label) ?? 0) + score);
    }
  }
  return scores;
}

/** The stored parts, as read from a file. */
function readerOf(parts: Record<string, Uint8Array>): Reader {
  return { size: (name) => parts[name]!.length, read: (name, into) => into.set(parts[name]!) };
}

function compare(index: InvertedIndex, papers: ReadonlyMap<number, Fields>, query: readonly string[], k: number): void {
  const expected = naive(papers, query);
  assert.equal(index.count, papers.size);
  for (const allowed of [null, Uint8Array.from({ length: 12 }, (_, label) => label % 2)]) {
    const passing = [...expected].filter(([label]) => allowed === null || allowed[label] === 1);
    const found = index.search(query, k, allowed);
    assert.equal(found.length, Math.min(k, passing.length));
    const last = passing.map(([, score]) => score).toSorted((a, b) => b - a)[found.length - 1] ?? 0;
    for (const [i, { label, bm25 }] of found.entries()) {
      assert.ok(allowed === null || allowed[label] === 1);
      assert.ok(Math.abs(bm25 - expected.get(label)!) < 1e-5, `${bm25}, expected ${expected.get(label)}`);
      assert.ok(bm25 > last - 1e-5);
      const before = found[i - 1];
      if (before !== undefined)
        assert.ok(before.bm25 > bm25 || (before.bm25 === bm25 && before.label < label), "ties by label");
    }
  }
  const labels = [...papers.keys(), 999];
  const sums = labels.map(() => 0);
  for (const wanted of query) index.weights(wanted, labels).forEach((weight, i) => (sums[i]! += weight));
  labels.forEach((label, i) => assert.ok(Math.abs(sums[i]! - (expected.get(label) ?? 0)) < 1e-5, "weights add up"));
  for (const one of WORDS) assert.equal(index.documentsWith(one), naive(papers, [one]).size);
  for (const [label, paper] of papers) comparePassage(index, label, paper);
  assert.equal(index.passageOf(999), null);
}

/** What is stored of a title and an abstract is what comparing their texts would find. */
function comparePassage(
  index: InvertedIndex,
  label: number,
  { title, abstract }: Pick<Fields, "title" | "abstract">,
): void {
  const text = `${title}. ${abstract}`;
  const terms = contentTerms(text).filter(({ word }) => !STOP_WORDS.has(word));
  const stored = index.passageOf(label);
  if (terms.length === 0 || hasUnspaced(text)) assert.equal(stored, null);
  else {
    const stems = [...index.columns().places.keys()];
    assert.deepEqual(
      Array.from(stored!.stems, (place, i) => [stems[place], stored!.counts[i]]),
      terms.map(({ stem, count }) => [stem, count]),
    );
  }
}

test("hits, weights and counts equal a naive BM25, after any changes, and after storing and loading", () => {
  const step = fc.record({ label: fc.integer({ min: 1, max: 14 }), paper: fc.option(fields) });
  const query = fc.uniqueArray(word, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), query, fc.integer({ min: 1, max: 20 }), (steps, words, k) => {
      let index = new InvertedIndex();
      const papers = new Map<number, Fields>();
      for (const [i, { label, paper }] of steps.entries()) {
        if (paper === null) {
          index.delete(label);
          papers.delete(label);
        } else {
          index.set(label, paper);
          papers.set(label, paper);
        }
        if (i % 7 === 6) index.sweep(0);
        if (i % 15 === 14) index = InvertedIndex.read(readerOf(index.parts()));
      }
      compare(index, papers, words, k);
      compare(InvertedIndex.read(readerOf(index.parts())), papers, words, k);
    }),
    { numRuns: 300 },
  );
});

test("papers that change repeatedly leave only their last words", () => {
  const index = new InvertedIndex();
  const papers = new Map<number, Fields>();
  const paperOf = (i: number): Fields => ({
    title: WORDS[i % 10]!,
    abstract: `${WORDS[(i * 7) % 10]} ${WORDS[(i * 3) % 9]}`,
    authors: "",
    venue: "",
    keywords: "",
  });
  // Enough changes for several compactions; each compaction runs in small slices between the changes.
  let [sweeps, most] = [0, 0];
  for (let i = 0; i < 5_000; i++) {
    const label = 1 + (i % 400);
    index.set(label, { ...paperOf(i), abstract: `${paperOf(i).abstract} rare${i % 700}` });
    papers.set(label, paperOf(i));
    if (index.sweep(0)) sweeps++;
    most = Math.max(most, index.postings);
    if (i % 500 === 499) for (const one of WORDS) assert.equal(index.documentsWith(one), naive(papers, [one]).size);
  }
  assert.ok(sweeps > 10, `a sweep stopped ${sweeps} times`);
  assert.ok(most < 4 * 2_000, `${most} postings were held for 400 papers`);
  for (const [label, paper] of papers) index.set(label, paper);
  for (let label = 1; label <= 100; label++) {
    index.delete(label);
    papers.delete(label);
  }
  compare(index, papers, ["knot", "cat"], 500);
  const { numbers, labels } = index.parts();
  assert.equal(labels.length / 4, 300);
  assert.ok(numbers.length / 4 <= 900);
});

test("more papers, and occurrences of a word, than fit a block and eight bits", () => {
  const index = new InvertedIndex();
  const papers = new Map<number, Fields>();
  const none = { authors: "", venue: "", keywords: "" };
  for (let label = 1; label <= 40_000; label++) {
    const paper = {
      ...none,
      title: label % 3 === 0 ? "knot" : "cat",
      abstract: label % 1_000 === 0 ? "graph graph" : "dog",
    };
    index.set(label, paper);
    papers.set(label, paper);
  }
  const found = index.search(["graph", "knot"], 30, null);
  const expected = naive(papers, ["graph", "knot"]);
  assert.deepEqual(
    found.map(({ label }) => label),
    [...expected]
      .toSorted(([a, x], [b, y]) => Math.fround(y) - Math.fround(x) || a - b)
      .slice(0, 30)
      .map(([label]) => label),
  );
  index.set(50_000, { ...none, title: "", abstract: "seal ".repeat(1_000) });
  assert.deepEqual(
    index.search(["seal"], 3, null).map(({ label }) => label),
    [50_000],
  );
  assert.equal(index.passageOf(50_000), null, "its count fits no byte");
});

test("it gives the same answers as FTS5", (t) => {
  const store = openStore(t);
  const index = new InvertedIndex();
  store.write(() => {
    for (let i = 0; i < 60; i++)
      store.papers.put({
        id: `${i}`,
        title: `On ${WORDS[i % 10]}s and fishing`,
        abstract: `Naïve ${WORDS[(i * 3) % 7]}s, ${"running ".repeat(i % 4)}in the 1970s: H₂O.`,
        authors: ["Erdős, P.", `Bo ${WORDS[i % 6]}`],
        venue: i % 2 === 0 ? "Journal of Fish" : "",
        keywords: ["fields"],
      });
  });
  for (let label = 1; label <= 60; label++) index.set(label, store.papers.fields(label)!);
  for (const query of [
    ["knots"],
    ["fish", "run"],
    ["naive", "h2o", "graph"],
    ["erdos", "journal"],
    ["1970s", "field"],
  ]) {
    const expected = store.words.search(query, {}, 100);
    const found = new Map(index.search(query, 100, null).map(({ label, bm25 }) => [label, bm25]));
    assert.equal(found.size, expected.length);
    for (const { label, bm25 } of expected) assert.ok(Math.abs(found.get(label)! - bm25) < 1e-5);
    for (const one of query) {
      const labels = [1, 2, 30, 59];
      store.words
        .weights(one, labels)
        .forEach((weight, i) => assert.ok(Math.abs(weight - index.weights(one, labels)[i]!) < 1e-5));
    }
  }
});

/** Checks that both find the same papers, with the same weights for each paper and word. */
function agree(store: Store, index: InvertedIndex, labels: number[], query: readonly string[]): void {
  const expected = store.words.search(query, {}, 100);
  const found = new Map(index.search(query, 100, null).map(({ label, bm25 }) => [label, bm25]));
  assert.deepEqual(new Set(found.keys()), new Set(expected.map(({ label }) => label)), query.join(", "));
  for (const { label, bm25 } of expected) assert.ok(Math.abs(found.get(label)! - bm25) < 1e-4, query.join(", "));
  for (const one of query) {
    const [theirs, ours] = [store.words.weights(one, labels), index.weights(one, labels)];
    theirs.forEach((weight, i) => assert.ok(Math.abs(weight - ours[i]!) < 1e-4, one));
    const stem = one.endsWith("*") ? one : stemOf(one);
    assert.equal(index.documentsWith(stem), store.words.documentsWith(stem), stem);
  }
}

test("it gives the same answers as FTS5 in any script, and for prefixes", (t) => {
  const store = openStore(t);
  const paper = fc.record({ title: anyWriting, abstract: anyWriting, authors: fc.array(anyWriting, { maxLength: 2 }) });
  const papers = fc.array(paper, { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(papers, anyWriting, fc.boolean(), (texts, query, again) => {
      const undo = new Error("undo");
      const index = new InvertedIndex();
      try {
        store.write(() => {
          const labels = texts.map(
            ({ title, ...rest }, i) => store.papers.put({ id: `${i}`, title: `x${title}`, ...rest }).label,
          );
          for (const label of labels) index.set(label, store.papers.fields(label)!);
          for (const label of labels) comparePassage(index, label, store.papers.fields(label)!);
          if (again) for (const label of labels) index.set(label, store.papers.fields(label)!);
          const terms = contentTerms(`${query} ${texts[0]!.title}`).map(({ word }) => word);
          const beginnings = terms
            .filter((word) => !word.endsWith("*"))
            .map((word) => `${Array.from(word).slice(0, 2).join("")}*`);
          if (terms.length > 0) agree(store, index, labels, terms);
          if (beginnings.length > 0) agree(store, index, labels, [...new Set(beginnings)]);
          throw undo;
        });
      } catch (thrown) {
        if (thrown !== undo) throw thrown;
      }
    }),
    { numRuns: 300 },
  );
});

test("a prefix finds the same in the sample as in FTS5, before and after changes", (t) => {
  const store = openStore(t);
  const index = new InvertedIndex();
  const papers = samplePapers().slice(0, 100);
  store.write(() => papers.forEach((paper) => store.papers.put(paper)));
  const labels = papers.map((_, i) => i + 1);
  for (const label of labels) index.set(label, store.papers.fields(label)!);
  const beginnings = "co* syn* adolescen* randomi* re* theor* zzz* relati* isi* 19*".split(" ");
  for (const beginning of beginnings) agree(store, index, labels, [beginning]);
  agree(store, index, labels, ["theor*", "learning"]);
  store.write(() => papers.slice(0, 30).forEach(({ id }) => store.papers.remove(id)));
  for (const label of labels.slice(0, 30)) index.delete(label);
  const left = (hits: { label: number }[]) => hits.map(({ label }) => label).toSorted((one, other) => one - other);
  for (const beginning of beginnings)
    assert.deepEqual(left(index.search([beginning], 100, null)), left(store.words.search([beginning], {}, 100)));
});

test("an empty index finds nothing", () => {
  const index = new InvertedIndex();
  assert.deepEqual(index.search(["knot"], 10, null), []);
  assert.deepEqual(index.weights("knot", [1]), [0]);
  index.set(1, { title: "knot", abstract: "", authors: "", venue: "", keywords: "" });
  assert.deepEqual(index.search([], 10, null), []);
  index.delete(1);
  index.delete(1);
  assert.deepEqual(index.search(["knot"], 10, null), []);
  assert.equal(index.documentsWith("knot"), 0);
  assert.equal(InvertedIndex.read(readerOf(index.parts())).count, 0);
});
