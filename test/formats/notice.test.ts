/** How each format says that a paper was retracted, withdrawn or questioned, and what only looks like it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SaidNotice } from "../../src/core/notice.js";
import { read } from "./readings.js";

const pubmed = (types: readonly string[], links: readonly string[] = []): string =>
  `<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>On otters</ArticleTitle>
  <PublicationTypeList>${types.map((type) => `<PublicationType>${type}</PublicationType>`).join("")}</PublicationTypeList></Article>
  <CommentsCorrectionsList>${links.map((link) => `<CommentsCorrections RefType="${link}"><PMID>2</PMID></CommentsCorrections>`).join("")}</CommentsCorrectionsList>
  </MedlineCitation></PubmedArticle></PubmedArticleSet>`;

const nbib = (lines: string): string => `PMID- 1\nTI  - On otters\nPT  - Journal Article\n${lines}\n`;

const jats = (type: string, inMeta: string, title = "On otters"): string =>
  `<article article-type="${type}"><front><journal-meta><journal-title>J</journal-title></journal-meta><article-meta>
  <article-id pub-id-type="pmid">1</article-id><title-group><article-title>${title}</article-title></title-group>${inMeta}</article-meta></front></article>`;

const europePmc = (fields: object): string =>
  JSON.stringify({
    id: "1",
    source: "MED",
    pmid: "1",
    title: "On otters.",
    authorString: "Smith A.",
    pubYear: "2020",
    ...fields,
  });

const openalex = (fields: object): string =>
  JSON.stringify({ id: "https://openalex.org/W1", title: "On otters", ...fields });

const crossref = (fields: object, title = "On otters"): string =>
  JSON.stringify({ DOI: "10.1000/A", type: "journal-article", title: [title], "container-title": ["J"], ...fields });

const unixref = (update: string): string =>
  `<doi_records><doi_record><crossref><journal><journal_metadata><full_title>J</full_title></journal_metadata><journal_article>
  <titles><title>On otters</title></titles><crossmark><updates>${update}</updates></crossmark>
  <doi_data><doi>10.1000/a</doi><resource>https://example.org/a</resource></doi_data></journal_article></journal></crossref></doi_record></doi_records>`;

const arxiv = (comments: string, abstract = "We see."): string =>
  `<OAI-PMH><ListRecords><record><header><identifier>oai:arXiv.org:2401.00001</identifier></header><metadata><arXiv>
  <id>2401.00001</id><created>2024-01-01</created><title>On otters</title><categories>q-bio</categories><comments>${comments}</comments>
  <abstract>${abstract}</abstract></arXiv></metadata></record></ListRecords></OAI-PMH>`;

const arxivRaw = (...types: string[]): string =>
  `<OAI-PMH><ListRecords><record><header><identifier>oai:arXiv.org:2401.00001</identifier></header><metadata><arXivRaw><id>2401.00001</id>
  ${types.map((type, i) => `<version version="v${i + 1}"><date>Mon, 1 Jan 2024 00:00:00 GMT</date><size>1kb</size><source_type>${type}</source_type></version>`).join("")}
  <title>On otters</title><abstract>We see.</abstract></arXivRaw></metadata></record></ListRecords></OAI-PMH>`;

const dataCite = (fields: object): string =>
  JSON.stringify({
    data: {
      attributes: { doi: "10.1000/a", titles: [{ title: "On otters" }], creators: [{ name: "Smith, Ada" }], ...fields },
    },
  });

const dataCiteXml = (dates: string): string =>
  `<resource xmlns="http://datacite.org/schema/kernel-4"><identifier identifierType="DOI">10.1000/a</identifier>
  <titles><title>On otters</title></titles><dates>${dates}</dates></resource>`;

const dblp = (publtype: string): string =>
  `<dblp><inproceedings key="conf/o/1" ${publtype}><author>Ada Smith</author><title>On otters.</title><year>2009</year></inproceedings></dblp>`;

const webOfScience = (type: string): string =>
  `FN Clarivate\nVR 1.0\nPT J\nAU Smith, A\nTI On otters\nDT ${type}\nER\nEF\n`;

const own = (fields: object): string => JSON.stringify({ title: "On otters", ...fields });
const titled = (title: string, abstract?: string): string => own({ title, abstract });
const bibtex = (note: string): string => `@article{a, title={On otters}, year=2020, ${note}}`;
const ris = (note: string): string => `TY  - JOUR\nTI  - On otters\nN1  - ${note}\nER  - \n`;
const csl = (status: string): string =>
  JSON.stringify({ id: "a", type: "article-journal", title: "On otters", status });

const CASES: Record<string, [text: string, expected: SaidNotice | undefined][]> = {
  "PubMed XML": [
    [pubmed(["Journal Article", "Retracted Publication"]), "retracted"],
    [pubmed(["Journal Article"], ["Cites", "RetractionIn"]), "retracted"],
    [pubmed(["Journal Article"], ["ErratumIn", "ExpressionOfConcernIn"]), "concern"],
    [pubmed(["Journal Article", "Retracted Publication"], ["ExpressionOfConcernIn"]), "retracted"],
    [pubmed(["Retraction of Publication"], ["RetractionOf"]), "cleared"],
    [pubmed(["Expression of Concern"], ["ExpressionOfConcernFor"]), undefined],
    [pubmed(["Published Erratum"], ["ErratumFor"]), undefined],
  ],
  "PubMed (nbib)": [
    [nbib("PT  - Retracted Publication\nRIN - J Ott. 2021;3:4. PMID: 2"), "retracted"],
    [nbib("RIN - J Ott. 2021;3:4. PMID: 2"), "retracted"],
    [nbib("ECI - J Ott. 2021;3:4. PMID: 2"), "concern"],
    [nbib("PT  - Retraction of Publication\nROF - J Ott. 2020;3:4. PMID: 2"), "cleared"],
    [nbib("EIN - J Ott. 2021;3:4. PMID: 2"), undefined],
  ],
  JATS: [
    [jats("research-article", '<related-article related-article-type="retraction-forward"/>'), "retracted"],
    [
      jats("retraction", '<related-article related-article-type="retracted-article"/>', "Retracted: On otters"),
      "cleared",
    ],
    [jats("research-article", '<related-article related-article-type="correction-forward"/>'), undefined],
  ],
  "Europe PMC": [
    [europePmc({ pubTypeList: { pubType: ["research-article", "Retracted Publication"] } }), "retracted"],
    [europePmc({ pubType: "journal article; retracted publication" }), "retracted"],
    [europePmc({ commentCorrectionList: { commentCorrection: [{ id: "2", type: "Retraction in" }] } }), "retracted"],
    [
      europePmc({ commentCorrectionList: { commentCorrection: [{ id: "2", type: "Expression of concern in" }] } }),
      "concern",
    ],
    [europePmc({ pubTypeList: { pubType: ["Retraction of Publication"] } }), "cleared"],
    [europePmc({ pubTypeList: { pubType: "Journal Article" } }), undefined],
  ],
  OpenAlex: [
    [openalex({ is_retracted: true, type: "article" }), "retracted"],
    // It may be a moment behind the others.
    [openalex({ is_retracted: false, type: "article" }), undefined],
    [openalex({ is_retracted: true, type: "retraction", title: "Retracted: On otters" }), "cleared"],
  ],
  "Crossref's JSON": [
    [
      crossref({
        "updated-by": [
          { type: "correction", DOI: "10.1000/c" },
          { type: "retraction", DOI: "10.1000/r" },
        ],
      }),
      "retracted",
    ],
    [crossref({ "updated-by": [{ type: "withdrawal", DOI: "10.1000/r" }] }), "withdrawn"],
    [crossref({ "updated-by": [{ type: "removal", DOI: "10.1000/r" }] }), "withdrawn"],
    [crossref({ "updated-by": [{ type: "expression_of_concern", DOI: "10.1000/r" }] }), "concern"],
    [crossref({ "updated-by": [{ type: "partial_retraction" }, { type: "new_version" }, "odd", null] }), undefined],
    [crossref({ "update-to": [{ type: "retraction", DOI: "https://doi.org/10.1000/a" }] }), "retracted"],
    [crossref({ "update-to": [{ type: "retraction", DOI: "10.1000/b" }] }, "RETRACTED: On other otters"), "cleared"],
    [crossref({ "update-to": [{ type: "correction", DOI: "10.1000/b" }], "updated-by": "odd" }), undefined],
  ],
  "Crossref's XML": [
    [unixref('<update type="retraction" date="2021-01-01">10.1000/A</update>'), "retracted"],
    [unixref('<update type="retraction" date="2021-01-01">10.1000/b</update>'), "cleared"],
    [unixref('<update type="erratum" date="2021-01-01">10.1000/b</update>'), undefined],
  ],
  arXiv: [
    [arxiv("This paper has been withdrawn by the author due to a crucial error"), "withdrawn"],
    [arxiv("Withdrawn."), "withdrawn"],
    [arxiv("arXiv admin note: submission has been withdrawn by arXiv administrators"), "withdrawn"],
    [arxiv("4 pages", "This paper has been withdrawn due to an error in Lemma 2."), "withdrawn"],
    [arxiv("This paper was withdrawn from the proceedings of a workshop"), undefined],
    [arxiv("Supersedes arXiv:2301.00001, which has been withdrawn"), undefined],
    [arxiv("4 pages", "We see how the drug has been withdrawn."), undefined],
    [arxivRaw("D", "I"), "withdrawn"],
    [arxivRaw("D", "DI", "D"), "cleared"],
    [arxivRaw("D", "DS"), undefined],
    [
      JSON.stringify({
        id: "2401.00001",
        title: "On otters",
        abstract: "We see.",
        comments: "Paper withdrawn",
        update_date: "2024-01-02",
      }),
      "withdrawn",
    ],
  ],
  DataCite: [
    [
      dataCite({
        dates: [
          { date: "2020", dateType: "Issued" },
          { date: "2021", dateType: "Withdrawn" },
        ],
      }),
      "withdrawn",
    ],
    [dataCite({ isActive: false }), "withdrawn"],
    [dataCite({ isActive: true, dates: [{ date: "2020", dateType: "Issued" }] }), undefined],
    [dataCiteXml('<date dateType="Withdrawn">2021-01-01</date>'), "withdrawn"],
    [dataCiteXml('<date dateType="Issued">2021-01-01</date>'), undefined],
  ],
  DBLP: [
    [dblp('publtype="withdrawn"'), "withdrawn"],
    [dblp('publtype="informal"'), undefined],
  ],
  "Web of Science": [
    [webOfScience("Article; Retracted Publication"), "retracted"],
    [webOfScience("Publication with Expression of Concern"), "concern"],
    [webOfScience("Retraction"), "cleared"],
    [webOfScience("Article"), undefined],
    ["PT\tAU\tTI\tSO\tDT\tUT\nJ\tSmith, A\tOn otters\tJ\tArticle; Retracted Publication\tWOS:1\n", "retracted"],
  ],
  tables: [
    ["Authors,Title,Document Type\nSmith A.,On otters,Retracted\n", "retracted"],
    ["Authors,Title,Document Type\nSmith A.,On otters,Article\n", undefined],
    ["id,title,is_retracted\nW1,On otters,True\n", "retracted"],
    ["id,title,is_retracted\nW1,On otters,False\n", undefined],
    ["id,title,notice\n1,On otters,withdrawn\n", "withdrawn"],
    ["id,title,notice\n1,On otters,\n", undefined],
  ],
  "Kindred's own records": [
    [own({ notice: "retracted" }), "retracted"],
    [own({ notice: "Expression of concern" }), "concern"],
    [own({ notice: "cleared" }), "cleared"],
    [own({ notice: null }), undefined],
    // Programs write it where a value is missing.
    [own({ notice: "None" }), undefined],
  ],
  "notes in BibTeX, RIS and CSL": [
    [bibtex("note = {Retracted}"), "retracted"],
    [bibtex("pubstate = {retracted}"), "retracted"],
    [bibtex("note = {Expression of {C}oncern.}"), "concern"],
    [bibtex("note = {Retracted from the cited talk}"), undefined],
    [ris("Retracted"), "retracted"],
    [ris("We retracted the electrodes."), undefined],
    [csl("retracted"), "retracted"],
    [csl("in press"), undefined],
  ],
  "titles and abstracts": [
    [titled("RETRACTED: On otters"), "retracted"],
    [titled("Retracted: On otters"), "retracted"],
    [titled("RETRACTED ARTICLE: On otters"), "retracted"],
    [titled("[Retracted] On otters"), "retracted"],
    [titled("[RETRACTED: On otters]"), "retracted"],
    [titled("On otters (Retracted article. See vol. 19, pg. 25222, 2017)"), "retracted"],
    [titled("On otters [Retracted]"), "retracted"],
    [titled("WITHDRAWN: On otters"), "withdrawn"],
    [
      titled("On otters", "This article has been withdrawn at the request of the author(s) and/or editor."),
      "withdrawn",
    ],
    [titled("On otters", "This article has been retracted: please see the publisher's policy."), "retracted"],
    [titled("On otters", "The authors have withdrawn this manuscript, and do not wish it to be cited."), "withdrawn"],
    [titled("Retraction: On otters"), undefined],
    [titled("Retraction of: On otters"), undefined],
    [titled("Retraction notice to “On otters” [J. Ott. 3 (2020) 4]"), undefined],
    [titled("Notice of Retraction: On otters"), undefined],
    [titled("On otters (Retraction of vol 3, pg 4, 2020)"), undefined],
    [titled("Expression of concern: On otters"), undefined],
    [titled("Retracted papers in biology: a survey"), undefined],
    [titled("Why articles are retracted: a survey"), undefined],
    [titled("Withdrawn children at school"), undefined],
    [titled("Lipschitz retraction of finite subsets of Hilbert spaces"), undefined],
    [titled("On otters", "The authors have withdrawn the drug from two groups."), undefined],
    [titled("海獭", "海獭的研究 This article has been retracted, says a reviewer of another."), undefined],
    [titled("海獭的研究 retracted: otters"), undefined],
    [titled("On otters", "This paper was withdrawn from the plan, and is read now."), undefined],
  ],
};

for (const [name, cases] of Object.entries(CASES))
  describe(name, () => {
    for (const [text, expected] of cases)
      test(`${expected ?? "nothing"}: ${text.replace(/\s+/g, " ").slice(0, 500)}`, async () => {
        const { papers, problems, remarks } = await read(text);
        assert.deepEqual([problems, remarks], [[], []]);
        assert.deepEqual(
          papers.map(({ notice }) => notice),
          [expected],
        );
      });
  });

test("a notice that is none is left out with a remark", async () => {
  const { papers, remarks } = await read(own({ notice: "accepted" }));
  assert.deepEqual(papers, [{ title: "On otters" }]);
  assert.deepEqual(remarks, [
    '1: notice was left out: got "accepted", expected retracted, withdrawn, concern, deleted or cleared',
  ]);
});
