/** PubMed's, EndNote's, RefWorks' and Web of Science's tagged formats. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "./readings.js";

const lines = (text: string): string => text.replace(/\n/g, "\r\n");
const titles = ({ papers }: { papers: readonly { title: string }[] }) => papers.map(({ title }) => title);

describe("PubMed's format", () => {
  const record = `PMID- 12345678
OWN - NLM
STAT- MEDLINE
DP  - 2021 May 7
TI  - Stone juggling in
      young otters.
LID - S1000(21)1 [pii]
LID - 10.1000/OTTERS.1 [doi]
AB  - BACKGROUND: Otters toss
      COVID - 19 stones. RESULTS: They
      do.
FAU - Smith, Ada B
AU  - Smith AB
AD  - University of Otters,
      Rivertown.
CN  - Otter Consortium
FAU - van der Berg, Jan
AU  - van der Berg J
LA  - eng
TA  - J Otters
JT  - Journal of otters
OT  - play
OT  - stone
      tools
MH  - Otters/*psychology/physiology
MH  - *Play and Playthings
MH  - Otters/anatomy
AID - 10.1000/OTTERS.1 [doi]
SO  - J Otters. 2021 May 7;1(1):1-2.
`;
  const paper = {
    id: "PMID:12345678",
    title: "Stone juggling in young otters",
    abstract: "BACKGROUND: Otters toss COVID - 19 stones. RESULTS: They do.",
    authors: ["Ada B Smith", "Otter Consortium", "Jan van der Berg"],
    venue: "Journal of otters",
    published: "2021-05-07",
    doi: "10.1000/otters.1",
    url: "https://pubmed.ncbi.nlm.nih.gov/12345678/",
    keywords: ["play", "stone tools", "Otters", "Play and Playthings"],
  };

  test("has all fields of a paper, with line breaks of any system", async () => {
    for (const text of [record, lines(record), record.replace(/\n/g, "\r"), `\ufeff${record}`]) {
      const { format, papers, problems, remarks, ignored } = await read(text);
      assert.equal(format, "nbib");
      assert.deepEqual(papers, [paper]);
      assert.deepEqual([problems, remarks], [[], []]);
      assert.deepEqual(ignored, { OWN: 1, STAT: 1, AD: 1, LA: 1, TA: 1, SO: 1 });
    }
  });

  test("records are separated by blank lines or start with PMID", async () => {
    const second = record.replace("12345678", "2").replace("Stone juggling", "Sleeping");
    for (const between of ["\n", "", "\n\n\n", " \n"]) {
      const { papers, all } = await read(record + between + second);
      assert.deepEqual(titles({ papers }), [paper.title, "Sleeping in young otters"]);
      assert.deepEqual(
        all.flatMap((reading) => (reading.kind === "paper" ? [reading.line] : [])),
        [1, 30 + between.split("\n").length - 1],
      );
    }
  });

  test("a blank line within a record does not end it", async () => {
    const { papers, problems } = await read(`${record.replace("AB  -", "\nAB  -")}\n${record.replace("LA", "\nLA")}`);
    assert.deepEqual(papers, [paper, paper]);
    assert.deepEqual(problems, []);
  });

  test("ERIC's records start with another tag, and have addresses for identifiers", async () => {
    const eric = (title: string) =>
      `OWN - ERIC\nTI  - ${title}\nAU  - Smith, Ada\nOT  - Play\nJT  - X\nAID - http://x.org/1\nDP  - 2021\nLID - http://eric.ed.gov/?id=1\nISBN - 1\nAB  - A.\n\n\n`;
    const { papers, ignored } = await read(lines(eric("One") + eric("Two") + record));
    assert.deepEqual(titles({ papers }), ["One", "Two", paper.title]);
    assert.deepEqual(papers[0], {
      title: "One",
      abstract: "A.",
      authors: ["Ada Smith"],
      venue: "X",
      published: "2021",
      url: "http://eric.ed.gov/?id=1",
      keywords: ["Play"],
    });
    assert.equal(ignored["ISBN"], 2);
  });

  const odd: [what: string, fields: string, expected: Record<string, unknown>][] = [
    ["short names alone", "AU  - Smith AB\nAU  - Li X\n", { authors: ["Smith AB", "Li X"] }],
    ["a translated title", "TT  - Über Otter.\n", { title: "On otters" }],
    ["a season", "DP  - 2021 Spring\n", { published: "2021" }],
    ["a range of months", "DP  - 2020 Dec-2021 Jan\n", { published: "2020-12" }],
    ["a year, and the day of online publication", "DP  - 2021\nDEP - 20210102\n", { published: "2021-01-02" }],
    ["online publication before", "DP  - 2022 Jan\nDEP - 20210102\n", { published: "2021-01-02" }],
    ["an arXiv id", "LID - arXiv:2301.00001v2 [pii]\n", { arxiv: "2301.00001" }],
    ["a chapter", "BTI - Otters today\n", { venue: "Otters today" }],
    [
      "another abstract",
      "AB  - No abstract available.\nOAB - Publisher: Otters toss.\n",
      { abstract: "Publisher: Otters toss." },
    ],
  ];
  for (const [what, fields, expected] of odd)
    test(`may have ${what}`, async () => {
      const { papers, problems, remarks } = await read(`PMID- x1\nTI  - [On otters].\n${fields}`);
      assert.deepEqual([papers, problems, remarks], [[{ title: "On otters", ...expected }], [], []]);
    });

  test("a book without a title of its own has the book's", async () => {
    const { papers } = await read("PMID- 1\nBTI - Otters\nCTI - Books on animals\n");
    assert.deepEqual(papers, [
      { id: "PMID:1", title: "Otters", venue: "Books on animals", url: "https://pubmed.ncbi.nlm.nih.gov/1/" },
    ]);
  });

  test("a full stop that belongs to the title stays", async () => {
    for (const title of ["Otters in the U.S.", "And so on...", "Why?"]) {
      assert.deepEqual(titles(await read(`PMID- 1\nTI  - ${title}\n`)), [title]);
    }
  });

  test("a record without a title is a problem with its line and tags", async () => {
    const { papers, problems } = await read(`${record}\nPMID- 2\nLA  - eng\n`);
    assert.equal(papers.length, 1);
    assert.match(problems.join(), /^31: no title: .*found PMID, LA/);
  });

  test("fields before the first record belong to it, and fields of no record are reported", async () => {
    assert.deepEqual((await read(`AB  - x\n${record}`)).problems, []);
    const { papers, problems } = await read(`STAT- x\nLA  - eng\n`);
    assert.deepEqual(papers, []);
    assert.match(problems.join(), /^1: fields of no record \(STAT, LA\): expected a line "PMID- 12345678" before them/);
  });
});

describe("EndNote's tagged format", () => {
  const record = `%0 Journal Article
%T Stone juggling
%A Smith, Ada B.
%A Li, Bo; Doe, Jo
%A Otter Institute,
%E Editor, Ed
%J Journal of Otters
%D 2021
%8 May 7
%V 3
%X First paragraph: 5% of otters.
%% is no tag

Second paragraph.
%K play
stones; tools
%R https://doi.org/10.1000/OTTERS
%U https://example.org/otters
%F smith2021
%@ 1234-5678
`;
  const paper = {
    key: "smith2021",
    title: "Stone juggling",
    abstract: "First paragraph: 5% of otters. %% is no tag Second paragraph.",
    authors: ["Ada B. Smith", "Bo Li", "Jo Doe", "Otter Institute"],
    venue: "Journal of Otters",
    published: "2021-05-07",
    doi: "10.1000/otters",
    url: "https://example.org/otters",
    keywords: ["play", "stones", "tools"],
  };

  test("has all fields of a paper", async () => {
    for (const text of [record, lines(record), `\n\n${record}`]) {
      const { format, papers, problems, remarks, ignored } = await read(text);
      assert.equal(format, "endnote");
      assert.deepEqual(papers, [paper]);
      assert.deepEqual([problems, remarks], [[], []]);
      assert.deepEqual(ignored, { "%E": 1, "%V": 1, "%@": 1 });
    }
  });

  test("records are separated by blank lines or start with a type", async () => {
    for (const between of ["", "\n", "\n\n"]) {
      const { papers, problems } = await read(record + between + record);
      assert.deepEqual([papers, problems], [[paper, paper], []]);
    }
  });

  test("refer has no types", async () => {
    const { format, papers } = await read("%A Ada Smith\n%T One\n%D 1978\n\n%T Two\n%A Bo Li\n");
    assert.equal(format, "endnote");
    assert.deepEqual(papers, [
      { title: "One", authors: ["Ada Smith"], published: "1978" },
      { title: "Two", authors: ["Bo Li"] },
    ]);
    // Comments of LaTeX, Matlab or PostScript are none.
    for (const other of ["%A Ada Smith\n%B x\n", "% comment\n%T x\n", "%!PS\n%T x\n"]) {
      assert.match((await read(other)).problems.join(), /unknown format/);
    }
  });

  test("knows arXiv's ids, from the database or from a journal as Google Scholar writes it", async () => {
    const { papers } = await read(
      "%0 Journal Article\n%T a\n%J arXiv preprint arXiv:1706.03762\n%D 2017\n\n%0 Generic\n%T b\n%~ arXiv\n%M 1706.03762v2\n%D 2017\n%8 2017/06/12\n",
    );
    assert.deepEqual(
      papers.map(({ arxiv, published }) => [arxiv, published]),
      [
        ["1706.03762", "2017"],
        ["1706.03762", "2017-06-12"],
      ],
    );
  });

  test("a date of another year is the date of access", async () => {
    const { papers } = await read("%0 Web Page\n%T a\n%D 2009\n%8 May 1, 2012\n");
    assert.equal(papers[0]?.published, "2009");
  });

  test("a record without a title is a problem", async () => {
    const { papers, problems } = await read(`%0 Book\n%A Smith\n\n${record}`);
    assert.deepEqual(papers, [paper]);
    assert.match(problems.join(), /^1: no title: .*found %0, %A/);
  });
});

describe("RefWorks' tagged format", () => {
  const record = `RT Journal Article
SR Electronic(1)
ID 271
A1 Smith,Ada
A1 Li, Bo
T1 Stone juggling
JF Journal of Otters
YR 2021
FD May
VO 3
K1 play
K1 stones; tools
AB Otters toss stones.
US agencies agree.
NO doi: 10.1000/otters
LK https://example.org/otters
OL English (30)
`;
  const paper = {
    key: "271",
    title: "Stone juggling",
    abstract: "Otters toss stones. US agencies agree.",
    authors: ["Ada Smith", "Bo Li"],
    venue: "Journal of Otters",
    published: "2021-05",
    doi: "10.1000/otters",
    url: "https://example.org/otters",
    keywords: ["play", "stones", "tools"],
  };
  const legend =
    "Refworks Export Tagged Format\n\nTag legend\n*****\nRT=Reference Type\nT1=Primary Title\n\nBEGIN EXPORTED REFERENCES\n\n\n";

  test("has all fields of a paper, after a legend or without one", async () => {
    for (const text of [record, legend + record, lines(legend + record)]) {
      const { format, papers, problems, remarks, ignored } = await read(text);
      assert.equal(format, "refworks");
      assert.deepEqual(papers, [paper]);
      assert.deepEqual([problems, remarks], [[], []]);
      assert.deepEqual(ignored, { SR: 1, VO: 1, OL: 1 });
    }
  });

  test("records are separated by blank lines or start with their type", async () => {
    for (const between of ["", "\n", "\n\n\n"]) {
      assert.deepEqual((await read(record + between + record)).papers, [paper, paper]);
    }
    const { papers } = await read(`${record}\nA1 Doe, Jo\nT1 Another\n`);
    assert.deepEqual(titles({ papers }), ["Stone juggling", "Another"]);
  });

  test("a note about more than a DOI is not one", async () => {
    const { papers, ignored } = await read(
      "RT Book\nT1 a\nYR 2003\nFD 01/01\nDO 10.1000/a\nNO Review of doi: 10.1000/b\n",
    );
    assert.deepEqual(papers, [{ title: "a", published: "2003", doi: "10.1000/a" }]);
    assert.deepEqual(ignored, { NO: 1 });
  });
});

describe("Web of Science's tagged format", () => {
  const record = `PT J
AU Smith, AB
   Li, X
AF Smith, Ada B.
   Li, Xin
CA Otter Consortium
TI Stone juggling in
   young otters
SO JOURNAL OF OTTERS
DE play; stone
   tools
ID BEHAVIOR; LUTRA-
   LUTRA
AB Otters toss stones.
   AI agrees.
PD MAY 7
PY 2021
VL 3
DI 10.1000/OTTERS
WC Zoology; Computer Science, Artificial
   Intelligence
PM 12345678
UT WOS:000123
ER

`;
  const file = (records: string) => `FN Clarivate Analytics Web of Science\nVR 1.0\n${records}EF\n`;
  const paper = {
    key: "WOS:000123",
    title: "Stone juggling in young otters",
    abstract: "Otters toss stones. AI agrees.",
    authors: ["Ada B. Smith", "Xin Li", "Otter Consortium"],
    venue: "JOURNAL OF OTTERS",
    categories: ["Zoology", "Computer Science, Artificial Intelligence"],
    published: "2021-05-07",
    doi: "10.1000/otters",
    url: "https://pubmed.ncbi.nlm.nih.gov/12345678/",
    keywords: ["play", "stone tools", "BEHAVIOR", "LUTRA- LUTRA"],
  };

  test("has all fields of a paper", async () => {
    for (const text of [file(record + record), `\ufeff${lines(file(record + record))}`, record + record]) {
      const { format, papers, problems, remarks, ignored } = await read(text);
      assert.equal(format, "web-of-science");
      assert.deepEqual(papers, [paper, paper]);
      assert.deepEqual([problems, remarks], [[], []]);
      assert.deepEqual(ignored, { VL: 2 });
    }
  });

  test("the end of a record or of the file may be missing", async () => {
    const open = record.replace("ER\n\n", "");
    for (const text of [file(open + open), file(open + record).replace("EF\n", ""), open]) {
      const { papers, problems } = await read(text);
      assert.deepEqual(problems, []);
      assert.deepEqual(papers[0], paper);
      assert.equal(papers.length, text === open ? 1 : 2);
    }
  });

  test("fields outside records are reported with their line", async () => {
    const { papers, problems } = await read(file(`${record}AB stray\nLA English\nER\n\nsome prose\n\n${record}`));
    assert.deepEqual(papers, [paper, paper]);
    assert.match(problems.join("\n"), /^28: fields of no record \(AB, LA\): expected a line "PT J" before them/);
    assert.equal(problems.length, 1);
  });

  test("has short names if there are no full ones, and early access in the same year", async () => {
    const { papers } = await read(
      "PT J\nAU Smith, AB\nTI a\nPY 2020\nEA JAN 2020\nER\nPT J\nTI b\nPY 2021\nEA DEC 2020\nER\n",
    );
    assert.deepEqual(papers, [
      { title: "a", authors: ["AB Smith"], published: "2020-01" },
      { title: "b", published: "2021" },
    ]);
  });
});

describe("a tagged format is not seen in files of another format:", () => {
  const files: [format: string, text: string][] = [
    ["ris", "TY  - JOUR\nTI  - a\nAB  - x\nPT J\n%0 Journal Article\nRT Journal Article\nER  - \n"],
    ["bibtex", "@article{a, title={a}, abstract={\nPMID- 1\nPT J\n%0 Book\n}}\n"],
    ["bibtex", "%0 Comment\n@article{a, title={a}}\n".replace("%0 C", "% C")],
    ["csv", 'title,abstract\na,"x\nPT J\n%0 Book\nRT Book\n"\n'],
    ["jsonl", '{"title":"a"}\nPT J\n'],
  ];
  for (const [format, text] of files)
    test(`${format}: ${JSON.stringify(text.slice(0, 20))}`, async () => {
      const readings = await read(text);
      assert.equal(readings.format, format);
      assert.deepEqual(titles(readings), ["a"]);
    });
});
