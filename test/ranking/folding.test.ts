/** Folding compared with checking all pairs, over papers with known copies, in the real engine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ModelDescription } from "../../src/embedding/description.js";
import { areCopies } from "../../src/ranking/copies.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { folded, type Entry, type Group } from "../../src/ranking/folding.js";
import { textHash } from "../../src/store/row.js";
import { Store } from "../../src/store/store.js";
import { quantize } from "../../src/vectors/quantize.js";
import { openSample, temporaryDirectory } from "../sample.js";
import { near, randomNumbers, unitVector } from "../vectors/random.js";

const MODEL: ModelDescription = {
  name: "none",
  dtype: "q8",
  pooling: "mean",
  cut: 256,
  sha256: "",
  dimensions: 32,
  identity: "none",
};

/** Papers on a few subjects: near ones, ones with the same title, also by other authors, and ones without a vector. */
function engineOf(t: { after(work: () => void): void }, papers: number): { engine: EmbeddedEngine; labels: number[] } {
  const directory = temporaryDirectory(t);
  const store = Store.open(directory, MODEL);
  const random = randomNumbers(5);
  const subjects = Array.from({ length: 6 }, () => unitVector(random, MODEL.dimensions));
  const labels: number[] = [];
  store.write(() => {
    for (let i = 0; i < papers; i++) {
      const subject = Math.floor(random() * subjects.length);
      const title = random() < 0.5 ? `On subject ${"abcdef"[subject]}` : `Subject ${"abcdef"[subject]} and word${i}`;
      const abstract = `Text ${i}`;
      store.papers.put({ id: `${i}`, title, abstract, authors: [`A. Name${Math.floor(random() * 2)}`] });
      if (random() < 0.8)
        store.vectors.putVector(
          textHash(title, abstract),
          quantize(near(random, subjects[subject]!, [0.05, 0.25, 0.6][Math.floor(random() * 3)]!)),
          (label) => store.changes.record(label),
        );
      labels.push(store.papers.find({ kind: "id", value: `${i}` })!);
    }
  });
  store.close();
  const engine = new EmbeddedEngine(directory, MODEL);
  t.after(() => engine.close());
  return { engine, labels };
}

test("each paper is a hit, or a version of the first hit that it is a copy of", async (t) => {
  const { engine, labels } = engineOf(t, 60);
  const block = await engine.inspect();
  const papers = new Map((await engine.papers(labels)).map((paper, i) => [labels[i]!, paper!]));
  const groupsOf = async (entries: readonly Entry[]) => {
    const groups: Group[] = [];
    for await (const some of folded(engine, block, entries)) groups.push(...some);
    return groups;
  };
  const cosine = (a: number, b: number) => {
    const vector = block.vector(a);
    return vector === undefined ? null : (block.similarities(vector, [b])[0] ?? null);
  };
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(labels, { minLength: 1 }), async (order) => {
      const entries = order.map((label, i) => ({ label, candidate: i, key: -i }));
      const naive: { label: number; versions: number[] }[] = [];
      for (const label of order) {
        const leader = naive.find((group) =>
          areCopies(papers.get(group.label)!, papers.get(label)!, cosine(group.label, label)),
        );
        if (leader === undefined) naive.push({ label, versions: [] });
        else leader.versions.push(label);
      }
      const groups = (await groupsOf(entries)).map(({ label, versions }) => ({ label, versions }));
      assert.deepEqual(groups, naive);
    }),
    { numRuns: 50 },
  );
  const all = await groupsOf(labels.map((label, i) => ({ label, candidate: i, key: -i })));
  assert.ok(all.length < labels.length);
});

test("a preprint and its proceedings version are one hit, which lists the other; another paper of the same title is its own hit", async (t) => {
  const kindred = await openSample(t);
  const abstract = "Tea leaves that were picked at dawn steep faster than those of the afternoon, in every cup tried.";
  const papers = [
    { id: "tea-journal", title: "The dawn of tea", abstract, authors: ["Ida Leaf"], venue: "Journal of Tea" },
    { id: "tea-preprint", title: "The Dawn of Tea!", abstract: `${abstract} A draft.`, authors: ["I. Leaf"] },
    { id: "tea-history", title: "The dawn of tea", abstract: "Trade by sea, 1600 to 1700.", authors: ["Tom Ship"] },
  ];
  await kindred.import(
    (async function* () {
      yield Buffer.from(papers.map((paper) => JSON.stringify(paper)).join("\n"));
    })(),
  );
  await kindred.index();
  for (const q of ["tea picked at dawn steeps faster", "The dawn of tea"]) {
    const { hits } = await kindred.search({ q });
    const tea = hits.filter(({ paper }) => paper.id.startsWith("tea-"));
    assert.equal(tea.length, 2, q);
    const leaf = tea.find(({ paper }) => paper.authors[0]?.endsWith("Leaf"))!;
    const [other, ...rest] = leaf.versions;
    assert.deepEqual(rest, []);
    assert.deepEqual(new Set([leaf.paper.id, other?.id]), new Set(["tea-journal", "tea-preprint"]));
    assert.deepEqual(tea.find(({ paper }) => paper.id === "tea-history")?.versions, []);
    const pages = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await kindred.search({ q, limit: 1, ...(cursor === undefined ? {} : { cursor }) });
      pages.push(...page.hits);
      cursor = pages.length >= 30 ? null : page.next;
    }
    const whole = await kindred.search({ q, limit: 30 });
    assert.deepEqual(pages, whole.hits, "page by page, the same papers are folded");
  }
  const explained = await kindred.explain({ q: "tea picked at dawn steeps faster", id: "tea-preprint" });
  const journal = await kindred.explain({ q: "tea picked at dawn steeps faster", id: "tea-journal" });
  assert.deepEqual(new Set([explained.versionOf, journal.versionOf]).size, 2);
  assert.equal(explained.place, journal.place);
});

test("an editor's yearly prefaces without abstracts are separate hits, and related to one another", async (t) => {
  const kindred = await openSample(t);
  const papers = ["2001", "2002", "2002"].map((published, i) => ({
    id: `preface-${i}`,
    title: "Preface",
    authors: ["Uma Rao"],
    published,
  }));
  await kindred.import(
    (async function* () {
      yield Buffer.from(papers.map((paper) => JSON.stringify(paper)).join("\n"));
    })(),
  );
  await kindred.index();
  const { hits } = await kindred.search({ q: "Preface" });
  const found = hits.filter(({ paper }) => paper.id.startsWith("preface-"));
  assert.deepEqual(
    found.map(({ paper, versions }) => `${paper.published}: ${versions.length}`).toSorted(),
    ["2001: 0", "2002: 1"],
    "the same record twice is one hit",
  );
  const related = await kindred.related({ id: "preface-0", limit: 5 });
  assert.ok(related.hits.some(({ paper }) => paper.id === "preface-1"));
  const twice = await kindred.related({ id: "preface-1", limit: 100 });
  assert.ok(!twice.hits.some(({ paper }) => paper.id === "preface-2"), "but not to themselves");
});
