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
        const { likeness } = await cosines.products(row, 0, 3, null, Infinity, pause);
        const products = likeness(all.map((_, j) => j + 1));
        for (const [j, other] of expected.entries()) {
          const cosine = [...expected[i]!].reduce((sum, [stem, weight]) => sum + weight * (other.get(stem) ?? 0), 0);
          if (other.size > 0) near(products[j]!, cosine);
          else assert.ok(Number.isNaN(products[j]));
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
      const { likeness } = await cosines.products(nothing, 1, 3, null, Infinity, pause);
      const products = likeness(all.map((_, i) => i + 1));
      for (const [i, own] of expected.entries()) {
        let common = 0;
        for (const other of expected)
          for (const [stem, weight] of own) common += (weight * (other.get(stem) ?? 0)) / all.length;
        if (own.size > 0) near(-products[i]!, common);
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
        const { likeness } = await cosines.products(row, 0, 3, null, Infinity, pause);
        const [own, gone, never] = likeness([labels[i]!, 1, 999]);
        if (row.places.length > 0) near(own!, 1);
        assert.ok(Number.isNaN(gone) && Number.isNaN(never), "it is gone");
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
  const likenessTo = async (postings: number) => Array.from((await of(postings, 4)).likeness([1, 2, 3, 4]));
  const [voles, hunts, all] = [await likenessTo(1), await likenessTo(3), await likenessTo(6)];
  // "Voles" has one posting, "hunt" two, "owls" three.
  assert.deepEqual(voles.slice(1), [0, 0, 0]);
  assert.ok(voles[0]! > 0 && hunts[1]! > 0);
  assert.deepEqual(hunts.slice(2), [0, 0]);
  assert.ok(all[2]! > 0);
  assert.deepEqual((await of(6, 4)).nearest, [1, 2, 3, 4]);
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
  assert.deepEqual(sumOf([], 3), row());
});

test("sums are those of a naive loop", () => {
  // Places that have the same slot in a small table.
  const place = fc.oneof(
    fc.nat(20),
    fc.integer({ min: 1, max: 9 }).map((i) => i * 65_536),
  );
  const part = fc.record({
    row: fc.uniqueArray(place, { maxLength: 30 }).map((places) => ({
      places: Uint32Array.from(places).sort(),
      weights: Float32Array.from(places, (_, i) => 0.25 * (1 + ((i * 7) % 5))),
    })),
    weight: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), (parts, most) => {
      const sums = new Map<number, number>();
      for (const { row, weight } of parts)
        for (const [i, at] of row.places.entries()) sums.set(at, (sums.get(at) ?? 0) + weight * row.weights[i]!);
      const expected = [...sums]
        .toSorted(([a, one], [b, other]) => other - one || a - b)
        .slice(0, most)
        .toSorted(([a], [b]) => a - b);
      const sum = sumOf(parts, most);
      assert.deepEqual(
        [...sum.places].map((at, i) => [at, sum.weights[i]!]),
        expected,
      );
    }),
  );
});

test("more papers, and postings, than the kernel takes at once, and papers that are added later", async () => {
  const all = Array.from({ length: 6_000 }, (_, i): Fields => {
    const words = Array.from({ length: 6 }, (__, j) => `word${(i * (j + 3) + j * j) % (20 + j)}`);
    return { title: `only${i % 1_500}`, abstract: words.join(" "), authors: "", venue: "", keywords: "" };
  });
  const index = new InvertedIndex();
  const cosines = new WordCosines(index, (label) => all[label - 1]);
  const add = (from: number, to: number) => {
    for (let label = from; label <= to; label++) index.set(label, all[label - 1]!);
  };
  /** @param error Relative: norms are computed again only when many papers were added. */
  const check = async (count: number, error: number) => {
    const labels = Array.from({ length: count }, (_, i) => i + 1);
    const rows = await cosines.rowsAt(labels, pause);
    const query = sumOf(
      rows.slice(0, 2_000).map((row) => ({ row, weight: 1 })),
      Infinity,
    );
    const { likeness, nearest } = await cosines.products(query, 0, 50, null, Infinity, pause);
    const products = likeness(labels);
    const weightOf = new Map(Array.from(query.places, (place, i) => [place, query.weights[i]!]));
    for (const [i, { places, weights }] of rows.entries()) {
      const product = places.reduce((sum, place, j) => sum + weights[j]! * (weightOf.get(place) ?? 0), 0);
      assert.ok(Math.abs(products[i]! - product) < error * product, `${i}: ${products[i]}, ${product}`);
    }
    assert.deepEqual(nearest, labels.toSorted((a, b) => products[b - 1]! - products[a - 1]! || a - b).slice(0, 50));
  };
  add(1, 5_990);
  await check(5_990, 1e-4);
  add(5_991, 6_000);
  await check(6_000, 0.03);
});
