import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "./readings.js";

const work = {
  id: "https://openalex.org/W1",
  doi: "https://doi.org/10.1000/ABC",
  title: "On testing",
  display_name: "On testing",
  publication_year: 2017,
  publication_date: "2017-06-12",
  ids: { openalex: "https://openalex.org/W1", doi: "https://doi.org/10.1000/abc" },
  primary_location: {
    landing_page_url: "https://doi.org/10.1000/abc",
    source: { id: "https://openalex.org/S1", display_name: "Journal of Tests" },
  },
  authorships: [
    { author_position: "first", author: { id: "https://openalex.org/A1", display_name: "Ada Smith" } },
    { author: { id: null, display_name: null }, raw_author_name: "Bo Li" },
  ],
  primary_topic: { display_name: "Tests", field: { display_name: "Computer Science" } },
  keywords: [{ display_name: "Unit test", score: 0.9 }, { keyword: "proof" }],
  locations: [
    { landing_page_url: "https://doi.org/10.1000/abc" },
    { landing_page_url: "https://arxiv.org/abs/1706.01234" },
  ],
  abstract_inverted_index: { test: [1, 4], We: [0], and: [2], so: [3], "it.": [5] },
  cited_by_count: 3,
};
const paper = {
  id: "https://openalex.org/W1",
  title: "On testing",
  abstract: "We test and so test it.",
  authors: ["Ada Smith", "Bo Li"],
  venue: "Journal of Tests",
  categories: ["Computer Science"],
  published: "2017-06-12",
  doi: "10.1000/abc",
  arxiv: "1706.01234",
  url: "https://doi.org/10.1000/abc",
  keywords: ["Unit test", "proof"],
};

describe("OpenAlex", () => {
  test("reads all supported fields of a work", async () => {
    const { papers, problems, remarks, ignored } = await read(JSON.stringify(work));
    assert.deepEqual([papers, problems, remarks], [[paper], [], []]);
    assert.deepEqual(ignored, { cited_by_count: 1 });
  });

  test("reads each work of an API answer", async () => {
    const { papers } = await read(JSON.stringify({ meta: { count: 2 }, results: [work, work], group_by: [] }, null, 2));
    assert.deepEqual(papers, [paper, paper]);
  });

  test("rebuilds an abstract in which positions are missing, doubled or no numbers", async () => {
    const index = { "d.": [7, 9], a: [0, 4], b: [4, "x", null], c: 5, "": [2], "<i>e</i>": [3] };
    const { papers, problems } = await read(JSON.stringify({ ...work, abstract_inverted_index: index }));
    assert.deepEqual([papers[0]?.abstract, problems], ["a e a b d. d.", []]);
  });

  test("accepts missing and null fields", async () => {
    const bare = {
      ...work,
      doi: null,
      primary_location: null,
      abstract_inverted_index: null,
      locations: [],
      keywords: [],
    };
    const { papers, remarks } = await read(
      JSON.stringify([
        { ...bare, ids: {}, primary_topic: null, authorships: [], publication_date: null },
        { id: "https://openalex.org/W2", title: "b" },
        { title: null, display_name: "c", authorships: null, abstract_inverted_index: { We: "0" } },
      ]),
    );
    assert.deepEqual(papers, [
      { id: "https://openalex.org/W1", title: "On testing", published: "2017" },
      { id: "https://openalex.org/W2", title: "b" },
      { title: "c" },
    ]);
    assert.deepEqual(remarks, []);
  });
});
