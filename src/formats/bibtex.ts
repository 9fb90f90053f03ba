/** BibTeX and BibLaTeX entries as papers. */
import { normalizeArxiv } from "../core/identifiers.js";
import { Books } from "./bibtex-crossref.js";
import { type Entry, readEntry } from "./bibtex-entries.js";
import { isKeyFor } from "./citation-key.js";
import { type Draft, finish, type Outcome } from "./draft.js";
import { journalOf } from "./journals.js";
import { latexToText } from "./latex.js";
import { isMissing } from "./missing.js";
import { inSpokenOrder } from "./names.js";
import { noticeIn } from "./notice.js";
import type { Abbreviations } from "./reading.js";
import { excerpt } from "./text.js";
import { ID_FIELD } from "./to-bibtex.js";

/** Most abbreviations that are kept. */
const MAX_ABBREVIATIONS = 100_000;
/**
 * Most characters that abbreviations may add: this many, plus this many times the characters read from the file.
 * Abbreviations may refer to others, so that a few lines could expand to gigabytes; in real files they expand to less
 * than the file.
 */
const MAX_EXPANDED = 1024 * 1024;
const MAX_EXPANSION = 10;
const TOO_MUCH =
  `the abbreviations (@string) of this file expand to more than ${MAX_EXPANSION} times its size; ` +
  "write out the full text here";
const MONTHS = "January February March April May June July August September October November December".split(" ");
/** The abbreviations that BibTeX's standard styles define (plain.bst), and the months in full. */
const BUILT_IN = new Map(
  Object.entries({
    ...Object.fromEntries(
      MONTHS.flatMap((month) => [month, month.slice(0, 3)].map((name) => [name.toUpperCase(), month])),
    ),
    ACMCS: "ACM Computing Surveys",
    ACTA: "Acta Informatica",
    CACM: "Communications of the ACM",
    IBMJRD: "IBM Journal of Research and Development",
    IBMSJ: "IBM Systems Journal",
    IEEESE: "IEEE Transactions on Software Engineering",
    IEEETC: "IEEE Transactions on Computers",
    IEEETCAD: "IEEE Transactions on Computer-Aided Design of Integrated Circuits",
    IPL: "Information Processing Letters",
    JACM: "Journal of the ACM",
    JCSS: "Journal of Computer and System Sciences",
    SCP: "Science of Computer Programming",
    SICOMP: "SIAM Journal on Computing",
    TOCS: "ACM Transactions on Computer Systems",
    TODS: "ACM Transactions on Database Systems",
    TOG: "ACM Transactions on Graphics",
    TOMS: "ACM Transactions on Mathematical Software",
    TOOIS: "ACM Transactions on Office Information Systems",
    TOPLAS: "ACM Transactions on Programming Languages and Systems",
    TCS: "Theoretical Computer Science",
  }),
);

/** Reads the entries of one file in order, with the abbreviations that were defined before each. */
export class BibtexReader {
  /** How many abbreviations the file has defined so far. */
  defined = 0;
  /** Characters read so far, and characters that abbreviations have added. */
  private size = 0;
  private expanded = 0;
  private readonly books = new Books();

  /** @param abbreviations The known ones; those that the file defines are added. */
  constructor(private readonly abbreviations: Abbreviations) {}

  /** The paper of an entry; undefined for `@string`, `@preamble` and `@comment`. */
  read(text: string, ignored: (field: string) => void): Outcome | undefined {
    this.size += text.length;
    const entry = readEntry(text);
    if ("problem" in entry) return entry;
    const expanded = this.expand(entry);
    if ("problem" in expanded) return expanded;
    if (entry.type === "comment" || entry.type === "preamble") return undefined;
    if (entry.type !== "string") return this.paper(entry, expanded, ignored);
    for (const [name, value] of expanded.fields) {
      const known = name.toUpperCase();
      if (this.abbreviations.size >= MAX_ABBREVIATIONS && !this.abbreviations.has(known)) {
        return {
          problem: `the abbreviation "${excerpt(name)}" was left out: at most ${MAX_ABBREVIATIONS} are kept; define only those that are used`,
        };
      }
      // Copied, because a substring keeps the whole text in memory.
      this.abbreviations.set(known, Buffer.from(value).toString());
      this.defined++;
    }
    return undefined;
  }

