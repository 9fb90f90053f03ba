/** CSV, TSV and semicolon-separated values (spreadsheets in many countries), with a header that names the columns. */
import { parse } from "csv-parse/sync";
import { messageOf } from "../core/errors.js";
import { type Cut, type Cutter, countNewlines, NEWLINE, tooLarge } from "./cut.js";
import { datesOf } from "./dates.js";
import { type Draft, finish, type Outcome, isEmptyOrMissing } from "./draft.js";
import { plainCell } from "./formulas.js";
import { isPartOfItem, partOfItem } from "./item-type.js";
import { splitKeywords, splitList } from "./list.js";
import { literalList } from "./literal-list.js";
import { isMissing, isNoAbstract } from "./missing.js";
import { splitNames } from "./names.js";
import { noticeOfTypes } from "./notice.js";
import { pubmedAddress } from "./pubmed.js";
import { MAX_RECORD_BYTES } from "./reading.js";
import { cleanText, excerpt } from "./text.js";
import { CSV_COLUMNS } from "./to-csv.js";
import { identifiersInExtra } from "./zotero.js";

export const DELIMITERS = [",", "\t", ";", "|"] as const;
const QUOTE = 0x22;
const MAX_REREAD_BYTES = 8 * MAX_RECORD_BYTES;

/**
 * Cuts rows: to the end of the line, or further while a quotation mark is open. A quotation mark that is never closed
 * would take the rest of the file: such a row is one problem, and reading resumes at the next line.
 */
export class RowCutter implements Cutter {
  private line = 1;
  private parts: Buffer[] = [];
  private size = 0;
  private skipping = false;
  private quoted = false;
  /** Whether the next byte starts a field: only there can a quotation mark open one. */
  private fieldStart = true;
  private reread = 0;
  private readonly delimiter: number;

  constructor(delimiter: string) {
    this.delimiter = delimiter.charCodeAt(0);
  }

  *push(bytes: Buffer): Generator<Cut> {
    let rest: Buffer | undefined = bytes;
    while (rest !== undefined) rest = yield* this.scan(rest);
  }

  *end(): Generator<Cut> {
    while (this.size > 0 && this.quoted && !this.skipping) {
      const again: Buffer | undefined = yield* this.giveUp("is not closed before the end of the file");
      if (again === undefined) return;
      yield* this.push(again);
    }
    if (this.size > 0 && !this.skipping) yield { line: this.line, bytes: Buffer.concat(this.parts) };
  }

  private *scan(bytes: Buffer): Generator<Cut, Buffer | undefined> {
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.quoted) {
        // A doubled quotation mark closes and reopens, with the same result.
        at = bytes.indexOf(QUOTE, at);
        if (at === -1) break;
        this.quoted = false;
        this.fieldStart = true;
      } else if (byte === NEWLINE) {
        this.add(bytes.subarray(from, at + 1));
        from = at + 1;
        if (!this.skipping) yield { line: this.line, bytes: Buffer.concat(this.parts) };
        this.startRow(this.skipping ? 1 : countNewlines(Buffer.concat(this.parts)));
      } else if (byte === QUOTE && this.fieldStart) this.quoted = true;
      else this.fieldStart = byte === this.delimiter;
    }
    this.add(bytes.subarray(from));
    if (this.size <= MAX_RECORD_BYTES || this.skipping) return undefined;
    if (this.quoted) return yield* this.giveUp("is not closed within the size of a record");
    yield { line: this.line, problem: tooLarge("this row", MAX_RECORD_BYTES) };
    this.line += countNewlines(Buffer.concat(this.parts));
    this.parts = [];
    this.skipping = true;
    return undefined;
  }

  private add(part: Buffer): void {
    this.size += part.length;
    if (!this.skipping && part.length > 0) this.parts.push(part);
  }

  private startRow(newlines: number): void {
    this.line += newlines;
    this.parts = [];
    this.size = 0;
    this.skipping = false;
    this.quoted = false;
    this.fieldStart = true;
  }

  private *giveUp(how: string): Generator<Cut, Buffer | undefined> {
    const taken = Buffer.concat(this.parts);
    yield {
      line: this.line,
      problem: `a quotation mark that opens a field in this row ${how}: close it, or remove it`,
    };
    const newline = taken.indexOf(NEWLINE);
    this.reread += taken.length;
    if (newline === -1 || this.reread > MAX_REREAD_BYTES) {
      const newlines = countNewlines(taken);
      this.startRow(newlines);
      this.skipping = newline === -1;
      this.size = newline === -1 ? 1 : 0;
      return undefined;
    }
    this.startRow(1);
    return taken.subarray(newline + 1);
  }
}

