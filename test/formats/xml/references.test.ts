/** XML of reference managers and catalogues: EndNote, Crossref, DataCite, DBLP. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "../readings.js";

describe("EndNote XML", () => {
  const library = (...records: string[]): string =>
    `<?xml version="1.0" encoding="UTF-8"?><xml><records>${records.map((one) => `<record>${one}</record>`).join("\n")}</records></xml>`;

  test("reads all fields, in styled text, and reports the others", async () => {
    const style = (text: string) => `<style face="normal" font="default" size="100%">${text}</style>`;
    const { papers, problems, remarks, ignored } = await read(
      library(
        `<database name="a.enl">a.enl</database><source-app name="EndNote">EndNote</source-app><rec-number>7</rec-number>
        <foreign-keys><key app="EN" db-id="x">7</key></foreign-keys><ref-type name="Journal Article">17</ref-type>
        <contributors><authors><author>${style("Ott, Ada")}</author><author>${style("University of Ponds,, Sea")}</author></authors>
          <secondary-authors><author>Ed, Itor</author></secondary-authors></contributors>
        <titles><title>${style("H")}<style face="subscript" font="default" size="100%">2</style>${style("O in ")}<style face="italic">Lutra</style></title>
          <secondary-title>${style("J. Ott.")}</secondary-title></titles>
        <periodical><full-title>${style("Journal of Otters")}</full-title></periodical>
        <pages>${style("1-9")}</pages><keywords><keyword>${style("play")}</keyword><keyword>stones; water</keyword></keywords>
        <dates><year>${style("2020")}</year><pub-dates><date>${style("May 7")}</date></pub-dates></dates>
        <label>${style("Ott20")}</label><electronic-resource-num>${style("https://doi.org/10.1000/OTT")}</electronic-resource-num>
        <abstract>${style("We watched.&#xD;They played.")}</abstract>
        <urls><pdf-urls><url>internal-pdf://a.pdf</url></pdf-urls><related-urls><url>${style("https://example.org/ott")}</url></related-urls></urls>`,
      ),
    );
    assert.deepEqual([problems, remarks], [[], []]);
    assert.deepEqual(papers, [
      {
        key: "Ott20",
        title: "H2O in Lutra",
        abstract: "We watched. They played.",
        authors: ["Ada Ott", "University of Ponds, Sea"],
        venue: "Journal of Otters",
        published: "2020-05-07",
        doi: "10.1000/ott",
        url: "https://example.org/ott",
        keywords: ["play", "stones", "water"],
      },
    ]);
    assert.deepEqual(ignored, { pages: 1 });
  });

  test("a book without authors has its editors; each record is read", async () => {
    const { papers, problems } = await read(
      library(
        "<contributors><secondary-authors><author>Ed, Itor</author></secondary-authors></contributors><titles><title>Book</title></titles><dates><year>2001</year></dates>",
        "<titles><title>Thesis</title></titles><dates><pub-dates><date>12/2003</date></pub-dates></dates>",
        "<titles/><contributors/>",
      ),
    );
    assert.deepEqual(papers, [
      { title: "Book", authors: ["Itor Ed"], published: "2001" },
      { title: "Thesis", published: "2003-12" },
    ]);
    assert.deepEqual(problems.length, 1);
    assert.match(problems[0] ?? "", /^3: no title: .*found titles, contributors/);
  });
});

describe("Crossref XML", () => {
  const record = (content: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<doi_records>\n<doi_record owner="10.1000" timestamp="2020-01-01 00:00:00"><crossref>${content}</crossref></doi_record>\n</doi_records>`;
  const person = (given: string, surname: string, role = "author") =>
    `<person_name sequence="first" contributor_role="${role}"><given_name>${given}</given_name><surname>${surname}</surname><affiliation>Pond</affiliation></person_name>`;
  const data = (doi: string) => `<doi_data><doi>${doi}</doi><resource>https://example.org/${doi}</resource></doi_data>`;

  test("reads a journal article, and reports what is not read", async () => {
    const { papers, problems, remarks, ignored } = await read(
      record(`<journal><journal_metadata><full_title>Journal of Otters</full_title><doi_data><doi>10.1000/journal</doi></doi_data></journal_metadata>
      <journal_issue><publication_date><year>1999</year></publication_date></journal_issue>
      <journal_article publication_type="full_text">
        <titles>
          <title>
            Uptake of CO
            <sub>2</sub>
            by <i>Lutra</i>
          </title><subtitle>A review</subtitle>
        </titles>
        <contributors>${person("Ada", "Ott")}${person("Ed", "Itor", "editor")}<organization sequence="additional" contributor_role="author">Otter Group</organization></contributors>
        <jats:abstract xmlns:jats="http://www.ncbi.nlm.nih.gov/JATS1"><jats:title>Abstract</jats:title>
          <jats:sec><jats:title>Aims</jats:title><jats:p>To see.</jats:p></jats:sec><jats:p>Seen <jats:italic>well</jats:italic>.</jats:p></jats:abstract>
        <publication_date media_type="print"><month>11</month><year>2020</year></publication_date>
        <publication_date media_type="online"><month>05</month><day>07</day><year>2020</year></publication_date>
        <pages><first_page>1</first_page></pages>${data("10.1000/OTT")}
        <citation_list><citation key="1"><doi>10.1000/cited</doi></citation></citation_list>
      </journal_article></journal>`),
    );
    assert.deepEqual([problems, remarks], [[], []]);
    assert.deepEqual(papers, [
      {
        title: "Uptake of CO2 by Lutra: A review",
        abstract: "Aims: To see. Seen well.",
        authors: ["Ada Ott", "Otter Group"],
        venue: "Journal of Otters",
        published: "2020-05-07",
        doi: "10.1000/ott",
        url: "https://example.org/10.1000/OTT",
      },
    ]);
    assert.deepEqual(ignored, { pages: 1, citation_list: 1 });
  });

  const paper = (name: string, date = "publication_date") =>
    `<${name}><contributors>${person("Ada", "Ott")}</contributors><titles><title>T</title></titles><${date}><year>2001</year></${date}>${data("10.1000/t")}</${name}>`;
  const works: [kind: string, content: string, venue: string | undefined][] = [
    [
      "a paper of a conference",
      `<conference><event_metadata/><proceedings_metadata><proceedings_title>Proc. Ponds</proceedings_title></proceedings_metadata>${paper("conference_paper")}</conference>`,
      "Proc. Ponds",
    ],
    [
      "a chapter of a book",
      `<book book_type="other"><book_metadata><titles><title>Ponds</title></titles></book_metadata>${paper("content_item")}</book>`,
      "Ponds",
    ],
    ["a book", `<book>${paper("book_metadata")}</book>`, undefined],
    ["a preprint", paper("posted_content", "posted_date"), undefined],
    ["a thesis", paper("dissertation", "approval_date"), undefined],
    ["a report", `<report-paper>${paper("report-paper_metadata")}</report-paper>`, undefined],
  ];
  for (const [kind, content, venue] of works)
    test(`reads ${kind}`, async () => {
      const { papers, problems } = await read(record(content));
      assert.deepEqual(problems, []);
      assert.deepEqual(papers, [
        {
          title: "T",
          authors: ["Ada Ott"],
          ...(venue === undefined ? {} : { venue }),
          published: "2001",
          doi: "10.1000/t",
          url: "https://example.org/10.1000/t",
        },
      ]);
    });

  test("a journal as a whole, an unknown DOI and an article without a title are problems", async () => {
    const reasons: [content: string, reason: RegExp][] = [
      [
        "<journal><journal_metadata><full_title>J</full_title></journal_metadata></journal>",
        /describes a <journal> as a whole/,
      ],
      ["<error>doi:10.1000/no not found</error>", /Crossref answered with an error: doi:10.1000\/no not found/],
      [
        `<journal><journal_article><titles><title/></titles>${data("10.1000/t")}</journal_article></journal>`,
        /no title/,
      ],
      ["", /is empty/],
    ];
    for (const [content, reason] of reasons) {
      const { papers, problems } = await read(record(content));
      assert.deepEqual(papers, []);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", reason);
      assert.match(problems[0] ?? "", /^3: /);
    }
  });
});

test("DataCite XML: reads all fields, and reports the others", async () => {
  const { papers, problems, remarks, ignored } = await read(`<?xml version="1.0"?>
    <resource xmlns="http://datacite.org/schema/kernel-4"><identifier identifierType="DOI">10.5281/ZENODO.1</identifier>
    <creators><creator><creatorName nameType="Personal">Ott, Ada</creatorName><givenName>Ada</givenName><familyName>Ott</familyName></creator>
      <creator><creatorName>Li, Bo</creatorName></creator><creator><creatorName nameType="Organizational">Ponds, Inc.</creatorName></creator></creators>
    <titles><title titleType="Subtitle">Sub</title><title xml:lang="en">Otters</title></titles><publisher>Zenodo</publisher>
    <publicationYear>2021</publicationYear><subjects><subject>play</subject><subject>Machine Learning (cs.LG)</subject><subject>FOS: Computer sciences</subject></subjects>
    <dates><date dateType="Created">2020-01-01</date><date dateType="Issued">2021-03-04/2021-03-05</date></dates>
    <language>en</language><alternateIdentifiers><alternateIdentifier alternateIdentifierType="arXiv">arXiv:2101.00001</alternateIdentifier></alternateIdentifiers>
    <descriptions><description descriptionType="Methods">Nets.</description><description descriptionType="Abstract">&lt;p&gt;We <br/>watched.&lt;/p&gt;</description></descriptions>
    </resource>`);
  assert.deepEqual([problems, remarks], [[], []]);
  assert.deepEqual(papers, [
    {
      title: "Otters",
      abstract: "We watched.",
      authors: ["Ada Ott", "Bo Li", "Ponds, Inc."],
      categories: ["cs.LG"],
      published: "2021-03-04",
      doi: "10.5281/zenodo.1",
      arxiv: "2101.00001",
      source: "Zenodo",
      keywords: ["play"],
    },
  ]);
  assert.deepEqual(ignored, { language: 1 });
});

describe("DBLP XML", () => {
  test("reads a dump in its encoding, with entities of a DTD that is not read", async () => {
    const text = `<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE dblp SYSTEM "dblp.dtd">
<dblp>
<inproceedings key="conf/ott/Ott08" mdate="2020-01-01"><author>Ada Ott 0001</author><author>B&ouml; \u00fcber</author>
<title>Ponds 2.0.</title><pages>1-2</pages><year>2008</year><month>May</month><booktitle>OTT</booktitle><ee>https://doi.org/10.1000/OTT</ee><crossref>conf/ott/2008</crossref><url>db/ott.html</url></inproceedings>
<article key="journals/corr/abs-2101-00001" publtype="informal"><author>Bo Li</author><title>H<sub>2</sub>O.</title><volume>abs/2101.00001</volume><year>2021</year><journal>CoRR</journal><ee>https://arxiv.org/abs/2101.00001</ee></article>
<proceedings key="conf/ott/2008"><editor>Ed Itor</editor><title>Proc. OTT</title><year>2008</year><publisher>Pond</publisher></proceedings>
<www key="homepages/o/Ott"><author>Ada Ott</author><title>Home Page</title></www>
</dblp>`;
    const { papers, problems, ignored } = await read(Buffer.from(text, "latin1"));
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      {
        id: "DBLP:conf/ott/Ott08",
        title: "Ponds 2.0",
        authors: ["Ada Ott", "Bö über"],
        venue: "OTT",
        published: "2008-05",
        doi: "10.1000/ott",
        url: "https://doi.org/10.1000/OTT",
      },
      {
        id: "DBLP:journals/corr/abs-2101-00001",
        title: "H2O",
        authors: ["Bo Li"],
        venue: "CoRR",
        published: "2021",
        arxiv: "2101.00001",
        url: "https://arxiv.org/abs/2101.00001",
      },
      { id: "DBLP:conf/ott/2008", title: "Proc. OTT", authors: ["Ed Itor"], venue: "Pond", published: "2008" },
    ]);
    assert.deepEqual(ignored, { pages: 1, www: 1 });
  });

  test("reads answers of the search, and takes no DOI from a broken link", async () => {
    const { papers, problems } = await read(
      `<?xml version="1.0"?><result><query>x</query><hits total="1"><hit score="3" id="1"><info><authors><author pid="1">Ada Ott</author></authors>
      <title>Ponds.</title><venue>OTT</venue><year>2008</year><type>Conference Papers</type><key>conf/ott/Ott08</key><doi>10.1000/OTT</doi>
      <ee>https://doi.org/10.1000/OTT</ee></info></hit></hits></result>`,
    );
    assert.deepEqual(problems, []);
    assert.equal(papers[0]?.doi, "10.1000/ott");
    assert.equal(papers[0]?.id, "DBLP:conf/ott/Ott08");
    const broken = await read(
      "<dblp><article><title>a.</title><ee>http://dx.doi.org/10.1007/978-3-5 3</ee></article></dblp>",
    );
    assert.deepEqual(broken.papers, [{ title: "a" }]);
  });
});
