/** Records with an abstract but no title: the substitute title, and what happens to it later. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { writePapers } from "../../src/formats/write.js";
import { isTitleFrom, titleFrom } from "../../src/core/missing-title.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { paperOf } from "../formats/papers.js";
import { read } from "../formats/readings.js";
import { openStore } from "../store/store.js";

const ABSTRACT = "Owls sleep by day in hollow trees. We counted them.";
const TITLE = "[Owls sleep by day in hollow trees.]";

describe("the title made from an abstract", () => {
  const GIVES: [abstract: string, title: string | undefined][] = [
    [ABSTRACT, TITLE],
    ["Do owls sleep by day? We counted them.", "[Do owls sleep by day?]"],
    ["Some birds, e.g. owls, sleep by day. We counted them.", "[Some birds, e.g. owls, sleep by day.]"],
    ["As shown by Dr. Ida B. Leaf, owls sleep. We agree.", "[As shown by Dr. Ida B. Leaf, owls sleep.]"],
    ["Yes. Owls do sleep by day. We counted them.", "[Yes. Owls do sleep by day.]"],
    ["A rise of 2.5 degrees keeps owls awake. We measured it.", "[A rise of 2.5 degrees keeps owls awake.]"],
    ["猫头鹰白天在空心树里睡觉并且在夜里捕猎。我们数了它们。", "[猫头鹰白天在空心树里睡觉并且在夜里捕猎。]"],
    ["owls that sleep by day without a full stop", "[owls that sleep by day without a full stop]"],
    ["n/a", undefined],
    ["No abstract.", undefined],
    [`Owls ${"and owls ".repeat(40)}sleep.`, `[Owls ${"and owls ".repeat(16).trim()}…]`],
  ];
  for (const [abstract, title] of GIVES)
    test(`of "${abstract.slice(0, 40)}" is ${title}`, () => assert.equal(titleFrom(abstract), title));

  test("is short and well-formed, is recognised again, and takes linear time, whatever the abstract", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 600 }),
      fc.string({ unit: fc.constantFrom(".", " ", "a", "e.g. ", "\n", "\u{1f989}", "。"), maxLength: 600 }),
    );
    fc.assert(
      fc.property(text, (abstract) => {
        const title = titleFrom(abstract);
        if (title === undefined) return assert.ok(abstract.length < 20);
        assert.ok(title.length <= 153 && title.length > 2, `${title.length}`);
        assert.equal(isTitleFrom(title, abstract), true);
        // A well-formed abstract gives a well-formed title.
        return assert.ok(/\p{Cs}/u.test(abstract) || !/\p{Cs}/u.test(title));
      }),
    );
    titleFrom("a. ".repeat(70_000));
  });
});

describe("a record without a title that has an abstract", () => {
  const CONTENTS: [format: string, content: string][] = [
    ["JSON Lines", JSON.stringify({ id: "7", abstract: ABSTRACT })],
    ["JSON Lines with an empty title", JSON.stringify({ id: "7", title: " <b></b>", abstract: ABSTRACT })],
    ["BEIR's layout", JSON.stringify({ _id: "7", title: "", text: ABSTRACT, metadata: {} })],
    ["RIS", `TY  - JOUR\nID  - 7\nAB  - ${ABSTRACT}\nER  - \n`],
    ["BibTeX", `@article{7, abstract = {${ABSTRACT}}, year = 2001}`],
    ["a table", `id,title,abstract\n7,,"${ABSTRACT}"\n`],
  ];
  for (const [format, content] of CONTENTS)
    test(`in ${format} gets its first sentence as title, and a remark says so`, async () => {
      const { papers, problems, remarks } = await read(content);
      assert.deepEqual([problems, papers.map(({ title }) => title)], [[], [TITLE]]);
      assert.equal(remarks.length, 1);
      assert.match(
        remarks[0]!,
        /^\d+: there is no title( \(.*\))?: the first sentence of the abstract is used instead, in brackets$/,
      );
    });

  test("reports what was in the title field", async () => {
    const { papers, remarks } = await read(JSON.stringify({ title: { en: "x" }, abstract: ABSTRACT }));
    assert.equal(papers[0]?.title, TITLE);
    assert.match(remarks.join(), /there is no title \(it is an object\)/);
  });

  test("is rejected if the abstract is not a sentence", async () => {
    const { papers, problems } = await read(JSON.stringify({ id: "7", abstract: "n/a" }));
    assert.deepEqual(papers, []);
    assert.match(problems.join(), /^1: no title: every paper needs a title with text in it, or an abstract; found id/);
  });

  for (const format of ["jsonl", "bibtex", "ris", "csl-json", "csv"] as const)
    test(`is written as ${format} and read back unchanged, without a remark`, async () => {
      const [record] = (await read(JSON.stringify({ id: "7", abstract: ABSTRACT }))).papers;
      let text = "";
      for await (const piece of writePapers([paperOf(record!)], format)) text += piece;
      const { papers, remarks } = await read(text);
      assert.deepEqual([papers[0]?.title, papers[0]?.abstract, remarks], [TITLE, ABSTRACT, []]);
    });
});

describe("imported again,", () => {
  const BY: [what: string, known: Partial<PaperRecord>][] = [
    ["id", { id: "owls" }],
    ["DOI", { doi: "10.1/owls" }],
    ["arXiv id", { arxiv: "2001.00001" }],
    ["citation key", { key: "leaf2001" }],
  ];
  for (const [what, known] of BY)
    test(`identified by ${what}: it is the same paper; a real title replaces the sentence, and not the other way round`, (t) => {
      const store = openStore(t);
      const put = (record: Partial<PaperRecord>) =>
        store.write(() => store.papers.put({ ...known, title: TITLE, abstract: ABSTRACT, ...record }));
      const { label, outcome } = put({});
      assert.equal(outcome, "added");
      assert.deepEqual([put({}).label, put({}).outcome], [label, "unchanged"]);
      // An id alone identifies a paper only if most of its text is the same.
      const other =
        what === "id" ? `We see that owls sleep. ${ABSTRACT}` : "Owls nest in barns, we find. There are many.";
      if (what !== "citation key") {
        assert.equal(put({ abstract: other, title: titleFrom(other)! }).outcome, "updated");
        assert.equal(store.papers.get(label)?.title, titleFrom(other), "another abstract gives another title");
        put({});
      }
      const named = put({ title: "The sleep of owls" });
      assert.deepEqual([named.label, named.outcome], [label, "updated"]);
      assert.equal(put({}).label, label);
      assert.equal(store.papers.get(label)?.title, "The sleep of owls");
    });
});