/** The names of columns for each field, in lower case, letters and digits only. */
const COLUMNS = new Map<keyof Draft, readonly string[]>([
  ["id", ["id", "paperid", "docid", "documentid", "_id"]],
  ["key", ["key", "citationkey", "citekey", "bibtexkey"]],
  ["title", ["title", "articletitle", "documenttitle", "papertitle", "ti", "itemtitle", "primarytitle", "displayname"]],
  ["abstract", ["abstract", "abstractnote", "abstracttext", "summary", "ab", "description"]],
  [
    "authors",
    [
      "authorfullnames",
      "authorfullname",
      "af",
      "author",
      "authors",
      "authornames",
      "au",
      "creators",
      "creator",
      "authorshipsauthordisplayname",
      "authorshipsrawauthorname",
    ],
  ],
  [
    "venue",
    [
      "venue",
      "journal",
      "publicationtitle",
      "sourcetitle",
      "journaltitle",
      "journalbook",
      "booktitle",
      "conference",
      "conferencename",
      "publicationname",
      "publication",
      "secondarytitle",
      "so",
      "containertitle",
      "primarylocationsourcedisplayname",
    ],
  ],
  ["categories", ["categories", "category", "subjects", "subject", "fieldsofstudy", "primarytopicfielddisplayname"]],
  [
    "published",
    [
      "published",
      "date",
      "publicationdate",
      "publisheddate",
      "datepublished",
      "year",
      "publicationyear",
      "py",
      "pubyear",
    ],
  ],
  ["updated", ["updated", "updatedate"]],
  ["doi", ["doi", "di", "doilink", "idsdoi"]],
  ["arxiv", ["arxiv", "arxivid", "eprint"]],
  ["url", ["url", "link", "pdflink", "articleurl", "href", "fulltexturl", "primarylocationlandingpageurl"]],
  ["source", ["source", "database"]],
  ["organization", ["organization", "organisation"]],
  ["listed", ["listed"]],
  ["upvotes", ["upvotes"]],
  ["comments", ["comments", "numcomments"]],
  ["notice", ["notice"]],
  [
    "keywords",
    [
      "keywords",
      "authorkeywords",
      "keyword",
      "manualtags",
      "automatictags",
      "tags",
      "de",
      "indexkeywords",
      "ieeeterms",
      "keywordsdisplayname",
    ],
  ],
]);

/** Columns in exports from Web of Science: `ID` is Keywords Plus, the same for many papers. */
const WEB_OF_SCIENCE: readonly [name: string, field: keyof Draft][] = [
  ["id", "keywords"],
  ["ut", "key"],
  ["wc", "categories"],
];

/**
 * Columns that complete a field: days of the year of publication, PubMed's id, authors that are groups, Zotero's notes; and
 * those that say that a paper was retracted.
 */
const MORE = {
  day: ["pd", "ea", "issuedate", "onlinedate"],
  pmid: ["pmid", "pm", "pubmedid"],
  group: ["ca"],
  extra: ["extra"],
  type: ["documenttype", "dt", "publicationtype"],
  retracted: ["isretracted"],
} as const;
type More = keyof typeof MORE;
/** Those with two letters have another meaning in other tables. */
const OF_WEB_OF_SCIENCE: ReadonlySet<string> = new Set(["pd", "ea", "pm", "ca", "dt"]);

const OWN_COLUMNS: ReadonlySet<string> = new Set(CSV_COLUMNS);

/** The id in MongoDB and BEIR; a table may also have a column "id". */
const MONGO_ID = "_id";

