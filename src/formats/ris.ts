/**
 * RIS: lines of a tag of two characters, two spaces, a hyphen and a value, from `TY` to `ER`.
 *
 * Read by hand because the format is this small, and because the packages for it that are still looked after want the
 * whole file as one text and give up at the first line they do not like.
 */
import { type Cut, type Cutter, tooLarge } from "./cut.js";
import { type Draft, finish, type Outcome } from "./draft.js";
import { LineCutter } from "./lines.js";
import { splitList } from "./list.js";
import { spokenName } from "./names.js";
import { MAX_RECORD_BYTES } from "./reading.js";

/** `TY  - JOUR`; some write one space, and nothing behind the hyphen of an empty field. */
const TAG = /^\s*([A-Z][A-Z0-9])( {1,2})- ?(.*)$/;
const START = /^\uFEFF?\s*TY {1,2}-/;
const END = /^\s*ER {1,2}-/;

/** Records from `TY` to `ER`, or to the next `TY`. What stands between records is no record. */
export class RisCutter implements Cutter {
  private readonly lines = new LineCutter();
  private startLine = 0;
  private parts: Buffer[] | undefined;
  private size = 0;

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
    if (START.test(head)) {
      yield* this.finish();
      this.parts = [];
      this.startLine = cut.line;
    }
    if (this.parts === undefined) return;
    this.size += cut.bytes.length + 1;
    if (this.size > MAX_RECORD_BYTES) {
      yield { line: this.startLine, problem: tooLarge("this record", MAX_RECORD_BYTES) };
      this.drop();
      return;
    }
    this.parts.push(cut.bytes, Buffer.from("\n"));
    if (END.test(head)) yield* this.finish();
  }

  private *finish(): Generator<Cut> {
    if (this.parts !== undefined) yield { line: this.startLine, bytes: Buffer.concat(this.parts) };
    this.drop();
  }

  private drop(): void {
    this.parts = undefined;
    this.size = 0;
  }
}

/** The tags that give each field, the best first. */
const TAGS = {
  title: ["TI", "T1", "CT", "BT", "ST"],
  abstract: ["AB", "N2"],
  venue: ["JO", "JF", "T2", "BT", "JA", "J2", "J1"],
  published: ["DA", "PY", "Y1"],
  doi: ["DO"],
  url: ["UR", "L2", "LK"],
  key: ["ID", "AN"],
} as const;
/** Tags that say nothing of the paper itself: its type, its end. */
const STRUCTURE = new Set(["TY", "ER"]);
/** The tags there are. Only they may have one space behind them: else `US - based`, where a line is wrapped, is one. */
const KNOWN = new Set(
  (
    "TY ER A1 A2 A3 A4 AB AD AN AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DO DP ED EP ET ID IS J1 J2 JA JF JO " +
    "KW L1 L2 L3 L4 LA LB LK M1 M2 M3 N1 N2 NV OP PB PP PY RI RN RP SE SN SP ST SV T1 T2 T3 TA TI TT U1 U2 U3 U4 U5 UR VL " +
    "VO Y1 Y2"
  ).split(" "),
);

export function readRisRecord(text: string, ignored: (field: string) => void): Outcome {
  const fields = fieldsIn(text);
  const used = new Set<string>();
  const first = (tags: readonly string[]): string | undefined => {
    for (const tag of tags) {
      const value = fields.get(tag)?.find((one) => one.trim() !== "");
      if (value === undefined) continue;
      used.add(tag);
      return value;
    }
    return undefined;
  };
  /** All values of the first tag that has any: some write a paragraph a line, each with its tag. */
  const joined = (tags: readonly string[]): string | undefined => {
    const tag = tags.find((one) => first([one]) !== undefined);
    return tag === undefined ? undefined : fields.get(tag)?.join("\n");
  };
  const all = (...tags: string[]): string[] =>
    tags.flatMap((tag) => {
      used.add(tag);
      return fields.get(tag) ?? [];
    });
  const draft: Draft = {
    key: first(TAGS.key),
    title: first(TAGS.title),
    abstract: joined(TAGS.abstract),
    authors: all("AU", "A1").map(spokenName),
    venue: first(TAGS.venue),
    published: dates(all("PY", "Y1"), all("DA")),
    doi: first(TAGS.doi),
    arxiv: arxivIn(fields, used),
    url: first(TAGS.url),
    keywords: all("KW").flatMap((keywords) => keywords.split("\n").flatMap(splitList)),
  };
  for (const tag of fields.keys()) if (!used.has(tag) && !STRUCTURE.has(tag)) ignored(tag);
  return finish(draft, { found: fields.keys() });
}

/** A number in a database, where that database is arXiv. */
function arxivIn(fields: ReadonlyMap<string, string[]>, used: Set<string>): string | undefined {
  const [number] = fields.get("AN") ?? [];
  if (number === undefined || !(fields.get("DB") ?? []).some((database) => /^\s*arxiv\s*$/i.test(database)))
    return undefined;
  for (const tag of ["DB", "AN"]) used.add(tag);
  return number;
}

/** Values by tag. A line without a tag goes on with the value before it. */
function fieldsIn(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of text.split(/\r\n?|\n/)) {
    const [, tag = "", spaces = "", value = ""] = TAG.exec(line) ?? [];
    if (tag !== "" && (spaces.length > 1 || KNOWN.has(tag))) {
      last = fields.get(tag) ?? [];
      fields.set(tag, last);
      last.push(value);
    } else if (last !== undefined && line.trim() !== "") last.push(`${last.pop() ?? ""}\n${line}`);
  }
  return fields;
}

/** `DA` is often the more precise one, but in some types it is the date of access: then it has another year. */
function dates(years: string[], days: string[]): string[] {
  const year = /\d{4}/.exec(years.join(" "))?.[0];
  return year === undefined ? [...days, ...years] : [...days.filter((day) => day.includes(year)), ...years];
}
