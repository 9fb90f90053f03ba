/** Reads the records that `XmlCutter` cuts, each in the dialect that its elements show. */
import { isUtf8 } from "node:buffer";
import type { Outcome } from "../draft.js";
import { excerpt } from "../text.js";
import { CROSSREF_SKIPPED, readCrossref } from "./crossref.js";
import { XmlCutter } from "./cutter.js";
import { readDataCite } from "./datacite.js";
import { DBLP_RECORDS, readDblp } from "./dblp.js";
import { readDublinCore } from "./dublin-core.js";
import { type Element, parseElement } from "./element.js";
import { readEndNoteRecord } from "./endnote.js";
import { FeedReader } from "./feeds.js";
import { isJats, JATS_SKIPPED, readJatsArticle } from "./jats.js";
import { isOaiRecord, readOaiError, readOaiRecord } from "./oai.js";
import { PUBMED_SKIPPED, readDeletedCitations, readPubmedArticle, readPubmedBook } from "./pubmed.js";

type Read = (element: Element, ignored: (field: string) => void) => Outcome | undefined;

const SKIPPED: ReadonlySet<string> = new Set([...JATS_SKIPPED, ...PUBMED_SKIPPED, ...CROSSREF_SKIPPED]);

export class XmlReader {
  private readonly feed = new FeedReader();
  /** How each record is read, by the name of its element. */
  private readonly records = new Map<string, Read>([
    ["PubmedArticle", readPubmedArticle],
    ["MedlineCitation", readPubmedArticle],
    ["PubmedBookArticle", readPubmedBook],
    ["DeleteCitation", readDeletedCitations],
    ["DeleteDocument", readDeletedCitations],
    ["record", (record, ignored) => (isOaiRecord(record) ? readOaiRecord : readEndNoteRecord)(record, ignored)],
    ["error", readOaiError],
    ["ERROR", readOaiError],
    ...["front", "article-meta"].map((name): [string, Read] => [name, readJatsArticle]),
    ...DBLP_RECORDS.map((name): [string, Read] => [name, readDblp]),
    ["article", (article, ignored) => (isJats(article) ? readJatsArticle : readDblp)(article, ignored)],
    ["hit", (hit, ignored) => readDblp(hit.at("info"), ignored)],
    [
      // A person's page rather than a publication.
      "www",
      (_, ignored) => {
        ignored("www");
        return undefined;
      },
    ],
    ["doi_record", readCrossref],
    ["crossref", readCrossref],
    ["resource", (resource, ignored) => readDataCite(resource, "", ignored)],
    ["dc", (record, ignored) => readDublinCore(record, "", ignored)],
    ["Description", (record, ignored) => readDublinCore(record, "", ignored)],
    ...["item", "entry"].map((name): [string, Read] => [name, (entry, ignored) => this.feed.readEntry(entry, ignored)]),
    ...["title", "description"].map((name): [string, Read] => [name, (element) => this.feed.readHeading(element)]),
  ]);
  readonly cutter = new XmlCutter(new Set(this.records.keys()), SKIPPED);

  /** @param encoding The encoding that the file declares. */
  constructor(private readonly encoding: string | undefined) {}

  read(text: string, line: number, ignored: (field: string) => void): Outcome | undefined {
    const element = parseElement(text, line);
    return "problem" in element ? element : this.records.get(element.name)?.(element, ignored);
  }

  /**
   * The text of a record. UTF-8 is recognised whatever the file declares, because text in another encoding is hardly ever
   * valid UTF-8.
   */
  decode(bytes: Buffer): string | { problem: string } {
    if (isUtf8(bytes)) return bytes.toString();
    const { encoding } = this;
    if (encoding === undefined || /^utf-?8$/i.test(encoding)) {
      const why = encoding === undefined ? "XML is in if it declares nothing else" : "the file declares";
      const start = excerpt(new TextDecoder("windows-1252").decode(bytes.subarray(0, 1000)));
      return {
        problem: `not UTF-8, which ${why}: ${start} -- declare the encoding, such as <?xml version="1.0" encoding="windows-1252"?>`,
      };
    }
    const wrong = { problem: `not in the encoding "${excerpt(encoding)}" that the file declares: convert it to UTF-8` };
    // Text in UTF-16 has been converted before.
    if (/^utf-?16/i.test(encoding)) return wrong;
    try {
      const decoder = new TextDecoder(encoding, { fatal: true });
      // In one call, Node 20 decodes windows-1252 as ISO-8859-1.
      return decoder.decode(bytes, { stream: true }) + decoder.decode();
    } catch (error) {
      if (!(error instanceof RangeError)) return wrong;
      return {
        problem: `the file declares the encoding "${excerpt(encoding)}", which is not known: convert it to UTF-8`,
      };
    }
  }
}
