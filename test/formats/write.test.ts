import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "@retorquere/bibtex-parser";
import fc from "fast-check";
import { cpuTime } from "../../scripts/common/numbers.js";
import { exportFormatSchema, type ExportFormat } from "../../src/api.js";
import { citationKey } from "../../src/formats/citation-key.js";
import { inLatex, inPandoc, inTypst } from "../../src/formats/citing.js";
import { WRITTEN, writePapers } from "../../src/formats/write.js";
import type { Paper, PaperRecord } from "../../src/core/paper.js";
import { inParts, paperOf, paperRecords } from "./papers.js";
import { read } from "./readings.js";

async function written(papers: AsyncIterable<Paper> | Iterable<Paper>, format: ExportFormat): Promise<string> {
  let text = "";
  for await (const piece of writePapers(papers, format)) text += piece;
  return text;
}

const KEPT = [
  "title",
  "abstract",
  "authors",
  "venue",
  "published",
  "doi",
  "arxiv",
  "url",
  "keywords",
  "notice",
] as const;

/** As in a store: cleaned, with unique ids. */
async function clean(records: readonly PaperRecord[]): Promise<Paper[]> {
  const { papers } = await read(records.map((record) => JSON.stringify(record)).join("\n"));
  return papers.map((paper, at) => paperOf({ ...paper, id: `${at}${paper.id ?? ""}` }));
}

describe("written papers are read back unchanged", () => {
  for (const format of ["jsonl", "bibtex", "biblatex", "ris", "csl-json", "csv"] as const)
    test(format, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(paperRecords, { minLength: 1, maxLength: 4 }), async (records) => {
          const papers = await clean(records);
          if (papers.length === 0) return;
          const back = await read(await written(papers, format));
          assert.deepEqual([back.problems, back.remarks, back.ignored], [[], [], {}]);
          assert.equal(back.papers.length, papers.length);
          for (const [at, paper] of papers.entries()) {
            const one = back.papers[at] as PaperRecord;
            const inBraces = format === "bibtex" || format === "biblatex";
            const keyed = (inBraces || format === "csl-json") && (paper.doi !== null || paper.arxiv !== null);
            assert.equal(one.id ?? one.key, keyed ? citationKey(paper) : paper.id);
            // Braces must be balanced in BibTeX, so they are percent-encoded, as usual in addresses.
            const url = inBraces ? (paper.url?.replace("{x}", "%7Bx%7D") ?? null) : paper.url;
            const kept = paperOf({ ...one, id: paper.id });
            const exact = format === "csv" || format === "jsonl";
            const authors = exact ? paper.authors : paper.authors.map(inParts);
            for (const field of KEPT) assert.deepEqual(kept[field], { ...paper, url, authors }[field], field);
            if (exact) assert.deepEqual(kept, paper);
          }
        }),
        { numRuns: 200 },
      );
    });
});

const PAPERS = [
  {
    id: "smith-2017",
    title: "On testing: 100% of α & $x^2$",
    abstract: "We test. It holds.",
    authors: ["Ada Smith", "Jan van der Berg", "Martin Luther King, Jr."],
    venue: "Journal of Tests",
    categories: ["cs.SE"],
    published: "2017-06-12",
    doi: "10.1000/abc<d>",
    arxiv: "1706.01234",
    url: "https://example.org/a_b?c=d",
    keywords: ["unit tests", "a, b"],
  },
  {
    id: "a paper: 2",
    title: '=HYPERLINK("https://example.org")',
    authors: ["The ATLAS Collaboration", "Smith, Jones & Sons, Ltd.", "毛泽东"],
    venue: "Proceedings of the 30th International Conference on Tests",
    published: "2018-03",
  },
  {
    id: "2503.19900",
    title: "What is measured?",
    authors: ["Émilie du Châtelet", "John F. Nash Jr."],
    arxiv: "2503.19900",
    published: "2025",
  },
  { id: "no-author", title: "שלום 日本語", keywords: ["c; d"] },
  { id: "lee-2019", title: "On retraction", authors: ["Bo Lee"], published: "2019", notice: "concern" as const },
].map(paperOf);

