/** The contract of an engine: tests that run against every implementation. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { PaperRecord } from "../../src/core/paper.js";
import { passageOf } from "../../src/embedding/embed.js";
import { titleKey } from "../../src/core/text.js";
import type { ModelDescription } from "../../src/embedding/description.js";
import type { Alike, Engine } from "../../src/engine/engine.js";
import type { ImportBatch, Phase, Writer } from "../../src/engine/writer.js";
import { contentTerms } from "../../src/words/terms.js";
import { wordCosines } from "../../src/words/tfidf.js";
import type { Selection } from "../../src/api.js";
import { quantize } from "../../src/vectors/quantize.js";
import { sketchOf } from "../../src/vectors/sketch.js";
import { dot, near, randomNumbers, unitVector } from "../vectors/random.js";

export const DIMENSIONS = 32;
/** A model that does not exist: the tests make the vectors. */
export const MODEL: ModelDescription = {
  name: "none",
  dtype: "q8",
  pooling: "mean",
  cut: 256,
  sha256: "",
  dimensions: DIMENSIONS,
  identity: "none",
};

/** A paper with its embeddings: unit vectors of the abstract, of the title and of each sentence. */
export type Given = PaperRecord & {
  id: string;
  vector?: Float32Array;
  sentences?: Sentence[];
  titleVector?: Float32Array;
};
type Sentence = { start: number; end: number; vector: Float32Array };

/** An engine and what changes it. */
export type Library = {
  engine: Engine;
  writer: Writer;
  /** Opens another writer to the same papers, as in another process. */
  another: () => Promise<Writer>;
  /** Resolves when answers include what was written. */
  settled: () => Promise<void>;
};

/** Adds functions that change papers, and resolve when answers include the change. */
function changing(library: Library) {
  const { writer, settled } = library;
  const put = async (papers: readonly Given[]) => {
    const records = papers.map(
      ({ vector: _vector, sentences: _sentences, titleVector: _title, ...record }): PaperRecord => record,
    );
    await writer.importBatch({ number: null, name: "a file", records, last: true });
    assert.equal(await writer.startIndexing(), true);
    for (const phase of ["vectors", "sentences"] as const) {
      const { texts: pending } = await take(writer, { phase, limit: 10_000 });
      const results = papers.flatMap(({ title, abstract = null, ...more }) => {
        const text = pending.find((one) => one.title === title && one.abstract === abstract);
        const result = text === undefined ? null : embedded(phase, more);
        return result === null ? [] : [{ hash: text!.hash, ...result }];
      });
      await writer.putEmbedded(results);
    }
    await writer.releasePending("a");
    await writer.stopIndexing();
    await settled();
  };
  const remove = async (ids: readonly string[]) => {
    for (const id of ids) assert.equal(await writer.remove(id), true);
    await settled();
  };
  return { ...library, put, remove };
}

/** Takes pending texts, for a minute. */
const take = (
  writer: Writer,
  { holder = "a", phase = "vectors", after = 0, limit = 2, now = NOW }: Partial<Parameters<Writer["takePending"]>[0]>,
) => writer.takePending({ holder, phase, after, limit, now, until: now + 60_000 });

/** The embedding of a paper as it is stored; null without one. */
function embedded(phase: Phase, { vector, sentences, titleVector }: Omit<Given, "title">) {
  if (phase === "vectors") return vector === undefined ? null : { vector: quantize(vector) };
  if (sentences === undefined || titleVector === undefined) return null;
  const spans = Uint32Array.from(sentences.flatMap(({ start, end }) => [start, end]));
  const sketches = Buffer.concat([titleVector, ...sentences.map((sentence) => sentence.vector)].map(sketchOf));
  return { sentences: { spans, sketches } };
}

const NOW = 1_500_000_000_000;
const SUBJECTS = ["tides", "owls", "graphs", "vaccines", "verbs"];
const OTHERS = ["measured", "modelled", "surveyed", "forgotten", "compared", "doubted", "repeated"];
/** Tolerances: vectors are stored with 8 bits per component, sentences with one. */
const ROUNDED = 0.02;
const ESTIMATED = 0.5;

/** Papers on a few subjects: every fifth without a vector, some with the same title, some with copies. */
function papersOf(count: number): Given[] {
  const random = randomNumbers(11);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const centres = SUBJECTS.map(() => unitVector(random, DIMENSIONS));
  return Array.from({ length: count }, (_, i): Given => {
    const subject = Math.floor(random() * SUBJECTS.length);
    const first = `${SUBJECTS[subject]} ${pick(OTHERS)} number${i}.`;
    const abstract = `${first} ${pick(SUBJECTS)} ${pick(OTHERS)} too.`;
    const record = {
      id: `paper-${i}`,
      title: i % 10 === 0 ? `On ${SUBJECTS[subject]}` : `${SUBJECTS[subject]} ${pick(OTHERS)} ${i}`,
      abstract,
      authors: [`${pick(["Ann", "Bo"])} Li`],
      published: `${2000 + (i % 20)}`,
      categories: [`c.${subject}`],
      venue: `Journal ${i % 3}`,
      upvotes: i % 7,
      doi: `10.1000/${i}`,
    };
    if (i % 5 === 4) return record;
    const vector = near(random, centres[subject]!, 0.3 + random());
    const sentence = (start: number, end: number) => ({ start, end, vector: near(random, vector, 0.5) });
    return {
      ...record,
      vector,
      titleVector: near(random, vector, 0.5),
      sentences: [sentence(0, first.length), sentence(first.length + 1, abstract.length)],
    };
  });
}

const FILTERS: { filters: Selection; passes: (paper: Given) => boolean }[] = [
  { filters: {}, passes: () => true },
  { filters: { from: "2010" }, passes: ({ published }) => published! >= "2010" },
  { filters: { year: [2003, 2004] }, passes: ({ published }) => ["2003", "2004"].includes(published!) },
  { filters: { category: ["c.1"] }, passes: ({ categories }) => categories![0] === "c.1" },
  {
    filters: { venue: ["Journal 1"], to: "2012" },
    passes: (paper) => paper.venue === "Journal 1" && paper.published! <= "2012",
  },
  { filters: { within: ["paper-3", "paper-8", "none"] }, passes: ({ id }) => ["paper-3", "paper-8"].includes(id) },
  {
    filters: { restrictions: [{ is: "word", not: true, value: "owls" }] },
    passes: ({ title, abstract }) => !/owl/.test(`${title} ${abstract}`),
  },
  { filters: { from: "2100" }, passes: () => false },
];