  /** The fields of an entry with its abbreviations expanded. */
  private expand(entry: Entry): { fields: Map<string, string>; remarks: string[] } | { problem: string } {
    const fields = new Map<string, string>();
    const unknown = new Set<string>();
    let { expanded } = this;
    for (const { name, value } of entry.fields) {
      let text = "";
      for (const piece of value) {
        if (!piece.bare || /^\d*$/.test(piece.text)) {
          text += piece.text;
          continue;
        }
        const abbreviation = piece.text.toUpperCase();
        const full = this.abbreviations.get(abbreviation) ?? BUILT_IN.get(abbreviation);
        if (full === undefined) unknown.add(piece.text);
        expanded += full?.length ?? 0;
        // Checked at each piece, before the text grows beyond the limit.
        if (expanded > MAX_EXPANDED + MAX_EXPANSION * this.size) return { problem: TOO_MUCH };
        text += full ?? `{${piece.text}}`;
      }
      const earlier = fields.get(name);
      // If a field is repeated, the first that is not empty counts; keywords are merged.
      if (!earlier) fields.set(name, text);
      else if (name === "keywords") fields.set(name, `${earlier}, ${text}`);
    }
    this.expanded = expanded;
    const remarks = [...unknown].map(
      (name) => `the abbreviation "${excerpt(name)}" is not defined before this entry: kept as plain text`,
    );
    return { fields, remarks };
  }

  private paper(
    entry: Entry,
    { fields, remarks }: { fields: Map<string, string>; remarks: string[] },
    ignored: (field: string) => void,
  ): Outcome {
    const used = new Set<string>(this.books.fill(fields) ? ["crossref"] : []);
    this.books.add(entry.type, entry.key, fields);
    const first = (...names: readonly string[]): string | undefined => {
      for (const name of names) {
        const value = fields.get(name);
        if (value === undefined || value.trim() === "") continue;
        used.add(name);
        if (name === "title" || !isMissing(value)) return value;
      }
      return undefined;
    };
    const venue =
      first("journaltitle", "journal", "booktitle", "series") ??
      (entry.type === "online" ? first("organization") : undefined);
    const title = first("title");
    const subtitle = first("subtitle");
    const draft: Draft = {
      key: originalId(first(ID_FIELD), entry.key) ?? (entry.key === "" ? undefined : entry.key),
      title: title !== undefined && subtitle !== undefined ? `${title}: ${subtitle}` : title,
      abstract: first("abstract"),
      authors: namesIn(first("author") ?? first("editor") ?? ""),
      venue: journalOf(plainIn(venue) ?? "") ?? venue,
      organization: first("school", "institution"),
      published: publishedIn(first("date"), first("year"), first("month"), first("day")),
      doi: plainIn(first("doi")),
      arxiv: eprintIn(first("eprint"), first("archiveprefix", "eprinttype")) ?? preprintIn(fields),
      url: plainIn(first("url")),
      categories: first("primaryclass", "eprintclass")?.split(/[\s,;]+/),
      keywords: splitOutsideBraces(first("keywords", "keyword") ?? "", /[;,]/y),
      notice: plainIn(first(...NOTES.filter((name) => noticeIn(plainIn(fields.get(name))) !== undefined))),
    };
    for (const name of fields.keys()) if (!used.has(name)) ignored(name);
    const outcome = finish(draft, { decode: decodeBibtex, found: fields.keys() });
    return "problem" in outcome ? outcome : { ...outcome, remarks: [...remarks, ...outcome.remarks] };
  }
}

