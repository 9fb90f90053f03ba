import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "../readings.js";

/** A file of PubMed with these elements in `Article`, after its journal. */
const article = (inArticle: string, inCitation = "", data = ""): string => `<?xml version="1.0"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" "https://dtd.nlm.nih.gov/pubmed.dtd">
<PubmedArticleSet>
<PubmedArticle>
<MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">31000001</PMID>
<DateRevised><Year>2020</Year><Month>01</Month><Day>02</Day></DateRevised>
<Article PubModel="Print"><Journal><JournalIssue><PubDate><Year>2019</Year><Month>Dec</Month></PubDate></JournalIssue>
<Title>Journal of otters</Title><ISOAbbreviation>J Ott</ISOAbbreviation></Journal>
${inArticle}</Article>${inCitation}</MedlineCitation>
<PubmedData><History/>${data}</PubmedData></PubmedArticle>
</PubmedArticleSet>`;

const common = {
  id: "PMID:31000001",
  venue: "Journal of otters",
  published: "2019-12",
  url: "https://pubmed.ncbi.nlm.nih.gov/31000001/",
};
const first = async (text: string) => {
  const { papers, problems } = await read(text);
  assert.deepEqual(problems, []);
  assert.equal(papers.length, 1);
  return papers[0]!;
};

describe("PubMed XML", () => {
  test("reads all fields, and reports the others", async () => {
    const { format, papers, problems, remarks, ignored } = await read(
      article(
        `<ArticleTitle>Stones in <i>Lutra</i> at CO<sub>2</sub> &lt; 5&#xa0;%.</ArticleTitle>
        <Pagination><MedlinePgn>1-9</MedlinePgn></Pagination>
        <ELocationID EIdType="pii" ValidYN="Y">S1</ELocationID><ELocationID EIdType="doi" ValidYN="N">10.1000/wrong</ELocationID>
        <Abstract><AbstractText Label="AIM" NlmCategory="OBJECTIVE">To <b>see</b> otters.</AbstractText>
          <AbstractText Label="UNLABELLED">They were seen.</AbstractText><CopyrightInformation>(c) 2019</CopyrightInformation></Abstract>
        <AuthorList CompleteYN="Y">
          <Author ValidYN="Y"><LastName>Ott</LastName><ForeName>Ada B</ForeName><Initials>AB</Initials><Suffix>Jr</Suffix>
            <AffiliationInfo><Affiliation>Pond</Affiliation></AffiliationInfo></Author>
          <Author ValidYN="N"><LastName>Misspelt</LastName></Author>
          <Author ValidYN="Y"><LastName>Li</LastName><Initials>B</Initials></Author>
          <Author ValidYN="Y"><CollectiveName>The Otter Group</CollectiveName></Author>
        </AuthorList>
        <AuthorList Type="editors"><Author><LastName>Ed</LastName></Author></AuthorList>
        <Language>eng</Language>
        <ArticleDate DateType="Electronic"><Year>2019</Year><Month>08</Month><Day>07</Day></ArticleDate>`,
        `<KeywordList Owner="NOTNLM"><Keyword>play</Keyword><Keyword>Otters</Keyword></KeywordList>
        <MeshHeadingList><MeshHeading><DescriptorName UI="D1">otters</DescriptorName><QualifierName>blood</QualifierName></MeshHeading>
          <MeshHeading><DescriptorName UI="D2">Stones</DescriptorName></MeshHeading></MeshHeadingList>`,
        `<ArticleIdList><ArticleId IdType="pubmed">31000001</ArticleId><ArticleId IdType="doi">10.1000/OTT.1</ArticleId></ArticleIdList>
        <ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.1000/cited</ArticleId></ArticleIdList></Reference></ReferenceList>`,
      ),
    );
    assert.equal(format, "xml");
    assert.deepEqual(problems, []);
    assert.deepEqual(remarks, []);
    assert.deepEqual(papers, [
      {
        ...common,
        title: "Stones in Lutra at CO2 < 5 %",
        abstract: "AIM: To see otters. They were seen.",
        authors: ["Ada B Ott Jr", "B Li", "The Otter Group"],
        published: "2019-08-07",
        doi: "10.1000/ott.1",
        keywords: ["play", "Otters", "Stones"],
      },
    ]);
    assert.deepEqual(ignored, { Pagination: 1, Language: 1, ReferenceList: 1 });
  });

  test("a translated title loses its brackets, and the original is reported", async () => {
    const { papers, ignored } = await read(
      article("<ArticleTitle>[On otters.]</ArticleTitle><VernacularTitle>Über Otter.</VernacularTitle>"),
    );
    assert.deepEqual(papers, [{ ...common, title: "On otters" }]);
    assert.deepEqual(ignored, { VernacularTitle: 1 });
  });

  for (const title of ["<ArticleTitle/>", "<ArticleTitle>[Not Available].</ArticleTitle>", ""])
    test(`the original title is used where there is no other: ${title}`, async () => {
      assert.equal(
        (await first(article(`${title}<VernacularTitle>Über Otter.</VernacularTitle>`))).title,
        "Über Otter",
      );
    });

  test("only a full stop that ends the title goes", async () => {
    for (const [given, title] of [
      ["Otters in the U.S.", "Otters in the U.S."],
      ["Otters ...", "Otters ..."],
      ["Otters 2.0.", "Otters 2.0"],
      ["Otters?", "Otters?"],
    ])
      assert.equal((await first(article(`<ArticleTitle>${given}</ArticleTitle>`))).title, title);
  });

  const other =
    '<OtherAbstract Type="Publisher" Language="ger"><AbstractText>Otter.</AbstractText></OtherAbstract>' +
    '<OtherAbstract Type="Publisher" Language="eng"><AbstractText Label="SO">Otters.</AbstractText></OtherAbstract>';
  test("another abstract is used where there is none, the English one first", async () => {
    assert.equal((await first(article("<ArticleTitle>a</ArticleTitle>", other))).abstract, "SO: Otters.");
    const { papers, ignored } = await read(
      article("<ArticleTitle>a</ArticleTitle><Abstract><AbstractText>Own.</AbstractText></Abstract>", other),
    );
    assert.equal(papers[0]?.abstract, "Own.");
    assert.deepEqual(ignored, { OtherAbstract: 1 });
  });

  test("a retracted paper is marked", async () => {
    const { papers, remarks } = await read(
      article(
        '<ArticleTitle>a</ArticleTitle><PublicationTypeList><PublicationType UI="D1">Journal Article</PublicationType>' +
          '<PublicationType UI="D016441">Retracted Publication</PublicationType></PublicationTypeList>',
      ),
    );
    assert.equal(papers[0]?.notice, "retracted");
    assert.deepEqual([papers[0]?.keywords, remarks], [undefined, []]);
  });

  const dates: [medline: string, expected: string][] = [
    ["<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", "1998-12"],
    ["<MedlineDate>2000 Spring</MedlineDate>", "2000"],
    ["<Year>1976</Year><Season>Fall</Season>", "1976"],
    ["<Year>2011</Year><Month>2</Month><Day>31</Day>", "2011-02"],
  ];
  for (const [date, expected] of dates)
    test(`a date as ${date}`, async () => {
      const text = article("<ArticleTitle>a</ArticleTitle>").replace("<Year>2019</Year><Month>Dec</Month>", date);
      assert.equal((await first(text)).published, expected);
    });

  test("formulas in MathML keep their text", async () => {
    const { title } = await first(
      article(
        '<ArticleTitle>Where <mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi><mml:mo>&lt;</mml:mo>' +
          "<mml:mfrac><mml:mn>1</mml:mn><mml:mn>2</mml:mn></mml:mfrac></mml:math> holds.</ArticleTitle>",
      ),
    );
    assert.equal(title, "Where x<1/2 holds");
  });

  test("reads books and their chapters", async () => {
    const book = (inner: string) => `<PubmedArticleSet><PubmedBookArticle><BookDocument><PMID>20301295</PMID>
      <ArticleIdList><ArticleId IdType="bookaccession">NBK1</ArticleId></ArticleIdList>
      <Book><Publisher><PublisherName>Pond Press</PublisherName></Publisher><BookTitle book="x">Otter Reviews</BookTitle>
      <PubDate><Year>1993</Year></PubDate><AuthorList Type="editors"><Author><LastName>Ed</LastName></Author></AuthorList></Book>
      ${inner}</BookDocument><PubmedBookData/></PubmedBookArticle></PubmedArticleSet>`;
    const chapter = await first(
      book(
        '<ArticleTitle>Whiskers</ArticleTitle><AuthorList Type="authors"><Author><LastName>Ott</LastName><ForeName>Ada</ForeName></Author></AuthorList>' +
          "<Abstract><AbstractText>We count.</AbstractText></Abstract>",
      ),
    );
    const url = "https://pubmed.ncbi.nlm.nih.gov/20301295/";
    assert.deepEqual(chapter, {
      id: "PMID:20301295",
      title: "Whiskers",
      abstract: "We count.",
      authors: ["Ada Ott"],
      venue: "Otter Reviews",
      published: "1993",
      url,
    });
    assert.deepEqual(await first(book("")), {
      id: "PMID:20301295",
      title: "Otter Reviews",
      venue: "Pond Press",
      published: "1993",
      url,
    });
  });

  test("citations that PubMed has deleted are a problem, and an empty answer has none", async () => {
    const { papers, problems } = await read(
      "<PubmedArticleSet>\n<DeleteCitation><PMID>1</PMID><PMID>2</PMID></DeleteCitation></PubmedArticleSet>",
    );
    assert.deepEqual([papers, problems], [[], ["2: PubMed has deleted 1, 2: remove these papers if you have them"]]);
    assert.deepEqual((await read("<PubmedArticleSet></PubmedArticleSet>")).all, [{ kind: "format", format: "xml" }]);
  });

  test("an answer that says what is wrong is a problem", async () => {
    assert.deepEqual(
      (await read("<eFetchResult>\n<ERROR>Cannot retrieve the history data.</ERROR></eFetchResult>")).problems,
      ["2: the service answered with an error: Cannot retrieve the history data."],
    );
  });

  test("records need no list around them", async () => {
    const record =
      "<PubmedArticle><MedlineCitation><Article><ArticleTitle>a</ArticleTitle></Article></MedlineCitation></PubmedArticle>";
    assert.deepEqual((await read(`${record}\n${record.replace(">a<", ">b<")}`)).papers, [
      { title: "a" },
      { title: "b" },
    ]);
  });
});