const GOLDEN: Record<ExportFormat, string> = {
  jsonl: `\
{"id":"smith-2017","title":"On testing: 100% of α & $x^2$","abstract":"We test. It holds.","authors":["Ada Smith","Jan van der Berg","Martin Luther King, Jr."],"venue":"Journal of Tests","categories":["cs.SE"],"published":"2017-06-12","doi":"10.1000/abc<d>","arxiv":"1706.01234","url":"https://example.org/a_b?c=d","keywords":["unit tests","a, b"],"basis":"abstract"}
{"id":"a paper: 2","title":"=HYPERLINK(\\"https://example.org\\")","authors":["The ATLAS Collaboration","Smith, Jones & Sons, Ltd.","毛泽东"],"venue":"Proceedings of the 30th International Conference on Tests","published":"2018-03","basis":"title"}
{"id":"2503.19900","title":"What is measured?","authors":["Émilie du Châtelet","John F. Nash Jr."],"published":"2025","arxiv":"2503.19900","basis":"title"}
{"id":"no-author","title":"שלום 日本語","keywords":["c; d"],"basis":"title"}
{"id":"lee-2019","title":"On retraction","authors":["Bo Lee"],"published":"2019","notice":"concern","basis":"title"}
`,
  bibtex: String.raw`@article{smith-2017,
  title = {{On testing: 100\% of α \& $x^2$}},
  author = {Ada Smith and Jan van der Berg and King, Jr., Martin Luther},
  journal = {Journal of Tests},
  year = {2017},
  month = jun,
  date = {2017-06-12},
  doi = {10.1000/abc<d>},
  eprint = {1706.01234},
  archiveprefix = {arXiv},
  primaryclass = {cs.SE},
  url = {https://example.org/a_b?c=d},
  keywords = {unit tests, {a, b}},
  abstract = {We test. It holds.},
}

@inproceedings{atlas2018hyperlink-nffwzt,
  title = {{=HYPERLINK("https://example.org")}},
  author = {{The ATLAS Collaboration} and {Smith, Jones \& Sons, Ltd.} and 毛泽东},
  booktitle = {Proceedings of the 30th International Conference on Tests},
  year = {2018},
  month = mar,
  date = {2018-03},
  kindredid = {a%20paper:%202},
}

@misc{chatelet2025measured-gttfwb,
  title = {{What is measured?}},
  author = {Émilie du Châtelet and Nash Jr., John F.},
  year = {2025},
  date = {2025},
  eprint = {2503.19900},
  archiveprefix = {arXiv},
}

@misc{no-author,
  title = {{שלום 日本語}},
  keywords = {{c; d}},
}

@misc{lee-2019,
  title = {{On retraction}},
  author = {Bo Lee},
  year = {2019},
  date = {2019},
  note = {Expression of concern},
}
`,
  biblatex: String.raw`@article{smith-2017,
  title = {{On testing: 100\% of α \& $x^2$}},
  author = {Ada Smith and Jan van der Berg and King, Jr., Martin Luther},
  journaltitle = {Journal of Tests},
  date = {2017-06-12},
  doi = {10.1000/abc<d>},
  eprint = {1706.01234},
  eprinttype = {arxiv},
  eprintclass = {cs.SE},
  url = {https://example.org/a_b?c=d},
  keywords = {unit tests, {a, b}},
  abstract = {We test. It holds.},
}

@inproceedings{atlas2018hyperlink-nffwzt,
  title = {{=HYPERLINK("https://example.org")}},
  author = {{The ATLAS Collaboration} and {Smith, Jones \& Sons, Ltd.} and 毛泽东},
  booktitle = {Proceedings of the 30th International Conference on Tests},
  date = {2018-03},
  kindredid = {a%20paper:%202},
}

@online{chatelet2025measured-gttfwb,
  title = {{What is measured?}},
  author = {Émilie du Châtelet and Nash Jr., John F.},
  date = {2025},
  eprint = {2503.19900},
  eprinttype = {arxiv},
}

@misc{no-author,
  title = {{שלום 日本語}},
  keywords = {{c; d}},
}

@misc{lee-2019,
  title = {{On retraction}},
  author = {Bo Lee},
  date = {2019},
  note = {Expression of concern},
}
`,
  ris: String.raw`TY  - JOUR
ID  - smith-2017
TI  - On testing: 100% of α & $x^2$
AU  - Smith, Ada
AU  - van der Berg, Jan
AU  - King, Martin Luther, Jr.
T2  - Journal of Tests
PY  - 2017
DA  - 2017/06/12/
DO  - 10.1000/abc<d>
UR  - https://example.org/a_b?c=d
DB  - arXiv
AN  - 1706.01234
KW  - unit tests
KW  - a, b
AB  - We test. It holds.
ER  - ${""}

TY  - CONF
ID  - a paper: 2
TI  - =HYPERLINK("https://example.org")
AU  - The ATLAS Collaboration
AU  - Smith,, Jones & Sons, Ltd.
AU  - 毛泽东
T2  - Proceedings of the 30th International Conference on Tests
PY  - 2018
DA  - 2018/03//
ER  - ${""}

TY  - UNPB
ID  - 2503.19900
TI  - What is measured?
AU  - du Châtelet, Émilie
AU  - Nash Jr., John F.
PY  - 2025
DA  - 2025///
DB  - arXiv
AN  - 2503.19900
ER  - ${""}

TY  - GEN
ID  - no-author
TI  - שלום 日本語
KW  - c\; d
ER  - ${""}

TY  - GEN
ID  - lee-2019
TI  - On retraction
AU  - Lee, Bo
PY  - 2019
DA  - 2019///
N1  - Expression of concern
ER  - ${""}
`.replaceAll("\n", "\r\n"),
  "csl-json": String.raw`[
{"id":"smith-2017","citation-key":"smith-2017","type":"article-journal","title":"On testing: 100% of α & $x^2$","author":[{"given":"Ada","family":"Smith"},{"given":"Jan","family":"van der Berg"},{"given":"Martin Luther","family":"King","suffix":"Jr.","comma-suffix":true}],"container-title":"Journal of Tests","issued":{"date-parts":[[2017,6,12]]},"DOI":"10.1000/abc<d>","note":"arXiv:1706.01234","URL":"https://example.org/a_b?c=d","abstract":"We test. It holds.","keyword":"unit tests; a, b","categories":["cs.SE"]},
{"id":"atlas2018hyperlink-nffwzt","citation-key":"atlas2018hyperlink-nffwzt","type":"paper-conference","title":"=HYPERLINK(\"https://example.org\")","author":[{"literal":"The ATLAS Collaboration"},{"literal":"Smith, Jones & Sons, Ltd."},{"literal":"毛泽东"}],"container-title":"Proceedings of the 30th International Conference on Tests","issued":{"date-parts":[[2018,3]]},"custom":{"kindred-id":"a paper: 2"}},
{"id":"chatelet2025measured-gttfwb","citation-key":"chatelet2025measured-gttfwb","type":"article","title":"What is measured?","author":[{"given":"Émilie","family":"du Châtelet"},{"given":"John F.","family":"Nash","suffix":"Jr."}],"issued":{"date-parts":[[2025]]},"number":"arXiv:2503.19900"},
{"id":"no-author","citation-key":"no-author","type":"document","title":"שלום 日本語","keyword":"c\\; d"},
{"id":"lee-2019","citation-key":"lee-2019","type":"document","title":"On retraction","author":[{"given":"Bo","family":"Lee"}],"issued":{"date-parts":[[2019]]},"status":"expression of concern"}
]
`,
  csv: String.raw`"id","title","authors","published","venue","doi","arxiv","url","keywords","categories","abstract","updated","source","organization","listed","upvotes","comments","notice"
"smith-2017","On testing: 100% of α & $x^2$","Smith, Ada; van der Berg, Jan; King, Martin Luther, Jr.","2017-06-12","Journal of Tests","10.1000/abc<d>","arXiv:1706.01234","https://example.org/a_b?c=d","unit tests; a, b","cs.SE","We test. It holds.",,,,,,,
"a paper: 2","'=HYPERLINK(""https://example.org"")","The ATLAS Collaboration; Smith,, Jones & Sons, Ltd.; 毛泽东","2018-03","Proceedings of the 30th International Conference on Tests",,,,,,,,,,,,,
"2503.19900","What is measured?","du Châtelet, Émilie; Nash Jr., John F.","2025",,,"arXiv:2503.19900",,,,,,,,,,,
"no-author","שלום 日本語",,,,,,,"c\; d",,,,,,,,,
"lee-2019","On retraction","Lee, Bo","2019",,,,,,,,,,,,,,"concern"
`
    .replace(/^/, "\ufeff")
    .replaceAll("\n", "\r\n"),
  markdown: String.raw`- Ada Smith, Jan van der Berg and Martin Luther King, Jr. (2017). On testing: 100% of α & $x^2$. Journal of Tests. <https://doi.org/10.1000/abc%3Cd%3E> [@smith-2017]
- The ATLAS Collaboration, Smith, Jones & Sons, Ltd. and 毛泽东 (2018). =HYPERLINK("https://example.org"). Proceedings of the 30th International Conference on Tests. [@atlas2018hyperlink-nffwzt]
- Émilie du Châtelet and John F. Nash Jr. (2025). What is measured? <https://arxiv.org/abs/2503.19900> [@chatelet2025measured-gttfwb]
- שלום 日本語 (n.d.). [@no-author]
- Bo Lee (2019). On retraction. \[Expression of concern\] [@lee-2019]
`,
  text: `\
Ada Smith, Jan van der Berg and Martin Luther King, Jr. (2017). On testing: 100% of α & $x^2$. Journal of Tests. https://doi.org/10.1000/abc%3Cd%3E
The ATLAS Collaboration, Smith, Jones & Sons, Ltd. and 毛泽东 (2018). =HYPERLINK("https://example.org"). Proceedings of the 30th International Conference on Tests.
Émilie du Châtelet and John F. Nash Jr. (2025). What is measured? https://arxiv.org/abs/2503.19900
שלום 日本語 (n.d.).
Bo Lee (2019). On retraction. [Expression of concern]
`,
};

