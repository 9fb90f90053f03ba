/** Files of papers: generated in every format, and real ones, intact or damaged. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { listEntry } from "../../src/formats/list.js";
import { zipped } from "../common/zip.js";
import { nasty, spelled } from "./texts.js";

/** A file; `what` is the format it was generated in, or the name of a real file. */
export type File = { what: string; bytes: Buffer };

/** Largest number of bytes used of a real file, and of a file that was made longer. */
const MOST = 200_000;
/** Length of the longest texts, in characters. */
const LONG = 400_000;

const FORMATS = [
  "jsonl",
  "json",
  "object",
  "beir",
  "arxiv",
  "daily",
  "csl",
  "bibtex",
  "macros",
  "ris",
  "sorted ris",
  "csv",
  "csv with lines before",
  "nan",
  "tsv",
  "own csv",
  "pubmed",
  "endnote",
  "jats",
  "feed",
  "oai",
  "nbib",
  "endnote tagged",
  "refworks",
  "web of science",
  "zotero",
] as const;

const title = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "A title",
      "On $x < y$ and more",
      "L'\\'et\\'e {\\it dans} l'\\^Ile",
      "<b>Bold</b> &amp; plain",
      "漢字の研究",
      "مقالة",
    ),
  },
  { weight: 4, arbitrary: nasty(LONG) },
);
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("", "We show that it is so. It was not known before.", "See $E=mc^2$.") },
  { weight: 2, arbitrary: nasty(LONG) },
);
const short = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom("", "a", "2017", "2017-06-12", "cs.LG", "10.1000/xyz", "1706.03762") },
  { weight: 1, arbitrary: nasty(LONG) },
);
const names = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<string[]>(
      ["Ada Lovelace", "Knuth, Donald E."],
      ["University of X,, Y"],
      ["King, Jr., Martin"],
    ),
  },
  { weight: 2, arbitrary: fc.array(nasty(LONG), { maxLength: 5 }) },
);
const record = fc.record({
  title,
  abstract: text,
  authors: names,
  id: short,
  date: short,
  venue: short,
  doi: short,
  arxiv: short,
  url: short,
  keywords: short,
  other: short,
});
type Record = typeof record extends fc.Arbitrary<infer T> ? T : never;

const made: fc.Arbitrary<File> = fc
  .tuple(fc.constantFrom(...FORMATS), fc.array(record, { minLength: 1, maxLength: 8 }))
  .map(([format, records]) => ({ what: format, bytes: Buffer.from(written(format, records)) }));

