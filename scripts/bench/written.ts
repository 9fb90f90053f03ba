/** Papers as other programs and services write them, with as much around them as there is in real files. */
import type { PaperRecord } from "../../src/core/paper.js";

/** A paper that has everything. */
type Whole = {
  number: number;
  title: string;
  abstract: string;
  authors: string[];
  categories: string[];
  keywords: string[];
  year: string;
  /** As `2020-05-17`. */
  day: string;
  doi: string;
  arxiv: string;
  venue: string;
};

/** The whole file of each format, by its name. */
export function written(records: readonly PaperRecord[]): [format: string, text: string][] {
  const papers = records.map(whole);
  return Object.entries(FORMATS).map(([format, write]) => [format, write(papers)]);
}

function whole(record: PaperRecord, number: number): Whole {
  const published = record.published ?? "2020-05-17";
  return {
    number: number + 1,
    title: record.title.replaceAll(/\s+/g, " "),
    abstract: (record.abstract ?? "").replaceAll(/\s+/g, " "),
    authors: record.authors ?? [],
    categories: record.categories ?? [],
    keywords: record.keywords ?? [],
    year: published.slice(0, 4),
    day: `${published}-01-01`.slice(0, 10),
    doi: record.doi ?? `10.1000/bench.${number}`,
    arxiv: record.arxiv ?? `2001.${String(10_000 + number)}`,
    venue: record.venue ?? "Journal of Measurements",
  };
}

