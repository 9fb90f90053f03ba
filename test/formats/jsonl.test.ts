import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { toJsonLine } from "../../src/formats/jsonl.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { paperOf, paperRecords } from "./papers.js";
import { read } from "./readings.js";

const lines = (...records: unknown[]): string => records.map((record) => JSON.stringify(record)).join("\n");

describe("JSON Lines", () => {
  test("reads a record with every field", async () => {
    const record: PaperRecord = {
      id: "a:1",
      key: "smith2017",
      title: "On testing",
      abstract: "We test.",
      authors: ["Ada Smith", "Bo Li"],
      venue: "Journal of Tests",
      categories: ["cs.SE"],
      published: "2017-06-12",
      updated: "2018-01",
      doi: "10.1000/abc",
      arxiv: "1706.01234",
      url: "https://example.org/1",
      source: "ours",
      organization: "Example Lab",
      listed: "2017-06-13",
      upvotes: 4,
      comments: 0,
      keywords: ["testing"],
    };
    const { format, papers, problems, remarks, ignored } = await read(lines(record));
    assert.equal(format, "jsonl");
    assert.deepEqual(papers, [record]);
    assert.deepEqual([problems, remarks, ignored], [[], [], {}]);
  });

  test("reads a paper from Kindred's API, with nulls and basis", async () => {
    const paper = paperOf({ title: "T", published: "2017" });
    const { papers, ignored, remarks } = await read(lines(paper));
    assert.deepEqual(papers, [{ id: paper.id, title: "T", published: "2017" }]);
    assert.deepEqual([remarks, ignored], [[], {}]);
  });

  test("a written record is read back unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(paperRecords, { minLength: 1, maxLength: 4 }), async (records) => {
        const first = await read(lines(...records));
        const written = first.papers.map((record) => toJsonLine(paperOf(record))).join("\n");
        if (first.papers.length === 0) return;
        const second = await read(written);
        assert.deepEqual(
          second.papers,
          first.papers.map((record) => ({ id: "generated", ...record })),
        );
        assert.deepEqual(second.problems, []);
        assert.deepEqual(second.ignored, {});
      }),
      { numRuns: 300 },
    );
  });

  test("reads BEIR documents and their metadata", async () => {
    const { papers, ignored } = await read(
      lines(
        { _id: "7", title: "T", text: "A.", metadata: { year: 1998, authors: ["A B"], pubmed: "1" } },
        { _id: "8", title: "U", text: "", metadata: {} },
      ),
    );
    assert.deepEqual(papers, [
      { id: "7", title: "T", abstract: "A.", authors: ["A B"], published: "1998" },
      { id: "8", title: "U" },
    ]);
    assert.deepEqual(ignored, { "metadata.pubmed": 1 });
  });

  test("reads arXiv's snapshot: LaTeX, categories, first version, names", async () => {
    const { papers, ignored } = await read(
      lines({
        id: "0704.0001",
        submitter: "P. Erdos",
        authors: "P. Erd\\H{o}s, A. R\\'enyi",
        title: "On $G(n,p)$ and\n  the {\\'E}tale case",
        comments: "12 pages",
        "journal-ref": "Phys.Rev.D76:013009,2007",
        doi: "10.1103/PhysRevD.76.013009",
        "report-no": null,
        categories: "math.CO cs.DM",
        license: null,
        abstract: "  We show\n50\\% more.\n",
        versions: [
          { version: "v1", created: "Mon, 2 Apr 2007 19:18:42 GMT" },
          { version: "v2", created: "Tue, 24 Jul 2007 20:10:27 GMT" },
        ],
        update_date: "2008-11-26",
        authors_parsed: [
          ["Erd\\H{o}s", "Paul", ""],
          ["R\\'enyi", "Alfr\\'ed", "Jr."],
        ],
      }),
    );
    assert.deepEqual(papers, [
      {
        id: "0704.0001",
        title: "On $G(n,p)$ and the Étale case",
        abstract: "We show 50% more.",
        authors: ["Paul Erdős", "Alfréd Rényi Jr."],
        venue: "Phys.Rev.D76:013009,2007",
        categories: ["math.CO", "cs.DM"],
        published: "2007-04-02",
        updated: "2008-11-26",
        doi: "10.1103/physrevd.76.013009",
        arxiv: "0704.0001",
        url: "https://arxiv.org/abs/0704.0001",
        source: "arXiv",
      },
    ]);
    assert.deepEqual(Object.keys(ignored).sort(), ["comments", "submitter"]);
  });

  test("splits arXiv's authors string if there is no list", async () => {
    const { papers } = await read(
      lines({
        id: "hep-th/9901001",
        title: "T",
        authors: "A. Bee (MIT), C. Dee and E. Eff",
        update_date: "1999-01-02",
      }),
    );
    assert.deepEqual(papers[0]?.authors, ["A. Bee", "C. Dee", "E. Eff"]);
    assert.equal(papers[0]?.arxiv, "hep-th/9901001");
  });

  test("reads Hugging Face's daily papers, even with fields missing or of another type", async () => {
    const { papers, problems, remarks, ignored } = await read(
      JSON.stringify([
        {
          title: "Outer",
          numComments: 3,
          thumbnail: "https://example.org/x.png",
          paper: {
            id: "2503.19901",
            title: "Tokens",
            summary: "We\npresent.",
            authors: [{ name: "Ada B", hidden: true }, { name: "Cy D" }],
            publishedAt: "2025-03-25T17:57:46.000Z",
            submittedOnDailyAt: "2025-03-26T01:00:00.000Z",
            upvotes: 12,
            ai_keywords: ["tokens", "motion"],
            organization: { name: "lab", fullname: "The Lab" },
            discussionId: "x",
          },
        },
        { title: "Only outer", paper: { id: "2503.20000", authors: null, upvotes: "many", organization: 5 } },
        { paper: { id: 5, title: null } },
        { paper: "2503.1" },
      ]),
    );
    assert.deepEqual(papers, [
      {
        id: "2503.19901",
        title: "Tokens",
        abstract: "We present.",
        authors: ["Ada B", "Cy D"],
        published: "2025-03-25",
        listed: "2025-03-26",
        upvotes: 12,
        comments: 3,
        keywords: ["tokens", "motion"],
        organization: "The Lab",
        arxiv: "2503.19901",
        url: "https://huggingface.co/papers/2503.19901",
        source: "Hugging Face Daily Papers",
      },
      {
        id: "2503.20000",
        title: "Only outer",
        organization: "5",
        arxiv: "2503.20000",
        url: "https://huggingface.co/papers/2503.20000",
        source: "Hugging Face Daily Papers",
      },
    ]);
    assert.equal(problems.length, 2);
    assert.equal(remarks.length, 1);
    assert.match(remarks[0] ?? "", /upvotes.*"many"/);
    assert.deepEqual(Object.keys(ignored).sort(), ["paper", "paper.discussionId", "thumbnail"]);
  });

  test("finds an arXiv id and a DOI in any field", async () => {
    const records = [
      { title: "a", id: "arxiv:2503.19901" },
      { title: "b", url: "https://arxiv.org/abs/2503.19901v2" },
      { title: "c", doi: "10.48550/arXiv.2503.19901" },
      { title: "d", id: "https://doi.org/10.1145/3292500" },
      { title: "e", url: "http://dx.doi.org/10.1145/3292500" },
      { title: "f", doi: "doi:10.1145/3292500" },
      { title: "g", url: "https://onlinelibrary.wiley.com/doi/10.1145/3292500/full" },
      { title: "h", id: "2503.19901v3" },
      { title: "i", arxiv: "arXiv:2503.19901v1" },
      { title: "j", url: "doi.org/10.1145/3292500" },
      { title: "k", id: "DOI 10.1145/3292500" },
    ];
    const { papers } = await read(lines(...records));
    assert.deepEqual(
      papers.map(({ title, arxiv, doi }) => [title, arxiv ?? "", doi ?? ""].join(" ")),
      [
        "a 2503.19901 ",
        "b 2503.19901 ",
        "c 2503.19901 10.48550/arxiv.2503.19901",
        "d  10.1145/3292500",
        "e  10.1145/3292500",
        "f  10.1145/3292500",
        "g  ",
        "h 2503.19901 ",
        "i 2503.19901 ",
        "j  10.1145/3292500",
        "k  10.1145/3292500",
      ],
    );
    assert.equal(papers[0]?.id, "arxiv:2503.19901");
  });

  test("removes LaTeX that other sources left in the text of an arXiv paper", async () => {
    const { papers } = await read(
      lines(
        { title: "P\\'{o}lya \\emph{urns}", id: "arxiv:2503.19901", abstract: "For $\\alpha$ --x" },
        { title: "C:\\'x \\u", id: "z" },
      ),
    );
    assert.equal(papers[0]?.title, "Pólya urns");
    assert.equal(papers[0]?.abstract, "For $\\alpha$ --x");
    assert.equal(papers[1]?.title, "C:\\'x \\u");
  });

  test("ignored fields are counted and named once, at the end", async () => {
    const { all, ignored } = await read(
      lines({ title: "a", citations: 1, note: null }, { title: "b", citations: 2, pages: "1" }),
    );
    assert.deepEqual(ignored, { citations: 2, pages: 1 });
    assert.equal(all.at(-1)?.kind, "ignored");
  });

  test("at most 200 names of ignored fields are reported", async () => {
    const record = { title: "a", ...Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`f${at}`, 1])) };
    assert.equal(Object.keys((await read(lines(record))).ignored).length, 200);
  });

  test("a repeated id is reported, and both records are read", async () => {
    const { papers, remarks } = await read(
      lines({ id: "1", title: "a" }, { id: "2", title: "b" }, { id: "1", title: "c" }),
    );
    assert.equal(papers.length, 3);
    assert.deepEqual(remarks, ["3: line 3 has the same id as line 1: the later one wins"]);
  });

  test("accepts blank lines, Windows line endings and a missing last line ending", async () => {
    const { papers, problems, all } = await read('\n\r\n{"title":"a"}\r\n\r\n  {"title":"b"}  \r\n{"title":"c"}');
    assert.deepEqual(
      papers.map(({ title }) => title),
      ["a", "b", "c"],
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      all.flatMap((reading) => (reading.kind === "paper" ? [reading.line] : [])),
      [3, 5, 6],
    );
  });
});
