/** Detects the format of a file from its content; the file name is not used. */
import { type Columns, readHeader } from "./csv.js";
import { isObject, type JsonObject } from "./fields.js";
import { parseJson } from "./parse-json.js";
import { listsOfRecords } from "./records.js";
import { excerpt } from "./text.js";
import { xmlStart } from "./xml/root.js";

type Table = {
  format: "csv";
  delimiter: string;
  columns: Columns;
  /** Number of lines up to and including the header, and the offset at which it starts. */
  headerLines: number;
  start: number;
};

/** XML, with the encoding that the file declares. */
type Xml = { format: "xml"; encoding: string | undefined };

export type Detected =
  | { format: "jsonl" | "json" | "bibtex" | "ris" }
  | { format: "nbib" | "endnote" | "refworks" | "web-of-science" }
  | Table
  | Xml
  /** `notText`: what the file is, if it is not even text. */
  | { problem: string; notText?: string };

/** In the first so many characters, a record of a tagged format starts: RefWorks begins with a legend. */
const MAX_BEFORE_TAG = 4000;
/** The longest line that may be a header. */
const MAX_HEADER = 20_000;

export const READ =
  "Kindred reads JSON Lines, JSON, BibTeX, RIS, the tagged formats of PubMed, EndNote, RefWorks and Web of Science, CSV or TSV with " +
  "a header, and XML of PubMed, EndNote, JATS, arXiv, OAI-PMH, feeds, Crossref, DataCite and DBLP, in UTF-8 or UTF-16, plain, gzip " +
  "or ZIP";

/** Files that are not text, by their first bytes. */
const BINARY: [bytes: string, name: string, what: string][] = [
  ["%PDF-", "a PDF", "import a file with its title and abstract instead"],
  // In another archive, or compressed with gzip.
  ["PK\x03\x04", "a ZIP archive, or an Excel or Word file", "unpack it, or save it as CSV in UTF-8"],
  ["PK\x05\x06", "an empty ZIP archive", "unpack it"],
  ["\x89PNG", "a PNG image", "import a file with the papers' titles and abstracts instead"],
  ["\xff\xd8\xff", "a JPEG image", "import a file with the papers' titles and abstracts instead"],
  ["GIF8", "a GIF image", "import a file with the papers' titles and abstracts instead"],
  ["SQLite format 3\0", "an SQLite database", "export its records first"],
  ["\xd0\xcf\x11\xe0", "an old Excel or Word file", "save it as CSV in UTF-8"],
  ["BZh", "compressed with bzip2", "unpack it with bunzip2"],
  ["\xfd7zXZ\0", "compressed with xz", "unpack it with unxz"],
  ["\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it with unzstd"],
  ["7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"],
  ["Rar!", "a RAR archive", "unpack it"],
  ["PAR1", "a Parquet file", "export it as JSON Lines"],
  ["{\\rtf", "an RTF document", "save it as plain text"],
];

const isBinary = (name: string, what: string): string => `this is ${name}, not text: ${what}. ${READ}`;

/** What is said of an Excel or Word file, which is a ZIP archive. */
export const ARCHIVE = isBinary("a ZIP archive, or an Excel or Word file", "unpack it, or save it as CSV in UTF-8");

/** How records start in tagged formats other than RIS. In one without types, refer(1)'s, the file starts with a tag. */
const TAGGED: [first: RegExp, format: "nbib" | "endnote" | "refworks" | "web-of-science"][] = [
  [/^(?:PMID|OWN|STAT) *- \w/m, "nbib"],
  [/^(?:FN (?:Clarivate|Thomson|ISI)|PT [A-Z]\r?$)/m, "web-of-science"],
  [/^RT [A-Z][\w, ]*\r?$/m, "refworks"],
  [/^%0 [A-Z]|^(?<!\S\s*)%[A-Z] (?=[^]*^%T )/m, "endnote"],
];

