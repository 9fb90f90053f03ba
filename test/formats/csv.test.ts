import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CSV_HEADER, toCsvRow } from "../../src/formats/to-csv.js";
import { paperOf } from "./papers.js";
import { read } from "./readings.js";

describe("CSV", () => {
  test("column names are recognised in any case and spelling", async () => {
    const { format, papers, ignored } = await read(
      '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Abstract Note","Date","Manual Tags"\n' +
        '"K1","article","2017","Smith, Ada; Li, Bo","On ""testing""","J. Tests","10.1000/ABC","https://example.org/1","Two\nlines.","2017-06-12","a; b"\n',
    );
    assert.equal(format, "csv");
    assert.deepEqual(papers, [
      {
        key: "K1",
        title: 'On "testing"',
        abstract: "Two lines.",
        authors: ["Ada Smith", "Bo Li"],
        venue: "J. Tests",
        published: "2017-06-12",
        doi: "10.1000/abc",
        url: "https://example.org/1",
        keywords: ["a", "b"],
      },
    ]);
    assert.deepEqual(ignored, { "Item Type": 1 });
  });

  for (const [name, delimiter] of [
    ["commas", ","],
    ["tabs", "\t"],
    ["semicolons", ";"],
    ["bars", "|"],
  ] as const) {
    test(`${name} are detected as separators`, async () => {
      const text =
        ["id", "Document Title", "year"].join(delimiter) + "\n" + ["1", "a: b", "2017"].join(delimiter) + "\n";
      assert.deepEqual((await read(text)).papers, [{ id: "1", title: "a: b", published: "2017" }]);
    });
  }

  test("Excel's separator line and blank lines are skipped", async () => {
    const { papers, all } = await read("sep=;\r\nTitle;Year\r\na;2001\r\n;\r\n\r\nb;2002\r\n");
    assert.deepEqual(
      papers.map(({ title }) => title),
      ["a", "b"],
    );
    assert.deepEqual(
      all.flatMap((reading) => (reading.kind === "paper" ? [reading.line] : [])),
      [3, 6],
    );
  });

  test("in Web of Science exports, ID holds keywords and UT is the paper's id", async () => {
    const { papers, remarks, ignored } = await read(
      "PT\tAU\tTI\tSO\tDE\tID\tAB\tDI\tPY\tUT\n" +
        "J\tSmith, A; Li, B\tOn testing\tJ. Tests\ttests\tMODEL; RISK\tTwo lines.\t10.1000/a\t2017\tWOS:1\n" +
        "J\tLee, C\tOn proof\tJ. Tests\t\tMODEL; RISK\t\t\t2018\tWOS:2\n",
    );
    assert.deepEqual(papers, [
      {
        key: "WOS:1",
        title: "On testing",
        abstract: "Two lines.",
        authors: ["A Smith", "B Li"],
        venue: "J. Tests",
        published: "2017",
        doi: "10.1000/a",
        keywords: ["tests", "MODEL", "RISK"],
      },
      {
        key: "WOS:2",
        title: "On proof",
        authors: ["C Lee"],
        venue: "J. Tests",
        published: "2018",
        keywords: ["MODEL", "RISK"],
      },
    ]);
    assert.deepEqual([remarks, ignored], [[], { PT: 2 }]);
    assert.deepEqual((await read("TI,SO,ID\na,b,c\n")).papers, [{ title: "a", venue: "b", keywords: ["c"] }]);
    assert.deepEqual((await read("TI,ID\na,c\n")).papers, [{ title: "a", id: "c" }]);
  });

  test("empty cells after the last column are not columns", async () => {
    const { papers, problems } = await read("title,year\na,2001,\nb,2002,, \nc,2003,x\n");
    assert.deepEqual(papers, [
      { title: "a", published: "2001" },
      { title: "b", published: "2002" },
    ]);
    assert.match(problems.join(), /^4: expected 2 columns as in the first row, got 3/);
    assert.deepEqual((await read("title;year;\na;2001\nb;2002;\n")).problems, []);
  });

  test("Google Scholar's columns are recognised", async () => {
    const { papers } = await read(
      'Authors,Title,Publication,Volume,Number,Pages,Year,Publisher\n"Smith, Ada; Li, Bo; ",On testing,J. Tests,3,1,1-9,2017,Tests Inc.\n',
    );
    assert.deepEqual(papers, [
      { title: "On testing", authors: ["Ada Smith", "Bo Li"], venue: "J. Tests", published: "2017" },
    ]);
  });

  test("Python, numpy and JSON lists in cells are read as lists", async () => {
    const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const table = (...rows: [authors: string, keywords: string][]) =>
      `title,authors,keywords\n${rows.map(([authors, keywords]) => `a,${cell(authors)},${cell(keywords)}`).join("\n")}\n`;
    const { papers, problems, remarks } = await read(
      table(
        ["['Ada Smith', 'Bo Li']", "['ice', 'river; \\'frozen\\'']"],
        ['["Ada Smith", "O\'Brien, Pat"]', '["ice, thin"]'],
        ["[{'id': '1', 'name': 'Ada Smith'}, {'id': None, 'name': \"D'Arcy Li\"}]", "['ice' 'snow'\n 'hail']"],
        ['[{"given": "Ada", "family": "Smith"}]', "('ice', 'snow')"],
        ["[]", "['Schn\\u00e9', \"\\xe9t\u00e9\"]"],
        ["nan", "[None, 'ice']"],
        ["lake [frozen]; ice", "lake [frozen]; ice"],
        ["[Anonymous]", "[2017]"],
        ["['Ada Smith'", "(ice)"],
      ),
    );
    assert.deepEqual(
      papers.map(({ authors, keywords }) => [authors, keywords]),
      [
        [
          ["Ada Smith", "Bo Li"],
          ["ice", "river; 'frozen'"],
        ],
        [["Ada Smith", "Pat O'Brien"], ["ice, thin"]],
        [
          ["Ada Smith", "D'Arcy Li"],
          ["ice", "snow", "hail"],
        ],
        [["Ada Smith"], ["ice", "snow"]],
        [undefined, ["Schn\u00e9", "\u00e9t\u00e9"]],
        [undefined, ["ice"]],
        [
          ["lake [frozen]", "ice"],
          ["lake [frozen]", "ice"],
        ],
        [["[Anonymous]"], ["[2017]"]],
        [["['Ada Smith'"], ["(ice)"]],
      ],
    );
    assert.deepEqual([problems, remarks], [[], []]);
    const json = await read(`${JSON.stringify({ title: "a", authors: "['Ada Smith']", keywords: '["b, c"]' })}\n`);
    assert.deepEqual(json.papers, [{ title: "a", authors: ["Ada Smith"], keywords: ["b, c"] }]);
    const crossref = await read("title,container-title,year\n\"['On ice']\",\"['Ice Notes']\",2017\n");
    assert.deepEqual(crossref.papers[0]?.title, "On ice");
  });

  test("keywords that look like such a list are read back as written", async () => {
    const paper = paperOf({ id: "1", title: "['a']", keywords: ["['a'", "'b']"], authors: ["['Ada", "Bo']"] });
    const { papers } = await read(CSV_HEADER + toCsvRow(paper));
    assert.deepEqual(papers, [{ id: "1", title: "['a']", keywords: ["['a'", "'b']"], authors: ["['Ada", "Bo']"] }]);
  });

  describe("lines before the header", () => {
    for (const [name, before, delimiter] of [
      ["a sentence in quotation marks", '"About: exported on Jan 05, 2024. Query: ""ice, thin"" in full"\n', ","],
      ["comments", "# exported 2024-01-05\n# query: ice; snow\n\n", ";"],
      ["a heading", "Title\n\n", ","],
      ["the query, with the names of columns in it", "Search in title, and abstract: ice\n", ","],
      ["a sentence over two lines", '"About the data\nof this table"\n', "\t"],
      ["a quotation mark that is never closed", '"Query: ice\n', ","],
    ] as const)
      test(`${name} ${name.endsWith("s") ? "are" : "is"} skipped`, async () => {
        const rows = [
          ["Rank", "Title", "Abstract", "PubYear"],
          ["1", "On ice", "Ice.", "2019"],
          ["2", "", "Snow.", "2020"],
        ];
        const { papers, problems, all } = await read(before + rows.map((row) => `${row.join(delimiter)}\n`).join(""));
        assert.deepEqual(papers, [{ title: "On ice", abstract: "Ice.", published: "2019" }]);
        const first = before.split("\n").length + 1;
        assert.deepEqual(
          all.flatMap((one) => (one.kind === "paper" ? [one.line] : [])),
          [first],
        );
        assert.match(problems.at(-1) ?? "", new RegExp(`^${first + 1}: no title`));
      });

    test("in other formats, a line of an abstract that looks like a header is text", async () => {
      const ris = await read("TY  - JOUR\nTI  - a\nAB  - We looked in\ntitle, abstract, year\nof each.\nER  - \n");
      assert.deepEqual([ris.format, ris.papers.length], ["ris", 1]);
      const bibtex = await read("@misc{k,\nabstract={We looked in\ntitle, abstract, year\nof each},\ntitle={a}}\n");
      assert.deepEqual([bibtex.format, bibtex.papers.length], ["bibtex", 1]);
    });

    test("a list of titles keeps its header, whatever the titles", async () => {
      const { papers } = await read("title,note\nTitle,Abstract\n");
      assert.deepEqual(
        papers.map(({ title }) => title),
        ["Title"],
      );
    });
  });

  test("column names may have underscores or be paths, as in data frames and OpenAlex's CSV", async () => {
    const frame = await read(
      "paper_title,abstract_text,author_names,publication_year,journal_title,paper_id\nOn ice,Ice.,Ada Smith; Bo Li,2021,Ice Notes,x1\n",
    );
    assert.deepEqual(
      [frame.papers, frame.ignored],
      [
        [
          {
            id: "x1",
            title: "On ice",
            abstract: "Ice.",
            authors: ["Ada Smith", "Bo Li"],
            published: "2021",
            venue: "Ice Notes",
          },
        ],
        {},
      ],
    );
    const works = await read(
      "id,doi,title,display_name,publication_year,publication_date,primary_location.source.display_name,authorships.author.display_name,keywords.display_name,abstract\n" +
        "https://openalex.org/W1,https://doi.org/10.1000/ice.1,On ice,On ice,2020,2020-03-04,Ice Notes,Ada Smith|Bo Li|Wei Lund,Ice|Rivers,Ice.\n",
    );
    assert.deepEqual(
      [works.papers, works.ignored],
      [
        [
          {
            id: "https://openalex.org/W1",
            title: "On ice",
            abstract: "Ice.",
            authors: ["Ada Smith", "Bo Li", "Wei Lund"],
            venue: "Ice Notes",
            published: "2020-03-04",
            doi: "10.1000/ice.1",
            keywords: ["Ice", "Rivers"],
          },
        ],
        {},
      ],
    );
    assert.deepEqual((await read("_id,title\n7,a\n")).papers, [{ id: "7", title: "a" }]);
    assert.deepEqual((await read("title,keywords\na,P(A|B)\n")).papers, [{ title: "a", keywords: ["P(A|B)"] }]);
  });

  test("attachments and notes in Zotero's CSV are skipped and counted", async () => {
    const { papers, problems, ignored } = await read(
      '"Key","Item Type","Author","Title","Notes","Manual Tags","Automatic Tags"\n' +
        '"A1","journalArticle","Smith, Ada","On ice","","ice; snow","Rivers; Lakes"\n' +
        '"A2","attachment","","Full Text PDF","","",""\n"A3","note","","","<p>mine</p>","",""\n' +
        '"A4","annotation","","","","",""\n"A5","attachment","","Snapshot","","",""\n"A6","webpage","","A page","","",""\n',
    );
    assert.deepEqual(papers, [
      { key: "A1", title: "On ice", authors: ["Ada Smith"], keywords: ["ice", "snow", "Rivers", "Lakes"] },
      { key: "A6", title: "A page" },
    ]);
    assert.deepEqual(problems, []);
    assert.deepEqual(ignored, {
      "Item Type": 2,
      'items of type "attachment"': 2,
      'items of type "note"': 1,
      'items of type "annotation"': 1,
    });
    const json = await read(
      JSON.stringify([
        { itemType: "attachment", title: "Full Text PDF" },
        { itemType: "book", title: "Ice" },
      ]),
    );
    assert.deepEqual(
      [json.papers, json.ignored],
      [[{ title: "Ice" }], { 'items of type "attachment"': 1, itemType: 1 }],
    );
  });

  test("full names are preferred to initials, and Scopus's numbers are removed", async () => {
    const { papers } = await read(
      'Authors,Author full names,Title\n"Vaswani A.; Li B.","Vaswani, Ashish (57191111111); Li, Bo (57192222222)",a\n' +
        '"Li B.","Li, Bo (57192222222)",b\n"Li B.",,c\n',
    );
    assert.deepEqual(
      papers.map(({ authors }) => authors),
      [["Ashish Vaswani", "Bo Li"], ["Bo Li"], ["Li B."]],
    );
  });

  test("a table with only titles is read", async () => {
    assert.deepEqual((await read("title\na, b\nc\n")).papers.length, 1);
    assert.deepEqual((await read("title\na\nc\n")).papers, [{ title: "a" }, { title: "c" }]);
  });

  test("a quotation mark inside an unquoted field is text", async () => {
    const { papers, problems } = await read('title\tyear\nThe 5" disk\t1999\n"Odd" ends\t2000\n');
    assert.deepEqual(
      papers.map(({ title }) => title),
      ['The 5" disk', '"Odd" ends'],
    );
    assert.deepEqual(problems, []);
  });

  test("a row with too many or too few columns is a problem with its line", async () => {
    const { papers, problems } = await read('title,year\n"a\nb",2001\nc,d,2002\ne\nf,2003\n');
    assert.deepEqual(
      papers.map(({ title }) => title),
      ["a b", "f"],
    );
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? "", /^4: expected 2 columns as in the first row, got 3/);
    assert.match(problems[1] ?? "", /^5: expected 2 columns.*got 1/);
  });

  test("after an unclosed quotation mark the next rows are read", async () => {
    const { papers, problems } = await read('title,year\na,2001\n"b,2002\nc,2003\nd,2004\n');
    assert.deepEqual(
      papers.map(({ title }) => title),
      ["a", "c", "d"],
    );
    assert.match(problems.join(), /^3: a quotation mark.*not closed/);
  });

  test("for a table without a title column, the problem says what was found and expected", async () => {
    const { papers, problems } = await read("id,abstract,year\n1,x,2001\n");
    assert.deepEqual(papers, []);
    assert.match(
      problems.join(),
      /^1: no column with titles: found "id", "abstract", "year"; expected one named "title"/,
    );
  });

  const FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "'=1",
    "''=1",
    "'quoted' words",
    "'",
    "x=1",
  ];
  const written = FORMULAS.map((title, at) => toCsvRow(paperOf({ id: `${at}`, title, abstract: title }))).join("");

  test("no cell of an export starts like a formula", () => {
    const cells = [...written.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = ""]) => cell);
    assert.equal(cells.length, 3 * FORMULAS.length);
    for (const cell of cells) assert.doesNotMatch(cell, /^[=+\-@\t\r＝＋－＠]/);
  });

  test("the apostrophes of an export are removed on import, also if columns were deleted", async () => {
    const whole = await read(CSV_HEADER + written);
    assert.deepEqual(
      whole.papers.map(({ title, abstract }) => [title, abstract]),
      FORMULAS.map((text) => [text, text]),
    );
    assert.equal((await read(`"title","id"\n"'=1","a"\n`)).papers[0]?.title, "=1");
  });

  test("an apostrophe in any other table is kept", async () => {
    for (const header of ["Title,id", "title,year"])
      assert.equal((await read(`${header}\n"'-omics' is a suffix",2001\n`)).papers[0]?.title, "'-omics' is a suffix");
  });

  test("a single name, keyword or category with a comma and a trailing semicolon is one entry", async () => {
    const { papers } = await read(
      'title,authors,keywords,categories\na,"García Márquez, Gabriel José;","b, c;","Physics, Applied; Optics"\n',
    );
    assert.deepEqual(papers, [
      {
        title: "a",
        authors: ["Gabriel José García Márquez"],
        categories: ["Physics, Applied", "Optics"],
        keywords: ["b, c"],
      },
    ]);
  });

  const table = (delimiter: string, ...rows: Record<string, string>[]): string => {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const cell = (text = "") => (delimiter === "\t" ? text : `"${text.replaceAll('"', '""')}"`);
    return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
      .map((cells) => `${cells.map(cell).join(delimiter)}\r\n`)
      .join("");
  };

  test("Scopus's columns are recognised, with names of any year", async () => {
    const row = { "Author(s) ID": "1", "Source title": "J", Year: "2021", Source: "Scopus", EID: "2-s2.0-1" };
    const { papers, problems } = await read(
      table(
        ",",
        {
          Authors: "Smith, J.; van der Berg, A.-B.",
          "Author full names": "Smith, Jane (57200000001); van der Berg, Anna (57200000002)",
          ...row,
          Title: 'Otters, and "stones"',
          DOI: "10.1000/otters",
          Link: "https://www.scopus.com/1",
          Abstract: "Otters toss stones.",
          "Author Keywords": "play; tools",
          "Index Keywords": "Lutra",
        },
        { Authors: "Smith J., Li X.-Y.", ...row, Title: "Old" },
        { Authors: "Smith, J., Li, X.-Y.", ...row, Title: "Older" },
        { Authors: "[No author name available]", ...row, Title: "None", Abstract: "[No abstract available]" },
      ),
    );
    assert.deepEqual(problems, []);
    const all = { venue: "J", published: "2021", source: "Scopus" };
    assert.deepEqual(papers, [
      {
        ...all,
        title: 'Otters, and "stones"',
        abstract: "Otters toss stones.",
        authors: ["Jane Smith", "Anna van der Berg"],
        doi: "10.1000/otters",
        url: "https://www.scopus.com/1",
        keywords: ["play", "tools", "Lutra"],
      },
      { ...all, title: "Old", authors: ["Smith J.", "Li X.-Y."] },
      { ...all, title: "Older", authors: ["J. Smith", "X.-Y. Li"] },
      { ...all, title: "None" },
    ]);
  });

  test("IEEE Xplore's columns are recognised; a day of another year is not that of publication", async () => {
    const row = (title: string, more: Record<string, string>) => ({
      "Document Title": title,
      Authors: "A. Smith; X. Li",
      "Publication Title": "IEEE Access",
      "Publication Year": "2018",
      DOI: "10.1109/a",
      "PDF Link": "https://ieeexplore.ieee.org/1",
      "Author Keywords": "play;tools",
      "IEEE Terms": "Lutra",
      ...more,
    });
    const { papers, problems } = await read(
      table(
        ",",
        row("a", { "Online Date": "5 Mar 2018", "Issue Date": "2018" }),
        row("b", { "Online Date": "28 Dec 2017", "Issue Date": "June 2018" }),
        row("c", { "Online Date": "28 Dec 2017" }),
      ),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(papers[0], {
      title: "a",
      authors: ["A. Smith", "X. Li"],
      venue: "IEEE Access",
      published: "2018-03-05",
      doi: "10.1109/a",
      url: "https://ieeexplore.ieee.org/1",
      keywords: ["play", "tools", "Lutra"],
    });
    assert.deepEqual(
      papers.map(({ published }) => published),
      ["2018-03-05", "2018-06", "2018"],
    );
  });

  test("identifiers in Zotero's column of other fields are read", async () => {
    const row = { Key: "ABCD1234", "Item Type": "preprint", Title: "Otters", Date: "2021-05", Extra: "" };
    const { papers, ignored } = await read(
      table(
        ",",
        { ...row, Extra: "arXiv:2105.01234 [q-bio]\nCitation Key: smith2021\nDOI: 10.1000/otters" },
        { ...row, Extra: "Publisher: X" },
      ),
    );
    assert.deepEqual(papers, [
      { key: "smith2021", title: "Otters", published: "2021-05", doi: "10.1000/otters", arxiv: "2105.01234" },
      { key: "ABCD1234", title: "Otters", published: "2021-05" },
    ]);
    assert.deepEqual(ignored, { "Item Type": 2, Extra: 1 });
  });

  test("Web of Science's table is read in UTF-16 and UTF-8, with quotation marks as they are", async () => {
    const row = { PT: "J", AU: "Smith, A", AF: "", CA: "", TI: "", SO: "OTTERS", ID: "", AB: "", PD: "", PY: "2021" };
    const text = table(
      "\t",
      {
        ...row,
        AF: "Smith, Ada; Li, Bo",
        CA: "Otter Consortium",
        TI: '"Smart stones',
        ID: "LUTRA; PLAY",
        AB: '"Young" otters, 5" long.',
        PD: "MAY 7",
        DI: "10.1000/otters",
        WC: "Computer Science, Artificial Intelligence",
        PM: "12345678",
        UT: "WOS:1",
        "": "",
      },
      { ...row, TI: '"Saved ""by"" Excel"', EA: "FEB 2021", UT: "WOS:2" },
    );
    for (const bytes of [
      Buffer.from(`\ufeff${text}`, "utf16le"),
      Buffer.from(`\ufeff${text}`),
      Buffer.from(text.trimEnd()),
      Buffer.from(text.replaceAll("\r\n", "\n")),
    ]) {
      const { format, papers, problems } = await read(bytes);
      assert.deepEqual([format, problems], ["csv", []]);
      assert.deepEqual(papers, [
        {
          key: "WOS:1",
          title: '"Smart stones',
          abstract: '"Young" otters, 5" long.',
          authors: ["Ada Smith", "Bo Li", "Otter Consortium"],
          venue: "OTTERS",
          categories: ["Computer Science, Artificial Intelligence"],
          published: "2021-05-07",
          doi: "10.1000/otters",
          url: "https://pubmed.ncbi.nlm.nih.gov/12345678/",
          keywords: ["LUTRA", "PLAY"],
        },
        { key: "WOS:2", title: 'Saved "by" Excel', authors: ["A Smith"], venue: "OTTERS", published: "2021-02" },
      ]);
    }
  });
});
