import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "./readings.js";

const one = async (item: object) => {
  const { papers, problems, remarks, ignored } = await read(JSON.stringify([item]));
  assert.deepEqual([papers.length, problems, remarks], [1, [], []]);
  return { paper: papers[0], ignored };
};

describe("CSL-JSON", () => {
  test("reads an item with the usual fields", async () => {
    const { paper, ignored } = await one({
      id: "http://example.org/users/1/items/AB",
      "citation-key": "smith2017",
      type: "article-journal",
      title: "On <i>testing</i>",
      abstract: "We test.",
      "container-title": "Journal of Tests",
      volume: "3",
      DOI: "10.1000/ABC",
      URL: "https://example.org/1",
      note: "arXiv: 1706.01234 [cs]",
      keyword: "one, two",
      author: [
        { family: "Smith", given: "Ada" },
        { family: "Berg", given: "Jan", "non-dropping-particle": "van der" },
        { family: "Fontaine", given: "Jean", "dropping-particle": "de", "non-dropping-particle": "La" },
        { family: "King", given: "Martin Luther", suffix: "Jr.", "comma-suffix": true },
        { family: "Nash", given: "John F.", suffix: "Jr." },
        { literal: "ATLAS Collaboration" },
        { family: "Plato" },
      ],
      issued: { "date-parts": [["2017", 6, "12"]] },
      accessed: { "date-parts": [["2020"]] },
    });
    assert.deepEqual(paper, {
      key: "smith2017",
      title: "On testing",
      abstract: "We test.",
      authors: [
        "Ada Smith",
        "Jan van der Berg",
        "Jean de La Fontaine",
        "Martin Luther King, Jr.",
        "John F. Nash Jr.",
        "ATLAS Collaboration",
        "Plato",
      ],
      venue: "Journal of Tests",
      published: "2017-06-12",
      doi: "10.1000/abc",
      arxiv: "1706.01234",
      url: "https://example.org/1",
      keywords: ["one", "two"],
    });
    assert.deepEqual(ignored, { volume: 1, accessed: 1 });
  });

  test("Crossref's answers are read, with lists of titles and incomplete dates", async () => {
    const work = {
      DOI: "10.1000/xyz",
      type: "journal-article",
      title: ["The title", "Another"],
      "container-title": ["Journal of Tests", "J. Tests"],
      abstract: "<jats:title>Abstract</jats:title><jats:p>We test.</jats:p>",
      author: [{ given: "Ada", family: "Smith", sequence: "first", affiliation: [] }, { name: "The Consortium" }],
      issued: { "date-parts": [[2017, 6]] },
    };
    const { papers, ignored } = await read(
      JSON.stringify({ status: "ok", message: { items: [work, { ...work, issued: { "date-parts": [[null]] } }] } }),
    );
    const expected = {
      title: "The title",
      abstract: "We test.",
      authors: ["Ada Smith", "The Consortium"],
      venue: "Journal of Tests",
      doi: "10.1000/xyz",
    };
    assert.deepEqual(papers, [{ ...expected, published: "2017-06" }, expected]);
    assert.deepEqual(ignored, {});

    for (const indent of [0, 2]) {
      const answer = { status: "ok", "message-type": "work", message: { ...work, reference: [{ title: "no" }] } };
      const single = await read(JSON.stringify(answer, null, indent));
      assert.deepEqual([single.papers, single.problems], [[{ ...expected, published: "2017-06" }], []]);
      assert.deepEqual(single.ignored, { reference: 1 });
    }
  });

  const DATES: [issued: unknown, published: string][] = [
    [{ "date-parts": [[2017]] }, "2017"],
    [
      {
        "date-parts": [
          [2017, 6, 12],
          [2017, 6, 14],
        ],
      },
      "2017-06-12",
    ],
    [{ "date-parts": [["2017", "21"]] }, "2017"],
    [{ "date-parts": [[2017, 6, 31]] }, "2017-06"],
    [{ raw: "2017-06" }, "2017-06"],
    [{ literal: "June 2017" }, "2017-06"],
    ["2017-06-12", "2017-06-12"],
  ];
  for (const [issued, published] of DATES)
    test(`issued ${JSON.stringify(issued)} is ${published}`, async () => {
      const { paper } = await one({ id: "a", type: "book", title: "T", "container-title": "V", issued });
      assert.equal(paper?.published, published);
    });

  test("an item with only a title is read, and its id is its key", async () => {
    assert.deepEqual((await one({ id: 5, type: "article", title: "T" })).paper, { key: "5", title: "T" });
    assert.deepEqual((await one({ title: "T", author: [{ family: "Li" }] })).paper, { title: "T", authors: ["Li"] });
  });

  test("a number and a note without an arXiv id are reported as ignored", async () => {
    const { ignored } = await one({ id: "a", title: "T", DOI: "10.1000/x", number: "7", note: "read this" });
    assert.deepEqual(ignored, { number: 1, note: 1 });
  });

  test("a Kindred record with additional fields is not read as CSL", async () => {
    const { paper, ignored } = await one({ id: "a", type: "article", title: "T", authors: ["A B"], DOI: "10.1000/x" });
    assert.deepEqual(paper, { id: "a", title: "T", authors: ["A B"] });
    assert.deepEqual(ignored, { type: 1, DOI: 1 });
  });

  test("a preprint of Crossref has its server as venue, and an abstract without JATS markup", async () => {
    const { papers } = await read(
      JSON.stringify({
        status: "ok",
        "message-type": "work",
        message: {
          DOI: "10.1101/2024.01.01.1",
          type: "posted-content",
          title: ["Otters"],
          "container-title": [],
          institution: [{ name: "bioRxiv" }],
          issued: { "date-parts": [[2024, 1]] },
          abstract:
            "<jats:title>Abstract</jats:title><jats:sec><jats:title>Aim</jats:title><jats:p>H<jats:sub>2</jats:sub>O &amp;lt; 5.</jats:p></jats:sec>",
        },
      }),
    );
    assert.deepEqual(papers, [
      {
        title: "Otters",
        abstract: "Aim H2O < 5.",
        venue: "bioRxiv",
        published: "2024-01",
        doi: "10.1101/2024.01.01.1",
      },
    ]);
  });
});
