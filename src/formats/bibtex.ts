/** BibTeX and BibLaTeX entries as papers. */
import { parse } from "@retorquere/bibtex-parser";
import { messageOf } from "../errors.js";
import { normalizeArxiv } from "../identifiers.js";
import { Books } from "./bibtex-crossref.js";
import { placeholder, type SplitEntry, splitEntry } from "./bibtex-entries.js";
import { type Draft, finish, type Outcome } from "./draft.js";
import { journalOf } from "./journals.js";
import { latexToText } from "./latex.js";
import { isMissing } from "./missing.js";
import { inSpokenOrder } from "./names.js";
import type { Abbreviations } from "./reading.js";
import { excerpt } from "./text.js";

/** Abbreviations that are kept. */
const MAX_ABBREVIATIONS = 100_000;
/**
 * What abbreviations may stand for in all: so many characters, and so many times what was read of the file. Each may be
 * made of others, so that a few lines could stand for gigabytes; in people's files the text is shorter than the file.
 */
const MAX_EXPANDED = 1024 * 1024;
const MAX_EXPANSION = 10;
const TOO_MUCH =
  `the abbreviations (@string) of this file stand for more than ${MAX_EXPANSION} times as much text as it holds; ` +
  "write out what they stand for here";
const MONTHS = new Map(
  "January February March April May June July August September October November December"
    .split(" ")
    .map((month) => [month.slice(0, 3).toUpperCase(), month]),
);

/**
 * Reads the entries of one file, one by one, with the abbreviations that were defined before each.
 *
 * The library reads the syntax: fields, abbreviations, concatenation. Values are set aside first and put back afterwards:
 * its own reading of their LaTeX takes most of its time, rewrites mathematics and refuses an entry with a lone `$`.
 */
export class BibtexReader {
  /** How many abbreviations the file has defined so far. */
  defined = 0;
  /** Characters that were read so far, and those that abbreviations stood for. */
  private size = 0;
  private expanded = 0;
  private readonly books = new Books();

  /** @param abbreviations Those that are known; those of this file are added. */
  constructor(private readonly abbreviations: Abbreviations) {}

  /** Undefined for what is no paper: `@string`, `@preamble`, `@comment`. */
  read(text: string, ignored: (field: string) => void): Outcome | undefined {
    this.size += text.length;
    const cut = splitEntry(text);
    if ("problem" in cut) return cut;
    if (cut.type === "comment" || cut.type === "preamble") return undefined;
    const library = this.parse(cut);
    if ("problem" in library) return library;
    if (cut.type === "string") {
      for (const [name, value] of Object.entries(library.strings)) {
        const known = name.toUpperCase();
        if (this.abbreviations.size >= MAX_ABBREVIATIONS && !this.abbreviations.has(known)) {
          return {
            problem: `the abbreviation "${excerpt(name)}" was left out: at most ${MAX_ABBREVIATIONS} are kept; define only those that are used`,
          };
        }
        this.abbreviations.set(known, value);
        this.defined++;
      }
      return undefined;
    }
    return this.entry(cut, library, ignored);
  }

  private parse(
    cut: SplitEntry,
  ): { fields: Map<string, string>; strings: Record<string, string>; remarks: string[] } | { problem: string } {
    const values = [...cut.values];
    const strings: Record<string, string> = {};
    for (const word of cut.words) {
      const name = word.toUpperCase();
      // The library would make numbers of the months, and "12 06" of `12 # "~" # jun`.
      const value = this.abbreviations.get(name) ?? MONTHS.get(name);
      if (value === undefined) continue;
      strings[word] = placeholder(values.length);
      values.push(value);
    }
    let library;
    try {
      library = parse(cut.skeleton, {
        english: false,
        sentenceCase: false,
        caseProtection: false,
        applyCrossRef: false,
        verbatimFields: [/./],
        unsupported: (_node, tex) => tex,
        strings,
      });
    } catch (error) {
      return { problem: brokenEntry(messageOf(error), cut) };
    }
    if (values.length > cut.values.length) {
      const texts = [library.strings, library.entries[0]?.fields ?? {}].flatMap((named) => Object.values(named));
      const expanded = texts
        .flatMap((text) => (Array.isArray(text) ? text.map(String) : [text]))
        .reduce((sum, text) => sum + expandedIn(text, values, cut.values.length), this.expanded);
      if (expanded > MAX_EXPANDED + MAX_EXPANSION * this.size) return { problem: TOO_MUCH };
      this.expanded = expanded;
    }
    const restore = (text: string): string => restored(text, values);
    const remarks: string[] = [];
    for (const { error } of library.errors) {
      const unresolved = /^Unresolved @string reference "(.*)"$/s.exec(error)?.[1];
      if (unresolved === undefined) return { problem: brokenEntry(error, cut) };
      remarks.push(`the abbreviation "${excerpt(unresolved)}" is not defined before this entry: it is kept as a word`);
    }
    const fields = new Map<string, string>();
    const [entry] = library.entries;
    for (const [name, value] of Object.entries(entry?.fields ?? {})) {
      const text = Array.isArray(value) ? value.map(String).join(", ") : value;
      // A field that is there twice: the first counts, unless it is empty.
      const bare = name.replace(/\+duplicate-\d+$/, "");
      if (!fields.get(bare)) fields.set(bare, restore(text));
    }
    return {
      fields,
      strings: Object.fromEntries(Object.entries(library.strings).map(([name, value]) => [name, restore(value)])),
      remarks,
    };
  }