const FORMATS: Record<string, (papers: readonly Whole[]) => string> = {
  "PubMed (nbib)": each(({ number, title, abstract, authors, keywords, year, doi, venue }) =>
    lines([
      `PMID- ${number}`,
      "OWN - NLM",
      "STAT- MEDLINE",
      `TI  - ${title}`,
      `LID - ${doi} [doi]`,
      `AB  - ${wrapped(abstract, "      ")}`,
      ...authors.flatMap((name) => [
        `FAU - ${inverted(name)}`,
        `AU  - ${inverted(name)}`,
        "AD  - Department of Things.",
      ]),
      "LA  - eng",
      `DP  - ${year}`,
      `JT  - ${venue}`,
      ...keywords.map((keyword) => `OT  - ${keyword}`),
      "",
    ]),
  ),
  "EndNote (tagged)": each(({ title, abstract, authors, keywords, year, doi, venue }) =>
    lines([
      "%0 Journal Article",
      `%T ${title}`,
      ...authors.map((name) => `%A ${inverted(name)}`),
      `%J ${venue}`,
      "%V 1",
      "%P 1-9",
      `%D ${year}`,
      `%X ${abstract}`,
      `%R ${doi}`,
      ...(keywords.length === 0 ? [] : [`%K ${keywords.join("\n")}`]),
      "",
    ]),
  ),
  RefWorks: each(({ number, title, abstract, authors, keywords, year, doi, venue }) =>
    lines([
      "RT Journal Article",
      "SR Electronic",
      `ID ${number}`,
      ...authors.map((name) => `A1 ${inverted(name)}`),
      `T1 ${title}`,
      `JF ${venue}`,
      `YR ${year}`,
      `AB ${abstract}`,
      ...keywords.map((keyword) => `K1 ${keyword}`),
      `DO ${doi}`,
      "",
    ]),
  ),
  "Web of Science (tagged)": (papers) =>
    `FN Clarivate Analytics Web of Science\nVR 1.0\n${each(
      ({ number, title, abstract, authors, keywords, year, doi, venue }) =>
        lines([
          "PT J",
          `AU ${authors.map(inverted).join("\n   ")}`,
          `AF ${authors.map(inverted).join("\n   ")}`,
          `TI ${wrapped(title, "   ")}`,
          `SO ${venue}`,
          "LA English",
          ...(keywords.length === 0 ? [] : [`DE ${wrapped(keywords.join("; "), "   ")}`]),
          `AB ${wrapped(abstract, "   ")}`,
          `PY ${year}`,
          `DI ${doi}`,
          `UT WOS:${String(number).padStart(15, "0")}`,
          "ER",
          "",
        ]),
    )(papers)}EF\n`,
  "Web of Science (table)": table(
    "PT AU AF TI SO LA DE AB PY DI UT".split(" "),
    "\t",
    ({ number, title, abstract, authors, keywords, year, doi, venue }) => {
      const names = authors.map(inverted).join("; ");
      return ["J", names, names, title, venue, "English", keywords.join("; "), abstract, year, doi, `WOS:${number}`];
    },
  ),
  "Scopus CSV": table(
    [
      "Authors",
      "Author full names",
      "Title",
      "Year",
      "Source title",
      "Volume",
      "DOI",
      "Link",
      "Abstract",
      "Author Keywords",
      "EID",
    ],
    ",",
    ({ number, title, abstract, authors, keywords, year, doi, venue }) => {
      const [names, full] = [
        authors.map(inverted).join("; "),
        authors.map((name) => `${inverted(name)} (${number})`).join("; "),
      ];
      const link = `https://www.scopus.com/inward/record.uri?eid=2-s2.0-${number}`;
      return [names, full, title, year, venue, "1", doi, link, abstract, keywords.join("; "), `2-s2.0-${number}`];
    },
  ),
  "IEEE Xplore CSV": table(
    [
      "Document Title",
      "Authors",
      "Author Affiliations",
      "Publication Title",
      "Publication Year",
      "Abstract",
      "DOI",
      "PDF Link",
      "Author Keywords",
    ],
    ",",
    ({ number, title, abstract, authors, keywords, year, doi, venue }) => {
      const link = `https://ieeexplore.ieee.org/stamp/stamp.jsp?arnumber=${number}`;
      return [title, authors.join("; "), "Department of Things", venue, year, abstract, doi, link, keywords.join(";")];
    },
  ),
  "Zotero CSV": table(
    [
      "Key",
      "Item Type",
      "Publication Year",
      "Author",
      "Title",
      "Publication Title",
      "DOI",
      "Url",
      "Abstract Note",
      "Date",
      "Manual Tags",
    ],
    ",",
    ({ number, title, abstract, authors, keywords, year, day, doi, venue }) => {
      const key = `K${String(number).padStart(7, "0")}`;
      const names = authors.map(inverted).join("; ");
      return [
        key,
        "journalArticle",
        year,
        names,
        title,
        venue,
        doi,
        `https://doi.org/${doi}`,
        abstract,
        day,
        keywords.join("; "),
      ];
    },
  ),
  "OpenAlex JSON": json("results", ({ number, title, abstract, authors, keywords, day, doi, venue }) => {
    const places: Record<string, number[]> = {};
    for (const [at, word] of abstract.split(" ").entries())
      (Object.hasOwn(places, word) ? places[word]! : (places[word] = [])).push(at);
    return {
      id: `https://openalex.org/W${number}`,
      doi: `https://doi.org/${doi}`,
      title,
      display_name: title,
      publication_date: day,
      type: "article",
      primary_location: { landing_page_url: `https://doi.org/${doi}`, source: { id: "S1", display_name: venue } },
      authorships: authors.map((name) => ({
        author_position: "middle",
        author: { id: "A1", display_name: name },
        raw_author_name: name,
      })),
      abstract_inverted_index: places,
      keywords: keywords.map((keyword) => ({ display_name: keyword, score: 0.5 })),
    };
  }),
  "Crossref JSON": json("items", ({ title, abstract, authors, day, doi, venue }) => ({
    DOI: doi,
    type: "journal-article",
    title: [title],
    "container-title": [venue],
    author: authors.map((name) => ({
      ...parts(name),
      sequence: "additional",
      affiliation: [{ name: "Department of Things" }],
    })),
    abstract: `<jats:p>${escaped(abstract)}</jats:p>`,
    issued: { "date-parts": [day.split("-").map(Number)] },
    URL: `https://doi.org/${doi}`,
  })),
  "DataCite JSON": json("data", ({ title, abstract, authors, keywords, day, doi }) => ({
    id: doi,
    type: "dois",
    attributes: {
      doi,
      titles: [{ title }],
      creators: authors.map((name) => ({ name: inverted(name), nameType: "Personal", affiliation: [] })),
      descriptions: [{ description: abstract, descriptionType: "Abstract" }],
      dates: [{ date: day, dateType: "Issued" }],
      subjects: keywords.map((subject) => ({ subject })),
      types: { resourceTypeGeneral: "Text" },
    },
  })),
  "Semantic Scholar JSON": json("data", ({ number, title, abstract, authors, day, doi, arxiv, venue }) => ({
    paperId: number.toString(16).padStart(40, "0"),
    externalIds: { DOI: doi, ArXiv: arxiv },
    title,
    abstract,
    venue,
    publicationDate: day,
    authors: authors.map((name) => ({ authorId: "1", name })),
  })),
  "Europe PMC JSON": json("result", ({ number, title, abstract, authors, keywords, day, doi, venue }) => ({
    id: String(number),
    source: "MED",
    pmid: String(number),
    doi,
    title,
    authorString: authors.join(", "),
    authorList: {
      author: authors.map((name) => ({ fullName: name, lastName: parts(name).family, firstName: parts(name).given })),
    },
    journalInfo: { journal: { title: venue } },
    abstractText: abstract,
    firstPublicationDate: day,
    keywordList: { keyword: keywords },
  })),
  "Zotero JSON": (papers) =>
    JSON.stringify(
      papers.map(({ number, title, abstract, authors, keywords, day, doi, venue }) => {
        const key = `K${String(number).padStart(7, "0")}`;
        const creators = authors.map((name) => {
          const { given, family } = parts(name);
          return { creatorType: "author", firstName: given, lastName: family };
        });
        const tags = keywords.map((tag) => ({ tag }));
        const data = { key, version: number, itemType: "journalArticle", title, creators, abstractNote: abstract };
        return { key, version: number, data: { ...data, publicationTitle: venue, date: day, DOI: doi, tags } };
      }),
      undefined,
      1,
    ),
  "PubMed XML": pubmed,
  "EndNote XML": (papers) =>
    `<?xml version="1.0" encoding="UTF-8"?><xml><records>${each(
      ({ number, title, abstract, authors, keywords, year, doi, venue }) =>
        `<record><database name="My.enl" path="My.enl">My.enl</database><rec-number>${number}</rec-number><ref-type name="Journal Article">17</ref-type>` +
        `<contributors><authors>${all("author", authors.map(inverted))}</authors></contributors><titles>${one("title", title)}${one("secondary-title", venue)}</titles>` +
        `<periodical>${one("full-title", venue)}</periodical><keywords>${all("keyword", keywords)}</keywords><dates>${one("year", year)}</dates>${one("electronic-resource-num", doi)}${one("abstract", abstract)}</record>\n`,
    )(papers)}</records></xml>`,
  JATS: (papers) =>
    `<?xml version="1.0"?><articles>${each(
      ({ number, title, abstract, authors, keywords, year, doi, venue }) =>
        `<article article-type="research-article"><front><journal-meta><journal-title-group>${one("journal-title", venue)}</journal-title-group></journal-meta><article-meta>` +
        `<article-id pub-id-type="pmid">${number}</article-id><article-id pub-id-type="doi">${escaped(doi)}</article-id><title-group>${one("article-title", title)}</title-group>` +
        `<contrib-group>${authors.map((name) => `<contrib contrib-type="author"><name>${one("surname", parts(name).family)}${one("given-names", parts(name).given)}</name><xref ref-type="aff" rid="a1"/></contrib>`).join("")}</contrib-group>` +
        `<pub-date pub-type="epub">${one("year", year)}</pub-date><abstract>${one("p", abstract)}</abstract><kwd-group>${all("kwd", keywords)}</kwd-group></article-meta></front>` +
        // A text as long as the abstract is a short one.
        `<body><sec><title>Introduction</title>${one("p", abstract)}</sec></body></article>\n`,
    )(papers)}</articles>`,
  "OAI-PMH (arXiv)": (papers) =>
    `<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>${each(
      ({ title, abstract, authors, categories, day, arxiv }) =>
        `<record><header><identifier>oai:arXiv.org:${arxiv}</identifier><datestamp>${day}</datestamp></header><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/">` +
        `${one("id", arxiv)}${one("created", day)}<authors>${authors.map((name) => `<author>${one("keyname", parts(name).family)}${one("forenames", parts(name).given)}</author>`).join("")}</authors>` +
        `${one("title", title)}${one("categories", categories.join(" "))}${one("abstract", abstract)}</arXiv></metadata></record>\n`,
    )(papers)}</ListRecords></OAI-PMH>`,
  "OAI-PMH (Dublin Core)": (papers) =>
    `<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>${each(
      ({ title, abstract, authors, keywords, day, doi, number }) =>
        `<record><header><identifier>oai:example.org:${number}</identifier><datestamp>${day}</datestamp></header><metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">` +
        `${one("dc:title", title)}${all("dc:creator", authors.map(inverted))}${all("dc:subject", keywords)}${one("dc:description", abstract)}${one("dc:date", day)}${one("dc:type", "text")}${one("dc:identifier", `doi:${doi}`)}</oai_dc:dc></metadata></record>\n`,
    )(papers)}</ListRecords></OAI-PMH>`,
  "arXiv Atom": (papers) =>
    `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv Query</title>${each(
      ({ title, abstract, authors, categories, day, arxiv }) =>
        `<entry>${one("id", `http://arxiv.org/abs/${arxiv}v1`)}${one("updated", `${day}T00:00:00Z`)}${one("published", `${day}T00:00:00Z`)}${one("title", title)}${one("summary", abstract)}` +
        `${authors.map((name) => `<author>${one("name", name)}</author>`).join("")}${categories.map((category) => `<category term="${escaped(category)}"/>`).join("")}<link href="http://arxiv.org/abs/${arxiv}v1" rel="alternate" type="text/html"/></entry>\n`,
    )(papers)}</feed>`,
  RSS: (papers) =>
    `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Papers</title>${each(
      ({ number, title, abstract, authors, day }) =>
        `<item>${one("title", title)}${one("link", `https://example.org/${number}`)}${one("guid", `https://example.org/${number}`)}${all("dc:creator", authors)}${one("dc:date", day)}${one("description", abstract)}</item>\n`,
    )(papers)}</channel></rss>`,
  "Crossref XML": (papers) =>
    `<?xml version="1.0" encoding="UTF-8"?><doi_records>${each(
      ({ title, abstract, authors, year, doi, venue }) =>
        `<doi_record owner="10.1000" timestamp="2020"><crossref><journal><journal_metadata language="en">${one("full_title", venue)}</journal_metadata><journal_article publication_type="full_text"><titles>${one("title", title)}</titles>` +
        `<contributors>${authors.map((name) => `<person_name contributor_role="author" sequence="additional">${one("given_name", parts(name).given)}${one("surname", parts(name).family)}</person_name>`).join("")}</contributors>` +
        `<jats:abstract xmlns:jats="http://www.ncbi.nlm.nih.gov/JATS1">${one("jats:p", abstract)}</jats:abstract><publication_date media_type="online">${one("year", year)}</publication_date><doi_data>${one("doi", doi)}${one("resource", `https://example.org/${doi}`)}</doi_data></journal_article></journal></crossref></doi_record>\n`,
    )(papers)}</doi_records>`,
  "DBLP XML": (papers) =>
    `<?xml version="1.0" encoding="UTF-8"?><dblp>${each(
      ({ number, title, authors, year, doi, venue }) =>
        `<article mdate="2020-01-01" key="journals/x/${number}">${all("author", authors)}${one("title", `${title}.`)}${one("year", year)}${one("journal", venue)}${one("ee", `https://doi.org/${doi}`)}</article>\n`,
    )(papers)}</dblp>`,
};

/** With as much around the papers as PubMed's own files have. */
function pubmed(papers: readonly Whole[]): string {
  const date = (name: string) => `<${name}><Year>2020</Year><Month>01</Month><Day>02</Day></${name}>\n`;
  const articles = papers.map(
    ({ number, title, abstract, authors, keywords }) =>
      `<PubmedArticle>\n<MedlineCitation Status="MEDLINE" Owner="NLM">\n<PMID Version="1">${number}</PMID>\n${date("DateCompleted")}${date("DateRevised")}` +
      `<Article PubModel="Print"><Journal><ISSN IssnType="Print">0000-0000</ISSN><JournalIssue CitedMedium="Print"><Volume>1</Volume>${date("PubDate")}</JournalIssue><Title>A journal</Title></Journal>\n` +
      `${one("ArticleTitle", title)}\n<Abstract>${one("AbstractText", abstract)}</Abstract>\n<AuthorList CompleteYN="Y">` +
      `${authors.map((name) => `<Author ValidYN="Y">${one("LastName", name)}<AffiliationInfo><Affiliation>Department of Things, University of Somewhere.</Affiliation></AffiliationInfo></Author>\n`).join("")}</AuthorList>` +
      `<Language>eng</Language></Article>\n<MedlineJournalInfo><Country>England</Country></MedlineJournalInfo><KeywordList>${all("Keyword", keywords)}</KeywordList></MedlineCitation>\n` +
      `<PubmedData><History>${date("PubMedPubDate").repeat(3)}</History><ArticleIdList><ArticleId IdType="pubmed">${number}</ArticleId></ArticleIdList></PubmedData>\n</PubmedArticle>\n`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet>\n${articles.join("")}</PubmedArticleSet>\n`;
}