function written(format: (typeof FORMATS)[number], records: Record[]): string {
  const lines = (objects: object[]) => objects.map((one) => `${spelled(one)}\n`).join("");
  switch (format) {
    case "jsonl":
      return lines(records);
    case "json":
      return spelled(records);
    case "object":
      return spelled({ message: { total: 1, items: records } });
    case "beir":
      return lines(
        records.map(({ id, title, abstract, authors }) => ({
          _id: id,
          title,
          text: abstract,
          metadata: { authors: authors.join(" and ") },
        })),
      );
    case "arxiv":
      return lines(
        records.map(({ arxiv, title, abstract, authors, venue, date, keywords }) => ({
          id: arxiv,
          title,
          abstract,
          authors: authors.join(", "),
          "journal-ref": venue,
          update_date: date,
          categories: keywords,
        })),
      );
    case "daily":
      return spelled(
        records.map(({ id, title, abstract, authors, date }) => ({
          paper: { id, title, summary: abstract, authors: authors.map((name) => ({ name })), upvotes: 3 },
          publishedAt: date,
        })),
      );
    case "csl":
      return spelled(
        records.map(({ id, title, abstract, authors, date, doi, url, keywords, other }) => ({
          id,
          type: "article",
          title,
          abstract,
          author: authors.map((name) => ({ family: name, given: other })),
          issued: { "date-parts": [date.split("-")] },
          DOI: doi,
          URL: url,
          keyword: keywords,
          note: other,
        })),
      );
    case "bibtex":
      return records
        .map(
          ({ id, title, abstract, authors, date, venue, doi, arxiv, url, keywords, other }, i) =>
            `@article{${id || `k${i}`},\n title = {${title}}, abstract = "${abstract}",\n author = {${authors.join(" and ")}},\n date = {${date}}, month = ${other || "jan"}, journal = {${venue}} # j,\n` +
            ` doi = {${doi}}, eprint = {${arxiv}}, url = {${url}}, keywords = {${keywords}}\n}\n`,
        )
        .join("\n");
    // Each abbreviation repeats the previous one several times.
    case "macros":
      return `@string{m0 = {${records[0]?.abstract.replace(/[{}\\]/g, "") ?? ""}ice}}\n${records
        .map(
          ({ title }, i) =>
            `@string{m${i + 1} = ${Array.from({ length: 9 }, () => `m${i}`).join(" # ")}}\n@misc{k${i}, title = {${title}}, abstract = m${i + 1} # m${i}}\n`,
        )
        .join("")}`;
    case "nan":
      return lines(records).replace(/"(?:authors|abstract|date)":"?/g, (name) => `"x":NaN,"y":-Infinity,${name}`);
    case "sorted ris":
      return records
        .map(
          ({ id, title, abstract, date, doi, other }, i) =>
            `AB  - ${abstract}\nDO  - ${doi}\n${i % 3 === 0 ? "ER  - \n" : ""}PY  - ${date}\n${i % 2 === 0 ? `TI  - ${title}\n` : ""}TY  - JOUR\nID  - ${id}\nER  - \nN1  - ${other}\n`,
        )
        .join(records.length % 2 === 0 ? "\n" : "");
    case "ris":
      return records
        .map(
          ({ id, title, abstract, authors, date, venue, doi, url, keywords, other }) =>
            `TY  - JOUR\nID  - ${id}\nTI  - ${title}\nAB  - ${abstract}\n${authors.map((name) => `AU  - ${name}\n`).join("")}PY  - ${date}\nDA  - ${date}\nJO  - ${venue}\nDO  - ${doi}\nUR  - ${url}\nKW  - ${keywords}\nN1  - ${other}\nER  - \n`,
        )
        .join("\n");
    case "pubmed":
      return `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE a [<!ENTITY b "${xml(records[0]?.other ?? "")}">]>\n<PubmedArticleSet>\n${records
        .map(
          ({ id, title, abstract, authors, date, venue, doi, keywords, other }) =>
            `<PubmedArticle><MedlineCitation><PMID>${xml(id)}</PMID><Article><Journal><JournalIssue><PubDate><MedlineDate>${xml(date)}</MedlineDate></PubDate></JournalIssue><Title>${xml(venue)}</Title></Journal>` +
            `<ArticleTitle>${xml(title)} &b;<sub>2</sub></ArticleTitle><Abstract><AbstractText Label="${xml(other)}">${xml(abstract)}</AbstractText></Abstract><AuthorList>${authors.map((name) => `<Author><LastName>${xml(name)}</LastName></Author>`).join("")}</AuthorList></Article>` +
            `<KeywordList><Keyword>${xml(keywords)}</Keyword></KeywordList></MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="doi">${xml(doi)}</ArticleId></ArticleIdList><ReferenceList>${xml(other)}</ReferenceList></PubmedData></PubmedArticle>\n`,
        )
        .join("")}</PubmedArticleSet>\n`;
    case "endnote":
      return `<?xml version="1.0"?><xml><records>${records
        .map(
          ({ id, title, abstract, authors, date, venue, doi, url, keywords, other }) =>
            `<record><contributors><authors>${authors.map((name) => `<author>${xml(name)}</author>`).join("")}</authors></contributors><titles><title><style face="bold">${xml(title)}</style></title></titles><periodical><full-title>${xml(venue)}</full-title></periodical>` +
            `<dates><year>${xml(date)}</year><pub-dates><date>${xml(other)}</date></pub-dates></dates><label>${xml(id)}</label><electronic-resource-num>${xml(doi)}</electronic-resource-num><keywords><keyword>${xml(keywords)}</keyword></keywords><urls><web-urls><url>${xml(url)}</url></web-urls></urls><abstract>${xml(abstract)}</abstract></record>`,
        )
        .join("\n")}</records></xml>`;
    case "jats":
      return `<pmc-articleset>${records
        .map(
          ({ title, abstract, authors, doi, arxiv, other }) =>
            `<article><front><article-meta><article-id pub-id-type="doi">${xml(doi)}</article-id><article-id pub-id-type="arxiv">${xml(arxiv)}</article-id><title-group><article-title>${xml(title)}</article-title></title-group>` +
            `<contrib-group>${authors.map((name) => `<contrib contrib-type="author"><string-name>${xml(name)}</string-name></contrib>`).join("")}</contrib-group><abstract><sec><title>${xml(other)}</title><p>${xml(abstract)}</p></sec></abstract></article-meta></front><body><p>${xml(abstract)}</p></body></article>`,
        )
        .join("\n")}</pmc-articleset>`;
    case "feed":
      return `<?xml version="1.0"?>\n<rss><channel><title>${xml(records[0]?.other ?? "")}</title>${records
        .map(
          ({ id, title, abstract, authors, date, url, doi, keywords }) =>
            `<item><title>${xml(title)}</title><guid>${xml(id)}</guid><link>${xml(url)}</link><description><![CDATA[${abstract}]]></description>${authors.map((name) => `<dc:creator>${xml(name)}</dc:creator>`).join("")}<pubDate>${xml(date)}</pubDate><prism:doi>${xml(doi)}</prism:doi><category>${xml(keywords)}</category></item>\n`,
        )
        .join("")}</channel></rss>`;
    case "oai":
      return `<OAI-PMH><ListRecords>${records
        .map(
          ({ id, title, abstract, authors, date, venue, doi, arxiv, keywords, other }, i) =>
            `<record><header${i % 4 === 3 ? ' status="deleted"' : ""}><identifier>${xml(id)}</identifier></header><metadata>${
              i % 2 === 0
                ? `<arXiv><id>${xml(arxiv)}</id><created>${xml(date)}</created><authors>${authors.map((name) => `<author><keyname>${xml(name)}</keyname></author>`).join("")}</authors><title>${xml(title)}</title><categories>${xml(keywords)}</categories><comments>${xml(other)}</comments><journal-ref>${xml(venue)}</journal-ref><doi>${xml(doi)}</doi><abstract>${xml(abstract)}</abstract></arXiv>`
                : `<oai_dc:dc><dc:title>${xml(title)}</dc:title>${authors.map((name) => `<dc:creator>${xml(name)}</dc:creator>`).join("")}<dc:description>${xml(abstract)}</dc:description><dc:date>${xml(date)}</dc:date><dc:identifier>${xml(doi)}</dc:identifier><dc:source>${xml(venue)}</dc:source></oai_dc:dc>`
            }</metadata></record>`,
        )
        .join("\n")}</ListRecords></OAI-PMH>`;
    case "nbib":
      return tagged(records, "PMID- ", (tag) => `${tag.padEnd(4)}- `, {
        title: "TI",
        abstract: "AB",
        name: "FAU",
        date: "DP",
        venue: "JT",
        doi: "LID",
        keywords: "OT",
        other: "SO",
      });
    case "endnote tagged":
      return tagged(records, "%0 ", (tag) => `%${tag} `, {
        title: "T",
        abstract: "X",
        name: "A",
        date: "8",
        venue: "J",
        doi: "R",
        keywords: "K",
        other: "Z",
      });
    case "refworks":
      return tagged(records, "RT ", (tag) => `${tag} `, {
        title: "T1",
        abstract: "AB",
        name: "A1",
        date: "YR",
        venue: "JF",
        doi: "DO",
        keywords: "K1",
        other: "NO",
      });
    case "web of science":
      return `FN Clarivate\n${tagged(records, "PT ", (tag) => `${tag} `, {
        title: "TI",
        abstract: "AB",
        name: "AF",
        date: "PY",
        venue: "SO",
        doi: "DI",
        keywords: "DE",
        other: "ER",
      })}EF\n`;
    case "zotero":
      return spelled(
        records.map(({ id, title, abstract, authors, date, venue, doi, url, keywords, other }) => ({
          key: id,
          data: {
            itemType: other,
            title,
            abstractNote: abstract,
            creators: authors.map((name) => ({ creatorType: "author", name })),
            date,
            publicationTitle: venue,
            DOI: doi,
            url,
            extra: other,
            tags: [{ tag: keywords }],
          },
        })),
      );
    default: {
      const separator = format === "tsv" ? "\t" : ",";
      const columns =
        format === "own csv"
          ? ["id", "title", "abstract", "authors", "published", "venue", "doi", "keywords"]
          : ["Key", "Title", "Abstract Note", "Author", "Date", "Journal", "DOI", "Tags"];
      const cell = (value: string) =>
        format === "tsv" ? value.replace(/[\t\n]/g, " ") : `"${value.replaceAll('"', '""')}"`;
      const rows = records.map(({ id, title, abstract, authors, date, venue, doi, keywords }) =>
        [id, title, abstract, authors.map(listEntry).join("; "), date, venue, doi, keywords].map(cell).join(separator),
      );
      const before =
        format === "csv with lines before" ? `# ${records[0]?.other}\n"About: ""${records[0]?.venue}"""\n` : "";
      return `${before}${columns.join(separator)}\n${rows.join("\n")}\n`;
    }
  }
}