  private entry(
    cut: SplitEntry,
    { fields, remarks }: { fields: Map<string, string>; remarks: string[] },
    ignored: (field: string) => void,
  ): Outcome {
    const used = new Set<string>(this.books.fill(fields) ? ["crossref"] : []);
    this.books.add(cut.type, cut.key, fields);
    const first = (...names: readonly string[]): string | undefined => {
      for (const name of names) {
        const value = fields.get(name);
        if (value === undefined || value.trim() === "") continue;
        used.add(name);
        if (name === "title" || !isMissing(value)) return value;
      }
      return undefined;
    };
    const venue = first("journaltitle", "journal", "booktitle", "series");
    const title = first("title");
    const subtitle = first("subtitle");
    const draft: Draft = {
      key: cut.key === "" ? undefined : cut.key,
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
    };
    for (const name of fields.keys()) if (!used.has(name)) ignored(name);
    const outcome = finish(draft, { decode: decodeBibtex, found: fields.keys() });
    return "problem" in outcome ? outcome : { ...outcome, remarks: [...remarks, ...outcome.remarks] };
  }
}

const decodeBibtex = (text: string): string => latexToText(text, "bibtex");

const brokenEntry = (error: string, cut: SplitEntry): string => {
  const said = restored(error.split("\n")[0] ?? "", cut.values).replace(/ at line \d+, column \d+.*$/s, "");
  return `not valid BibTeX (${excerpt(said, 120)}) in @${cut.type}{${excerpt(cut.key, 40)}`;
};

const PLACEHOLDER = /\ue000(\d+)\ue001/g;

/** The text with what was set aside in its place. */
const restored = (text: string, values: readonly string[]): string =>
  text.replace(PLACEHOLDER, (_, index: string) => values[Number(index)] ?? "");

/** How many characters of it come from abbreviations: their values are those from `first` on. */
function expandedIn(text: string, values: readonly string[], first: number): number {
  let size = 0;
  for (const [, index] of text.matchAll(PLACEHOLDER))
    if (Number(index) >= first) size += values[Number(index)]?.length ?? 0;
  return size;
}

/** The parts of a value between separators that stand in no braces. `separator` has the flag "y". */
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

/** "First Last", "Last, First" and "Last, Jr, First", turned round as LaTeX; braces keep a name together. */
function namesIn(authors: string): string[] {
  return splitOutsideBraces(authors.replace(/\s+/g, " "), / and(?= )/iy)
    .filter((name) => !/^(?:others|et\.? al\.?)$/i.test(name))
    .map((name) => inSpokenOrder(splitOutsideBraces(name, /,/y)));
}

/** `date` says most; `month` may be a number, a name, or days and a name. */
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
  // An eprint without an archive is taken for arXiv's only if it looks like it.
  const text = plainIn(eprint) ?? "";
  if (archive !== undefined) return /arxiv/i.test(archive) ? text : undefined;
  return /^(?:arxiv:)?(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?\/\d{7})(?:v\d+)?$/i.test(text) ? text : undefined;
}

/** A field that says nothing else than where on arXiv the paper is: others may name another paper's preprint. */
const NOTED = /^(?:arxiv\s+preprint[\s,]+)?arxiv:\s?([\w./-]*\w)(?:\s+\[[^\]]*\])?\.?$/i;

/**
 * Google Scholar writes `journal={arXiv preprint arXiv:1706.03762}`, DBLP `journal={CoRR}, volume={abs/1706.03762}`,
 * Semantic Scholar the same under `ArXiv`; others have `arXiv:1706.03762` for a note.
 */
function preprintIn(fields: ReadonlyMap<string, string>): string | undefined {
  const [journal = "", volume = "", ...notes] = ["journal", "volume", "note", "howpublished"].map((name) =>
    plainIn(fields.get(name)),
  );
  const arxiv = [
    /\barxiv:\s?([\w./-]+)/i.exec(journal)?.[1],
    /^(?:corr|arxiv)$/i.test(journal) ? /^abs\/(.+)$/.exec(volume)?.[1] : undefined,
    ...notes.map((note) => NOTED.exec(note ?? "")?.[1]),
  ].find((one) => one !== undefined);
  return arxiv === undefined ? undefined : normalizeArxiv(arxiv);
}
