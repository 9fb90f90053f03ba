import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isMissing, isNoAbstract } from "../../src/formats/missing.js";
import { read } from "./readings.js";

const WORDS = ["nan", "NaN", "None", "NA", "N/A", "n/a", "null", "<NA>", "-", "–"];
const SENTENCES = [
  "[No abstract available]",
  "No abstract available",
  "No abstract is available for this item.",
  "[Abstract not available]",
  "Abstract unavailable.",
  "Abstract",
  "ABSTRACT:",
  "There is no abstract available for this paper.",
  "This article has no abstract",
  "Kein Abstract verfügbar",
  "Résumé non disponible",
  "[Sin resumen]",
  "无摘要",
  "...",
];
const ABSTRACTS = [
  "No abstract reasoning was needed to solve the puzzle.",
  "Abstract argumentation.",
  "We find n/a in a third of all cells - and nothing else.",
  "NaN",
  "No abstract available for three of the papers; we read the rest.",
  "Not available in Europe.",
];

/** The same paper in every format, with this text as abstract, authors and DOI. */
const written: Record<string, (title: string, text: string) => string> = {
  jsonl: (title, text) =>
    `${JSON.stringify({ title, abstract: text, authors: [text], venue: text, year: text, doi: text, upvotes: text, keywords: text })}\n`,
  "csl-json": (title, text) =>
    JSON.stringify([
      { type: "article", title, abstract: text, author: [{ literal: text }], "container-title": text, DOI: text },
    ]),
  bibtex: (title, text) =>
    `@article{k, title = {${title}}, abstract = {${text}}, author = {${text}}, journal = {${text}}, year = {${text}}, doi = {${text}}, url = {${text}}, keywords = {${text}}}\n`,
  ris: (title, text) =>
    `TY  - JOUR\nTI  - ${title}\nAB  - ${text}\nAU  - ${text}\nJO  - ${text}\nPY  - ${text}\nDO  - ${text}\nUR  - ${text}\nKW  - ${text}\nER  - \n`,
  csv: (title, text) =>
    `title,abstract,authors,venue,year,doi,url,keywords\n${[title, ...Array.from({ length: 7 }, () => text)].map((cell) => `"${cell}"`).join(",")}\n`,
};

describe("placeholders for a missing value", () => {
  for (const [format, write] of Object.entries(written)) {
    for (const word of WORDS)
      test(`${format}: "${word}" is read as an empty field, without a remark`, async () => {
        const { papers, problems, remarks } = await read(write("Lamps in fog", word));
        for (const { key: _, ...paper } of papers) assert.deepEqual(paper, { title: "Lamps in fog" });
        assert.deepEqual([papers.length, problems, remarks], [1, [], []]);
      });

    test(`${format}: a title is never emptied`, async () => {
      for (const title of ["None", "NA", "No abstract available", "Abstract"]) {
        const { papers } = await read(write(title, "nan"));
        assert.deepEqual(
          papers.map((paper) => paper.title),
          [title],
        );
      }
    });

    test(`${format}: a sentence that says there is no abstract is read as none`, async () => {
      for (const sentence of SENTENCES) {
        const { papers } = await read(write("Lamps in fog", sentence));
        assert.deepEqual([sentence, papers.length, papers[0]?.abstract], [sentence, 1, undefined]);
      }
    });
  }

  test("an abstract that begins like such a sentence, or contains such a word, is kept", () => {
    for (const text of ABSTRACTS.filter((text) => text !== "NaN")) assert.equal(isNoAbstract(text), false, text);
    fc.assert(fc.property(fc.constantFrom(...WORDS), (word) => !isMissing(`${word} and more words`)));
  });

  test("surnames that look like such words are kept, and so is such a word among others", async () => {
    const { papers } = await read(
      `${JSON.stringify({ title: "a", authors: ["Null", "Na"], keywords: ["NA", "K"] })}\n`,
    );
    assert.deepEqual(papers, [{ title: "a", authors: ["Null", "Na"], keywords: ["NA", "K"] }]);
  });

  test("a value in another field is used", async () => {
    const { papers } = await read(
      "TY  - JOUR\nTI  - Lamps\nAB  - [No abstract available]\nN2  - Lamps glow.\nJO  - -\nJF  - Lamp Notes\nER  - \n",
    );
    assert.deepEqual(papers, [{ title: "Lamps", abstract: "Lamps glow.", venue: "Lamp Notes" }]);
    const table = await read(
      "title,paper title,abstract,summary,doi,year,date\nnan,Lamps,NaN,They glow.,NA,None,2019.0\n",
    );
    assert.deepEqual(table.papers, [{ title: "Lamps", abstract: "They glow.", published: "2019" }]);
    const json = await read('{"title": "Lamps", "published": "NaT", "year": 2011.0, "upvotes": "3.0"}\n');
    assert.deepEqual([json.papers, json.remarks], [[{ title: "Lamps", published: "2011", upvotes: 3 }], []]);
    const entry = await read("@misc{k, title = {Lamps}, journal = {n/a}, booktitle = {Lamp Days}}\n");
    assert.deepEqual(entry.papers, [{ key: "k", title: "Lamps", venue: "Lamp Days" }]);
  });

  test("placeholders as data frames write them", async () => {
    const { papers, problems, remarks } = await read(
      ',title,abstract,authors,year,doi,upvotes\n0,Rain gauges,We count drops.,"Ivanova, R.",2018.0,10.1000/rg.1,4.0\n' +
        "1,Snow gauges,nan,nan,nan,nan,nan\n2,Hail pads,None,NA,2016.0,<NA>,NA\n",
    );
    assert.deepEqual(papers, [
      {
        title: "Rain gauges",
        abstract: "We count drops.",
        authors: ["R. Ivanova"],
        published: "2018",
        doi: "10.1000/rg.1",
        upvotes: 4,
      },
      { title: "Snow gauges" },
      { title: "Hail pads", published: "2016" },
    ]);
    assert.deepEqual([problems, remarks], [[], []]);
  });
});