describe("five papers, exact output", () => {
  for (const format of exportFormatSchema.options)
    test(format, async () => assert.equal(await written(PAPERS, format), GOLDEN[format]));
});

describe("no papers", () => {
  for (const [format, text] of [
    ["jsonl", ""],
    ["bibtex", ""],
    ["biblatex", ""],
    ["markdown", ""],
    ["ris", ""],
    ["text", ""],
    ["csl-json", "[\n\n]\n"],
    ["csv", GOLDEN.csv.slice(0, GOLDEN.csv.indexOf("\n") + 1)],
  ] as const)
    test(`as ${format} give a valid file`, async () => assert.equal(await written([], format), text));
});

test("a line break in a field does not break a line of RIS or a reference", async () => {
  const broken = paperOf({
    id: "a",
    title: "One\r\nER  - \ntwo",
    venue: "V\u2028W",
    published: "2020",
    authors: ["A B"],
  });
  const { papers } = await read(await written([broken], "ris"));
  assert.deepEqual(papers, [{ key: "a", title: "One ER - two", venue: "V W", published: "2020", authors: ["A B"] }]);
  assert.equal(await written([broken], "text"), "A B (2020). One ER - two. V W.\n");
});

test("a reference of more than twenty authors names the first nineteen", async () => {
  const authors = Array.from({ length: 21 }, (_, at) => `A${at} B`);
  const long = await written([paperOf({ id: "a", title: "T", authors })], "text");
  assert.match(long, /^A0 B, .*, A18 B et al\. \(n\.d\.\)\. T\.\n$/);
  const short = await written([paperOf({ id: "a", title: "T", authors: authors.slice(1) })], "text");
  assert.match(short, /, A19 B and A20 B \(n\.d\.\)\. T\.\n$/);
});