function each(write: (paper: Whole) => string): (papers: readonly Whole[]) => string {
  return (papers) => papers.map(write).join("");
}

function table(names: readonly string[], delimiter: string, write: (paper: Whole) => string[]) {
  const cell = (text: string): string => (delimiter === "\t" ? text : `"${text.replaceAll('"', '""')}"`);
  const row = (cells: readonly string[]): string => `${cells.map(cell).join(delimiter)}\n`;
  return (papers: readonly Whole[]): string => row(names) + papers.map((paper) => row(write(paper))).join("");
}

/** An answer of a service: records in a list with a name, indented a little, as most are. */
function json(list: string, write: (paper: Whole) => object) {
  return (papers: readonly Whole[]): string =>
    JSON.stringify({ status: "ok", [list]: papers.map(write) }, undefined, 1);
}

const lines = (all: readonly string[]): string => `${all.join("\n")}\n`;
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const one = (tag: string, text: string): string => `<${tag}>${escaped(text)}</${tag}>`;
const all = (tag: string, texts: readonly string[]): string => texts.map((text) => one(tag, text)).join("");

function parts(name: string): { given: string; family: string } {
  const at = name.lastIndexOf(" ");
  return { given: name.slice(0, Math.max(0, at)), family: name.slice(at + 1) };
}

function inverted(name: string): string {
  const { given, family } = parts(name);
  return given === "" ? family : `${family}, ${given}`;
}

/** In lines of about 80 characters. */
const wrapped = (text: string, indent: string): string => text.replaceAll(/(.{60,80}) /g, `$1\n${indent}`);
