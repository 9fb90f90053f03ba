import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "./readings.js";

const record = `TY  - JOUR
ID  - k1
T1  - A study of {braces} and $5
AU  - Smith, Ada
A1  - Li, Bo, Jr.
PY  - 2017
DA  - 2017/06/12/
JO  - J. Tests
T2  - Journal of Tests
DO  - https://doi.org/10.1000/ABC
UR  - https://example.org/1
KW  - one
KW  - two; three
AB  - First line
goes on here
   and here.
VL  - 3
ER  - 
`;

describe("RIS", () => {
  test("reads a record with the usual fields", async () => {
    const { format, papers, problems, remarks, ignored } = await read(record);
    assert.equal(format, "ris");
    assert.deepEqual(papers, [
      {
        key: "k1",
        title: "A study of {braces} and $5",
        abstract: "First line goes on here and here.",
        authors: ["Ada Smith", "Bo Li, Jr."],
        venue: "J. Tests",
        published: "2017-06-12",
        doi: "10.1000/abc",
        url: "https://example.org/1",
        keywords: ["one", "two", "three"],
      },
    ]);
    assert.deepEqual([problems, remarks], [[], []]);
    assert.deepEqual(ignored, { T2: 1, VL: 1 });
  });

  test("joins an abstract that is split over several fields", async () => {
    const { papers } = await read(
      "TY  - JOUR\nTI  - a\nAB  - Aims are one.\nAB  - Methods\nare two.\nN2  - x\nER  - \n",
    );
    assert.equal(papers[0]?.abstract, "Aims are one. Methods are two.");
  });

  test("a word of two capitals at the start of a line is not a tag, but a known tag may be followed by one space", async () => {
    const { papers, ignored } = await read(
      "TY - JOUR\nTI - a\nAB - Papers of\nUS - based agencies of\nEU - wide reach.\nPY - 2017\nVL - 3\nZZ  - 4\nER -\n",
    );
    assert.deepEqual(papers, [
      { title: "a", abstract: "Papers of US - based agencies of EU - wide reach.", published: "2017" },
    ]);
    assert.deepEqual(ignored, { VL: 1, ZZ: 1 });
  });

  test("ignores text before and between records, and a byte order mark", async () => {
    const { papers } = await read(`\ufeffRecord #1\nProvider: X\n\n1.\n${record}\nRecord #2\n${record}`);
    assert.equal(papers.length, 2);
  });

  test("a record without ER ends at the next record or at the end of the file", async () => {
    const { papers, all } = await read("TY  - JOUR\nTI  - a\nTY  - JOUR\nTI  - b\n");
    assert.deepEqual(
      papers.map(({ title }) => title),
      ["a", "b"],
    );
    assert.deepEqual(
      all.flatMap((reading) => (reading.kind === "paper" ? [reading.line] : [])),
      [1, 3],
    );
  });

  test("accepts a single space before the hyphen, and Windows line endings", async () => {
    const { papers } = await read("TY - JOUR\r\nTI - a\r\nN2 - b\r\nPY -\r\nER -");
    assert.deepEqual(papers, [{ title: "a", abstract: "b" }]);
  });

  test("a date in another year than the paper's is an access date", async () => {
    const { papers } = await read("TY  - ELEC\nTI  - a\nPY  - 2009\nDA  - 2012/05/01\nER  - \n");
    assert.equal(papers[0]?.published, "2009");
  });

  test("an invalid year is reported, and the paper is read", async () => {
    const { papers, remarks } = await read("TY  - JOUR\nTI  - a\nPY  - in press\nER  - \n");
    assert.deepEqual(papers, [{ title: "a" }]);
    assert.match(remarks.join(), /^1: published was left out: got "in press"/);
  });

  test("a record without a title is a problem that gives its line and its fields", async () => {
    const { papers, problems } = await read(`${record}\nTY  - JOUR\nT2  - Journal\nER  - \n`);
    assert.equal(papers.length, 1);
    assert.match(problems.join(), /^20: no title.*found TY, T2, ER/);
  });

  test("an accession number is an arXiv id if the database is arXiv, otherwise a key", async () => {
    const record = (database: string) => `TY  - UNPB\nTI  - a\nDB  - ${database}\nAN  - 1706.01234v2\nER  - \n`;
    const arxiv = await read(record("arXiv"));
    assert.deepEqual(arxiv.papers, [{ key: "1706.01234v2", title: "a", arxiv: "1706.01234" }]);
    assert.deepEqual(arxiv.ignored, {});
    const other = await read(record("Scopus"));
    assert.deepEqual(other.papers, [{ key: "1706.01234v2", title: "a" }]);
    assert.deepEqual(other.ignored, { DB: 1 });
  });

  test("a journal may name an arXiv id, and a value may contain any separator of lines", async () => {
    const { papers } = await read(
      "TY  - JOUR\nTI  - a\u2028b\nJO  - arXiv preprint arXiv:1706.01234v2\nPY  - 2017\nER  - \n",
    );
    assert.deepEqual(papers, [
      { title: "a b", venue: "arXiv preprint arXiv:1706.01234v2", arxiv: "1706.01234", published: "2017" },
    ]);
  });

  test("in a name that stays whole, two commas are one, and a trailing comma is dropped", async () => {
    const { papers } = await read("TY  - JOUR\nTI  - a\nAU  - Example Lab,, Berlin\nAU  - Example Corp.,\nER  - \n");
    assert.deepEqual(papers[0]?.authors, ["Example Lab, Berlin", "Example Corp."]);
  });

  test("an escaped semicolon is part of the keyword", async () => {
    const { papers } = await read("TY  - JOUR\nTI  - a\nKW  - one\\; two; three\nER  - \n");
    assert.deepEqual(papers[0]?.keywords, ["one; two", "three"]);
  });

  describe("fields before TY and after ER", () => {
    const summary = async (text: string) => {
      const { papers, problems, remarks } = await read(text);
      return [
        papers.map(({ key, title, abstract, authors }) => [key, title, abstract, authors?.join()].filter(Boolean)),
        problems,
        remarks,
      ];
    };

    test("fields before TY belong to its record, also if a blank line separates records", async () => {
      const one = "AB  - Owls.\nTI  - a\nTY  - JOUR\nAU  - Lund, Ada\nER  - \n";
      const two = "AB  - Mice.\nTI  - b\nTY  - JOUR\nER  - \n";
      const expected = [
        [
          ["a", "Owls.", "Ada Lund"],
          ["b", "Mice."],
        ],
        [],
        [],
      ];
      assert.deepEqual(await summary(`${one}\n${two}`), expected);
      assert.deepEqual(await summary(`${one}${two}`), expected);
      assert.deepEqual(await summary(`\n\nLink to: somewhere\n\n${one}\n\n2.\n${two}`), expected);
      assert.deepEqual(await summary(`${one}\n${two}`.replaceAll("\n", "\r\n")), expected);
      // Without ER, a record ends at the blank line before the next one's fields.
      assert.deepEqual(await summary(`${one}\n${two}`.replaceAll("ER  - \n", "")), expected);
      assert.deepEqual(await summary("ID  - 7\nTY  - JOUR\nTI  - c\nER  - \n"), [[["7", "c"]], [], []]);
    });

    test("fields after ER belong to the preceding record, unless the file has fields before TY", async () => {
      const one = "TY  - JOUR\nTI  - a\nER  - \nAB  - Owls\nat night.\n";
      const two = "TY  - JOUR\nTI  - b\nER  - \nAB  - Mice.\nAU  - Lund, Ada\n";
      const expected = [
        [
          ["a", "Owls at night."],
          ["b", "Mice.", "Ada Lund"],
        ],
        [],
        [],
      ];
      assert.deepEqual(await summary(`${one}\n${two}`), expected);
      assert.deepEqual(await summary(`${one}${two}`), expected);
      assert.deepEqual(await summary(`${one}\nA heading\n\n${two}\n`), expected);
    });

    test("a record with sorted tags, ER among them, is one record", async () => {
      assert.deepEqual(
        await summary(
          "AB  - Owls.\nAU  - Lund, Ada\nER  - \nPY  - 2014\nTI  - a\nTY  - JOUR\n\nAB  - Mice.\nER  - \nTI  - b\nTY  - JOUR\n",
        ),
        [
          [
            ["a", "Owls.", "Ada Lund"],
            ["b", "Mice."],
          ],
          [],
          [],
        ],
      );
    });

    test("a record without TY is read", async () => {
      assert.deepEqual(await summary("TI  - a\nAB  - Owls.\nER  - \n\nTI  - b\nER  - \n"), [
        [["a", "Owls."], ["b"]],
        [],
        [],
      ]);
    });

    test("a field outside of a record is a problem with its line, and prose is not", async () => {
      const { papers, problems } = await read(
        "Link to: x\n\nID  - 7\nN1  - note\ngoes on\n\nTY  - JOUR\nTI  - a\nER  - \n\nsome words\n\nAB  - Owls.\n\nTY  - JOUR\nTI  - b\nER  - \nER  - \n\nKW  - lost\n",
      );
      assert.deepEqual(
        papers.map(({ title }) => title),
        ["a", "b"],
      );
      assert.match(problems.join("\n"), /^3: fields of no record \(ID, N1\).*\n13: .*\(AB\).*\n20: .*\(KW\)/);
    });

    test("papers and problems have line numbers of the file", async () => {
      const { all } = await read(
        "DB  - x\nTI  - a\nTY  - JOUR\nER  - \nDB  - x\nTY  - JOUR\nER  - \n\n\nTY  - JOUR\nTI  - c\n",
      );
      assert.deepEqual(
        all.flatMap((reading) => ("line" in reading ? [`${reading.kind} ${reading.line}`] : [])),
        ["paper 1", "problem 5", "paper 10"],
      );
    });

    test("a record that is too large is one problem, and the next is read", async () => {
      const { papers, problems } = await read(
        `TY  - JOUR\n${`N1  - ${"a".repeat(1000)}\n`.repeat(9000)}TI  - a\nER  - \n\nTY  - JOUR\nTI  - b\nER  - \n`,
      );
      assert.deepEqual(papers, [{ title: "b" }]);
      assert.match(problems.join("\n"), /^1: this record takes more than 8192 KiB[^\n]*$/);
    });
  });
});