/** Text in XML. Some files of real programs do not escape every character. */
const xml = (text: string): string =>
  text.length % 7 === 0 ? text : text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
type Tags = { [field in "title" | "abstract" | "name" | "date" | "venue" | "doi" | "keywords" | "other"]: string };

function tagged(records: Record[], first: string, start: (tag: string) => string, tags: Tags): string {
  return records
    .map(({ id, title, abstract, authors, date, venue, doi, keywords, other }, i) =>
      [
        `${first}${id || "J"}`,
        ...authors.map((name) => `${start(tags.name)}${name}`),
        ...Object.entries({ title, abstract, date, venue, doi, keywords, other }).map(
          ([field, value]) => `${start(tags[field as keyof Tags])}${value}`,
        ),
        i % 2 === 0 ? "\n" : "",
      ].join("\n"),
    )
    .join("");
}

/** Small files that unpack to very large ones, also as several gzip members in a row. */
function bombs(): fc.Arbitrary<File> {
  const members = [
    { what: "bomb in one record", start: '{"title":"a","abstract":"', filler: "y".repeat(10_000_000) },
    { what: "bomb of records", start: '{"title":"a"}\n', filler: '{"title":"b"}\n'.repeat(700_000) },
    { what: "bomb of BibTeX", start: "@article{a, title={a}}\n@article{b, title={", filler: "y ".repeat(5_000_000) },
    { what: "bomb of XML", start: "<rss><item><title>a</title></item><item><title>", filler: "<a>".repeat(3_000_000) },
    { what: "bomb of blanks", start: "title,year\na,2001\n", filler: "\n".repeat(10_000_000) },
  ].map(({ what, start, filler }) => ({ what, start: gzipSync(start), filler: gzipSync(filler) }));
  return fc
    .tuple(fc.constantFrom(...members), fc.integer({ min: 1, max: 60 }))
    .map(([{ what, start, filler }, times]) => ({
      what,
      bytes: Buffer.concat([start, ...Array.from({ length: times }, () => filler)]),
    }));
}

