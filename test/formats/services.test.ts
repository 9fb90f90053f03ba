/** What services and Zotero answer in JSON, and answers that are not papers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "./readings.js";

const json = (value: unknown) => read(JSON.stringify(value, null, 1));
const TEXT = "Otters toss stones.";

describe("Zotero's items", () => {
  const item = (data: Record<string, unknown>, meta: Record<string, unknown> = {}) => ({
    key: "ABCD1234",
    version: 3,
    library: { type: "user", id: 1 },
    meta,
    data: { key: "ABCD1234", version: 3, itemType: "journalArticle", dateAdded: "2024", ...data },
  });
  const article = item(
    {
      title: "Stone <i>juggling</i>",
      creators: [
        { creatorType: "editor", firstName: "Ed", lastName: "Editor" },
        { creatorType: "author", firstName: "Ada", lastName: "Smith" },
        { creatorType: "author", name: "Otter Institute" },
      ],
      abstractNote: TEXT,
      publicationTitle: "Journal of Otters",
      date: "7/5/2021",
      DOI: "10.1000/Otters",
      url: "https://example.org/otters",
      extra: "Citation Key: smith2021\narXiv:2105.01234 [q-bio]\nDOI: 10.5555/no",
      tags: [{ tag: "play" }, { tag: "stones", type: 1 }],
    },
    { parsedDate: "2021-05-07" },
  );
  const paper = {
    key: "smith2021",
    title: "Stone juggling",
    abstract: TEXT,
    authors: ["Ada Smith", "Otter Institute"],
    venue: "Journal of Otters",
    published: "2021-05-07",
    doi: "10.1000/otters",
    arxiv: "2105.01234",
    url: "https://example.org/otters",
    keywords: ["play", "stones"],
  };

  test("of the web API are papers, and files, notes and the trash are counted", async () => {
    const { format, papers, problems, ignored } = await json([
      article,
      item({ itemType: "attachment", title: "Full Text PDF", parentItem: "ABCD1234" }),
      item({ itemType: "note", note: "<p>x</p>" }),
      item({ itemType: "annotation" }),
      item({ title: "Thrown away", deleted: 1 }),
      item({ itemType: "thesis", title: "A thesis", creators: [], university: "Rivertown" }),
    ]);
    assert.equal(format, "json");
    assert.deepEqual(papers, [paper, { key: "ABCD1234", title: "A thesis", venue: "Rivertown" }]);
    assert.deepEqual(problems, []);
    const { 'items of type "attachment"': attachments, 'items of type "note"': notes, ...others } = ignored;
    assert.deepEqual([attachments, notes, others["items in the trash"]], [1, 1, 1]);
    assert.equal(others['items of type "annotation"'], 1);
  });

  test("may be a single one", async () => {
    assert.deepEqual((await json(article)).papers, [paper]);
  });

  test("exported by Better BibTeX are papers, with their files and notes left out", async () => {
    const { papers, problems, ignored } = await json({
      config: { id: "x", label: "BetterBibTeX JSON" },
      collections: { X: { key: "X", name: "Otters", items: [1, 2] } },
      items: [
        {
          ...article.data,
          citationKey: "smithStone2021",
          attachments: [{ itemType: "attachment", title: "Full Text" }],
          notes: [{ itemType: "note", note: "x" }],
        },
        { itemType: "attachment", title: "A file", dateAdded: "2024" },
        { itemType: "case", caseName: "Otter v. Stone", dateAdded: "2024", creators: [] },
      ],
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      papers,
      [
        { ...paper, key: "smithStone2021", published: "2021" },
        { key: undefined, title: "Otter v. Stone" },
      ].map((one) => JSON.parse(JSON.stringify(one)) as object),
    );
    assert.equal(ignored['items of type "attachment"'], 1);
    assert.deepEqual([ignored["attachments"], ignored["notes"]], [1, 1]);
  });

  test("without authors have those who made them", async () => {
    const { papers } = await json([
      item({
        itemType: "presentation",
        title: "a",
        creators: [{ creatorType: "presenter", firstName: "Ada", lastName: "Smith" }],
      }),
      item({
        itemType: "book",
        title: "b",
        creators: [{ creatorType: "editor", firstName: "Ed", lastName: "Editor" }],
      }),
    ]);
    assert.deepEqual(
      papers.map(({ authors }) => authors),
      [["Ada Smith"], undefined],
    );
  });
});

describe("DataCite's DOIs", () => {
  const attributes = {
    doi: "10.48550/arxiv.2105.01234",
    identifiers: [{ identifier: "2105.01234", identifierType: "arXiv" }],
    creators: [
      { name: "Smith, Ada", nameType: "Personal", givenName: "Ada", familyName: "Smith" },
      { name: "Li, Bo" },
      { name: "Institute, Otter", nameType: "Organizational" },
    ],
    titles: [
      { title: "Otters translated", titleType: "TranslatedTitle", lang: "en" },
      { title: "Otter und Steine", lang: "de" },
    ],
    publisher: { name: "arXiv" },
    publicationYear: 2021,
    subjects: [{ subject: "play" }, { subject: "Machine Learning (cs.LG)" }, { subject: "FOS: Biology" }],
    dates: [
      { date: "2021-06-01", dateType: "Updated" },
      { date: "2021-05-07T10:00:00Z", dateType: "Submitted" },
    ],
    descriptions: [
      { description: "5 pages", descriptionType: "Other" },
      { description: "English.", descriptionType: "Abstract", lang: "en" },
      { description: "<p>Otter &amp; Steine.</p>", descriptionType: "Abstract", lang: "de" },
    ],
    url: "https://arxiv.org/abs/2105.01234",
    state: "findable",
  };
  const paper = {
    title: "Otter und Steine",
    abstract: "Otter & Steine.",
    authors: ["Ada Smith", "Bo Li", "Institute, Otter"],
    source: "arXiv",
    categories: ["cs.LG"],
    published: "2021-05-07",
    updated: "2021-06-01",
    doi: "10.48550/arxiv.2105.01234",
    arxiv: "2105.01234",
    url: "https://arxiv.org/abs/2105.01234",
    keywords: ["play"],
  };

  test("are papers: in a list, a single one, and bare", async () => {
    const one = { id: attributes.doi, type: "dois", attributes };
    for (const value of [
      { data: [one], meta: { total: 1 }, links: {} },
      { data: one },
      one,
      attributes,
      [attributes],
    ]) {
      const { papers, problems } = await json(value);
      assert.deepEqual([papers, problems], [[paper], []]);
    }
  });

  test("of articles have the journal, and ranges of years count as their first", async () => {
    const { papers } = await json({
      ...attributes,
      container: { title: "Journal of Otters" },
      dates: [{ date: "2004/2006", dateType: "Issued" }],
    });
    assert.deepEqual([papers[0]?.venue, papers[0]?.published], ["Journal of Otters", "2004"]);
  });
});

describe("Europe PMC's results", () => {
  test("are papers, core and lite, published and preprints", async () => {
    const { papers, problems } = await json({
      version: "6.9",
      hitCount: 3,
      resultList: {
        result: [
          {
            id: "123",
            source: "MED",
            pmid: "123",
            doi: "10.1000/OTTERS",
            title: "Stone <i>juggling</i>.",
            authorString: "Smith A, Li B.",
            authorList: {
              author: [{ fullName: "Smith A", firstName: "Ada", lastName: "Smith" }, { collectiveName: "Otter Group" }],
            },
            journalInfo: { printPublicationDate: "2021-06-01", journal: { title: "Journal of otters" } },
            pubYear: "2021",
            abstractText: "<h4>Aim</h4>Stones.<h4>Result</h4>CO<sub>2</sub>.",
            keywordList: { keyword: ["play"] },
            meshHeadingList: { meshHeading: [{ descriptorName: "Otters" }] },
            firstPublicationDate: "2021-05-07",
          },
          {
            id: "PPR1",
            source: "PPR",
            title: "A preprint",
            authorString: "Doe J.",
            pubYear: "2024",
            bookOrReportDetails: { publisher: "bioRxiv" },
          },
          {
            id: "9",
            source: "MED",
            title: "Lite.",
            authorString: "Doe J, Li B, Roe C.",
            journalTitle: "J Otters",
            pubYear: "2020",
          },
        ],
      },
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      {
        id: "PMID:123",
        title: "Stone juggling",
        abstract: "Aim Stones. Result CO2.",
        authors: ["Ada Smith", "Otter Group"],
        venue: "Journal of otters",
        published: "2021-05-07",
        doi: "10.1000/otters",
        url: "https://pubmed.ncbi.nlm.nih.gov/123/",
        keywords: ["play", "Otters"],
      },
      {
        id: "PPR:PPR1",
        title: "A preprint",
        authors: ["Doe J"],
        venue: "bioRxiv",
        published: "2024",
        url: "https://europepmc.org/article/PPR/PPR1",
      },
      {
        id: "MED:9",
        title: "Lite",
        authors: ["Doe J", "Li B", "Roe C"],
        venue: "J Otters",
        published: "2020",
        url: "https://europepmc.org/article/MED/9",
      },
    ]);
  });
});

describe("preprints of bioRxiv and medRxiv", () => {
  test("are papers, of details and of pubs", async () => {
    const details = {
      title: "Otters",
      authors: "Smith, A. B.; van der Berg, C.; Otter Consortium",
      doi: "10.1101/2024.01.16.575895",
      date: "2024-02-20",
      version: "2",
      category: "zoology",
      abstract: TEXT,
      published: "NA",
      server: "bioRxiv",
    };
    const paper = {
      title: "Otters",
      abstract: TEXT,
      authors: ["A. B. Smith", "C. van der Berg", "Otter Consortium"],
      venue: "bioRxiv",
      categories: ["zoology"],
      published: "2024-02-20",
      updated: "2024-02-20",
      doi: "10.1101/2024.01.16.575895",
    };
    const read = await json({
      messages: [{ status: "ok", total: "2" }],
      collection: [details, { ...details, version: 1 }],
    });
    const { updated: _, ...first } = paper;
    assert.deepEqual([read.papers, read.problems, read.remarks], [[paper, first], [], []]);
    const pubs = Object.fromEntries(
      ["title", "authors", "doi", "date", "category", "abstract"].map((name) => [
        `preprint_${name}`,
        details[name as keyof typeof details],
      ]),
    );
    const published = { published_doi: "10.1000/x", published_journal: "J", preprint_platform: "bioRxiv" };
    assert.deepEqual((await json({ messages: [], collection: [{ ...pubs, ...published }] })).papers, [first]);
  });
});

describe("DBLP's publications", () => {
  test("are papers, with one author or several", async () => {
    const hit = (info: object) => ({ "@score": "5", "@id": "1", info, url: "URL#1" });
    const { papers, problems } = await json({
      result: {
        query: "x",
        status: { "@code": "200", text: "OK" },
        completions: { c: { text: ":x" } },
        hits: {
          "@total": "2",
          hit: [
            hit({
              authors: {
                author: [
                  { "@pid": "1", text: "Ada Smith" },
                  { "@pid": "2", text: "Wei Wang 0001" },
                ],
              },
              title: "Otters &amp; stones.",
              venue: ["NIPS", "CoRR"],
              year: "2017",
              key: "conf/nips/Smith17",
              ee: "https://example.org/otters",
              url: "https://dblp.org/rec/conf/nips/Smith17",
            }),
            hit({
              authors: { author: { text: "Solo" } },
              title: "One",
              venue: "CoRR",
              volume: "abs/1706.03762",
              year: "2017",
              doi: "10.48550/ARXIV.1706.03762",
              url: "https://dblp.org/rec/x",
            }),
          ],
        },
      },
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      {
        id: "DBLP:conf/nips/Smith17",
        title: "Otters & stones",
        authors: ["Ada Smith", "Wei Wang"],
        venue: "NIPS",
        published: "2017",
        url: "https://example.org/otters",
      },
      {
        title: "One",
        authors: ["Solo"],
        venue: "CoRR",
        published: "2017",
        doi: "10.48550/arxiv.1706.03762",
        arxiv: "1706.03762",
        url: "https://dblp.org/rec/x",
      },
    ]);
  });
});

describe("DOAJ's articles", () => {
  test("are papers, one per line or in a list", async () => {
    const article = {
      id: "e58f",
      created_date: "2019",
      bibjson: {
        title: "Otters",
        abstract: TEXT,
        author: [{ name: "Ada Smith", affiliation: "U" }, { name: "Bo Li" }],
        journal: { title: "Journal of Otters", volume: "1" },
        year: "2016",
        month: "10",
        identifier: [
          { id: "0264-1275", type: "pissn" },
          { id: "10.1000/otters", type: "DOI" },
        ],
        link: [{ type: "fulltext", url: "https://example.org/otters" }],
        keywords: ["play"],
        subject: [{ code: "QL", scheme: "LCC", term: "Zoology" }],
      },
    };
    const paper = {
      title: "Otters",
      abstract: TEXT,
      authors: ["Ada Smith", "Bo Li"],
      venue: "Journal of Otters",
      categories: ["Zoology"],
      published: "2016-10",
      doi: "10.1000/otters",
      url: "https://example.org/otters",
      keywords: ["play"],
    };
    const lines = await read(`${JSON.stringify(article)}\n${JSON.stringify(article)}\n`);
    assert.deepEqual([lines.format, lines.papers], ["jsonl", [paper, paper]]);
    assert.deepEqual((await json({ total: 1, results: [article] })).papers, [paper]);
    const { papers } = await json({ id: "e58f", bibjson: { title: "a", year: "2016", month: "October" } });
    assert.deepEqual(papers, [{ title: "a", published: "2016-10", url: "https://doaj.org/article/e58f" }]);
  });
});

describe("OpenReview's submissions", () => {
  test("are papers, of both versions of the API", async () => {
    const content = { title: "Otters", abstract: TEXT, authors: ["Ada Smith"], keywords: ["play"], venue: "ICLR 2025" };
    const valued = Object.fromEntries(Object.entries(content).map(([name, value]) => [name, { value }]));
    const note = { id: "a?", forum: "a?", cdate: 1727432000001, pdate: 1737500000000 };
    const paper = {
      ...content,
      published: "2025-01-21",
      url: "https://openreview.net/forum?id=a%3F",
    };
    for (const one of [content, valued]) {
      const { papers, problems } = await json({ notes: [{ ...note, content: one }], count: 1 });
      assert.deepEqual([papers, problems], [[paper], []]);
    }
  });
});

describe("Semantic Scholar's references and citations", () => {
  test("are papers", async () => {
    const paper = { paperId: "e".repeat(40), title: "Otters", year: 2020 };
    for (const name of ["citedPaper", "citingPaper"]) {
      const { papers, problems } = await json({ offset: 0, data: [{ isInfluential: true, [name]: paper }] });
      assert.deepEqual([papers, problems], [[{ id: "e".repeat(40), title: "Otters", published: "2020" }], []]);
    }
  });
});

describe("an answer that has no papers", () => {
  const errors: [answer: object, said: string][] = [
    [{ error: "Paper not found" }, "Paper not found"],
    [{ error: "Invalid query", message: "x is not a field" }, "Invalid query: x is not a field"],
    [{ message: "Too Many Requests", code: "429" }, "Too Many Requests"],
    [{ message: "Forbidden" }, "Forbidden"],
    [{ errCode: 404, errMsg: "Invalid page size" }, "Invalid page size"],
    [{ errors: [{ status: "404", title: "The resource does not exist" }] }, "The resource does not exist"],
    [{ errors: { title: "Failed to parse" } }, "Failed to parse"],
    [{ name: "RateLimitError", message: "Wait", status: 429 }, "Wait"],
    [
      {
        status: "failed",
        "message-type": "validation-failure",
        message: [{ type: "x", value: "9", message: "Bad rows" }],
      },
      "Bad rows",
    ],
    [{ error: { code: 400, message: "Bad request" } }, "Bad request"],
  ];
  for (const [answer, said] of errors)
    test(`is an error message: ${JSON.stringify(answer)}`, async () => {
      const { papers, problems } = await json(answer);
      assert.deepEqual(papers, []);
      assert.deepEqual(problems, [`1: this is an error message of a service, not a paper: ${said}`]);
    });

  const empty: object[] = [
    { meta: { count: 0 }, results: [], group_by: [] },
    { status: "ok", message: { facets: {}, "total-results": 0, items: [] } },
    { total: 0, offset: 0 },
    { total: 0, token: null, data: [] },
    { messages: [{ status: "no posts found" }], collection: [] },
    { hitCount: 0, request: {}, resultList: { result: [] } },
    { result: { query: "x", hits: { "@total": "0", "@sent": "0" } } },
    { notes: [], count: 0 },
  ];
  for (const answer of empty)
    test(`is an empty list, which is counted: ${JSON.stringify(answer)}`, async () => {
      const { papers, problems, ignored } = await json(answer);
      assert.deepEqual([papers, problems], [[], []]);
      assert.deepEqual(ignored, { "answers without papers": 1 });
    });

  test("is a list without titles, which is said once", async () => {
    const { problems } = await json({ total: 2, offset: 0, data: [{ paperId: "a", year: 1936 }, { paperId: "b" }] });
    assert.deepEqual(problems, [
      '1: no titles: the 2 entries of "data" have only paperId, year; request the titles, too',
    ]);
  });

  test("but a record without a title stays a problem", async () => {
    for (const record of [
      { id: 7, data: [] },
      { doi: "10.1000/x", error: "x" },
      { authors: ["A"], total: 0 },
    ]) {
      assert.match((await json(record)).problems.join(), /^1: no title: every paper needs a title/);
    }
  });
});
