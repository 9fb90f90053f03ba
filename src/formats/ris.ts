/**
 * RIS: lines with a tag of two characters, two spaces, a hyphen and a value, from `TY` to `ER`.
 *
 * Not read by a package: the maintained ones need the whole file as one text, and stop at the first invalid line.
 */
import { arxivIn } from "./arxiv-in.js";
import { type Cut, type Cutter, tooLarge } from "./cut.js";
import { type Draft, finish, type Outcome } from "./draft.js";
import { LineCutter } from "./lines.js";
import { splitList } from "./list.js";
import { isNoAbstract } from "./missing.js";
import { spokenName } from "./names.js";
import { noticeIn } from "./notice.js";
import { MAX_RECORD_BYTES } from "./reading.js";
import { TaggedFields } from "./tagged.js";

/** `TY  - JOUR`; some programs write one space, and nothing after the hyphen of an empty field. */
const TAG = /^\s*([A-Z][A-Z0-9])( {1,2})- ?(.*)$/s;
const HEAD = /^\s*([A-Z][A-Z0-9])( {1,2})-/;

/**
 * Cuts records. They end with `ER` and have one `TY`, usually first, but not if a tool sorts the tags. After `ER`, a
 * blank line or the next `TY` ends the record; until then more fields may follow. Prose between records is skipped;
 * fields outside records are a problem.
 */
export class RisCutter implements Cutter {
  private readonly lines = new LineCutter();
  private parts: Buffer[] = [];
  private size = 0;
  private startLine = 0;
  private hasType = false;
  /** The number of lines up to `ER`, and up to the last blank line. */
  private ended: number | undefined;
  private blank = 0;
  /** Whether fields precede `TY` in this file: then fields after `ER` belong to the next record. */
  private leading: boolean | undefined;
  /** Whether the record was too large, and its rest is skipped. */
  private skipping = false;

  *push(bytes: Buffer): Generator<Cut> {
    for (const line of this.lines.push(bytes)) yield* this.add(line);
  }

  *end(): Generator<Cut> {
    for (const line of this.lines.end()) yield* this.add(line);
    yield* this.finish();
  }

  private *add(cut: Cut): Generator<Cut> {
    if ("problem" in cut) {
      yield cut;
      return;
    }
    const head = cut.bytes.toString("latin1", 0, 20);
    const [, tag = "", spaces = ""] = HEAD.exec(head) ?? [];
    const isTag = tag !== "" && (spaces.length > 1 || KNOWN.has(tag));
    if (this.skipping) {
      this.skipping = tag !== "ER" && tag !== "TY";
      if (tag !== "TY") return;
    }
    if (isTag) this.leading ??= tag !== "TY";
    if (tag === "TY") yield* this.startRecord();
    else if (tag === "ER") {
      // No record has started, so none ends.
      if (this.parts.length === (this.ended ?? 0)) return;
      if (this.ended !== undefined) yield* this.finish(this.ended);
    } else if (!isTag && head.trim() === "" && cut.bytes.toString().trim() === "") {
      if (this.parts.length > 0 && (this.ended !== undefined || !this.hasType)) yield* this.finish();
      if (this.parts.length === 0) return;
      this.blank = this.parts.length + 1;
    } else if (!isTag && this.parts.length === (this.ended ?? 0)) {
      // Prose between records.
      yield* this.finish();
      return;
    }
    if (this.parts.length === 0) this.startLine = cut.line;
    this.parts.push(cut.bytes);
    this.size += cut.bytes.length + 1;
    if (tag === "TY") this.hasType = true;
    if (tag === "ER") this.ended ??= this.parts.length;
    if (this.size > MAX_RECORD_BYTES) {
      yield { line: this.startLine, problem: tooLarge("this record", MAX_RECORD_BYTES) };
      this.drop();
      this.skipping = true;
    }
  }

  /** Starts a record at `TY`: keeps the fields that belong to it, and ends the record before. */
  private *startRecord(): Generator<Cut> {
    const { ended, blank, parts } = this;
    if (ended !== undefined && (this.hasType || parts.length === ended))
      yield* this.finish(this.leading === true ? ended : undefined);
    else if (this.hasType) {
      // Without `ER`: fields after the last blank line belong to the next record if this file has fields before `TY`.
      yield* this.finish(this.leading === true && blank > 0 ? blank : undefined);
    }
  }