const plain = (name: string): string =>
  name.trim() === MONGO_ID
    ? MONGO_ID
    : cleanText(name)
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]/gu, "");

/** Maps the columns of one file to fields. */
export class Columns {
  readonly names: string[];
  /** Whether the file is an export by Kindred, possibly with columns removed or reordered. */
  readonly own: boolean;
  /** For each field, the positions of its columns, the best known name first. */
  private readonly places = new Map<keyof Draft, number[]>();
  /** The position of the column with the type of each row; -1 if there is none. */
  readonly itemType: number;
  private readonly more = new Map<More, number[]>();
  /** Whether the file is an export from Web of Science. */
  readonly webOfScience: boolean;
  /** Whether names are paths, as in tables from OpenAlex, which separate list entries with bars. */
  private readonly paths: boolean;

  constructor(header: string[]) {
    this.names = header.map((name) => cleanText(name));
    while (this.names.at(-1) === "") this.names.pop();
    this.own = this.names.every((name) => OWN_COLUMNS.has(name));
    const plainNames = header.map(plain);
    this.paths = header.some((name) => /\w\.\w/.test(name));
    this.itemType = plainNames.indexOf("itemtype");
    const has = (...names: string[]): boolean => names.every((name) => plainNames.includes(name));
    this.webOfScience = has("pt") || has("ut") || has("ti", "so");
    const theirs = this.webOfScience ? WEB_OF_SCIENCE : [];
    for (const name of Object.keys(MORE) as More[]) {
      const usual = MORE[name].filter((one) => this.webOfScience || !OF_WEB_OF_SCIENCE.has(one));
      this.more.set(
        name,
        usual.map((one) => plainNames.indexOf(one)).filter((at) => at !== -1),
      );
    }
    for (const [field, usual] of COLUMNS) {
      const known = usual
        .filter((name) => !theirs.some(([other]) => other === name))
        .concat(theirs.flatMap(([name, gives]) => (gives === field ? [name] : [])));
      const places = known.flatMap((name) => plainNames.flatMap((plainName, at) => (plainName === name ? [at] : [])));
      if (places.length > 0) this.places.set(field, places);
    }
  }

  get recognised(): number {
    return this.places.size;
  }

  has(field: keyof Draft): boolean {
    return this.places.has(field);
  }

  of(field: keyof Draft): readonly number[] {
    return this.places.get(field) ?? [];
  }

  moreOf(name: More): readonly number[] {
    return this.more.get(name) ?? [];
  }

  /** The entries of a cell with a list of words. */
  wordsIn(cell: string): string[] {
    // "Computer Science, Theory & Methods" is one.
    if (this.webOfScience) return splitList(cell);
    return this.paths && cell.includes("|") ? cell.split("|") : splitKeywords(cell);
  }

  /** The columns that map to no field; in one of `extra`, only known lines are read. */
  unknown(extraUsed: boolean): { name: string; at: number }[] {
    const more = (["day", "pmid", "group", ...(extraUsed ? ["extra" as const] : [])] as const).flatMap((name) =>
      this.moreOf(name),
    );
    const used = new Set([...this.places.values(), more].flat());
    return this.names.flatMap((name, at) => (used.has(at) || name === "" ? [] : [{ name, at }]));
  }
}

/**
 * The cells of one row in a file of Web of Science, which quotes nothing. A spreadsheet that has saved it quotes some
 * cells.
 */
const plainCells = (text: string): string[] =>
  text
    .replace(/\r?\n?$/, "")
    .split("\t")
    .map((cell) => (/^"(?:[^"]|"")*"$/.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell));

