/** Turns the fields found in a record into a paper: cleans text, normalises dates and identifiers, applies limits. */
import { identifiersIn, normalizeArxiv, normalizeDoi } from "../core/identifiers.js";
import { titleFrom } from "../core/missing-title.js";
import { CLEARED, NOTICES, type SaidNotice, strongest } from "../core/notice.js";
import { LIMITS, type PaperRecord } from "../core/paper.js";
import { parseDate } from "./dates.js";
import { latexToText } from "./latex.js";
import { isMissing, isNoAbstract } from "./missing.js";
import { noticeIn, noticeOfTexts } from "./notice.js";
import { cleanIdentifier, cleanText, excerpt } from "./text.js";

/** The fields of a paper as found in a file: of any type, not cleaned, possibly invalid. */
export type Draft = { [Field in keyof PaperRecord]?: unknown };

/** A paper with remarks on what differs from the file, or the reason why there is none. */
export type Outcome = { paper: PaperRecord; remarks: string[] } | { problem: string };

export interface FinishOptions {
  /** Removes markup of the format, such as LaTeX, before the text is cleaned. */
  decode?: (text: string) => string;
  /** The names of the fields found, for the message when there is no title. */
  found?: Iterable<string>;
}

export function finish(draft: Draft, options: FinishOptions = {}): Outcome {
  return new Finisher(draft, options).finish();
}