/** The id of the paper whose export the entry comes from. */
function originalId(field: string | undefined, key: string): string | undefined {
  if (field === undefined) return undefined;
  try {
    const id = decodeURIComponent(field.trim());
    return isKeyFor(key, id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Fields that may say that a paper was retracted, and nothing else. */
const NOTES = ["note", "pubstate", "addendum"];

const decodeBibtex = (text: string): string => latexToText(text, "bibtex");

/** Splits a value at separators outside braces. `separator` has the flag "y". */
function splitOutsideBraces(value: string, separator: RegExp): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < value.length; at++) {
    const character = value[at];
    if (character === "\\") at++;
    else if (character === "{") depth++;
    else if (character === "}") depth--;
    else if (depth === 0) {
      separator.lastIndex = at;
      const found = separator.exec(value)?.[0];
      if (found === undefined) continue;
      parts.push(value.slice(start, at));
      start = at + found.length;
      at = start - 1;
    }
  }
  return [...parts, value.slice(start)].map((part) => part.trim()).filter((part) => part !== "");
}

/** "First Last", "Last, First" and "Last, Jr, First" in natural order, still as LaTeX; braces keep a name together. */
function namesIn(authors: string): string[] {
  return splitOutsideBraces(authors.replace(/\s+/g, " "), / and(?= )/iy)
    .filter((name) => !/^(?:others|et\.? al\.?)$/i.test(name))
    .map((name) => inSpokenOrder(splitOutsideBraces(name, /,/y)));
}

/**
 * Candidates for the date, best first: `date` is the most precise; `month` may be a number, a name, or days with a
 * name.
 */
function publishedIn(date?: string, year?: string, month?: string, day?: string): string[] {
  const [plainYear, plainMonth, plainDay] = [year, month, day].map((part) =>
    part === undefined ? "" : plainIn(part)?.trim(),
  );
  const candidates = date === undefined ? [] : [plainIn(date) ?? ""];
  if (plainYear) {
    const names = plainMonth?.replace(/[^\p{L}\d]+/gu, " ").trim() ?? "";
    if (/^\d+$/.test(names))
      candidates.push([plainYear, names, plainDay].filter(Boolean).join("-"), `${plainYear}-${names}`);
    else if (names !== "") {
      const word = /[a-z]{3,}/i.exec(names)?.[0] ?? "";
      const days = plainDay || (/^\d{1,2}(?!.*\d)|(?<=[a-z] )\d{1,2}$/i.exec(names)?.[0] ?? "");
      candidates.push(`${days} ${word} ${plainYear}`.trim(), `${word} ${plainYear}`);
    }
    candidates.push(plainYear);
  }
  return candidates;
}

const plainIn = (value: string | undefined): string | undefined =>
  value === undefined
    ? undefined
    : value
        .replace(/^\s*\\url\b/, "")
        .replace(/\\([_&%#~$])/g, "$1")
        .replace(/[{}]/g, "")
        .trim();

function eprintIn(eprint: string | undefined, archive: string | undefined): string | undefined {
  if (eprint === undefined) return undefined;
  // An eprint without an archive counts as arXiv's only if it looks like one.
  const text = plainIn(eprint) ?? "";
  if (archive !== undefined) return /arxiv/i.test(archive) ? text : undefined;
  return /^(?:arxiv:)?(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?\/\d{7})(?:v\d+)?$/i.test(text) ? text : undefined;
}

/** A note that only gives an arXiv id. Other notes may mention another paper's. */
const ARXIV_NOTE = /^(?:arxiv\s+preprint[\s,]+)?arxiv:\s?([\w./-]*\w)(?:\s+\[[^\]]*\])?\.?$/i;

/**
 * The arXiv id in other fields: Google Scholar writes `journal={arXiv preprint arXiv:1706.03762}`, DBLP
 * `journal={CoRR}, volume={abs/1706.03762}`, Semantic Scholar the same with `ArXiv`; others `note={arXiv:1706.03762}`.
 */
function preprintIn(fields: ReadonlyMap<string, string>): string | undefined {
  const [journal = "", volume = "", ...notes] = ["journal", "volume", "note", "howpublished"].map((name) =>
    plainIn(fields.get(name)),
  );
  const arxiv = [
    /\barxiv:\s?([\w./-]+)/i.exec(journal)?.[1],
    /^(?:corr|arxiv)$/i.test(journal) ? /^abs\/(.+)$/.exec(volume)?.[1] : undefined,
    ...notes.map((note) => ARXIV_NOTE.exec(note ?? "")?.[1]),
  ].find((one) => one !== undefined);
  return arxiv === undefined ? undefined : normalizeArxiv(arxiv);
}