test("citation keys are unique and do not depend on other papers in the file", async () => {
  const papers = ["a b", "a/b", "a,b", "é", "É"].map((id) =>
    paperOf({ id, title: "The same", authors: ["Ada Smith"] }),
  );
  const keys = papers.map(citationKey);
  assert.equal(new Set(keys).size, papers.length);
  for (const key of keys) assert.match(key, /^(?:a\/b|smithanonymous|smith-[a-z]{6})$/);
  const found = [...(await written(papers.toReversed(), "bibtex")).matchAll(/^@misc\{(.*),$/gm)].map(([, key]) => key);
  assert.deepEqual(found, keys.toReversed());
});

describe("a citation key", () => {
  const paper = { title: "Attention Is All You Need", authors: ["Ashish Vaswani"], published: "2017-06" };
  const keyOf = (id: string, more: Partial<PaperRecord> = {}): string =>
    citationKey(paperOf({ id, ...paper, ...more }));

  for (const id of ["vaswani-2017-attention", "smith:2017", "DBLP:conf/nips/VaswaniSPUJGKP17", "2017smith", "W"])
    test(`that was imported is kept: ${id}`, () => assert.equal(keyOf(id), id));

  for (const id of [
    "arxiv:1706.03762",
    "1706.03762",
    "hep-th/9901001",
    "doi:10.1000/abc",
    "10.1000/abc",
    "kindred:0123456789abcdef",
    "PMID:12345678",
    "12345678",
    "W2741809807",
    "204e3073870fae3d05bcbc2f6a8e263d9b72e776",
    "müller2019",
    "a b",
  ])
    test(`is made for the id ${id}`, () => assert.match(keyOf(id), /^vaswani(?:2017|1999)attention-[a-z]{6}$/));

  test("has this form, so that documents that cite by it stay valid", () =>
    assert.equal(keyOf("arxiv:1706.03762"), "vaswani2017attention-cbjpgt"));

  test("of a preprint stays when the preprint becomes an article of a later year", () => {
    const article = { published: "2019-01-02", venue: "Journal of Tests", doi: "10.1000/abc" };
    assert.equal(keyOf("arxiv:1706.03762", article), keyOf("arxiv:1706.03762"));
    assert.match(keyOf("arxiv:hep-th/9901001", { published: "2003" }), /^vaswani1999/);
  });

  test("leaves out stop words and formulas, and names what has no author", () => {
    assert.match(keyOf("1", { title: "On the $x^2$ of α: when to stop" }), /^vaswani2017stop-/);
    assert.match(keyOf("1", { title: "日本", authors: [], published: undefined }), /^anonymous-/);
    assert.match(keyOf("1", { authors: ["Émilie du Châtelet"] }), /^chatelet2017/);
    assert.match(keyOf("1", { authors: ["The ATLAS Collaboration"] }), /^atlas2017/);
  });

  test("has letters that do not decompose as others write them", () => {
    assert.match(keyOf("1", { authors: ["Ida Sørensen"] }), /^sorensen2017/);
    assert.match(keyOf("1", { authors: ["Jan Łukasiewicz"] }), /^lukasiewicz2017/);
  });

  test("is short enough to be typed, whatever the record has", () => {
    const long = "x".repeat(2_000);
    for (const key of [keyOf(long), keyOf("1", { authors: [`Ada ${long}`], title: `${long} ${long}` })])
      assert.match(key, /^\w{1,90}-[a-z]{6}$/);
  });
});

test("citations are written as each program reads them", () => {
  for (const [key, latex, pandoc, typst] of [
    ["smith2017", "\\cite{smith2017}", "[@smith2017]", "@smith2017"],
    ["DBLP:conf/nips/X17", "\\cite{DBLP:conf/nips/X17}", "[@DBLP:conf/nips/X17]", '#cite(label("DBLP:conf/nips/X17"))'],
    ["a--b", "\\cite{a--b}", "[@{a--b}]", "@a--b"],
    ["a.", "\\cite{a.}", "[@{a.}]", '#cite(label("a."))'],
  ] as const)
    assert.deepEqual([inLatex(key), inPandoc(key), inTypst(key)], [latex, pandoc, typst]);
});

test("Markdown has no HTML, citation, entity or list of a title", async () => {
  for (const [title, shown] of [
    ["costs $5 <script>alert(1)</script> $6", "costs $5 < script>alert(1)< /script> $6"],
    ["<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>"],
    ["If $p < 0.05$ and $a<b$", "If $p < 0.05$ and $a< b$"],
    ["@jack: R&D &lt; x", "\\@jack: R&D \\&lt; x"],
    ["1. First", "1\\. First"],
    ["+ more", "\\+ more"],
  ] as const)
    assert.equal(await written([paperOf({ id: "k", title })], "markdown"), `- ${shown} (n.d.). [@k]\n`);
});

test("a formula that would run commands or break a document is written as text, and read back", async () => {
  for (const title of [
    "A $\\input{/etc/passwd}$ b",
    "A $^^5cinput x$",
    "A $x % y$",
    "A $x & y$",
    "A $\\write18{ls}$",
  ]) {
    const text = await written([paperOf({ id: "k", title })], "bibtex");
    assert.match(text, /title = \{\{A \\\$/);
    assert.doesNotMatch(text, /\\(?:input|write)|[^\\][%&]|\^\^/);
    assert.equal((await read(text)).papers[0]?.title, title);
  }
  const fine = "A $\\begin{smallmatrix} a & b \\end{smallmatrix}$ of 5\\% $\\alpha$";
  assert.match(await written([paperOf({ id: "k", title: fine })], "bibtex"), /A \$\\begin.* a & b .*\$ of/);
});

test("an entry that was copied under another key is another paper", async () => {
  const paper = paperOf({ id: "a b", title: "One", authors: ["Ada Smith"] });
  const key = citationKey(paper);
  for (const format of ["bibtex", "biblatex", "csl-json"] as const) {
    const text = await written([paper], format);
    assert.equal((await read(text)).papers[0]?.key, "a b");
    assert.equal((await read(text.replaceAll(key, "smith:copy"))).papers[0]?.key, "smith:copy");
  }
});

test("only categories of arXiv are written next to an arXiv id", async () => {
  const paper = { title: "T", arxiv: "1706.01234" };
  for (const [categories, found] of [
    [["Natural language processing", "cs.CL"], "cs.CL"],
    [["hep-th"], "hep-th"],
    [["Natural language processing"], undefined],
  ] as const) {
    const text = await written([paperOf({ ...paper, categories: [...categories] })], "biblatex");
    assert.equal(/eprintclass = \{(.*)\}/.exec(text)?.[1], found);
  }
});

describe("a parser that is not ours", () => {
  for (const format of ["bibtex", "biblatex"] as const)
    test(`reads ${format} without a complaint, with the same keys, names and dates`, async () => {
      const { entries, errors } = parse(await written(PAPERS, format), { sentenceCase: false });
      assert.deepEqual(errors, []);
      assert.deepEqual(
        entries.map(({ key }) => key),
        PAPERS.map(citationKey),
      );
      assert.deepEqual(
        entries.map(({ type }) => type),
        format === "bibtex"
          ? ["article", "inproceedings", "misc", "misc", "misc"]
          : ["article", "inproceedings", "online", "misc", "misc"],
      );
      const { fields } = entries[0]!;
      assert.deepEqual([fields.date, fields.eprint], ["2017-06-12", "1706.01234"]);
      assert.ok(fields.keywords?.includes("unit tests"));
      assert.deepEqual(fields.author?.[2], { firstName: "Martin Luther", lastName: "King", suffix: "Jr." });
    });
});

test("papers are requested only as fast, and as long, as their text is consumed", async () => {
  let asked = 0;
  let closed = false;
  async function* endless(): AsyncGenerator<Paper> {
    try {
      for (;;) yield paperOf({ id: `${asked++}`, title: "T", abstract: "word ".repeat(200) });
    } finally {
      closed = true;
    }
  }
  const pieces = writePapers(endless(), "bibtex");
  for (let piece = 1; piece <= 3; piece++) {
    assert.equal((await pieces.next()).done, false);
    assert.ok(asked < 70 * piece, `${asked} papers for ${piece} pieces`);
  }
  await pieces.return(undefined);
  assert.ok(closed);
});

test("writing papers that are all in memory yields to other tasks", async () => {
  const papers = Array.from({ length: 5_000 }, (_, at) =>
    paperOf({ id: `${at}`, title: "T", abstract: "A 50% {chance} & more. ".repeat(40) }),
  );
  let turns = 0;
  const counting = setInterval(() => turns++, 1);
  const started = cpuTime();
  await written(papers, "bibtex");
  clearInterval(counting);
  // It yields every 4 ms; ten times that allows for a busy machine.
  const took = cpuTime() - started;
  assert.ok(turns > took / 50, `${turns} turns in ${took} ms`);
});

test("file names and media types differ by format", () => {
  for (const name of ["extension", "type"] as const)
    assert.equal(new Set(Object.values(WRITTEN).map((format) => format[name])).size, exportFormatSchema.options.length);
});