type Change = { how: string; at: number; size: number; other: string; from: number };
const change: fc.Arbitrary<Change> = fc.record({
  how: fc.constantFrom(
    "flip",
    "flip",
    "cut",
    "cut",
    "splice",
    "repeat",
    "insert",
    "insert",
    "end",
    "latin1",
    "utf-16",
    "gzip",
    "broken gzip",
    "zip",
    "mac",
    "null",
  ),
  at: fc.nat(),
  size: fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 40 }) }, { weight: 1, arbitrary: fc.nat({ max: MOST }) }),
  other: nasty(LONG),
  from: fc.nat(),
});

function damaged(bytes: Buffer, { how, at, size, other, from }: Change): Buffer {
  const place = at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (how) {
    case "flip": {
      const copy = Buffer.from(bytes);
      for (let i = 0; i <= size && copy.length > 0; i++)
        copy[(at + i * (from % 1_000)) % copy.length]! ^= 1 << ((i + from) % 8);
      return copy;
    }
    case "cut":
      return Buffer.concat([before, after.subarray(size)]);
    case "splice": {
      const start = from % (bytes.length + 1);
      return Buffer.concat([before, bytes.subarray(start, start + size), after]);
    }
    case "repeat":
      return Buffer.concat([
        before,
        ...Array.from({ length: 1 + (from % 50) }, () => after.subarray(0, Math.min(size, 5_000))),
        after,
      ]);
    case "insert":
      return Buffer.concat([before, Buffer.from(other), after]);
    case "end":
      return before;
    case "latin1":
      return Buffer.from(bytes.toString(), "latin1");
    case "utf-16":
      return Buffer.from(`\ufeff${bytes.toString()}`, "utf16le");
    case "gzip":
      return gzipSync(bytes);
    case "broken gzip": {
      const packed = gzipSync(bytes);
      return packed.subarray(0, packed.length - (size % packed.length));
    }
    case "zip":
      return zipped([
        { name: other, bytes },
        { name: "a.jsonl", bytes: bytes.subarray(0, size) },
      ]);
    case "mac":
      return Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r"), "latin1");
    default:
      return Buffer.concat([before, Buffer.alloc(size), after]);
  }
}

/** @param real Files to use, intact and damaged. */
export function files(real: readonly File[]): fc.Arbitrary<File> {
  const whole = fc.oneof(
    { weight: 3, arbitrary: made },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom(...real), fc.nat(), fc.boolean()).map(([{ what, bytes }, at, start]) => {
        const from = start ? 0 : at % Math.max(1, bytes.length - MOST);
        return { what, bytes: bytes.subarray(from, from + MOST) };
      }),
    },
  );
  const changed = fc
    .tuple(whole, fc.array(change, { maxLength: 3 }))
    .map(([{ what, bytes }, changes]) => ({ what, bytes: changes.reduce(damaged, bytes) }));
  return fc.oneof({ weight: 400, arbitrary: changed }, { weight: 1, arbitrary: bombs() });
}
