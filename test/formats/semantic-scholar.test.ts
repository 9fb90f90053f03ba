import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "./readings.js";

const paperId = "0123456789abcdef0123456789abcdef01234567";
const item = {
  paperId,
  externalIds: { ArXiv: "1706.01234", DOI: "10.1000/ABC", CorpusId: 1 },
  corpusId: 1,
  url: `https://www.semanticscholar.org/paper/${paperId}`,
  title: "On testing",
  abstract: "We test.",
  venue: "Journal of Tests",
  year: 2017,
  publicationDate: "2017-06-12",
  journal: { name: "J. Tests", volume: "3" },
  fieldsOfStudy: ["Computer Science"],
  authors: [
    { authorId: "1", name: "Ada Smith" },
    { authorId: null, name: "Bo Li" },
  ],
  citationCount: 3,
};
const paper = {
  id: paperId,
  title: "On testing",
  abstract: "We test.",
  authors: ["Ada Smith", "Bo Li"],
  venue: "Journal of Tests",
  categories: ["Computer Science"],
  published: "2017-06-12",
  doi: "10.1000/abc",
  arxiv: "1706.01234",
  url: item.url,
};

describe("Semantic Scholar", () => {
  test("reads all supported fields of a paper", async () => {
    const { papers, problems, remarks, ignored } = await read(JSON.stringify(item));
    assert.deepEqual([papers, problems, remarks], [[paper], [], []]);
    assert.deepEqual(ignored, { corpusId: 1, journal: 1, citationCount: 1 });
  });

  test("reads each paper of an API answer", async () => {
    assert.deepEqual((await read(JSON.stringify({ total: 2, data: [item, item] }, null, 2))).papers, [paper, paper]);
  });

  test("accepts missing and null fields", async () => {
    const other = `f${paperId.slice(1)}`;
    const { papers, remarks } = await read(
      JSON.stringify([
        {
          ...item,
          externalIds: null,
          abstract: null,
          venue: "",
          publicationDate: null,
          fieldsOfStudy: null,
          authors: [],
        },
        { paperId: other, title: "b", venue: "", publicationVenue: { name: "Proofs" } },
      ]),
    );
    assert.deepEqual(papers, [
      { id: paperId, title: "On testing", venue: "J. Tests", published: "2017", url: item.url },
      { id: other, title: "b", venue: "Proofs" },
    ]);
    assert.deepEqual(remarks, []);
  });

  test("a paperId column alone does not make a table one of Semantic Scholar's", async () => {
    assert.deepEqual((await read(`{"paperId":"p1","title":"a","doi":"10.1000/abc"}`)).papers, [
      { title: "a", doi: "10.1000/abc" },
    ]);
  });
});
