import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openStore } from "./store.js";

/** The weight of title words (`WEIGHTS` in words.ts), and SQLite's constants (documentation of `bm25`). */
const TITLE = 3;
const K1 = 1.2;
const B = 0.75;

/** BM25 of every title that contains a word; as in FTS5, an idf is at least 1e-6. */
function naiveBm25(titles: string[][], query: string[]): { label: number; bm25: number }[] {
  const mean = titles.reduce((sum, words) => sum + words.length, 0) / titles.length;
  const scores = titles.map((words) => {
    let score = 0;
    for (const word of query) {
      const papers = titles.filter((other) => other.includes(word)).length;
      const idf = Math.max(1e-6, Math.log((titles.length - papers + 0.5) / (papers + 0.5)));
      const frequency = TITLE * words.filter((other) => other === word).length;
      score += (idf * frequency * (K1 + 1)) / (frequency + K1 * (1 - B + (B * words.length) / mean));
    }
    return score;
  });
  return scores.flatMap((bm25, i) => (bm25 > 0 ? [{ label: i + 1, bm25 }] : []));
}

/** Words that equal their stems. */
const word = fc.constantFrom(..."knot graph field proof cat dog bear fish bird seal".split(" "));

test("hits have the order and scores of a naive BM25", (t) => {
  const title = fc.array(word, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(title, { minLength: 1, maxLength: 30 }),
      fc.uniqueArray(word, { minLength: 1, maxLength: 4 }),
      (titles, query) => {
        const undo = new Error("undo");
        const store = shared(t);
        try {
          store.write(() => {
            titles.forEach((words, i) => store.papers.put({ id: `${i}`, title: words.join(" ") }));
            const found = store.words.search(query, {}, 100);
            const expected = new Map(naiveBm25(titles, query).map(({ label, bm25 }) => [label, bm25]));
            assert.equal(found.length, expected.size);
            found.forEach(({ label, bm25 }, i) => {
              assert.ok(Math.abs(bm25 - expected.get(label)!) < 1e-9, `${bm25}, expected ${expected.get(label)}`);
              const before = found[i - 1];
              if (before !== undefined)
                assert.ok(before.bm25 > bm25 || (before.bm25 === bm25 && before.label < label), "ties by label");
            });
            throw undo;
          });
        } catch (thrown) {
          if (thrown !== undo) throw thrown;
        }
      },
    ),
    { numRuns: 150 },
  );
});

/** One store for all runs of a property; each run is rolled back. */
const shared = (() => {
  let store: ReturnType<typeof openStore> | undefined;
  return (t: { after(work: () => void): void }) => (store ??= openStore(t));
})();

test("words are found in title, abstract, authors, venue and keywords, and count most in the title", (t) => {
  const store = openStore(t);
  store.write(() => {
    const other = { title: "On cats", abstract: "On dogs", authors: ["Ann"], venue: "Here", keywords: ["bears"] };
    store.papers.put({ ...other, id: "authors", authors: ["Bo Knot"] });
    store.papers.put({ ...other, id: "venue", venue: "Knot" });
    store.papers.put({ ...other, id: "keywords", keywords: ["bears", "knots"] });
    store.papers.put({ ...other, id: "abstract", abstract: "On knots" });
    store.papers.put({ ...other, id: "title", title: "On knots" });
    for (let i = 0; i < 20; i++) store.papers.put({ ...other, id: `${i}` });
  });
  const ids = store.words.search(["knot"], {}, 100).map(({ label }) => store.papers.get(label)!.id);
  assert.deepEqual(ids.toSorted(), ["abstract", "authors", "keywords", "title", "venue"]);
  assert.equal(ids[0], "title");
});

test("a word is found in other spellings: case, accents, ligatures, superscript digits, another form of the word", (t) => {
  const store = openStore(t);
  store.write(() => store.papers.put({ id: "a", title: "Eﬃcient CaIrSn₄ ﬁelds of Poincaré in the 1970s, ΛΟΓΟΣ" }));
  for (const word of "efficiently Eﬃcient CaIrSn4 cairsn₄ FIELD ﬁelds poincare POINCARÉ 1970 1970s λόγος".split(" "))
    assert.equal(store.words.search([word], {}, 10).length, 1, word);
});

test("a search returns as many hits as requested, the best ones", (t) => {
  const store = openStore(t);
  store.write(() => {
    for (let i = 0; i < 9; i++) store.papers.put({ id: `${i}`, title: `${"knot ".repeat(i + 1)} and cats` });
  });
  const all = store.words.search(["knot"], {}, 100);
  assert.equal(all.length, 9);
  assert.deepEqual(store.words.search(["knot"], {}, 4), all.slice(0, 4));
  assert.deepEqual(store.words.search(["knot"], {}, 0), []);
  assert.deepEqual(store.words.search([], {}, 10), []);
});

test("no string given as a word throws", (t) => {
  const store = openStore(t);
  store.write(() => store.papers.put({ id: "a", title: "AND OR NOT NEAR title graph 1 é" }));
  const syntax = fc.constantFrom(
    '"',
    '""',
    "*",
    "^",
    "NEAR(",
    "AND",
    "{title}",
    "title:",
    "-",
    "+",
    "(",
    "\0",
    "\ud800",
    "'",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: "binary" }), syntax), { maxLength: 8 }), (words) => {
      assert.ok(store.words.search(words, {}, 10).length <= 1);
      store.words.documentsWith(words.join(""));
    }),
    { numRuns: 500 },
  );
  for (const word of ["AND", "NEAR", "graph", "GRAPHS", '"graph"', "graph\0", "title:", "é", "E", "*1*"])
    assert.equal(store.words.search([word], {}, 10).length, 1, word);
  assert.equal(store.words.search(["graph é", "x"], {}, 10).length, 0, "several words in one string are a phrase");
  assert.equal(store.words.search(["title graph"], {}, 10).length, 1);
});

test("thousands of words are accepted at once", (t) => {
  const store = openStore(t);
  store.write(() => store.papers.put({ id: "a", title: "Knots" }));
  const words = Array.from({ length: 5_000 }, (_, i) => `word${i}`);
  assert.equal(store.words.search([...words, "knots"], {}, 10).length, 1);
});

test("the number of papers with a stem follows changes and removals", (t) => {
  const store = openStore(t);
  const put = (id: string, title: string) => store.write(() => store.papers.put({ id, title, doi: `10.1000/${id}` }));
  put("a", "Knots and knotting");
  put("b", "A knot");
  assert.equal(store.words.documentsWith("knot"), 2);
  assert.equal(store.words.documentsWith("knots"), 0, "it is asked by stem");
  put("a", "Cats");
  assert.equal(store.words.documentsWith("knot"), 1);
  store.write(() => store.papers.remove("b"));
  assert.equal(store.words.documentsWith("knot"), 0);
  assert.equal(store.words.documentsWith("cat"), 1);
});
