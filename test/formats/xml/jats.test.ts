import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chunksOf, read } from "../readings.js";

const front = (inMeta: string): string => `<front><journal-meta><journal-id journal-id-type="nlm-ta">J Ott</journal-id>
<journal-title-group><journal-title>Journal of Otters</journal-title></journal-title-group></journal-meta>
<article-meta>${inMeta}</article-meta></front>`;
const TITLE = "<title-group><article-title>Otters</article-title></title-group>";

describe("JATS", () => {
  test("reads all fields, and reports the others", async () => {
    const { papers, problems, remarks, ignored } = await read(`<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) v1.0//EN" "JATS.dtd">
<article article-type="research-article">${front(`<article-id pub-id-type="pmid">31000001</article-id>
<article-id pub-id-type="pmc">3166277</article-id><article-id pub-id-type="doi">10.1000/OTT</article-id><article-id pub-id-type="arxiv">2211.06629</article-id>
<article-categories><subj-group subj-group-type="heading"><subject>Research Article</subject></subj-group>
  <subj-group><subject>Biology</subject><subj-group><subject>Play</subject></subj-group></subj-group></article-categories>
<title-group><article-title>Stones of <italic>Lutra</italic><xref ref-type="fn" rid="f1">*</xref></article-title><subtitle>A review</subtitle>
  <fn-group><fn id="f1"><p>Funded.</p></fn></fn-group></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Ott</surname><given-names>Ada B.</given-names><suffix>Jr</suffix></name><xref ref-type="aff">1</xref></contrib>
  <contrib contrib-type="author"><name-alternatives><name name-style="western"><surname>Suzuki</surname><given-names>Kenji</given-names></name><name name-style="eastern"><surname>鈴木</surname><given-names>建次</given-names></name></name-alternatives></contrib>
  <contrib contrib-type="author"><string-name>Bo Li</string-name></contrib>
  <contrib contrib-type="author"><collab>Otter Group<contrib-group><contrib><name><surname>Member</surname></name></contrib></contrib-group></collab></contrib>
  <contrib contrib-type="editor"><name><surname>Itor</surname><given-names>Ed</given-names></name></contrib></contrib-group>
<aff id="1">Pond</aff><pub-date pub-type="collection"><year>2011</year></pub-date><pub-date pub-type="epub"><day>2</day><month>8</month><year>2011</year></pub-date>
<pub-date pub-type="pmc-release"><year>2010</year></pub-date>
<abstract><title>Abstract</title><sec><title>Aims</title><p>To see.</p><p>And count <inline-formula><alternatives><tex-math>\\documentclass{a}\\begin{document}$$x^2$$\\end{document}</tex-math><mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math></alternatives></inline-formula>.</p></sec><sec><title>Results.</title><p>Seen.</p></sec></abstract>
<abstract abstract-type="graphical"><p>Picture</p></abstract><trans-abstract xml:lang="fr"><p>Voir.</p></trans-abstract>
<kwd-group kwd-group-type="author"><kwd>play</kwd><kwd><italic>Lutra</italic></kwd></kwd-group><kwd-group kwd-group-type="abbreviations"><kwd>OG</kwd></kwd-group>`)}
<body><sec><title>Introduction</title><p>Long &undefined; text</p></sec></body><back><ref-list><ref>x</ref></ref-list></back>
<sub-article><front-stub><title-group><article-title>Reply</article-title></title-group></front-stub></sub-article></article>`);
    assert.deepEqual([problems, remarks], [[], []]);
    assert.deepEqual(papers, [
      {
        id: "PMID:31000001",
        title: "Stones of Lutra: A review",
        abstract: "Aims: To see. And count $x^2$. Results. Seen.",
        authors: ["Ada B. Ott Jr", "Kenji Suzuki", "Bo Li", "Otter Group"],
        venue: "Journal of Otters",
        categories: ["Biology"],
        published: "2011-08-02",
        doi: "10.1000/ott",
        arxiv: "2211.06629",
        url: "https://pmc.ncbi.nlm.nih.gov/articles/PMC3166277/",
        keywords: ["play", "Lutra"],
      },
    ]);
    assert.deepEqual(ignored, { body: 1, back: 1, "sub-article": 1, aff: 1, "trans-abstract": 1 });
  });

  test("reads the front matter alone, several articles in a list, and an abstract in another language", async () => {
    const bare = { title: "Otters", venue: "Journal of Otters" };
    assert.deepEqual((await read(front(TITLE))).papers, [bare]);
    assert.deepEqual((await read(`<article-meta>${TITLE}</article-meta>`)).papers, [{ title: "Otters" }]);
    const { papers, problems } = await read(
      `<pmc-articleset><article>${front(`${TITLE}<trans-abstract xml:lang="fr"><p>Voir.</p></trans-abstract><trans-abstract xml:lang="en"><p>See.</p></trans-abstract>`)}</article>
      <article>${front(`${TITLE}<abstract abstract-type="teaser"><p>Look!</p></abstract><abstract><p>One.</p><p>Two.</p></abstract>`)}</article></pmc-articleset>`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      { ...bare, abstract: "See." },
      { ...bare, abstract: "One. Two." },
    ]);
  });

  test("a retracted article is marked", async () => {
    const { papers, remarks } = await read(
      front(`${TITLE}<related-article related-article-type="retraction-forward" ext-link-type="pubmed"/>`),
    );
    assert.deepEqual([papers, remarks], [[{ title: "Otters", venue: "Journal of Otters", notice: "retracted" }], []]);
  });

  test("the text of an article is not held in memory, and what follows it is read", async () => {
    const paragraph = Buffer.from(`<p>${"word ".repeat(20_000)}</p>\n`);
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield* chunksOf(`<pmc-articleset><article>${front(TITLE)}<body>`);
      // Twenty times what a record may take.
      for (let at = 0; at < 1_600; at++) yield paragraph;
      yield* chunksOf(`</body></article><article>${front(TITLE)}</article></pmc-articleset>`);
    }
    const { all, papers, problems } = await read(bytes());
    assert.deepEqual([papers.length, problems], [2, []]);
    assert.deepEqual(
      all.flatMap((reading) => (reading.kind === "paper" ? [reading.line] : [])),
      [1, 1_603],
    );
  });
});