/** @param head The start of the file, in UTF-8 without byte order mark: all of it, or enough to decide. */
export function detect(head: Buffer): Detected {
  if (head.length === 0) return { problem: "the file is empty: expected one paper or more" };
  const binary = BINARY.find(([bytes]) => head.toString("latin1", 0, bytes.length) === bytes);
  if (binary !== undefined) {
    const problem = isBinary(binary[1], binary[2]);
    return binary[0].startsWith("PK") ? { problem } : { problem, notText: binary[1] };
  }
  const text = head.toString().trimStart();
  if (text === "") return { problem: "the file contains only white space: expected one paper or more" };
  if (text.slice(0, 4000).includes("\0")) {
    return { problem: `this is not text: it contains zero bytes. ${READ}`, notText: "not text" };
  }
  if (text.startsWith("<")) return markup(text);
  if (text.startsWith("[") && /^\[\s*(?:[{[\]"\d-]|null|NaN)/.test(text)) return { format: "json" };
  if (text.startsWith("{")) return { format: isJsonLines(text) ? "jsonl" : "json" };

  const whole = head.toString();
  const table = tableIn(whole);
  const ris = /^[ \t]*(?:TY {1,2}-|ER {1,2}-[ \t]*\r?$)/m.exec(whole)?.index ?? Infinity;
  const bibtex = /^[ \t]*@[ \t]*[A-Za-z]+\s*[{(]/m.exec(whole)?.index ?? Infinity;
  const start = whole.slice(0, MAX_BEFORE_TAG);
  const tagged = TAGGED.map(([first, format]) => ({ format, at: first.exec(start)?.index ?? Infinity })).reduce(
    (best, one) => (one.at < best.at ? one : best),
  );
  // From the first line of another format on, what looks like a header is text.
  if (table?.columns.has("title") === true && table.start < Math.min(ris, bibtex, tagged.at)) return table;
  if (tagged.at < Math.min(ris, bibtex)) return { format: tagged.format };
  if (ris !== Infinity && ris < bibtex) return { format: "ris" };
  if (bibtex !== Infinity) return { format: "bibtex" };
  if (table !== undefined) return table;
  return { problem: `unknown format; the file starts with: ${excerpt(text, 80)} -- ${READ}` };
}

/** Whether the objects are one per line: a line that parses as an object decides. */
function isJsonLines(text: string): boolean {
  const lines = text.split("\n", 50);
  // The last line may be truncated.
  const whole = lines.map((line, at) => (at < lines.length - 1 || line === text ? wholeObject(line) : undefined));
  if (whole.some((object) => object !== undefined && listsOfRecords(object).length > 0)) return false;
  if (whole.some((object) => object !== undefined)) return true;
  return /^\{\s*".*\}\s*$/.test(lines[0] ?? "");
}

function wholeObject(line: string): JsonObject | undefined {
  const trimmed = line.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return undefined;
  try {
    const value: unknown = parseJson(trimmed);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** How many lines are searched for the header: some programs write a title, the query, or comments first. */
const MAX_BEFORE_HEADER = 20;

/**
 * The table whose header is the first line that names a column of titles. If that is its only known column, the line
 * may be prose, so it counts only if no other line qualifies.
 */
function tableIn(text: string): Table | undefined {
  let best: Table | undefined;
  let before = 0;
  let at = 0;
  for (let headerLines = 1; before < MAX_BEFORE_HEADER; headerLines++) {
    const end = text.indexOf("\n", at);
    const line = (end === -1 ? text.slice(at) : text.slice(at, end)).replace(/\r$/, "");
    // Excel may write the separator on a line of its own.
    if (line.trim() !== "" && !/^sep=.$/i.test(line)) {
      const header = line.length > MAX_HEADER ? undefined : readHeader(line);
      if (header !== undefined) {
        const table: Table = { format: "csv", ...header, headerLines, start: at };
        const { names, recognised } = header.columns;
        if (header.columns.has("title") && (recognised > 1 || (before === 0 && names.length > 1))) return table;
        if (best?.columns.has("title") !== true && (before === 0 || header.columns.has("title"))) best = table;
      }
      before++;
    }
    if (end === -1) break;
    at = end + 1;
  }
  return best;
}

function markup(text: string): Xml | { problem: string } {
  const { root, encoding, isRead, isMarc } = xmlStart(text);
  if (/^<!doctype\s+html\b/i.test(text) || root?.toLowerCase() === "html") {
    return {
      problem: `this is a web page (HTML), not a list of papers: download or export the papers themselves. ${READ}`,
    };
  }
  if (isMarc) {
    return { problem: `this is MARC, which Kindred cannot read: export the papers as RIS, or ask for oai_dc. ${READ}` };
  }
  if (isRead) return { format: "xml", encoding };
  if (root === "eSearchResult") {
    return { problem: `this is a list of PubMed's ids without papers: fetch their records with efetch. ${READ}` };
  }
  const named = root === undefined ? "" : ` (its outermost element is <${excerpt(root)}>)`;
  return {
    problem: `this is XML${named} of a kind that Kindred cannot read: export the papers as RIS, BibTeX, CSV or JSON. ${READ}`,
  };
}
