import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FIELDS, type Fields } from "../../src/core/word.js";
import { sumOf, WordCosines, type Row } from "../../src/words/cosines.js";
import { InvertedIndex } from "../../src/words/inverted.js";
import { stemOf } from "../../src/words/stem.js";
import { STOP_WORDS } from "../../src/words/stop-words.js";

const pause = () => undefined;
const WORDS = ["owls", "hunt", "voles", "at", "the", "night", "rain", "owl", "counting", "calls"];
const text = fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join(" "));
const paper = fc
  .record({ title: text, abstract: text })
  .map(({ title, abstract }): Fields => ({ title, abstract, authors: "", venue: "", keywords: "" }));
const papers = fc.array(paper, { minLength: 1, maxLength: 12 });

/** The definition, computed from the texts. */
function naive(all: readonly Fields[]) {
  const counts = all.map((fields) => {
    const tally = new Map<string, number>();
    for (const [field, weight] of Object.entries(FIELDS))
      for (const word of fields[field as keyof Fields].split(" "))
        if (word !== "" && !STOP_WORDS.has(word)) tally.set(stemOf(word), (tally.get(stemOf(word)) ?? 0) + weight);
    return tally;
  });
  const idf = (stem: string) => Math.log((1 + all.length) / (1 + counts.filter((tally) => tally.has(stem)).length));
  return counts.map((tally) => {
    const weights = [...tally].map(([stem, tf]): [string, number] => [stem, (1 + Math.log(tf)) * Math.sqrt(idf(stem))]);
    const length = Math.hypot(...weights.map(([, weight]) => weight));
    return new Map(length === 0 ? [] : weights.map(([stem, weight]) => [stem, weight / length]));
  });
}

function built(all: readonly Fields[]): WordCosines {
  const index = new InvertedIndex();
  all.forEach((fields, i) => index.set(i + 1, fields));
  return new WordCosines(index, (label) => all[label - 1]);
}

const stems = (cosines: WordCosines, { places, weights }: Row) =>
  new Map(Array.from(places, (place, i) => [cosines.stemOf(place), weights[i]!]));
const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-4, `${a} and ${b}`);

test("vectors and cosines equal the definition", async () => {
  await fc.assert(
    fc.asyncProperty(papers, async (all) => {
      const cosines = built(all);
      const expected = naive(all);
      const rows = await cosines.rowsAt(
        all.map((_, i) => i + 1),
        pause,
      );
      for (const [i, row] of rows.entries()) {
        const own = stems(cosines, row);
        for (const [stem, weight] of expected[i]!) near(own.get(stem) ?? 0, weight);
        const { likeness: products } = await cosines.products(row, 0, 3, null, Infinity, pause);
        for (const [j, other] of expected.entries()) {
          const cosine = [...expected[i]!].reduce((sum, [stem, weight]) => sum + weight * (other.get(stem) ?? 0), 0);
          if (other.size > 0) near(products[j + 1]!, cosine);
          else assert.ok(Number.isNaN(products[j + 1]));
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("the common part of all papers is the product with their mean", async () => {
  await fc.assert(
    fc.asyncProperty(papers, async (all) => {
      const cosines = built(all);
      const expected = naive(all);
      const nothing = { places: new Uint32Array(0), weights: new Float32Array(0) };
      const { likeness: products } = await cosines.products(nothing, 1, 3, null, Infinity, pause);
      for (const [i, own] of expected.entries()) {
        let common = 0;
        for (const other of expected)
          for (const [stem, weight] of own) common += (weight * (other.get(stem) ?? 0)) / all.length;
        if (own.size > 0) near(-products[i + 1]!, common);
      }
    }),
    { numRuns: 60 },
  );
});

test("after adding, changing and removing papers the index equals one built at once", async () => {
  await fc.assert(
    fc.asyncProperty(papers, papers, async (first, second) => {
      const index = new InvertedIndex();
      const texts = new Map<number, Fields>();
      const set = (label: number, fields: Fields) => {
        index.set(label, fields);
        texts.set(label, fields);
      };
      const cosines = new WordCosines(index, (label) => texts.get(label));
      first.forEach((fields, i) => set(i + 1, fields));
      await cosines.measure(pause);
      index.delete(1);
      texts.delete(1);
      second.forEach((fields, i) => set(i + 2, fields));
      const labels = [...texts.keys()];
      const rows = await cosines.rowsAt(labels, pause);
      for (const [i, row] of rows.entries()) {
        const { likeness: products } = await cosines.products(row, 0, 3, null, Infinity, pause);
        if (row.places.length > 0) near(products[labels[i]!]!, 1);
        assert.ok(Number.isNaN(products[1]), "it is gone");
      }
    }),
    { numRuns: 60 },
  );
});

test("products use the strongest words within a limit of postings, and give the nearest papers", async () => {
  const titles = ["owls hunt voles", "owls hunt", "owls call", "rain"];
  const cosines = built(titles.map((title) => ({ title, abstract: "", authors: "", venue: "", keywords: "" })));
  await cosines.measure(pause);
  const row = cosines.rowOf({ title: titles[0]! });
  const of = (postings: number, k: number, allowed: Uint8Array | null = null) =>
    cosines.products(row, 0, k, allowed, postings, pause);
  const [voles, hunts, all] = [await of(1, 4), await of(3, 4), await of(6, 4)];
  // "Voles" has one posting, "hunt" two, "owls" three.
  assert.deepEqual(Array.from(voles.likeness.subarray(2, 5)), [0, 0, 0]);
  assert.ok(voles.likeness[1]! > 0 && hunts.likeness[2]! > 0);
  assert.deepEqual([hunts.likeness[3], hunts.likeness[4]], [0, 0]);
  assert.ok(all.likeness[3]! > 0);
  assert.deepEqual(all.nearest, [1, 2, 3, 4]);
  assert.deepEqual((await of(6, 2)).nearest, [1, 2]);
  assert.deepEqual((await of(6, 2, Uint8Array.of(0, 0, 1, 1))).nearest, [2, 3]);
});

test("a sum keeps the strongest words", () => {
  const row = (...entries: [number, number][]): Row => ({
    places: Uint32Array.from(entries, ([place]) => place),
    weights: Float32Array.from(entries, ([, weight]) => weight),
  });
  const parts = [
    { row: row([1, 0.5], [4, 0.25]), weight: 2 },
    { row: row([2, 0.25], [4, 0.5]), weight: 1 },
  ];
  assert.deepEqual(sumOf(parts, 2), row([1, 1], [4, 1]));
  assert.deepEqual(sumOf(parts, 9), row([1, 1], [2, 0.25], [4, 1]));
});