  /** Ends the record after the first `count` of its lines; the others are kept for the next. */
  private *finish(count = this.parts.length): Generator<Cut> {
    const record = this.parts.slice(0, count);
    const kept = this.parts.slice(count);
    const line = this.startLine;
    const whole = this.hasType || this.ended !== undefined;
    this.drop();
    this.parts = kept;
    this.size = kept.reduce((sum, { length }) => sum + length + 1, 0);
    this.startLine = line + count;
    if (record.length === 0) return;
    const bytes = Buffer.concat(record.flatMap((one) => [one, NEWLINE_BYTES]));
    if (whole) {
      yield { line, bytes };
      return;
    }
    const tags = [...new TaggedFields(bytes.toString(), taggedLine).tags()].slice(0, 10).join(", ");
    yield {
      line,
      problem: `fields of no record (${tags}): expected a line "TY  - " or "ER  - " with them and no blank line between; they were left out`,
    };
  }

  private drop(): void {
    this.parts = [];
    this.size = 0;
    this.hasType = false;
    this.ended = undefined;
    this.blank = 0;
  }
}

const NEWLINE_BYTES = Buffer.from("\n");

/** The tags for each field, best first. */
const TAGS = {
  title: ["TI", "T1", "CT", "BT", "ST"],
  abstract: ["AB", "N2"],
  venue: ["JO", "JF", "T2", "BT", "JA", "J2", "J1"],
  published: ["DA", "PY", "Y1"],
  doi: ["DO"],
  url: ["UR", "L2", "LK"],
  key: ["ID", "AN"],
} as const;
/** Tags that carry no data of the paper. */
const STRUCTURE = new Set(["TY", "ER"]);
/**
 * All known tags. Only these may be followed by a single space: otherwise the wrapped line `US - based` would be a
 * field.
 */
const KNOWN = new Set(
  (
    "TY ER A1 A2 A3 A4 AB AD AN AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DO DP ED EP ET ID IS J1 J2 JA JF JO " +
    "KW L1 L2 L3 L4 LA LB LK M1 M2 M3 N1 N2 NV OP PB PP PY RI RN RP SE SN SP ST SV T1 T2 T3 TA TI TT U1 U2 U3 U4 U5 UR VL " +
    "VO Y1 Y2"
  ).split(" "),
);

export function readRisRecord(text: string, ignored: (field: string) => void): Outcome {
  const fields = new TaggedFields(text, taggedLine);
  const venue = fields.first(TAGS.venue);
  const draft: Draft = {
    key: fields.first(TAGS.key),
    title: fields.first(TAGS.title, () => false),
    abstract: fields.joined(TAGS.abstract, isNoAbstract),
    authors: fields.all("AU", "A1").map(spokenName),
    venue,
    published: dates(fields.all("PY", "Y1"), fields.all("DA")),
    doi: fields.first(TAGS.doi),
    arxiv: accessionNumber(fields) ?? arxivIn(venue),
    url: fields.first(TAGS.url),
    keywords: fields.all("KW").flatMap((keywords) => keywords.split("\n").flatMap(splitList)),
    notice: noteOf(fields),
  };
  for (const tag of fields.unused()) if (!STRUCTURE.has(tag)) ignored(tag);
  return finish(draft, { found: fields.tags() });
}

/** A note that is a notice and nothing else. */
function noteOf(fields: TaggedFields): string | undefined {
  const note = fields.of("N1").find((one) => noticeIn(one) !== undefined);
  if (note !== undefined) fields.use("N1");
  return note;
}

/** An accession number, if the database is arXiv. */
function accessionNumber(fields: TaggedFields): string | undefined {
  const [number] = fields.of("AN");
  if (number === undefined || !fields.of("DB").some((database) => /^\s*arxiv\s*$/i.test(database))) return undefined;
  fields.use("DB", "AN");
  return number;
}

function taggedLine(line: string): readonly [string, string] | undefined {
  const [, tag = "", spaces = "", value = ""] = TAG.exec(line) ?? [];
  return tag !== "" && (spaces.length > 1 || KNOWN.has(tag)) ? [tag, value] : undefined;
}

/** `DA` is often more precise than the year, but in some types it is the date of access, of another year. */
function dates(years: string[], days: string[]): string[] {
  const year = /\d{4}/.exec(years.join(" "))?.[0];
  return year === undefined ? [...days, ...years] : [...days.filter((day) => day.includes(year)), ...years];
}