/** Commands with braces, which occur in no other kind of text. */
const UNMISTAKABLE_LATEX =
  /\\(?:emph|text(?:bf|it|tt|sc|rm|sf|superscript|subscript)|cite[pt]?)\s?\{|\{\\(?:it|bf|em|sc|tt|rm)\b/;

/** DBLP numbers people of the same name: "Wei Wang 0001". */
const HOMONYM = / 0\d{3}$/;
const isDigit = (character = ""): boolean => character >= "0" && character <= "9";

const MAX_ROUNDS = 10;
const TEXT_LIMITS = { title: LIMITS.title, abstract: LIMITS.abstract } as const;

class Finisher {
  private readonly remarks: string[] = [];
  private clean = cleanText;

  constructor(
    private readonly draft: Draft,
    private readonly options: FinishOptions,
  ) {}

  finish(): Outcome {
    const { draft } = this;
    const id = this.identifier("id");
    const identifiers = this.identifiers(id);
    // The text of an arXiv paper was LaTeX once, and its sources often leave some of it in.
    const wasLatex = identifiers.arxiv !== undefined;
    this.clean = (raw) => {
      const text = cleanText(this.options.decode?.(raw) ?? raw);
      return wasLatex || UNMISTAKABLE_LATEX.test(text) ? withoutLatexRemains(text) : text;
    };
    const title = this.longText("title");
    if (title.problem !== undefined) return { problem: title.problem };
    const abstract = this.longText("abstract");
    if (abstract.problem !== undefined) return { problem: abstract.problem };
    const substitute = abstract.text === undefined ? undefined : titleFrom(abstract.text);
    if (title.text === undefined) {
      if (substitute === undefined) return { problem: this.noTitle() };
      this.remarks.push(
        `there is no title${this.typeOfTitle()}: the first sentence of the abstract is used instead, in brackets`,
      );
    }
    if (id !== undefined && id.length > LIMITS.name) {
      return { problem: tooLong("id", id.length, LIMITS.name) };
    }
    const paper: PaperRecord = { title: title.text ?? substitute! };
    set(paper, "id", id);
    set(paper, "key", this.short("key", this.identifier("key")));
    set(paper, "abstract", abstract.text);
    set(paper, "authors", this.list("authors"));
    set(paper, "venue", this.short("venue", this.text("venue")));
    set(paper, "categories", this.list("categories"));
    set(paper, "published", this.date("published"));
    set(paper, "updated", this.date("updated"));
    Object.assign(paper, identifiers);
    set(paper, "source", this.short("source", this.text("source")));
    set(paper, "organization", this.short("organization", this.text("organization")));
    set(paper, "listed", this.date("listed"));
    set(paper, "upvotes", this.count("upvotes", draft.upvotes));
    set(paper, "comments", this.count("comments", draft.comments));
    set(paper, "keywords", this.list("keywords"));
    set(paper, "notice", this.notice(paper));
    return { paper, remarks: this.remarks };
  }

  private noTitle(): string {
    const found = [...(this.options.found ?? [])];
    const listed = found
      .slice(0, 10)
      .map((name) => excerpt(name, 30))
      .join(", ");
    const got = found.length === 0 ? "" : `; found ${listed}${found.length > 10 ? ", ..." : ""}`;
    return `no title: every paper needs a title with text in it, or an abstract${this.typeOfTitle()}${got}`;
  }

  private typeOfTitle(): string {
    return isEmpty(this.draft.title) ? "" : ` (it is ${describe(this.draft.title)})`;
  }

  /** The title or abstract. One that is too long, and a missing title, make the record invalid. */
  private longText(field: "title" | "abstract"): { text?: string; problem?: string } {
    const limit = TEXT_LIMITS[field];
    const raw = this.string(field);
    if (raw === undefined) return {};
    // Markup may be longer than its text, but not by this much.
    if (raw.length > limit * 10) return { problem: tooLong(field, raw.length, limit) };
    const text = this.clean(raw);
    if (text.length > limit) return { problem: tooLong(field, text.length, limit) };
    return text === "" || (field === "abstract" && isNoAbstract(text)) ? {} : { text };
  }

  private text(field: keyof Draft): string | undefined {
    const raw = this.string(field);
    if (raw === undefined) return undefined;
    if (raw.length > LIMITS.name * 10) return raw;
    const text = this.clean(raw);
    return text === "" || isMissing(text) ? undefined : text;
  }

  private identifier(field: keyof Draft): string | undefined {
    const raw = this.string(field);
    return raw === undefined ? undefined : cleanIdentifier(raw) || undefined;
  }

  /** The value as a string, if it is a string, a number, or a list of one of them. */
  private string(field: keyof Draft): string | undefined {
    let value = this.draft[field];
    if (Array.isArray(value) && value.length === 1) value = value[0];
    if (field === "title" ? isEmpty(value) : isEmptyOrMissing(value)) return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number" && Number.isFinite(value)) {
      if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
      this.dropped(field, value, "a number this large is not kept exactly: write it in quotation marks");
      return undefined;
    }
    if (field !== "title") this.dropped(field, value, "expected text");
    return undefined;
  }

  private short(field: keyof Draft, value: string | undefined): string | undefined {
    if (value === undefined || value.length <= LIMITS.name) return value;
    this.remarks.push(`${field} was left out: it has ${value.length} characters, the limit is ${LIMITS.name}`);
    return undefined;
  }

  private list(field: "authors" | "categories" | "keywords"): string[] | undefined {
    const value = this.draft[field];
    if (isEmptyOrMissing(value)) return undefined;
    if (typeof value !== "string" && !Array.isArray(value)) {
      this.dropped(field, value, "expected a list of texts");
      return undefined;
    }
    const entries: unknown[] = Array.isArray(value) ? value : [value];
    const kept: string[] = [];
    let odd = 0;
    for (const entry of entries.slice(0, LIMITS.list)) {
      const text = typeof entry === "string" && entry.length <= LIMITS.name * 10 ? this.clean(entry) : undefined;
      if (text === undefined || text.length > LIMITS.name) odd++;
      else if (text !== "") kept.push(field === "authors" && isDigit(text.at(-1)) ? text.replace(HOMONYM, "") : text);
    }
    if (entries.length > LIMITS.list) {
      this.remarks.push(`${field} was cut: it has ${entries.length} entries, the limit is ${LIMITS.list}`);
    }
    if (odd > 0) {
      this.remarks.push(
        `${odd} of ${entries.length} entries of ${field} left out: expected texts of at most ${LIMITS.name} characters`,
      );
    }
    return kept.every(isMissing) ? undefined : kept;
  }

  /** The first value that is a date; a list has the best first. */
  private date(field: "published" | "updated" | "listed"): string | undefined {
    const value = this.draft[field];
    const candidates: unknown[] = (Array.isArray(value) ? value : [value]).filter((one) => !isEmptyOrMissing(one));
    for (const candidate of candidates) {
      const date =
        typeof candidate === "string" || typeof candidate === "number" ? parseDate(String(candidate)) : undefined;
      if (date !== undefined) return date;
    }
    if (candidates.length > 0) {
      this.dropped(field, candidates[0], "expected a date like 2017, 2017-06 or 2017-06-12; imported without it");
    }
    return undefined;
  }

  /** DOI, arXiv id and URL, each also taken from the other fields, so that one paper from two sources is recognised. */
  private identifiers(id: string | undefined): Pick<PaperRecord, "doi" | "arxiv" | "url"> {
    const doiText = this.identifier("doi");
    const arxivText = this.identifier("arxiv");
    const url = this.short("url", this.identifier("url"));
    let doi = doiText === undefined ? undefined : normalizeDoi(doiText);
    let arxiv = arxivText === undefined ? undefined : normalizeArxiv(arxivText);
    if (doiText !== undefined && doi === undefined) this.dropped("doi", doiText, "expected a DOI like 10.1000/xyz123");
    if (arxivText !== undefined && arxiv === undefined) {
      this.dropped("arxiv", arxivText, "expected an arXiv id like 1706.03762");
    }
    if (doi !== undefined) arxiv ??= normalizeArxiv(doi);
    for (const text of [id, url]) {
      for (const identifier of text === undefined ? [] : identifiersIn(text)) {
        if (identifier.kind === "arxiv") arxiv ??= identifier.value;
        else if (identifier.kind === "doi" && isResolved(text ?? "")) doi ??= identifier.value;
      }
    }
    const found: Pick<PaperRecord, "doi" | "arxiv" | "url"> = {};
    const shortDoi = this.short("doi", doi);
    if (shortDoi !== undefined) found.doi = shortDoi;
    if (arxiv !== undefined) found.arxiv = arxiv;
    if (url === undefined) return found;
    if (/^(?:https?|ftp):\/\/\S+$/i.test(url)) found.url = url;
    else if (!identifiersIn(url).some(({ kind }) => kind === "doi" || kind === "arxiv")) {
      this.dropped("url", url, "expected a web address that begins with https:// or http://");
    }
    return found;
  }

  /** A service that says it outright knows better than the title: that of a retraction's notice may begin "Retracted:". */
  private notice({ title, abstract }: PaperRecord): SaidNotice | undefined {
    const { notice } = this.draft;
    const said = noticeIn(notice);
    if (said === undefined && !isEmptyOrMissing(notice))
      this.dropped("notice", notice, `expected ${NOTICES.join(", ")} or ${CLEARED}`);
    return said === CLEARED ? said : strongest([said, noticeOfTexts(title, abstract)]);
  }

  private count(field: keyof Draft, value: unknown): number | undefined {
    if (isEmptyOrMissing(value)) return undefined;
    // Data frames write "3.0" if another row has no number.
    const number = typeof value === "string" && /^\s*\d+(?:\.0)?\s*$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
    this.dropped(field, value, "expected a whole number, 0 or more");
    return undefined;
  }

  private dropped(field: string, value: unknown, expected: string): void {
    this.remarks.push(`${field} was left out: got ${describe(value)}, ${expected}`);
  }
}

function set<Field extends keyof PaperRecord>(
  paper: PaperRecord,
  field: Field,
  value: PaperRecord[Field] | undefined,
): void {
  if (value !== undefined) paper[field] = value;
}

/**
 * Removes LaTeX that others left in a text. Markup and LaTeX may be nested in each other: repeated until nothing
 * changes, so that reading the result again changes nothing either.
 */
function withoutLatexRemains(raw: string): string {
  let text = raw;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const cleaned = cleanText(latexToText(text, "remains"));
    if (cleaned === text) break;
    text = cleaned;
  }
  return text;
}

/** A publisher's URL may have text after the DOI (`/full`); a resolver's URL and a bare DOI do not. */
const isResolved = (text: string): boolean =>
  /^(?:doi(?:\s*:|\s)|10\.|(?:https?:\/\/)?(?:dx\.|www\.)?doi\.org\/)/i.test(text);

export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === "string" && value.trim() === "") ||
  (Array.isArray(value) && value.length === 0);

/** Whether a value is empty or means "missing", or is a list of such values. Not for titles. */
export const isEmptyOrMissing = (value: unknown): boolean =>
  isEmpty(value) ||
  (typeof value === "string" ? isMissing(value) : Array.isArray(value) && value.every((one) => isEmptyOrMissing(one)));

const tooLong = (field: string, got: number, limit: number): string =>
  `${field} has ${got} characters, the limit is ${limit}: shorten it`;

/** A value in a message: `"n.d."`, `an object`, `a list`, `true`. */
export function describe(value: unknown): string {
  if (typeof value === "string") return `"${excerpt(value, 40)}"`;
  if (Array.isArray(value)) return "a list";
  if (value === null) return "null";
  if (typeof value === "object") return "an object";
  return typeof value === "number" || typeof value === "boolean" ? excerpt(String(value), 40) : typeof value;
}