/** The cells of one row, unquoted. */
export function parseRow(text: string, delimiter: string): string[] {
  const rows: string[][] = parse(text, {
    delimiter,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  return rows[0] ?? [];
}

/** Reads the header; undefined if no column name is known. */
export function readHeader(text: string): { delimiter: string; columns: Columns } | undefined {
  let best: { delimiter: string; columns: Columns } | undefined;
  for (const delimiter of DELIMITERS) {
    let columns;
    try {
      columns = new Columns(parseRow(text, delimiter));
    } catch {
      // Not a header with this separator, possibly with another.
      continue;
    }
    if (columns.recognised > (best?.columns.recognised ?? 0)) best = { delimiter, columns };
  }
  return best;
}

export function readRow(
  text: string,
  delimiter: string,
  columns: Columns,
  ignored: (field: string) => void,
): Outcome | undefined {
  // Files may have millions of blank rows, and a parser is created for each row.
  if (text.trim() === "") return undefined;
  let row: string[];
  try {
    row = columns.webOfScience && delimiter === "\t" ? plainCells(text) : parseRow(text, delimiter);
  } catch (error) {
    return { problem: `not a row of the table (${excerpt(messageOf(error), 120)}): ${excerpt(text)}` };
  }
  if (row.every((field) => field === "")) return undefined;
  const expected = columns.names.length;
  // Some programs end every row with a separator.
  while (row.length > expected && row.at(-1)?.trim() === "") row.pop();
  if (row.length !== expected) {
    const hint =
      row.length > expected ? `a field with the separator in it needs quotation marks` : `a field is missing`;
    return {
      problem: `expected ${expected} columns as in the first row, got ${row.length}: ${hint}: ${excerpt(text)}`,
    };
  }
  const type = row[columns.itemType];
  if (isPartOfItem(type)) {
    ignored(partOfItem(type));
    return undefined;
  }
  // In other files an apostrophe is text.
  if (columns.own) row = row.map(plainCell);
  /** The cells of a field that have a value. If none has, all of them: a title may be "None". */
  const values = (field: keyof Draft): string[] => {
    const all = columns.of(field).flatMap((at) => row[at]?.trim() || []);
    const said = all.filter((value) => !(field === "abstract" ? isNoAbstract : isMissing)(value));
    return said.length > 0 ? said : all;
  };
  const first = (field: keyof Draft): string | undefined => values(field)[0];
  /** Crossref has lists of titles and journals, which data frames keep as lists. */
  const lone = (cell: string | undefined): unknown => {
    if (columns.own || cell?.startsWith("[") !== true) return cell;
    const list = literalList(cell);
    return list?.length === 1 && typeof list[0] === "string" ? list[0] : cell;
  };
  const more = (name: More): string[] => columns.moreOf(name).flatMap((at) => row[at]?.trim() || []);
  const extra = more("extra").map(identifiersInExtra)[0];
  // Scopus appends its author ids to the names, and says if there are none.
  const authors = first("authors")
    ?.replace(/ ?\(\d{5,}\)(?=;|$)/g, "")
    .replace(/^\[No author name available\]$/i, "");
  const groups = more("group").flatMap(splitList);
  const draft: Draft = {
    id: first("id"),
    key: extra?.key ?? first("key"),
    title: lone(first("title")),
    abstract: first("abstract"),
    authors: authors === undefined ? groups : [...splitNames(authors), ...groups],
    venue: lone(first("venue")),
    categories: columns.wordsIn(first("categories") ?? ""),
    // A year alone is less than the column of years says.
    published: datesOf(
      values("published"),
      more("day").filter((day) => !/^\d{4}$/.test(day)),
    ),
    updated: first("updated"),
    doi: first("doi") ?? extra?.doi,
    arxiv: first("arxiv") ?? extra?.arxiv,
    url: first("url") ?? more("pmid").map(pubmedAddress)[0],
    source: first("source"),
    organization: first("organization"),
    listed: first("listed"),
    upvotes: first("upvotes"),
    comments: first("comments"),
    keywords: values("keywords").flatMap((cell) => columns.wordsIn(cell)),
    notice:
      first("notice") ??
      noticeOfTypes(more("type").flatMap(splitList)) ??
      (more("retracted").some((cell) => /^(?:true|1|yes)$/i.test(cell)) ? "retracted" : undefined),
  };
  for (const { name, at } of columns.unknown(extra !== undefined)) if (!isEmptyOrMissing(row[at])) ignored(name);
  return finish(draft, { found: columns.names });
}