/** @param open Opens an empty library for vectors with `DIMENSIONS` components. */
export function contract(name: string, open: (t: TestContext) => Promise<Library>): void {
  /** A library after some changes, with its expected content by label. */
  async function filled(t: TestContext) {
    const library = changing(await open(t));
    const papers = papersOf(120);
    await library.put(papers.slice(0, 70));
    await library.remove(["paper-2", "paper-40", "paper-41"]);
    await library.put(papers.slice(70));
    const left = papers.filter(({ id }) => !["paper-2", "paper-40", "paper-41"].includes(id));
    const { engine } = library;
    const labels = (await engine.resolve(left.map(({ id }) => ({ kind: "id", value: id })))).map((label) => label!);
    return { ...library, papers: new Map(labels.map((label, i) => [label, left[i]!])), labels };
  }
  type Filled = Awaited<ReturnType<typeof filled>>;
  const passing = ({ papers, labels }: Filled, passes: (paper: Given) => boolean) =>
    labels.filter((label) => passes(papers.get(label)!));

  describe(name, () => {
    test("papers are found by id and identifiers, with their fields", async (t) => {
      const { engine, papers, labels } = await filled(t);
      assert.deepEqual(
        await engine.resolve([
          { kind: "id", value: "paper-7" },
          { kind: "doi", value: "10.1000/7" },
          { kind: "id", value: "paper-2" },
          { kind: "arxiv", value: "1701.00001" },
        ]),
        [labels[6], labels[6], undefined, undefined],
      );
      const found = await engine.papers([...labels, 1_000_000]);
      const passages = found.map((paper) => (paper === undefined ? null : passageOf(paper)));
      const { papers: count } = await engine.counts();
      for (const text of [...passages, "tides and nothing else", "潮 深度学习", ""])
        assert.deepEqual(
          await engine.wordCosines(text ?? "", [...labels, 1_000_000]),
          await wordCosines(engine, count, text ?? "", passages),
        );
      assert.deepEqual(
        found.map((paper) => paper?.id),
        [...papers.values()].map(({ id }) => id).concat(undefined as never),
      );
      assert.deepEqual(
        [found[0]!.title, found[0]!.authors],
        [papers.get(labels[0]!)!.title, papers.get(labels[0]!)!.authors],
      );
      const titles = ["on TIDES!", "nothing", ""];
      const expected = titles.map((title) =>
        labels.filter((label) => title !== "" && titleKey(papers.get(label)!.title) === titleKey(title)).slice(0, 10),
      );
      assert.deepEqual(await engine.titled(titles), expected);
      assert.deepEqual(await engine.resolve([]), []);
      assert.deepEqual(await engine.papers([]), []);
    });

    test("labels ascend in the order of import, and none is reused", async (t) => {
      const { engine, labels, put, remove } = await filled(t);
      assert.ok(labels.every((label, i) => i === 0 || label > labels[i - 1]!));
      const last = labels.at(-1)!;
      await remove(["paper-119"]);
      await put(papersOf(120).slice(119));
      const [again] = await engine.resolve([{ kind: "id", value: "paper-119" }]);
      assert.ok(again! > last);
      assert.deepEqual(await engine.passing({ addedAfter: last }, 10), [again]);
    });

    test("counts follow papers and their vectors", async (t) => {
      const { engine, papers, remove } = await filled(t);
      const embedded = [...papers.values()].filter(({ vector }) => vector !== undefined).length;
      const { papers: all, pending, pendingSentences, ...counts } = await engine.counts();
      assert.deepEqual(
        [all, counts.embedded, pending, pendingSentences],
        [117, embedded, 117 - embedded, 117 - embedded],
      );
      await remove(["paper-0", "paper-4"]);
      const less = await engine.counts();
      assert.deepEqual([less.papers, less.embedded, less.pending], [115, embedded - 1, 116 - embedded]);
    });

    test("all methods apply filters in the same way", async (t) => {
      const world = await filled(t);
      const { engine, labels, papers } = world;
      for (const { filters, passes } of FILTERS) {
        const expected = passing(world, passes);
        const what = JSON.stringify(filters);
        assert.deepEqual(await engine.passing(filters, 1_000), expected, what);
        assert.deepEqual(await engine.passing(filters, 3), expected.slice(0, 3), what);
        assert.equal(await engine.count(filters), expected.length, what);
        assert.deepEqual(
          await engine.matches(labels, filters),
          labels.map((label) => passes(papers.get(label)!)),
          what,
        );
        assert.deepEqual(await engine.facets(filters), await engine.facets(expected), what);
        const years = new Set(expected.map((label) => papers.get(label)!.published));
        assert.equal((await engine.facets(expected)).years.length, years.size);
        const hits = await engine.words(["tides"], filters, 1_000);
        assert.deepEqual(
          new Set(hits.map(({ label }) => label)),
          new Set(
            (await engine.words(["tides"], {}, 1_000))
              .map(({ label }) => label)
              .filter((one) => expected.includes(one)),
          ),
        );
      }
    });

    test("lists can be paged, larger keys first, ties by label", async (t) => {
      const { engine, papers, labels } = await filled(t);
      for (const [sort, keyOf] of [
        ["date", ({ published }: Given) => published!],
        ["upvotes", ({ upvotes }: Given) => upvotes!],
      ] as const) {
        const found: number[] = [];
        for (let after: { key: number | string; label: number } | undefined; ;) {
          const page = await engine.browse({}, sort, 25, after);
          found.push(...page.map(({ label }) => label));
          assert.ok(page.every(({ label, paper }) => paper.id === papers.get(label)!.id));
          if (page.length < 25) break;
          after = page.at(-1)!;
        }
        const order = labels.toSorted((a, b) => {
          const [one, other] = [keyOf(papers.get(a)!), keyOf(papers.get(b)!)];
          return one === other ? a - b : one > other ? -1 : 1;
        });
        assert.deepEqual(found, order, sort);
      }
    });

    test("words are weighted by BM25, and a block has the weight of each word", async (t) => {
      const { engine, papers, labels } = await filled(t);
      const words = ["tides", "doubted", "nowhere"];
      const hits = await engine.words(words, {}, 1_000);
      const holds = (label: number, word: string) => {
        const { title, abstract, authors, venue } = papers.get(label)!;
        const stems = new Set(contentTerms([title, abstract, ...authors!, venue].join("\n")).map(({ stem }) => stem));
        return stems.has(contentTerms(word)[0]!.stem);
      };
      assert.deepEqual(
        hits.map(({ label }) => label).toSorted((a, b) => a - b),
        labels.filter((label) => words.some((word) => holds(label, word))),
      );
      for (const [i, { label, bm25 }] of hits.entries())
        assert.ok(i === 0 || bm25 < hits[i - 1]!.bm25 || (bm25 === hits[i - 1]!.bm25 && label > hits[i - 1]!.label));
      assert.deepEqual(await engine.words(words, {}, 5), hits.slice(0, 5));
      assert.deepEqual(await engine.words([], {}, 5), []);
      const weights = await engine.wordWeights(words, labels);
      const sums = new Map(labels.map((label, i) => [label, weights.reduce((sum, each) => sum + each[i]!, 0)]));
      for (const { label, bm25 } of hits) assert.ok(Math.abs(sums.get(label)! - bm25) < 1e-3 * bm25, `${label}`);
      for (const [i, word] of words.entries())
        assert.deepEqual(
          weights[i]!.map((weight) => weight > 0),
          labels.map((label) => holds(label, word)),
          word,
        );
      const stems = [...words, "tid*"].map((word) => (word.endsWith("*") ? word : contentTerms(word)[0]!.stem));
      const frequencies = words.map((word) => labels.filter((label) => holds(label, word)).length);
      // As many as one misspelled word may have meant, most of which do not occur.
      const none = Array.from({ length: 40 }, (_, i) => `none${i}`);
      const all = [...none.map(() => 0), ...frequencies, frequencies[0]];
      assert.deepEqual(await engine.frequencies([...none, ...stems]), all);
      assert.deepEqual(await engine.frequencies(stems), [...frequencies, frequencies[0]]);
    });

    test("the nearest papers have the largest cosines among those that pass", async (t) => {
      const world = await filled(t);
      const { engine, papers } = world;
      const random = randomNumbers(3);
      for (const { filters, passes } of FILTERS) {
        const query = unitVector(random, DIMENSIONS);
        const truth = passing(world, passes)
          .flatMap((label) => {
            const { vector } = papers.get(label)!;
            return vector === undefined ? [] : [{ label, cosine: dot(query, vector) }];
          })
          .toSorted((a, b) => b.cosine - a.cosine);
        for (const k of [1, 10, 1_000]) {
          const { neighbours } = await engine.nearest(query, filters, k);
          assert.equal(neighbours.length, Math.min(k, truth.length), JSON.stringify(filters));
          const last = truth[neighbours.length - 1]?.cosine ?? 1;
          for (const [i, { label, similarity }] of neighbours.entries()) {
            const { cosine } = truth.find((one) => one.label === label)!;
            assert.ok(Math.abs(similarity - cosine) < ROUNDED && cosine > last - ROUNDED, `${label}`);
            assert.ok(i === 0 || neighbours[i - 1]!.similarity >= similarity);
          }
        }
      }
    });

    test("a block has the vectors and sentences of papers, and none for pending ones", async (t) => {
      const { engine, papers, labels } = await filled(t);
      const query = unitVector(randomNumbers(8), DIMENSIONS);
      const block = await engine.inspect(labels, { vectors: true, sketches: true });
      const similarities = block.similarities(query, labels);
      // More queries than are compared together, and not a multiple of those.
      const queries = [query, ...Array.from({ length: 10 }, (_, i) => unitVector(randomNumbers(i + 20), DIMENSIONS))];
      const cosines = block.cosines(queries, labels);
      assert.deepEqual(block.cosines([], labels), []);
      const best = block.bestSentences(query, labels);
      const pairs = block.allCosines(labels);
      for (const [i, label] of labels.entries()) {
        const { vector, sentences, titleVector } = papers.get(label)!;
        const own = block.vector(label);
        if (vector === undefined) {
          assert.ok(labels.every((_, j) => Number.isNaN(pairs[i * labels.length + j])));
          assert.deepEqual([own, similarities[i], cosines[0]![i], best[i]], [undefined, null, NaN, NaN]);
          assert.deepEqual(
            [block.sentences(query, label), block.sketches(label), block.title(label)],
            [null, null, null],
          );
          continue;
        }
        assert.ok(dot(own!, vector) > 1 - ROUNDED && Math.abs(Math.hypot(...own!) - 1) < ROUNDED);
        assert.ok(Math.abs(similarities[i]! - dot(query, vector)) < ROUNDED);
        for (const [j, each] of cosines.entries())
          assert.ok(Math.abs(each[i]! - dot(queries[j]!, own!)) < 1e-5, `${j}: ${each[i]}`);
        for (const [j, other] of labels.entries()) {
          const theirs = block.vector(other);
          const cosine = pairs[i * labels.length + j]!;
          if (theirs === undefined) assert.ok(Number.isNaN(cosine));
          else assert.ok(Math.abs(cosine - dot(own!, theirs)) < 1e-5, `${label} and ${other}: ${cosine}`);
        }
        const found = block.sentences(query, label)!;
        assert.deepEqual(
          found.map(({ start, end }) => [start, end]),
          sentences!.map(({ start, end }) => [start, end]),
        );
        for (const [j, { similarity }] of found.entries()) {
          assert.ok(Math.abs(similarity - dot(query, sentences![j]!.vector)) < ESTIMATED);
          assert.ok(best[i]! >= similarity - 1e-6);
        }
        for (const [j, { vector: asked }] of sentences!.entries()) {
          const [one, other] = block.sentences(asked, label)!.map(({ similarity }) => similarity) as [number, number];
          assert.ok(j === 0 ? one > other : other > one, "a sentence is nearest to itself");
        }
        const cosine = Math.max(dot(query, titleVector!), ...sentences!.map((one) => dot(query, one.vector)));
        assert.ok(Math.abs(best[i]! - cosine) < ESTIMATED);
        const { spans, sketches } = block.sketches(label)!;
        assert.deepEqual(
          Array.from(spans),
          sentences!.flatMap(({ start, end }) => [start, end]),
        );
        assert.equal(sketches.length, (3 * DIMENSIONS) / 8);
        assert.deepEqual(Array.from(block.title(label)!.subarray(0, DIMENSIONS / 8)), [
          ...sketches.subarray(0, DIMENSIONS / 8),
        ]);
      }
      const sum = [...papers.values()].reduce(
        (total, { vector }) => (vector === undefined ? total : total.map((value, i) => value + vector[i]!)),
        new Float32Array(DIMENSIONS),
      );
      const mean = await engine.mean();
      assert.ok(
        dot(mean, sum) > 0.99 * Math.hypot(...mean) * Math.hypot(...sum),
        "the mean has the direction of the sum",
      );
    });

    test("possible copies include all papers with the same title or nearly the same abstract", async (t) => {
      const { engine, put } = await filled(t);
      const random = randomNumbers(2);
      const vector = unitVector(random, DIMENSIONS);
      await put([
        { id: "one", title: "A title", abstract: "First.", vector },
        { id: "same-title", title: "A title", abstract: "Second.", vector: unitVector(random, DIMENSIONS) },
        { id: "same-abstract", title: "Something else", vector: near(random, vector, 0.1) },
        { id: "pending", title: "A title", abstract: "Third." },
      ]);
      const names = ["one", "same-title", "same-abstract", "pending"];
      const labels = (await engine.resolve(names.map((id) => ({ kind: "id", value: id })))).map((label) => label!);
      const others = await engine.passing({}, 50);
      const among = [...others, ...labels];
      const block = await engine.inspect(among, { vectors: true, titles: true });
      const maybe = block.maybeCopies(labels, among);
      const [one, sameTitle, sameAbstract, pending] = labels;
      for (const other of [one, sameTitle, sameAbstract, pending]) assert.ok(maybe[0]!.includes(other!), `${other}`);
      assert.ok(maybe[3]!.includes(one!) && maybe[3]!.includes(sameTitle!));
      for (const [i, label] of labels.entries()) assert.ok(maybe[i]!.includes(label), "a paper is a copy of itself");
      for (const found of maybe)
        assert.deepEqual(
          found,
          among.filter((label) => found.includes(label)),
        );
    });

    test("few examples are all compared, and of many the candidates include the nearest", async (t) => {
      const { engine, papers, labels } = await filled(t);
      const embedded = labels.filter((label) => papers.get(label)!.vector !== undefined);
      const block = await engine.inspect(labels, { vectors: true });
      const [few] = block.likelyNearest([embedded[0]!], embedded.slice(1, 5), 16);
      assert.deepEqual(few!.positions, [0, 1, 2, 3]);
      const pending = labels.find((label) => !embedded.includes(label))!;
      assert.deepEqual(block.likelyNearest([embedded[0]!], [pending, embedded[1]!], 16)[0]!.positions, [1]);
      assert.deepEqual(block.likelyNearest([pending], embedded, 16)[0]!.positions, []);
      let hits = 0;
      for (const [i, { positions: likely, cosines: found }] of block.likelyNearest(embedded, embedded, 40).entries()) {
        assert.equal(new Set(likely).size, 40);
        const own = papers.get(embedded[i]!)!.vector!;
        for (const [j, position] of likely.entries())
          assert.ok(Math.abs(found[j]! - dot(own, papers.get(embedded[position]!)!.vector!)) < 0.02);
        const cosines = embedded.map((label, j) => (i === j ? -1 : dot(own, papers.get(label)!.vector!)));
        if (likely.includes(cosines.indexOf(Math.max(...cosines)))) hits++;
      }
      assert.ok(hits > 0.9 * embedded.length, `${hits} of ${embedded.length}`);
    });

    test("papers are found by the words of similar papers", async (t) => {
      const world = await filled(t);
      const { engine, papers, labels } = world;
      const pause = () => undefined;
      assert.equal(await engine.unread(), 0);
      const rows = await engine.wordVectors(labels.slice(0, 4), ["owls surveyed", "qqqq"], pause);
      assert.equal(rows.length, 6);
      for (const { weights } of rows.slice(0, 5)) assert.ok(Math.abs(Math.hypot(...weights) - 1) < 1e-3);
      assert.deepEqual(Array.from(rows[5]!.weights), []);
      const [owls] = rows.slice(4) as [(typeof rows)[number]];
      const stems = ["owls", "surveyed"].map((word) => contentTerms(word)[0]!.stem);
      assert.deepEqual(new Set(await engine.stemsAt(Array.from(owls.places))), new Set(stems));
      for (const { filters, passes } of FILTERS) {
        const query = [...papers.values()].find(({ vector }) => vector !== undefined)!.vector!;
        const { found, likeness } = await engine.alike(
          [
            { words: owls, share: 0, vector: null },
            { words: rows[0]!, share: 0.5, vector: query },
          ],
          filters,
          15,
          1_000_000,
          pause,
        );
        const [{ byWords: nearest, byVector, way }, second] = found as [Alike, Alike];
        assert.deepEqual([byVector, way], [[], null]);
        const { neighbours, way: secondWay } = await engine.nearest(query, filters, 15);
        assert.deepEqual([second.byVector, second.way], [neighbours.map(({ label }) => label), secondWay]);
        const [values, others] = (await likeness([Uint32Array.from(labels), Uint32Array.from(second.byWords)])) as [
          Float32Array,
          Float32Array,
        ];
        assert.ok(others.every((value, i) => i === 0 || value <= others[i - 1]!));
        const expected = passing(world, passes);
        assert.ok(
          nearest.every((label) => expected.includes(label)),
          JSON.stringify(filters),
        );
        assert.equal(nearest.length, Math.min(15, expected.length));
        const of = (label: number) => values[labels.indexOf(label)]!;
        assert.ok(nearest.every((label, i) => i === 0 || of(label) <= of(nearest[i - 1]!)));
        const least = nearest.length === 0 ? Infinity : of(nearest.at(-1)!);
        assert.ok(expected.every((label) => nearest.includes(label) || of(label) <= least));
      }
      const { found } = await engine.alike([{ words: owls, share: 0, vector: null }], {}, 1, 1_000_000, pause);
      const [first] = found[0]!.byWords;
      assert.match(JSON.stringify(papers.get(first!)), /owls/);
    });

    /** Imports records in one batch. */
    const imported = (writer: Writer, records: PaperRecord[], more: Partial<ImportBatch> = {}) =>
      writer.importBatch({ number: null, name: "a file", records, last: true, ...more });
    const paper = (id: string, more: Partial<PaperRecord> = {}): PaperRecord => ({
      id,
      title: `Title of ${id}`,
      venue: "Journal",
      ...more,
    });
    /** The venues of papers; undefined for those that do not exist. */
    async function venues({ engine, settled }: Library, ...ids: string[]): Promise<(string | null | undefined)[]> {
      await settled();
      const labels = await engine.resolve(ids.map((value) => ({ kind: "id", value })));
      return Promise.all(
        labels.map(async (label) => (label === undefined ? undefined : (await engine.papers([label]))[0]?.venue)),
      );
    }

    test("an import of several batches reports each paper, and is undone as a whole", async (t) => {
      const library = await open(t);
      const { engine, writer } = library;
      await imported(writer, [paper("one"), paper("two")]);
      const { number, papers } = await imported(writer, [paper("one"), paper("two", { venue: "Another" })], {
        last: false,
      });
      assert.deepEqual(
        papers.map(({ id, outcome }) => [id, outcome]),
        [
          ["one", "unchanged"],
          ["two", "updated"],
        ],
      );
      const next = await imported(writer, [paper("three")], { number });
      assert.deepEqual(next, { number, papers: [{ id: "three", outcome: "added", remarks: [] }] });
      assert.deepEqual(await venues(library, "one", "two", "three"), ["Journal", "Another", "Journal"]);
      const { imports } = await engine.imports();
      assert.deepEqual(
        imports.map(({ import: one, added, updated }) => [one, added, updated]),
        [
          [number, 1, 1],
          [number! - 1, 2, 0],
        ],
      );
      assert.deepEqual(await writer.undo(number!), { removed: 1, restored: 1, kept: 0 });
      assert.deepEqual(await venues(library, "one", "two", "three"), ["Journal", "Journal", undefined]);
      await assert.rejects(writer.undo(number!), { code: "invalid" });
      await assert.rejects(writer.undo(1_000_000), { code: "not-found" });
    });

    test("a notice stays until a stronger one comes or a record clears it", async (t) => {
      const { engine, writer, settled } = await open(t);
      const after = async (said?: PaperRecord["notice"]) => {
        await imported(writer, [paper("one", said === undefined ? {} : { notice: said })]);
        await settled();
        const [label] = await engine.resolve([{ kind: "id", value: "one" }]);
        return (await engine.papers([label!]))[0]?.notice;
      };
      assert.equal(await after(), null);
      assert.equal(await after("deleted"), "deleted");
      assert.equal(await after("retracted"), "retracted");
      for (const said of [undefined, "withdrawn", "concern", "deleted"] as const)
        assert.equal(await after(said), "retracted", `after ${said}`);
      assert.equal(await after("cleared"), null);
    });

    test("a caller's rows are replaced only if those that were read are the same, also with the name of a list", async (t) => {
      const { engine, writer, settled } = await open(t);
      const rowOf = (value: string | null, key = "a") => ({ owner: "source", key, value });
      const state = async () => {
        await settled();
        const rows = await engine.owned({ owner: "source", prefix: "", after: "", limit: 10 });
        return [rows.map(({ value }) => value), (await engine.lists()).lists.slice(2).map((list) => list.name)];
      };
      await writer.createList("old");
      assert.equal(await writer.replaceOwned({ read: [rowOf(null)], rows: [rowOf("1")] }), true);
      for (const read of [[rowOf(null)], [rowOf("1"), rowOf("2", "b")]]) {
        assert.equal(await writer.replaceOwned({ read, rows: [rowOf("2")] }), false);
        assert.equal(await writer.renameList({ name: "old", to: "new", own: { read, rows: [rowOf("2")] } }), false);
      }
      const own = { read: [rowOf("1"), rowOf(null, "b")], rows: [rowOf("2")] };
      await assert.rejects(writer.renameList({ name: "old", to: "likes", own }), { code: "invalid" });
      assert.deepEqual(await state(), [["1"], ["old"]]);
      assert.equal(await writer.renameList({ name: "old", to: "new", own }), true);
      assert.deepEqual(await state(), [["2"], ["new"]]);
    });

    test("an import that was undone is stopped, and stores nothing more", async (t) => {
      const library = await open(t);
      const { engine, writer } = library;
      const { number } = await imported(writer, [paper("one")], { last: false });
      await writer.undo(number!);
      const rows = [{ owner: "source", key: "position", value: "2" }];
      const each = { owner: "source", key: "paper " };
      await assert.rejects(imported(writer, [paper("two")], { number, rows, each }), { code: "busy" });
      assert.deepEqual(await venues(library, "one", "two"), [undefined, undefined]);
      assert.deepEqual(await engine.owned({ owner: "source", prefix: "", after: "", limit: 10 }), []);
    });

    test("a caller's rows are stored with the papers, replaced, found by the start of their key, and deleted", async (t) => {
      const library = await open(t);
      const { engine, writer, settled } = library;
      const owned = async (owner: string, prefix = "", after = "", limit = 10) => {
        await settled();
        return (await engine.owned({ owner, prefix, after, limit })).map(({ key, value }) => [key, value]);
      };
      const each = { owner: "source", key: "seen " };
      const rows = [
        { owner: "source", key: "position", value: "page 2" },
        { owner: "other", key: "position", value: "7" },
      ];
      await imported(writer, [paper("one"), paper("two")], { rows, each });
      const seen = [
        ["seen one", "added"],
        ["seen two", "added"],
      ];
      assert.deepEqual(await owned("source"), [["position", "page 2"], ...seen]);
      assert.deepEqual(await owned("source", "seen "), seen);
      assert.deepEqual(await owned("source", "", "position", 1), seen.slice(0, 1));
      const counts = ["", "seen ", "nothing"].map((prefix) => engine.countOwned({ owner: "source", prefix }));
      assert.deepEqual(await Promise.all(counts), [3, 2, 0]);
      // Without papers there is no import, but the position goes on.
      const { number } = await imported(writer, [], { rows: [{ owner: "source", key: "position", value: "page 3" }] });
      assert.equal(number, null);
      assert.deepEqual(await owned("source", "position"), [["position", "page 3"]]);
      await writer.putOwned([
        { owner: "source", key: "position", value: null },
        { owner: "source", key: "name", value: "π" },
      ]);
      assert.deepEqual(await owned("source"), [["name", "π"], ...seen]);
      await writer.removeOwned({ owner: "source", prefix: "seen" });
      assert.deepEqual(await owned("source"), [["name", "π"]]);
      await writer.removeOwned({ owner: "source", prefix: "" });
      assert.deepEqual([await owned("source"), await owned("other")], [[], [["position", "7"]]]);
    });

    test("a row for the record on each line receives the id of its paper", async (t) => {
      const { engine, writer, settled } = await open(t);
      const ids = { owner: "source", keys: ["item A", undefined, "item C"] };
      await imported(writer, [paper("one"), paper("two"), paper("one")], { ids });
      await settled();
      const rows = await engine.owned({ owner: "source", prefix: "", after: "", limit: 10 });
      assert.deepEqual(rows.map(({ key, value }) => [key, value]), [["item A", "one"], ["item C", "one"]]); // prettier-ignore
    });

    test("a paper that another caller has brought first keeps its fields, and receives what it lacks", async (t) => {
      const library = await open(t);
      const { engine, writer } = library;
      const by = (key: string, ...others: string[]) => ({ each: { owner: "source", key, others } });
      await imported(writer, [paper("one", { venue: undefined, doi: "10.1000/one" })], by("a "));
      await imported(writer, [paper("one", { title: "Title of one, revised", venue: "B" })], by("b ", "a "));
      await imported(writer, [paper("one", { venue: "A" })], by("a ", "b "));
      assert.deepEqual(await venues(library, "one"), ["A"], "the first decides");
      await imported(writer, [paper("one", { venue: "B" })], by("b ", "a "));
      assert.deepEqual(await venues(library, "one"), ["A"]);
      const rows = await engine.owned({ owner: "source", prefix: "", after: "", limit: 10 });
      assert.deepEqual(rows.map(({ key, value }) => [key, value]), [["a one", "added"], ["b one", "filled"]]); // prettier-ignore
      await imported(writer, [paper("one", { venue: "B" })], by("b "));
      assert.deepEqual(await venues(library, "one"), ["B"], "without the first, the other decides");
    });

    test("papers are put in lists and taken out again, except where a person has put them, or has taken them out", async (t) => {
      const library = await open(t);
      const { writer } = library;
      const lists = async () => {
        await library.settled();
        const { lists } = await library.engine.lists();
        return Object.fromEntries(lists.slice(2).map(({ name, ids }) => [name, ids]));
      };
      await imported(writer, [paper("one"), paper("two"), paper("three")]);
      await writer.createList("theirs");
      await writer.addToList({ name: "theirs", id: "one" });
      const at = (list: string, id: string) => ({ owner: "source", key: `in ${list} ${id}`, made: `made ${list}`, list, id }); // prettier-ignore
      const all = [at("theirs", "one"), at("theirs", "two"), at("new", "one"), at("new", "three")];
      assert.deepEqual(await writer.place({ into: all, out: [] }), []);
      assert.deepEqual(await lists(), { new: ["one", "three"], theirs: ["one", "two"] });
      await writer.removeFromList({ name: "new", id: "one" });
      await writer.place({ into: all, out: [] });
      assert.deepEqual(await lists(), { new: ["three"], theirs: ["one", "two"] }, "what a person took out stays out");
      await writer.place({ into: [], out: all });
      assert.deepEqual(await lists(), { theirs: ["one"] });
      assert.deepEqual(await library.engine.owned({ owner: "source", prefix: "", after: "", limit: 10 }), []);
      // A list that was renamed is a person's.
      await writer.place({ into: [at("new", "one")], out: [] });
      await writer.renameList({ name: "new", to: "kept" });
      await writer.place({ into: [], out: [at("new", "one")] });
      assert.deepEqual(await lists(), { kept: ["one"], theirs: ["one"] });
    });

    test("papers are removed unless a list, a note or another row refers to them, by any of their ids", async (t) => {
      const library = await open(t);
      const { writer } = library;
      const names = ["one", "two", "three", "four", "five"];
      await imported(writer, names.map((name) => paper(name, name === "three" ? { doi: "10.1000/three" } : {}))); // prettier-ignore
      // Another id of the same paper.
      await imported(writer, [paper("alias", { title: "Title of three", doi: "10.1000/three" })]);
      await writer.createList("list");
      await writer.addToList({ name: "list", id: "two" });
      await writer.addToList({ name: "list", id: "alias" });
      await writer.note({ id: "four", note: "read" });
      await writer.putOwned([
        { owner: "source", key: "other five", value: "added" },
        { owner: "source", key: "mine one", value: "added" },
      ]);
      const change = { owner: "source", keys: ["mine one"], ids: [...names, "nothing"], others: ["other "] };
      assert.equal(await writer.release(change), 1);
      assert.deepEqual(
        (await venues(library, ...names)).map((venue) => venue === undefined),
        [true, false, false, false, false],
      );
      const rows = await library.engine.owned({ owner: "source", prefix: "", after: "", limit: 10 });
      assert.deepEqual(rows.map(({ key }) => key), ["other five"]); // prettier-ignore
    });

    test("papers that an import brings for the first time go to its list, and those taken out of it stay out", async (t) => {
      const library = await open(t);
      const { engine, writer, settled } = library;
      const each = { owner: "source", key: "", list: "To read" };
      const list = async () => {
        await settled();
        return (await engine.list(["to read"]))[0]!.map(({ id }) => id).toSorted();
      };
      await imported(writer, [paper("here", { doi: "10.1000/here" })]);
      // A paper is named by its own id, whatever the record is called.
      await imported(writer, [paper("alias", { title: "Title of here", doi: "10.1000/here" }), paper("one")], { each });
      assert.deepEqual(await list(), ["here", "one"]);
      await writer.removeFromList({ name: "To read", id: "one" });
      await imported(writer, [paper("one", { venue: "Another" }), paper("two")], { each });
      assert.deepEqual(await list(), ["here", "two"]);
    });

    test("lists and notes are changed by the ids of papers", async (t) => {
      const library = await open(t);
      const { engine, writer, settled } = library;
      await imported(writer, [paper("one"), paper("two")]);
      await writer.createList("First");
      await writer.createList("first");
      await writer.addToList({ name: "First", id: "one" });
      await writer.addToList({ name: "First", id: "two" });
      await writer.removeFromList({ name: "First", id: "one" });
      await writer.renameList({ name: "First", to: "Second" });
      await writer.addToList({ name: "likes", id: "one" });
      await writer.addToList({ name: "dislikes", id: "one" });
      await writer.note({ id: "one", note: "Read it." });
      await writer.note({ id: "two", note: "Read it, too." });
      await writer.note({ id: "two", note: " " });
      await settled();
      const { lists, notes } = await engine.lists();
      assert.deepEqual(
        lists.map(({ name: called, ids }) => [called, ids]),
        [
          ["likes", []],
          ["dislikes", ["one"]],
          ["Second", ["two"]],
        ],
      );
      assert.deepEqual(
        notes.map(({ id, note }) => [id, note]),
        [["one", "Read it."]],
      );
      await assert.rejects(writer.renameList({ name: "Second", to: "Likes" }), { code: "invalid" });
      await assert.rejects(writer.addToList({ name: "First", id: "one" }), { code: "not-found" });
      await assert.rejects(writer.deleteList("likes"), { code: "invalid" });
      assert.deepEqual([await writer.remove("two"), await writer.remove("two")], [true, false]);
      await settled();
      assert.deepEqual(
        (await engine.list(["second"])).map((list) =>
          list.map(({ id, added }) => [id, Date.parse(added) <= Date.now()]),
        ),
        [[["two", true]]],
        "a list outlives its papers",
      );
      await writer.deleteList("Second");
      await settled();
      await assert.rejects(engine.list(["Second"]), { code: "not-found" });
    });

    test("texts are pending until their vectors and sentences are stored, or their failure", async (t) => {
      const library = await open(t);
      const { engine, writer, settled } = library;
      const version = await writer.importVersion();
      await imported(
        writer,
        ["one", "two", "three"].map((id) => paper(id)),
      );
      assert.notEqual(await writer.importVersion(), version);
      assert.equal(await writer.countPapers(), 3);
      assert.equal(await writer.startIndexing(), true);
      const { texts: pending } = await take(writer, {});
      assert.deepEqual(
        pending.map(({ title, abstract }) => [title, abstract]),
        [
          ["Title of one", null],
          ["Title of two", null],
        ],
      );
      const { texts: rest } = await take(writer, { after: pending[1]!.label });
      assert.deepEqual(
        rest.map(({ title }) => title),
        ["Title of three"],
      );
      const vector = quantize(unitVector(randomNumbers(4), DIMENSIONS));
      const [one, two, three] = [...pending, ...rest].map(({ hash }) => ({ hash }));
      await writer.putEmbedded([
        { ...one!, vector },
        { ...two!, failed: { reason: "the model fails", tries: 1 } },
        { hash: new Uint8Array(16), vector },
      ]);
      const counts = async () => {
        await settled();
        const { embedded: done, pending: left, failed } = await engine.counts();
        return [await writer.countPending("vectors"), await writer.countPending("sentences"), done, left, failed];
      };
      assert.deepEqual(await counts(), [1, 2, 1, 1, 1]);
      await writer.putEmbedded([
        { ...three!, vector },
        {
          ...one!,
          ...embedded("sentences", {
            id: "one",
            sentences: [],
            titleVector: unitVector(randomNumbers(5), DIMENSIONS),
          })!,
        },
      ]);
      assert.deepEqual(await counts(), [0, 1, 2, 0, 1]);
      await writer.retryFailed();
      assert.deepEqual(await counts(), [1, 2, 2, 1, 0]);
    });

    test("a text is taken once, until its lease expires, it is released or embedded", async (t) => {
      const { writer } = await open(t);
      await imported(writer, [
        ...["one", "two", "three", "four"].map((id) => paper(id)),
        paper("copy", { title: "Title of one" }),
      ]);
      const titles = async (asked: Parameters<typeof take>[1]) => {
        const { texts, held } = await take(writer, { limit: 10, ...asked });
        return [texts.map(({ title }) => title.replace("Title of ", "")), held];
      };
      assert.equal(await writer.startIndexing(), true);
      assert.deepEqual(await titles({ limit: 2 }), [["one", "two"], false]);
      assert.deepEqual(await titles({ limit: 1 }), [["three"], false], "not again by the same holder");
      assert.deepEqual(await titles({ holder: "b", now: NOW + 1_000 }), [["four"], true]);
      assert.deepEqual(await titles({ holder: "c", now: NOW + 59_999 }), [[], true]);
      assert.deepEqual(await titles({ holder: "c", now: NOW + 59_999, phase: "sentences" }), [
        ["one", "two", "three", "four"],
        false,
      ]);
      assert.deepEqual(await titles({ holder: "b", now: NOW + 60_000, limit: 2 }), [["one", "two"], false], "expired");
      await writer.releasePending("a");
      assert.deepEqual(await titles({ holder: "c", now: NOW + 60_000 }), [["three"], true], "released");
      const { texts: again } = await take(writer, { holder: "d", now: NOW + 300_000, limit: 1 });
      await writer.putEmbedded([{ hash: again[0]!.hash, vector: quantize(unitVector(randomNumbers(4), DIMENSIONS)) }]);
      assert.deepEqual(await titles({ holder: "e", now: NOW + 600_000 }), [["two", "three", "four"], false]);
      await writer.stopIndexing();
    });

    test("two processes never have the same text", async (t) => {
      const { writer, another } = await open(t);
      const other = await another();
      const ids = Array.from({ length: 20 }, (_, i) => `paper ${i}`);
      await imported(
        writer,
        ids.map((id) => paper(id)),
      );
      const taken: string[] = [];
      const takeSome = async (by: Writer, holder: string, limit: number, now: number) => {
        const { texts } = await take(by, { holder, limit, now });
        taken.push(...texts.map(({ title }) => title));
        return texts.length;
      };
      assert.equal(await writer.startIndexing(), true);
      // An engine may let one process at a time index.
      await other.startIndexing();
      for (let i = 0; i < 3; i++) {
        await takeSome(writer, "one", 3, NOW);
        await takeSome(other, "other", 3, NOW);
      }
      assert.ok(taken.length >= 9);
      assert.equal(new Set(taken).size, taken.length);
      await writer.releasePending("one");
      await writer.stopIndexing();
      taken.length = 0;
      await other.releasePending("other");
      await other.stopIndexing();
      assert.equal(await other.startIndexing(), true, "the other can always go on");
      while ((await takeSome(other, "other", 7, NOW)) > 0);
      assert.deepEqual(
        taken,
        ids.map((id) => `Title of ${id}`),
        "what the first released",
      );
      await other.stopIndexing();
    });

    test("vectors are kept while a paper has their text, and forgotten after that", async (t) => {
      const library = await open(t);
      const { writer } = library;
      await imported(writer, [paper("one", { abstract: "A text." }), paper("two")]);
      const vector = quantize(unitVector(randomNumbers(4), DIMENSIONS));
      assert.equal(await writer.startIndexing(), true);
      const { texts } = await take(writer, {});
      await writer.putEmbedded(texts.map(({ hash }) => ({ hash, vector })));
      const change = (abstract: string) => imported(writer, [paper("one", { abstract })]);
      await change("Another text.");
      assert.equal(await writer.countPending("vectors"), 1);
      const [one = 0] = texts.map(({ label }) => label).toSorted((a, b) => a - b);
      const first = (after: number) => writer.firstPending({ phase: "vectors", after });
      assert.deepEqual([await first(0), await first(one - 1), await first(one)], [one, one, null]);
      await change("A text.");
      assert.equal(await writer.countPending("vectors"), 0, "it came back before it was forgotten");
      await change("Another text.");
      while (await writer.forgetUnused());
      await change("A text.");
      assert.equal(await writer.countPending("vectors"), 1);
    });

    test("one process at a time makes the map", async (t) => {
      const { writer, another } = await open(t);
      const other = await another();
      const lease = (by: Writer, holder: string, now = NOW) => by.leaseMap({ holder, now, until: now + 60_000 });
      assert.equal(await writer.startIndexing(), true);
      await other.startIndexing();
      assert.equal(await lease(writer, "one"), true);
      assert.equal(await lease(other, "other"), false);
      assert.equal(await lease(writer, "one", NOW + 50_000), true, "it is renewed");
      assert.equal(await lease(other, "other", NOW + 70_000), false);
      await other.releaseMap("other");
      assert.equal(await lease(other, "other", NOW + 70_000), false);
      await writer.releaseMap("one");
      await writer.stopIndexing();
      await other.startIndexing();
      assert.equal(await lease(other, "other"), true);
      await other.stopIndexing();
    });

    test("a map has the points of papers with vectors, unless these have changed since", async (t) => {
      const { engine, writer, put, settled, labels } = await filled(t);
      const { change: last, ...state } = await writer.mapState();
      assert.deepEqual(state, { map: null, pending: (await engine.counts()).embedded });
      const change = Number.MAX_SAFE_INTEGER;
      const map = { laidOut: 2, early: true, regions: [] };
      const places = Float32Array.of(1, 2, 3, 4);
      const [one, two, three] = labels as [number, number, number];
      await writer.putMap({ labels: Uint32Array.of(one, two), places, replace: true, change, map });
      await settled();
      const points = async () => (await engine.points(0, 10)).map(([label, x, y]) => [label, x, y]);
      assert.deepEqual(await points(), [
        [one, 1, 2],
        [two, 3, 4],
      ]);
      const { layout, shown } = await engine.mapVersion();
      await writer.putMap({ labels: Uint32Array.of(three), places, replace: false, change, map });
      await settled();
      assert.equal((await points()).length, 3);
      assert.notDeepEqual(await engine.mapVersion(), { layout, shown });
      assert.deepEqual((await writer.mapState()).map, map);
      await put([{ id: "paper-0", title: papersOf(1)[0]!.title, abstract: "Another abstract." }]);
      assert.deepEqual(
        (await points()).map(([label]) => label),
        [two, three],
        "a point belongs to a text",
      );
      await writer.putMap({ labels: Uint32Array.of(one), places, replace: false, change: last, map });
      await settled();
      assert.equal((await points()).length, 2, "it has changed since");
      await writer.putMap({ labels: Uint32Array.of(three), places, replace: true, change: last, map });
      await settled();
      assert.deepEqual(await points(), [[three, 1, 2]]);
    });

    test("papers to map are read by label, with their vectors and points", async (t) => {
      const { writer, papers, labels } = await filled(t);
      const mapped = labels.filter((label) => papers.get(label)!.vector !== undefined);
      const map = { laidOut: 1, early: false, regions: [] };
      const { change } = await writer.mapState();
      await writer.putMap({
        labels: Uint32Array.of(mapped[1]!),
        places: Float32Array.of(5, 6),
        replace: true,
        change,
        map,
      });
      assert.equal((await writer.mapState()).pending, mapped.length - 1);
      const first = await writer.mappable({ after: 0, limit: 30 });
      const rest = await writer.mappable({ after: first.at(-1)!.label, limit: 1_000 });
      assert.equal(first.length, 30);
      const all = [...first, ...rest];
      assert.deepEqual(
        all.map(({ label, title }) => [label, title]),
        mapped.map((label) => [label, papers.get(label)!.title]),
      );
      assert.deepEqual(
        all.slice(0, 3).map(({ point }) => point),
        [null, { x: 5, y: 6 }, null],
      );
      for (const { label, vector } of all) assert.deepEqual(vector, quantize(papers.get(label)!.vector!));
    });

    test("all papers are read in the order they were added, and the status has the label of the last", async (t) => {
      const { engine, papers, labels, remove, put } = await filled(t);
      const found: string[] = [];
      for (let after = 0; ;) {
        const page = await engine.papersAfter(after, 50);
        found.push(...page.map(({ paper: { id } }) => id));
        const last = page.at(-1);
        if (last === undefined) break;
        after = last.label;
      }
      assert.deepEqual(
        found,
        [...papers.values()].map(({ id }) => id),
      );
      const { newest, pendingPoints, jobs } = await engine.status();
      assert.deepEqual([newest, pendingPoints, jobs], [labels.at(-1), (await engine.counts()).embedded, []]);
      await remove(["paper-119"]);
      assert.equal((await engine.status()).newest, newest, "also after it was removed");
      await put(papersOf(120).slice(119));
      assert.ok((await engine.status()).newest > newest);
    });

    test("a check of recall finds nothing but neighbours that exist", async (t) => {
      const { engine } = await filled(t);
      const { nearest, found } = await engine.checkRecall();
      assert.deepEqual([nearest, found], [10, 10], "so few papers are all compared");
    });

    test("one job runs at a time, until its lease has expired", async (t) => {
      const { engine, writer, settled } = await open(t);
      const now = 1_500_000_000_000;
      for (const job of ["one", "two"]) await writer.addJob({ name: job, latest: now + 1_000, now });
      const take = (holder: string, at: number, ...due: string[]) => writer.takeJob({ holder, now: at, due });
      assert.deepEqual(await take("a", now, "none"), { taken: null, running: null, next: null });
      assert.equal((await take("a", now, "one", "two")).taken, "one");
      assert.deepEqual(await take("b", now, "two"), { taken: null, running: "one", next: now });
      assert.equal(await writer.renewJob({ name: "one", holder: "b", now }), false);
      assert.equal(await writer.renewJob({ name: "one", holder: "a", now: now + 40_000 }), true);
      assert.equal((await take("b", now + 90_000, "two")).taken, null);
      assert.equal((await take("b", now + 100_000, "two")).taken, "two");
      const end = { outcome: "done", failed: false, next: now + 500_000 };
      await writer.finishJob({ name: "two", holder: "a", now: now + 101_000, ...end });
      assert.equal((await take("a", now + 101_000, "one")).taken, null, "only its holder can finish it");
      await writer.finishJob({ name: "two", holder: "b", now: now + 101_000, ...end });
      assert.deepEqual(await take("a", now + 101_000, "two"), { taken: null, running: null, next: now + 500_000 });
      assert.equal((await writer.takeJob({ holder: "a", now: now + 101_000, name: "two" })).taken, "two");
      await writer.removeJob("two");
      assert.equal(await writer.renewJob({ name: "two", holder: "a", now: now + 101_000 }), false);
      await settled();
      assert.deepEqual((await engine.status()).jobs, [
        {
          name: "one",
          next: now + 60_000,
          started: now,
          ended: null,
          outcome: "its process ended before it finished",
          failures: 1,
          running: false,
        },
      ]);
    });

    test("an unknown list is an error, and an empty library has no papers", async (t) => {
      const { engine } = await open(t);
      await assert.rejects(engine.list(["nothing"]), { code: "not-found" });
      assert.deepEqual(await engine.list(["likes", "dislikes"]), [[], []]);
      assert.equal((await engine.counts()).papers, 0);
      assert.deepEqual((await engine.nearest(unitVector(randomNumbers(1), DIMENSIONS), {}, 10)).neighbours, []);
      assert.deepEqual(await engine.words(["tides"], {}, 10), []);
      assert.deepEqual(await engine.frequencies(["tide", "x*"]), [0, 0]);
      assert.deepEqual(await engine.browse({}, "date", 10), []);
      assert.deepEqual(await engine.points(0, 10), []);
      assert.deepEqual(await engine.regions(), []);
      assert.deepEqual((await engine.imports()).imports, []);
      assert.deepEqual(
        (await engine.lists()).lists.map(({ name: list }) => list),
        ["likes", "dislikes"],
      );
    });
  });
}
