import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "@retorquere/bibtex-parser";
import fc from "fast-check";
import { readEntry } from "../../src/formats/bibtex-entries.js";
import { toBibtex } from "../../src/formats/to-bibtex.js";
import { toRis } from "../../src/formats/to-ris.js";
import { cleanText } from "../../src/formats/text.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { inParts, paperOf, paperRecords } from "./papers.js";
import { read } from "./readings.js";

const titles = async (text: string): Promise<string[]> => (await read(text)).papers.map(({ title }) => title);

describe("BibTeX", () => {
  test("reads an entry with the usual fields", async () => {
    const { format, papers, problems, remarks, ignored } = await read(String.raw`
% A comment with an address: me@example.org (x)
@string{jot = "Journal of " # {Tests}}
@Article{smith:2017(a),
  title     = {{On {T}esting $O(n^{2})$ in {\LaTeX} \& "quotes"}},
  author    = "Erd{\H o}s, Paul and {Example \& Sons, Inc.} and Jean de La Fontaine and others",
  journal   = jot,
  year      = 2017, month = jun, day = 12,
  doi       = {10.1000/AB\_C},
  url       = {https://example.org/a_b%20~c},
  keywords  = {one, two; three},
  abstract  = {First
    line --- and ${"``"}second''.},
  pages     = {1--2},
}`);
    assert.equal(format, "bibtex");
    assert.deepEqual(papers, [
      {
        key: "smith:2017(a)",
        title: 'On Testing $O(n^{2})$ in LaTeX & "quotes"',
        abstract: "First line — and “second”.",
        authors: ["Paul Erdős", "Example & Sons, Inc.", "Jean de La Fontaine"],
        venue: "Journal of Tests",
        published: "2017-06-12",
        doi: "10.1000/ab_c",
        url: "https://example.org/a_b%20~c",
        keywords: ["one", "two", "three"],
      },
    ]);
    assert.deepEqual([problems, remarks], [[], []]);
    assert.deepEqual(ignored, { pages: 1 });
  });

  const dates: [fields: string, published: string | undefined][] = [
    ["year = 2017", "2017"],
    ["year = {2017}, month = {6}", "2017-06"],
    ["year = 2017, month = jun", "2017-06"],
    ["year = 2017, month = {June}", "2017-06"],
    ["year = 2017, month = 12 # {~} # jun", "2017-06-12"],
    ["year = 2017, month = {25--28 Jun}", "2017-06"],
    ["date = {2017-06-12}, year = 2016", "2017-06-12"],
    ["date = {2017-06-12/2017-06-14}", "2017-06-12"],
    ["year = {in press}", undefined],
  ];
  for (const [fields, published] of dates) {
    test(`${fields} is ${published ?? "no date"}`, async () => {
      const { papers, remarks } = await read(`@misc{a, title={T}, ${fields}}`);
      assert.equal(papers[0]?.published, published);
      assert.equal(remarks.length, published === undefined ? 1 : 0, remarks.join());
    });
  }

  test("an arXiv eprint gives the arXiv id", async () => {
    const { papers } = await read(
      "@misc{a, title={T}, eprint={1706.01234v2}, archivePrefix={arXiv}, primaryClass={cs.LG}}",
    );
    assert.deepEqual(papers, [{ key: "a", title: "T", categories: ["cs.LG"], arxiv: "1706.01234" }]);
  });

  test("a journal field that names arXiv gives the id", async () => {
    const { papers } = await read(
      "@article{a, title={T}, journal={arXiv preprint arXiv:1706.01234}}\n@article{b, title={U}, journal={CoRR}, volume={abs/1706.01235}}",
    );
    assert.deepEqual(
      papers.map(({ arxiv }) => arxiv),
      ["1706.01234", "1706.01235"],
    );
  });

  for (const [fields, arxiv] of [
    ["journal={ArXiv}, volume={abs/2005.14165}", "2005.14165"],
    ["note={arXiv:1412.6980}", "1412.6980"],
    ["note={arXiv: 1412.6980 [cs.LG]}", "1412.6980"],
    ["howpublished={arXiv preprint arXiv:1412.6980v9.}", "1412.6980"],
    ["note={Comment on arXiv:1412.6980}"],
    ["note={arXiv:1412.6980 and its reply}"],
    ["journal={J. Tests}, volume={abs/2005.14165}"],
  ])
    test(`${fields} ${arxiv === undefined ? "does not give" : "gives"} an arXiv id`, async () => {
      assert.equal((await read(`@article{a, title={T}, ${fields}}`)).papers[0]?.arxiv, arxiv);
    });

  test("a macro for a journal, as in ADS exports, is the journal", async () => {
    const { papers } = await read(
      String.raw`@article{a, title={T}, journal={\apj}} @article{b, title={U}, journal="{\prd}"} @article{c, title={V}, journal={\apj A}}`,
    );
    assert.deepEqual(
      papers.map(({ venue }) => venue),
      ["The Astrophysical Journal", "Physical Review D", String.raw`\apj A`],
    );
  });

  test("year and book title come from the cross-referenced entry, before or after, unless the entry has its own", async () => {
    const book = "@proceedings{Conf:2017, title={Proceedings of Tests}, booktitle={Tests 17}, year=2017, month=jun}";
    const entries = [
      "@inproceedings{a, title={A}, crossref={conf:2017}}",
      "@article{x, title={X}}",
      '@inproceedings{b, title={B}, booktitle={T}, year=2016, crossref = "Conf:2017"}',
    ];
    const a = { key: "a", title: "A", venue: "Tests 17", published: "2017-06" };
    const b = { key: "b", title: "B", venue: "T", published: "2016" };
    const x = { key: "x", title: "X" };
    const whole = {
      key: "Conf:2017",
      title: "Proceedings of Tests",
      venue: "Tests 17",
      published: "2017-06",
    };
    const behind = await read([...entries, book].join("\n"));
    assert.deepEqual(behind.papers, [x, whole, a, b]);
    assert.deepEqual([behind.problems, behind.remarks, behind.ignored], [[], [], {}]);
    assert.deepEqual((await read([book, ...entries].join("\n"))).papers, [whole, x, a, b]);
    const without = await read(entries.join("\n"));
    assert.deepEqual(without.papers, [x, { key: "a", title: "A" }, b]);
    assert.deepEqual(without.ignored, { crossref: 2 });
  });

  test("cross-references may be chained, and may be circular", async () => {
    const { papers } = await read(
      "@inbook{a, title={A}, crossref={b}} @book{b, title={B}, crossref={c}} @mvbook{c, title={C}, year=2017} @book{d, title={D}, crossref={d}}",
    );
    assert.deepEqual(
      papers.map(({ title, venue, published }) => [title, venue, published].join()),
      ["C,,2017", "B,C,2017", "A,C,2017", "D,,"],
    );
  });

  test("many entries that wait for one another are read in linear time", async () => {
    const chain = Array.from({ length: 1_000 }, (_, at) => `@book{k${at}, title={T}, crossref={k${at + 1}}}\n`);
    const star = Array.from({ length: 1_000 }, (_, at) => `@misc{m${at}, title={T}, crossref={k1000}}\n`);
    const start = performance.now();
    const { papers } = await read([...chain, ...star, "@book{k1000, title={T}, year=2017}"].join(""));
    assert.ok(papers.length === 2_001 && papers.every(({ published }) => published === "2017"));
    assert.ok(performance.now() - start < 30_000, `${performance.now() - start} ms`);
  });

  test("entries that wait for another use bounded memory", async () => {
    const abstract = "a ".repeat(50_000);
    const waiting = Array.from(
      { length: 200 },
      (_, at) => `@misc{k${at}, title={T}, abstract={${abstract}}, crossref={b}}`,
    );
    const { all } = await read([...waiting, "@book{b, title={B}, year=2017}"].join("\n"));
    const dates = all.flatMap((reading) => (reading.kind === "paper" ? [reading.paper.published] : []));
    assert.equal(dates.length, 201);
    assert.ok(dates[0] === undefined && dates.at(-1) === "2017");
  });

  test("text between entries, comments and preambles are ignored", async () => {
    const text = `Free text with an @ in it and one like x@y{z}.
@comment{jabref-meta: {a}; @article{c1, title={no}}}
@preamble{"\\newcommand{\\x}{y}"}
@article{a, title={one}} @book(b, title="two (2)")@misc{c,title={three}}
the end`;
    assert.deepEqual(await titles(text), ["one", "two (2)", "three"]);
  });

  test("keys with brackets or spaces, and empty keys, are accepted", async () => {
    const { papers, problems } = await read(
      "@misc{a b(c), title={1}}\n@misc{, title={2}}\n@misc{title={3}}\n@misc{M\u00fcller#1,title={4}}",
    );
    assert.deepEqual(
      papers.map(({ key }) => key),
      ["a b(c)", undefined, undefined, "M\u00fcller#1"],
    );
    assert.deepEqual(problems, []);
  });

  test("an entry with an unpaired dollar or a missing comma is still read", async () => {
    assert.deepEqual(await titles("@misc{a, title={It costs $5}\n year={2017}}"), ["It costs $5"]);
  });

  test("of a repeated field the first nonempty one counts; keywords are joined", async () => {
    const { papers } = await read(
      "@misc{a, title={A}, title={B}, abstract={}, abstract={C}, keywords={one, two}, keywords={three}}",
    );
    assert.deepEqual(papers, [{ key: "a", title: "A", abstract: "C", keywords: ["one", "two", "three"] }]);
  });

  test("an entry on one line is not read as the header of a table", async () => {
    const { format, papers } = await read("  @misc{a, title={}, title={A}, author={}}\n");
    assert.deepEqual([format, papers], ["bibtex", [{ key: "a", title: "A" }]]);
  });

  test("a broken entry is one problem with its line, and the others are read", async () => {
    const { papers, problems } = await read("@misc{a, title={A}}\n\n@misc{b, title == {B}}\n@misc{c, title={C}}");
    assert.deepEqual(
      papers.map(({ title }) => title),
      ["A", "C"],
    );
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^3: not valid BibTeX .* in @misc\{b/);
  });

  for (const [name, broken] of [
    ["closing brace", "@misc{b, title={B}"],
    ["closing brace of a value", "@misc{b, title={B, year={2017}}"],
    ["closing quotation mark", '@misc{b, title="B, year={2017}}'],
  ]) {
    test(`after a missing ${name} the rest of the file is read`, async () => {
      const { papers, problems } = await read(
        `@misc{a, title={A}}\n${broken}\n\n@misc{c,\n title={C}}\n@misc{d, title={D}}\n`,
      );
      assert.deepEqual(
        papers.map(({ title }) => title),
        ["A", "C", "D"],
      );
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", /^2: /);
    });
  }

  test("an unclosed last entry is a problem with its line", async () => {
    const { papers, problems } = await read("@misc{a, title={A}}\n@misc{b, title={B},\n");
    assert.equal(papers.length, 1);
    assert.match(problems.join(), /^2: the entry @misc\{b has no closing brace before the end of the file/);
  });

  test("after an unclosed comment the next entries are read", async () => {
    assert.deepEqual(await titles("@comment{ open\n@misc{a, title={A}}\n@misc{b, title={B}}"), ["A", "B"]);
  });

  test("escaped braces are counted as in LaTeX, or, if that fails, as in BibTeX", async () => {
    assert.deepEqual(await titles("@misc{a, title={Sets \\{ of}}\n@misc{b, file={C:\\x\\}, title={B}}"), [
      "Sets { of",
      "B",
    ]);
  });

  test("an undefined abbreviation is reported, and kept as a word", async () => {
    const { papers, remarks } = await read("@misc{a, title={A}, journal = nope}");
    assert.equal(papers[0]?.venue, "nope");
    assert.match(remarks.join(), /^1: the abbreviation "nope" is not defined/);
  });

  describe("the fields of an entry", () => {
    /** `name=value`, with bare words between < and >. */
    const fieldsOf = (body: string): string[] => {
      const entry = readEntry(`@misc{k, ${body}}`);
      if ("problem" in entry) return [entry.problem];
      return entry.fields.map(
        ({ name, value }) => `${name}=${value.map(({ text, bare }) => (bare ? `<${text}>` : text)).join("#")}`,
      );
    };
    const cases: [body: string, fields: string[]][] = [
      ["", []],
      ["Title = {a}", ["title=a"]],
      ["a={x},b={y},", ["a=x", "b=y"]],
      ["a={x},,b={y} , , ", ["a=x", "b=y"]],
      ["a={x} b={y} c=jan d=2017", ["a=x", "b=y", "c=<jan>", "d=<2017>"]],
      ["a={x {y {z}} w}", ["a=x {y {z}} w"]],
      ['a="x {"} y", b={"}', ['a=x {"} y', 'b="']],
      [String.raw`a="x \"o y", b={\{}`, [String.raw`a=x \"o y`, String.raw`b=\{`]],
      ["a={C:\\x\\}, b={y}", ["a=C:\\x\\", "b=y"]],
      ['a = 12 # {~} # jun # "x"', ["a=<12>#~#<jun>#x"]],
      ["a=x.y/z:1+2-3_4'5", ["a=<x.y/z:1+2-3_4'5>"]],
      ["a=, b={}", ["a=<>", "b="]],
      ["% a note: it's b = 3\n a={x} % b={y}\n, c={z}", ["a=x", "c=z"]],
      ["% abstract = {one\n two},\n a={100% x}", ["a=100% x"]],
      ["größe={x}, a:b-c.d={y}", ["größe=x", "a:b-c.d=y"]],
      ["a == {x}", ["not valid BibTeX (expected the name of a field, got = {x}) in @misc{k"]],
      ["a {x}", ['not valid BibTeX (expected "=" after "a", got {x}) in @misc{k']],
      ["a={x} {y}", ["not valid BibTeX (expected the name of a field, got {y}) in @misc{k"]],
      ["a={x", ["not valid BibTeX (a brace or quotation mark is not closed: {x) in @misc{k"]],
      ['a="x', ['not valid BibTeX (a brace or quotation mark is not closed: "x) in @misc{k']],
    ];
    for (const [body, fields] of cases)
      test(`of ${JSON.stringify(body)} are ${JSON.stringify(fields)}`, () => assert.deepEqual(fieldsOf(body), fields));

    test("are those that another BibTeX parser finds", () => {
      const text = fc.stringMatching(/^[a-z0-9 ,;=@()'.-]{0,12}$/);
      const { inside } = fc.letrec<{ inside: string }>((tie) => ({
        inside: fc.oneof(
          { depthSize: "small" },
          text,
          fc.tuple(text, tie("inside"), text).map(([before, braced, after]) => `${before}{${braced}}${after}`),
        ),
      }));
      const piece = fc.oneof(
        inside.map((one) => `{${one}}`),
        inside.map((one) => `"${one}"`),
        fc.stringMatching(/^\d{1,4}$/),
        fc.constantFrom("abbr", "ABBR"),
      );
      const space = fc.constantFrom("", " ", "\n  ", " % note\n");
      const field = fc
        .tuple(
          fc.stringMatching(/^x[a-zA-Z0-9_:.-]{0,8}$/),
          space,
          fc.array(piece, { minLength: 1, maxLength: 3 }),
          space,
        )
        .map(
          ([name, before, pieces, after]) => `${name}${before}=${after}${pieces.join(`${before}#${after}`)}${after}`,
        );
      fc.assert(
        fc.property(fc.array(field, { minLength: 1, maxLength: 5 }), (fields) => {
          const written = `@misc{k, ${fields.join(", ")}}`;
          const entry = readEntry(written);
          assert.ok("fields" in entry, JSON.stringify(entry));
          const ours = new Map<string, string>();
          for (const { name, value } of entry.fields) {
            const whole = value.map(({ text: one, bare }) => (bare && /\D/.test(one) ? "meaning" : one)).join("");
            if (!ours.has(name) && whole.trim() !== "") ours.set(name, whole.replace(/\s+/g, ""));
          }
          const options = { english: false, sentenceCase: false, verbatimFields: [/./], strings: { abbr: "meaning" } };
          const other = parse(written, options as Parameters<typeof parse>[1]);
          assert.deepEqual(other.errors, []);
          const theirs = Object.entries(other.entries[0]?.fields ?? {})
            .filter(([name]) => !name.includes("+duplicate"))
            .map(([name, value]) => [name, typeof value === "string" ? value.replace(/\s+/g, "") : value] as const);
          assert.deepEqual(ours, new Map(theirs));
        }),
        { numRuns: 500 },
      );
    });
  });

  describe("abbreviations", () => {
    const amount = (papers: PaperRecord[]) => papers.reduce((sum, { abstract }) => sum + (abstract?.length ?? 0), 0);

    test("made of abbreviations have bounded length, and the entry at the limit is reported", async () => {
      const strings = Array.from({ length: 60 }, (_, at) => `@string{s${at + 1} = s${at} # s${at}}`);
      const { papers, problems } = await read(
        `@string{s0 = "0123456789"}\n${strings.join("\n")}\n@misc{a, title={A}, abstract=s15}\n@misc{b, title={B}}`,
      );
      // s15 has 327,680 characters: too long for an abstract, and with the others the limit for the file.
      assert.match(
        problems.join("\n"),
        /^\d+: the abbreviations \(@string\) of this file expand to more than 10 times/,
      );
      assert.deepEqual(
        papers.map(({ title }) => title),
        ["B"],
      );
    });

    test("used repeatedly expand to at most ten times the file, and each omitted entry is reported", async () => {
      const text = `@string{a = {${"ice ".repeat(250)}}}\n@string{b = a # a # a # a # a # a # a # a # a # a}\n`;
      const entries = Array.from({ length: 500 }, (_, at) => `@misc{k${at}, title={T}, abstract = b # b # b}\n`);
      const file = `${text}${entries.join("")}@misc{last, title={Last}, abstract={Ice.}}\n`;
      const { papers, problems } = await read(file);
      assert.ok(amount(papers) <= 1024 * 1024 + 10 * file.length, `${amount(papers)}`);
      assert.equal(papers.length + problems.length, 501);
      assert.equal(papers.at(-1)?.title, "Last");
      assert.match(problems[0] ?? "", /^3\d: the abbreviations/);
    });

    test("of thousands of journals, used by thousands of entries, are all read", async () => {
      const name = (at: number) => `Journal of the International Society for the Study of Ice and Snow, Series ${at}`;
      const strings = Array.from({ length: 3000 }, (_, at) => `@string{j${at}={${name(at)}}}`);
      const entries = Array.from({ length: 3000 }, (_, at) => `@misc{k${at},title={T},journal=j${at % 7}}`);
      const { papers, problems, abbreviations } = await read(`${strings.join("\n")}\n${entries.join("\n")}\n`);
      assert.deepEqual([papers.length, problems, abbreviations], [3000, [], 3000]);
      assert.equal(papers.at(-1)?.venue, name(2999 % 7));
    });

    test("of BibTeX's standard styles are known", async () => {
      const { papers, remarks } = await read(
        "@misc{a, title={A}, journal = jacm, year = 2017, month = 12 # { } # june}",
      );
      assert.deepEqual([papers[0]?.venue, papers[0]?.published, remarks], ["Journal of the ACM", "2017-06-12", []]);
    });

    test("that are known apply to a file, and those it defines are added", async () => {
      const abbreviations = new Map<string, string>();
      const defined = await read("@string{joi = {Journal of Ice}}\n@string{n/s = joi # { and Snow}}", {
        abbreviations,
      });
      assert.deepEqual([defined.papers, defined.problems, defined.abbreviations], [[], [], 2]);
      const { papers, remarks } = await read("@misc{a, title={A}, journal = JOI}\n@misc{b, title={B}, journal = n/s}", {
        abbreviations,
      });
      assert.deepEqual(
        [papers.map(({ venue }) => venue), remarks],
        [["Journal of Ice", "Journal of Ice and Snow"], []],
      );
      assert.match((await read("@misc{a, title={A}, journal = joi}")).remarks.join(), /"joi" is not defined/);
    });
  });

  test("written text is read back unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(paperRecords, async (record) => {
        const [clean] = (await read(JSON.stringify(record))).papers;
        if (clean === undefined) return;
        const { papers, problems, remarks, ignored } = await read(toBibtex(paperOf(clean), "key 1"));
        assert.deepEqual([problems, remarks, ignored], [[], [], {}]);
        const [back] = papers;
        assert.equal(back?.key, "key-1");
        const authors = clean.authors?.map(inParts);
        for (const field of ["title", "abstract", "venue", "published", "doi", "authors", "keywords"] as const) {
          assert.deepEqual(back?.[field], { ...clean, authors }[field], field);
        }
        // An arXiv DOI implies the arXiv id.
        assert.equal(back?.arxiv, clean.arxiv);
      }),
      { numRuns: 500 },
    );
  });

  test("another BibTeX parser finds the same family names", () => {
    const authors = [
      "Jan van der Berg",
      "Martin Luther King, Jr.",
      "ATLAS Collaboration",
      "Example Sons, Ltd.",
      "Plato",
      "Smith J",
      "García Márquez G",
    ];
    const [entry] = parse(toBibtex(paperOf({ title: "T", authors }), "k"), { sentenceCase: false }).entries;
    const names = (entry?.fields.author ?? []).map(
      ({ name, prefix, lastName }) => name ?? [prefix, lastName].join(" ").trim(),
    );
    const people = [
      "van der Berg",
      "King",
      "ATLAS Collaboration",
      "Example Sons, Ltd.",
      "Plato",
      "Smith",
      "García Márquez",
    ];
    assert.deepEqual(names, people);
  });

  const KINDS: [venue: string | undefined, entry: RegExp][] = [
    ["Nature", /^@article\{k,[^]*journal = \{Nature\}/],
    ["Proceedings of the National Academy of Sciences", /^@article/],
    ["Annals of the 3rd Workshop on Tests", /^@inproceedings\{k,[^]*booktitle = \{Annals/],
    ["NeurIPS", /^@inproceedings/],
    ["arXiv", /^@article/],
    [undefined, /^@misc/],
  ];
  for (const [venue, entry] of KINDS)
    test(`a paper in ${venue ?? "no venue"} is ${entry.source.slice(1, 7)}...`, () => {
      assert.match(toBibtex(paperOf({ title: "T", ...(venue === undefined ? {} : { venue }) }), "k"), entry);
    });

  test("another BibTeX parser reads the same title and names", () => {
    const text = paperRecords.map(({ title }) => cleanText(title).replace(/\$/g, "S")).filter((title) => title !== "");
    fc.assert(
      fc.property(text, (title) => {
        const [entry] = parse(toBibtex(paperOf({ title }), "k"), { english: false, sentenceCase: false }).entries;
        assert.equal(String(entry?.fields["title"]).replace(/\s+/g, " "), title.replace(/\s+/g, " "));
      }),
      { numRuns: 300 },
    );
  });

  test("names in biblatex's extended format are read, and written in BibTeX's format", async () => {
    const { papers } = await read(
      "@misc{k, title={a}, author={family=Berg, given=Rosa, prefix=van den, useprefix=true and family=Lund, given=Ana and Smith, John}}\n" +
        "@misc{l, title={b}, author={family=Dahl, given={Jan Per}, prefix=af, suffix=Jr, given-i=J. and given=Zo{\\'e}, family={O'Neil and Sons} and others}}\n",
    );
    assert.deepEqual(
      papers.map(({ authors }) => authors),
      [
        ["Rosa van den Berg", "Ana Lund", "John Smith"],
        ["Jan Per af Dahl Jr", "Zoé O'Neil and Sons"],
      ],
    );
    assert.match(toBibtex(paperOf(papers[0] as PaperRecord), "k"), /author = \{Rosa van den Berg and Ana Lund and/);
    assert.match(toRis(paperOf(papers[0] as PaperRecord)), /AU {2}- van den Berg, Rosa\r\n/);
  });

  test("DBLP's numbers for people with the same name are removed, in every format", async () => {
    const expected = ["Wei Lund", "Li Berg", "Horizon 2020"];
    for (const text of [
      "@misc{k, title={a}, author={Wei Lund 0001 and Berg 0012, Li and Horizon 2020}}",
      "TY  - GEN\nTI  - a\nAU  - Wei Lund 0001\nAU  - Berg 0012, Li\nAU  - Horizon 2020\nER  - \n",
      '[{"type": "article", "title": "a", "author": [{"given": "Wei", "family": "Lund 0001"}, {"literal": "Li Berg 0012"}, {"literal": "Horizon 2020"}]}]',
      '{"title": "a", "authors": ["Wei Lund 0001", "Li Berg 0012", "Horizon 2020"]}',
      "title,authors\na,Wei Lund 0001; Li Berg 0012; Horizon 2020\n",
    ])
      assert.deepEqual((await read(text)).papers[0]?.authors, expected, text);
  });
});
