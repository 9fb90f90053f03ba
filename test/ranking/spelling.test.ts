import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Engine } from "../../src/engine/engine.js";
import { correctionsOf, oneLetterAway, suggestionOf } from "../../src/ranking/spelling.js";
import { frequenciesOf } from "../../src/ranking/terms.js";
import { contentTerms } from "../../src/words/terms.js";
import { openSample } from "../sample.js";

/** Optimal string alignment distance, by definition. */
function distance(a: string, b: string): number {
  const d = (i: number, j: number): number => {
    if (Math.min(i, j) === 0) return Math.max(i, j);
    const options = [d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)];
    if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) options.push(d(i - 2, j - 2) + 1);
    return Math.min(...options);
  };
  return d(a.length, b.length);
}

test("one letter away is every word at distance one with the same first letter, or with the first two swapped", () => {
  const letters = fc.constantFrom("a", "b", "c");
  const word = fc.array(letters, { minLength: 2, maxLength: 6 }).map((all) => all.join(""));
  fc.assert(
    fc.property(word, word, (a, b) => {
      const first = a[0] === b[0] || (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2));
      assert.equal(oneLetterAway(a).has(b), distance(a, b) === 1 && first);
    }),
    { numRuns: 500 },
  );
});

/** Papers as lists of words: the parts of an engine that spelling needs. */
function engineOf(papers: readonly string[]): Engine {
  const stems = papers.map((text) => new Set(contentTerms(text).map(({ stem }) => stem)));
  return {
    counts: async () => ({ papers: papers.length }),
    frequencies: async (asked: string[]) => asked.map((stem) => stems.filter((each) => each.has(stem)).length),
    words: async ([word = ""]: string[]) =>
      stems.flatMap((each, label) => (each.has(contentTerms(word)[0]?.stem ?? "") ? [{ label, bm25: 1 }] : [])),
    papers: async (labels: number[]) =>
      labels.map((label) => ({ title: papers[label], abstract: null, authors: [], venue: null, keywords: [] })),
  } as unknown as Engine;
}
async function correction(engine: Engine, word: string): Promise<string | null> {
  const terms = contentTerms(word);
  const known = { papers: (await engine.counts()).papers, frequencies: await frequenciesOf(engine, terms) };
  return (await correctionsOf(engine, terms, known)).get(terms[0]!.word) ?? null;
}

test("a word in no paper becomes the most frequent word one letter away, as papers spell it", async () => {
  const engine = engineOf([
    "Learning transformers",
    "transformers",
    "transformer",
    "retrieval",
    "Geoffrey Hinton",
    "stigma",
  ]);
  const TABLE: [string, string | null][] = [
    ["trasnformers", "transformers"],
    ["learnign", "learning"],
    ["retreival", "retrieval"],
    ["hintn", "hinton"],
    ["Geofrey", "geoffrey"],
    ["transformers", null],
    ["transforming", null],
    ["zebra", null],
    ["lern", null],
    ["a".repeat(200_000), null],
    ["gpt4x", null],
    ["トランス", null],
    ["σ", null],
  ];
  for (const [word, expected] of TABLE) assert.equal(await correction(engine, word), expected, word);
});

test("a word that is in papers is kept, unless it is very rare and its neighbour very frequent", async () => {
  const many = (word: string, times: number) => Array.from({ length: times }, () => word);
  assert.equal(await correction(engineOf([...many("attention", 1_500), "attenion"]), "attenion"), "attention");
  assert.equal(await correction(engineOf([...many("attention", 500), "attenion"]), "attenion"), null);
  assert.equal(await correction(engineOf([...many("attention", 5_000), ...many("attenion", 3)]), "attenion"), null);
});

test("a suggestion is the query with corrected words and everything else unchanged", () => {
  const corrections = new Map([["hintn", "hinton"]]);
  assert.equal(suggestionOf('"Hintn" and year:2019.. -hintn!', corrections), '"hinton" and year:2019.. -hinton!');
  assert.equal(suggestionOf("anything", new Map()), null);
  assert.equal(suggestionOf("Sørensn on 绿茶", new Map([["sorensn", "sorensen"]])), "sorensen on 绿茶");
});

test("misspelled words of the sample are still found, and reported; correct words are not reported", async (t) => {
  const kindred = await openSample(t);
  for (const [typed, meant, id] of [
    ["cryptograpy", "cryptography", "diffie-1976-cryptography"],
    ["smokng and cancer", "smoking and cancer", "doll-1950-smoking"],
    ["Kahnemann", "kahneman", "kahneman-1979-prospect"],
  ] as const) {
    const { hits, suggestion } = await kindred.search({ q: typed, mode: "lexical" });
    assert.equal(suggestion, meant);
    assert.ok(
      hits.some(({ paper }) => paper.id === id),
      typed,
    );
  }
  for (const q of ["attention is all you need", "does smoking cause lung cancer", "10.1103/PhysRev.1", "RLHF", "zzz"])
    assert.equal((await kindred.search({ q })).suggestion, null, q);
});
