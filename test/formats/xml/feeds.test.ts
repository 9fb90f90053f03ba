/** arXiv's API and announcements, OAI-PMH, and feeds. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "../readings.js";

const ATOM =
  '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">';

describe("arXiv's API", () => {
  test("reads all fields, and reports the others", async () => {
    const { papers, problems, remarks, ignored } = await read(`<?xml version="1.0" encoding="UTF-8"?>
${ATOM}<title>arXiv Query</title><id>https://arxiv.org/api/x</id><opensearch:totalResults>1</opensearch:totalResults>
<entry><id>http://arxiv.org/abs/2101.00001v3</id><updated>2021-05-06T01:02:03Z</updated><published>2021-01-01T00:00:00Z</published>
<title>Otters
  in $\\mathbb{R}^2$</title><summary>  We watch $x &lt; y$ and
\\emph{play}.
</summary><author><name>Ada Ott</name><arxiv:affiliation>Pond</arxiv:affiliation></author><author><name>Bo Li</name></author>
<arxiv:comment>9 pages</arxiv:comment><arxiv:journal_ref>J. Ott. 1 (2021)</arxiv:journal_ref><arxiv:doi>10.1000/OTT</arxiv:doi>
<link href="https://arxiv.org/abs/2101.00001v3" rel="alternate" type="text/html"/>
<arxiv:primary_category term="cs.LG"/><category term="cs.LG"/><category term="stat.ML"/><rights>mine</rights></entry></feed>`);
    assert.deepEqual([problems, remarks], [[], []]);
    assert.deepEqual(papers, [
      {
        id: "2101.00001",
        title: "Otters in $\\mathbb{R}^2$",
        abstract: "We watch $x < y$ and play.",
        authors: ["Ada Ott", "Bo Li"],
        venue: "J. Ott. 1 (2021)",
        categories: ["cs.LG", "stat.ML"],
        published: "2021-01-01",
        updated: "2021-05-06",
        doi: "10.1000/ott",
        arxiv: "2101.00001",
        url: "https://arxiv.org/abs/2101.00001",
        source: "arXiv",
      },
    ]);
    assert.deepEqual(ignored, { rights: 1 });
  });

  test("an answer that is an error is a problem; a paper called Error or 0 is a paper", async () => {
    const entry = (id: string, title: string) =>
      `<entry><id>${id}</id><title>${title}</title><summary>start must be an integer</summary></entry>`;
    const { papers, problems } = await read(
      `${ATOM}\n${entry("http://arxiv.org/api/errors#incorrect_start", "Error")}\n${entry("http://arxiv.org/abs/2101.00002v1", "Error")}${entry("http://arxiv.org/abs/hep-th/9901001v1", "0")}</feed>`,
    );
    assert.deepEqual(problems, ["2: arXiv answered with an error: start must be an integer"]);
    assert.deepEqual(
      papers.map(({ id, title }) => [id, title]),
      [
        ["2101.00002", "Error"],
        ["hep-th/9901001", "0"],
      ],
    );
  });
});

describe("arXiv's announcements", () => {
  const item = (type: string) => `<item><title>Otters</title><link>https://arxiv.org/abs/2203.01250</link>
    <description>arXiv:2203.01250v3 Announce Type: ${type} \nAbstract: We watch $a &lt; b$.</description>
    <guid isPermaLink="false">oai:arXiv.org:2203.01250v3</guid><category>math.AP</category><category>math.OC</category>
    <pubDate>Mon, 30 Nov 2026 00:00:00 -0500</pubDate><arxiv:announce_type>${type}</arxiv:announce_type>
    <arxiv:DOI>10.1000/OTT</arxiv:DOI><arxiv:journal_reference>J. Ott.</arxiv:journal_reference>
    <dc:creator>Ada Ott, Bo Li (Some University), Juan P\\'erez</dc:creator></item>`;
  const expected = {
    id: "2203.01250",
    title: "Otters",
    abstract: "We watch $a < b$.",
    authors: ["Ada Ott", "Bo Li", "Juan Pérez"],
    venue: "J. Ott.",
    categories: ["math.AP", "math.OC"],
    doi: "10.1000/ott",
    arxiv: "2203.01250",
    url: "https://arxiv.org/abs/2203.01250",
    source: "arXiv",
  };
  const rss = (items: string) =>
    `<rss version="2.0"><channel><title>math.OC updates</title><description>d</description>${items}</channel></rss>`;

  test("RSS: the day is that of a new paper; of others only the month is known", async () => {
    for (const [type, published] of [
      ["new", "2026-11-30"],
      ["cross", "2022-03"],
      ["replace-cross", "2022-03"],
    ] as const) {
      const { papers, problems, remarks, ignored } = await read(rss(item(type)));
      assert.deepEqual([problems, remarks, ignored], [[], [], {}]);
      assert.deepEqual(papers, [{ ...expected, published }]);
    }
  });

  test("Atom", async () => {
    const { papers, problems } = await read(
      `${ATOM}<entry><id>oai:arXiv.org:2203.01250v1</id><title>Otters</title><updated>2026-11-30T05:00:00+00:00</updated>
      <link href="https://arxiv.org/abs/2203.01250" rel="alternate"/><summary>arXiv:2203.01250v1 Announce Type: new \nAbstract: We watch.</summary>
      <category term="math.AP"/><published>2022-03-02T00:00:00-05:00</published><arxiv:announce_type>new</arxiv:announce_type><dc:creator>Ada Ott</dc:creator></entry></feed>`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      {
        id: "2203.01250",
        title: "Otters",
        abstract: "We watch.",
        authors: ["Ada Ott"],
        categories: ["math.AP"],
        published: "2022-03-02",
        arxiv: "2203.01250",
        url: "https://arxiv.org/abs/2203.01250",
        source: "arXiv",
      },
    ]);
  });

  test("a day without papers has no problem; a feed that says what is wrong is one", async () => {
    assert.deepEqual((await read(rss(""))).all, [{ kind: "format", format: "xml" }]);
    const { problems } = await read(
      "<rss><channel>\n<title>Feed error for query: foo</title><description>Bad archive 'foo'.</description></channel></rss>",
    );
    assert.deepEqual(problems, [
      "2: the service answered with an error: Feed error for query: foo: Bad archive 'foo'.",
    ]);
  });
});

describe("feeds", () => {
  test("RSS 2 of a journal", async () => {
    const { papers, problems, ignored } =
      await read(`<?xml version="1.0"?><rss version="2.0"><channel><title>Ponds</title>
      <image><title>Logo</title></image>
      <item><title>Otters &amp; stones</title><link>https://example.org/1</link><guid isPermaLink="false">ponds-1</guid>
      <media:title>A picture</media:title><description><![CDATA[<p><img src="a.png" alt="x" />We <b>watch</b> otters.</p>]]></description>
      <dc:creator>Ada Ott</dc:creator><dc:creator>Bo Li</dc:creator><prism:doi>10.1000/OTT</prism:doi><prism:publicationName>Journal of Ponds</prism:publicationName>
      <pubDate>Tue, 07 Apr 2020 00:00:00 GMT</pubDate><category>play</category><enclosure url="x"/><source>elsewhere</source></item></channel></rss>`);
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      {
        id: "ponds-1",
        title: "Otters & stones",
        abstract: "We watch otters.",
        authors: ["Ada Ott", "Bo Li"],
        venue: "Journal of Ponds",
        categories: ["play"],
        published: "2020-04-07",
        doi: "10.1000/ott",
        url: "https://example.org/1",
        source: "Ponds",
      },
    ]);
    assert.deepEqual(ignored, { "media:title": 1, source: 1 });
  });

  test("RSS 1", async () => {
    const { papers, problems } =
      await read(`<rdf:RDF xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>Ponds</title>
      <items><rdf:Seq><rdf:li rdf:resource="https://example.org/1"/></rdf:Seq></items></channel>
      <item rdf:about="https://example.org/1"><title>Otters</title><link>https://example.org/1</link><dc:identifier>doi:10.1000/OTT</dc:identifier>
      <description>We watch.</description><dc:creator>Ada Ott and Bo Li</dc:creator><dc:date>2020-04-07</dc:date></item></rdf:RDF>`);
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      {
        id: "https://example.org/1",
        title: "Otters",
        abstract: "We watch.",
        authors: ["Ada Ott", "Bo Li"],
        published: "2020-04-07",
        doi: "10.1000/ott",
        url: "https://example.org/1",
        source: "Ponds",
      },
    ]);
  });

  test("Atom, with text as HTML and XHTML, and addresses of authors", async () => {
    const { papers, problems } =
      await read(`<feed xmlns="http://www.w3.org/2005/Atom"><title>Ponds</title><updated>2020-01-01T00:00:00Z</updated>
      <entry><id>tag:example.org,2020:1</id><title type="html">A &lt;i&gt;study&lt;/i&gt;</title><link rel="self" href="https://example.org/self"/><link href="https://example.org/1"/>
      <author><name>Ada Ott</name><email>a@example.org</email></author><updated>2020-01-01T00:00:00Z</updated>
      <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>We watch.</p><p>They play.</p></div></content></entry></feed>`);
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      {
        id: "tag:example.org,2020:1",
        title: "A study",
        abstract: "We watch. They play.",
        authors: ["Ada Ott"],
        published: "2020-01-01",
        url: "https://example.org/1",
        source: "Ponds",
      },
    ]);
    const { papers: named } = await read(
      "<rss><channel><item><title>a</title><author>ada@example.org (Ada Ott)</author></item><item><title>b</title><author>b@example.org</author></item></channel></rss>",
    );
    assert.deepEqual(named, [{ title: "a", authors: ["Ada Ott"] }, { title: "b" }]);
  });

  test("a feed of the Daily Papers, with authors, upvotes and summary in one description", async () => {
    const { papers, problems } = await read(`<rss version="2.0"><channel><title>Hugging Face Daily Papers</title>
      <item><title>Otters</title><link>https://arxiv.org/abs/2607.28609</link><guid isPermaLink="false">https://arxiv.org/abs/2607.28609</guid>
      <description>&lt;p&gt;&lt;img src="x.png"/&gt;&lt;/p&gt;&lt;p&gt;&lt;b&gt;Authors:&lt;/b&gt; Ada Ott, Bo Li&lt;/p&gt;&lt;p&gt;&lt;b&gt;Upvotes:&lt;/b&gt; 0&lt;/p&gt;&lt;p&gt;&lt;b&gt;Summary:&lt;/b&gt; We watch.&lt;/p&gt;</description>
      <pubDate>Thu, 30 Jul 2026 00:00:00 +0000</pubDate></item></channel></rss>`);
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      {
        id: "2607.28609",
        title: "Otters",
        abstract: "We watch.",
        authors: ["Ada Ott", "Bo Li"],
        published: "2026-07-30",
        arxiv: "2607.28609",
        url: "https://arxiv.org/abs/2607.28609",
        source: "Hugging Face Daily Papers",
        upvotes: 0,
      },
    ]);
  });
});

describe("OAI-PMH", () => {
  const answer = (inner: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-30T06:00:00Z</responseDate>\n<ListRecords>${inner}<resumptionToken>x</resumptionToken></ListRecords></OAI-PMH>`;
  const record = (metadata: string, id = "oai:example.org:1") =>
    `<record><header><identifier>${id}</identifier><datestamp>2026-11-27</datestamp></header><metadata>${metadata}</metadata></record>`;

  test("arXiv", async () => {
    const { papers, problems, remarks, ignored } = await read(
      answer(
        record(`<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>astro-ph/0601001</id><created>2006-01-03</created><updated>2006-02-01</updated>
        <authors><author><keyname>Müller</keyname><forenames>J. Ø.</forenames><suffix>Jr</suffix></author><author><keyname>H1 Collaboration</keyname></author></authors>
        <title>On $\\Lambda$</title><categories>astro-ph gr-qc</categories><comments>This paper has been withdrawn</comments>
        <journal-ref>Phys.Rev. D73</journal-ref><doi>10.1000/A 10.1000/B</doi><license>x</license><abstract>  We see.
</abstract></arXiv>`),
      ),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      {
        id: "astro-ph/0601001",
        title: "On $\\Lambda$",
        abstract: "We see.",
        authors: ["J. Ø. Müller Jr", "H1 Collaboration"],
        venue: "Phys.Rev. D73",
        categories: ["astro-ph", "gr-qc"],
        published: "2006-01-03",
        updated: "2006-02-01",
        doi: "10.1000/a",
        arxiv: "astro-ph/0601001",
        url: "https://arxiv.org/abs/astro-ph/0601001",
        source: "arXiv",
        notice: "withdrawn",
      },
    ]);
    assert.deepEqual(remarks, []);
    assert.deepEqual(ignored, { license: 1 });
  });

  test("arXivRaw", async () => {
    const version = (number: number, date: string) => `<version version="v${number}"><date>${date}</date></version>`;
    const raw = (versions: string) =>
      record(`<arXivRaw><id>1810.09584</id><submitter>x</submitter>${versions}<title>Heat</title>
      <authors>Ada Ott (Pond), Bo Li and \\'Edgar Rold\\'an</authors><categories>cond-mat</categories><abstract>We see.</abstract></arXivRaw>`);
    const [one, two] = [version(1, "Mon, 22 Oct 2018 22:41:50 GMT"), version(2, "Sun, 13 Jan 2019 11:17:09 GMT")];
    const { papers, problems } = await read(answer(raw(one + two) + raw(one)));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      papers.map(({ authors, published, updated }) => [authors, published, updated]),
      [
        [["Ada Ott", "Bo Li", "Édgar Roldán"], "2018-10-22", "2019-01-13"],
        [["Ada Ott", "Bo Li", "Édgar Roldán"], "2018-10-22", undefined],
      ],
    );
  });

  test("oai_dc, of a repository and of arXiv", async () => {
    const dc = (inner: string) => `<oai_dc:dc xmlns:dc="http://purl.org/dc/elements/1.1/">${inner}</oai_dc:dc>`;
    const { papers, problems, ignored } = await read(
      answer(
        record(
          dc(`<dc:title>Otters</dc:title><dc:creator>Ott, Ada</dc:creator><dc:creator>Bo Li</dc:creator><dc:subject>play</dc:subject>
          <dc:description>We watch.</dc:description><dc:publisher>Pond</dc:publisher><dc:source>Journal of Ponds; Vol. 1 (2010); 1-10</dc:source>
          <dc:date>2010-05-07</dc:date><dc:identifier>https://example.org/1</dc:identifier><dc:identifier>https://doi.org/10.1000/OTT</dc:identifier>`),
        ) +
          record(
            dc(`<dc:title>Numbers</dc:title><dc:creator>Özel, B.</dc:creator><dc:subject>Mathematics</dc:subject><dc:description>  We count.</dc:description>
            <dc:description>Comment: 9 pages</dc:description><dc:date>2003-06-18</dc:date><dc:date>2004-01-02</dc:date><dc:identifier>http://arxiv.org/abs/math/0306266</dc:identifier>
            <dc:identifier>Combinatorics 14 (2005) 439</dc:identifier><dc:identifier>doi:10.1000/C</dc:identifier>`),
          ),
      ),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      {
        id: "oai:example.org:1",
        title: "Otters",
        abstract: "We watch.",
        authors: ["Ada Ott", "Bo Li"],
        venue: "Journal of Ponds",
        published: "2010-05-07",
        doi: "10.1000/ott",
        url: "https://example.org/1",
        keywords: ["play"],
      },
      {
        id: "math/0306266",
        title: "Numbers",
        abstract: "We count.",
        authors: ["B. Özel"],
        venue: "Combinatorics 14 (2005) 439",
        published: "2003-06-18",
        updated: "2004-01-02",
        doi: "10.1000/c",
        arxiv: "math/0306266",
        url: "https://arxiv.org/abs/math/0306266",
        source: "arXiv",
        keywords: ["Mathematics"],
      },
    ]);
    assert.deepEqual(ignored, { publisher: 1 });
  });

  test("DataCite, OpenAIRE, qualified Dublin Core, Crossref and JATS in a record", async () => {
    const { papers, problems } = await read(
      answer(
        record("<resource><titles><title>a</title></titles></resource>", "oai:zenodo.org:1") +
          record(
            "<oai_datacite><schemaVersion>4</schemaVersion><payload><resource><titles><title>z</title></titles></resource></payload></oai_datacite>",
            "oai:zenodo.org:2",
          ) +
          record(
            "<oaire:resource><datacite:titles><datacite:title>o</datacite:title></datacite:titles><dc:description>We watch.</dc:description></oaire:resource>",
            "oai:example.org:3",
          ) +
          record(
            "<qdc:qualifieddc><dc:title>q</dc:title><dcterms:abstract>We see.</dcterms:abstract></qdc:qualifieddc>",
            "oai:example.org:4",
          ) +
          record("<crossref><posted_content><titles><title>b</title></titles></posted_content></crossref>") +
          record(
            "<article><front><article-meta><title-group><article-title>c</article-title></title-group></article-meta></front><body><p>x</p></body></article>",
          ),
      ),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      { id: "oai:zenodo.org:1", title: "a" },
      { id: "oai:zenodo.org:2", title: "z" },
      { id: "oai:example.org:3", title: "o", abstract: "We watch." },
      { id: "oai:example.org:4", title: "q", abstract: "We see." },
      { title: "b" },
      { title: "c" },
    ]);
  });

  test("errors, deleted records and other metadata are problems, and the records around them are read", async () => {
    const deleted = '\n<record><header status="deleted"><identifier>oai:example.org:9</identifier></header></record>';
    const good = record("<dc><title>a</title></dc>");
    const { papers, problems } = await read(answer(good + deleted + record("<mods><title>x</title></mods>") + good));
    assert.equal(papers.length, 2);
    assert.deepEqual(problems, [
      "4: the repository has deleted oai:example.org:9: remove the paper if you have it",
      "4: metadata in the format <mods> cannot be read: ask the repository for metadataPrefix=oai_dc",
    ]);
    const error = await read(
      '<OAI-PMH><request/>\n<error code="badResumptionToken">The token is invalid or expired.</error></OAI-PMH>',
    );
    assert.deepEqual(error.problems, [
      "2: the service answered with an error: badResumptionToken: The token is invalid or expired.",
    ]);
    assert.match(
      (
        await read(
          '<OAI-PMH><record><metadata><record xmlns="http://www.loc.gov/MARC21/slim"/></metadata></record></OAI-PMH>',
        )
      ).problems[0] ?? "",
      /this is MARC/,
    );
  });
});

test("Dublin Core in RDF: people with their names in two scripts are read once", async () => {
  const person = (name: string, given: string, family: string) =>
    `<dcterms:creator><foaf:Person><foaf:name>${name}</foaf:name><foaf:familyName>${family}</foaf:familyName><foaf:givenName>${given}</foaf:givenName></foaf:Person></dcterms:creator>`;
  const people = person("Suzuki Kenji", "Kenji", "Suzuki") + person("鈴木 建次", "建次", "鈴木");
  const description = (titles: string) =>
    `<rdf:Description rdf:about="http://doi.org/10.1000/a"><prism:doi>10.1000/a</prism:doi>${titles}${people}<dc:creator>Suzuki Kenji</dc:creator><dcterms:date>1989</dcterms:date><dcterms:publicationName>Powders</dcterms:publicationName></rdf:Description>`;
  const { papers, problems } = await read(
    `<rdf:RDF>${description("<dcterms:title>Carbides</dcterms:title><dcterms:title>炭化物</dcterms:title>")}${description("<dcterms:title>炭化物</dcterms:title><dcterms:title>Carbides</dcterms:title>")}${description("<dcterms:title>Carbides</dcterms:title>")}</rdf:RDF>`,
  );
  assert.deepEqual(problems, []);
  const common = { venue: "Powders", published: "1989", doi: "10.1000/a", url: "http://doi.org/10.1000/a" };
  assert.deepEqual(papers, [
    { ...common, title: "Carbides", authors: ["Kenji Suzuki"] },
    { ...common, title: "炭化物", authors: ["鈴木 建次"] },
    { ...common, title: "Carbides", authors: ["Kenji Suzuki", "鈴木 建次"] },
  ]);
});
