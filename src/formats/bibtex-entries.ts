/** Where entries of BibTeX begin and end: found in a stream, without reading what is in them. */
import { type Cut, type Cutter, tooLarge } from "./cut.js";
import { excerpt } from "./text.js";

/** Well above the longest abstract that is taken. */
export const MAX_ENTRY_BYTES = 1024 * 1024;
/** `@type{` or `@type(`; white space before the brace is allowed. */
const START = /@[ \t]{0,20}([A-Za-z][A-Za-z0-9_-]{0,50})\s{0,20}([{(])/y;
/** Unclosed entries are read again behind their first line, but only so much in all: time stays linear. */
const MAX_REREAD = 8 * MAX_ENTRY_BYTES;
/**
 * Characters of an entry beside its values: what reads them takes the square of their number, and no entry of people's own
 * comes near.
 */
const MAX_SKELETON = 8_000;
/** As much as START may need to see. */
const START_LENGTH = 100;
/** A line inside an entry that begins another one: the entry was never closed. */
const NEXT_ENTRY = /[ \t]*@[A-Za-z]{3,20}[ \t]*[{(][ \t]*[^\s,={}()"#%\\]*[ \t]*(?:,|=|\r?\n)/y;

/**
 * Cuts from `@` to the brace that closes the entry. An entry whose closing brace is missing ends where a line begins the
 * next one, and is a problem. What stands between entries is a comment, as BibTeX has it.
 */
export class EntryCutter implements Cutter {
  /** Bytes as Latin-1 characters: every structural character is ASCII, and no byte is lost. */
  private text = "";
  private line = 1;
  /** Where the entry that is being read begins in `text`, or undefined between entries. */
  private scan: BraceScan | undefined;
  private type = "";
  /** Whether what is before `text` leaves room for an entry: the start of a line, or the end of an entry. */
  private fresh = true;
  private reread = 0;

  *push(bytes: Buffer): Generator<Cut> {
    this.text += bytes.toString("latin1");
    yield* this.cut(false);
  }

  *end(): Generator<Cut> {
    yield* this.cut(true);
  }

  private *cut(ended: boolean): Generator<Cut> {
    for (;;) {
      if (this.scan === undefined && !this.findStart(ended)) return;
      const { scan } = this;
      if (scan === undefined) return;
      const found = scan.run(this.text, ended, this.type !== "comment");
      if (found === "more" && this.text.length <= MAX_ENTRY_BYTES) return;
      if (typeof found === "object" && found.end <= MAX_ENTRY_BYTES) {
        yield this.take(found.end);
        continue;
      }
      yield* this.unclosed(
        typeof found === "object" ? found.end : found === "more" ? this.text.length : scan.at,
        found === "next",
      );
    }
  }

  /** Goes to the next entry; false when more bytes are needed to find one. */
  private findStart(ended: boolean): boolean {
    let at = this.text.indexOf("@");
    for (; at !== -1; at = this.text.indexOf("@", at + 1)) {
      if (!ended && this.text.length - at < START_LENGTH) break;
      if (!this.mayStartAt(at)) continue;
      START.lastIndex = at;
      const match = START.exec(this.text);
      if (match === null) continue;
      this.skip(at);
      this.type = (match[1] ?? "").toLowerCase();
      this.scan = new BraceScan(match[0].length, match[2] === "(" ? ")" : "}");
      return true;
    }
    const keep =
      at === -1 ? Math.max(this.text.lastIndexOf("\n") + 1, this.text.length - START_LENGTH) : this.lineStart(at);
    this.skip(ended ? this.text.length : keep);
    return false;
  }

  private lineStart(at: number): number {
    return Math.max(this.text.lastIndexOf("\n", at) + 1, at - START_LENGTH, 0);
  }

  private mayStartAt(at: number): boolean {
    const lineStart = this.text.lastIndexOf("\n", at - 1) + 1;
    const before = at === 0 ? "" : this.text.slice(Math.max(lineStart, at - START_LENGTH), at);
    return (lineStart > 0 || this.fresh) && /^[\s,;]*$/.test(before);
  }

  private skip(to: number): void {
    if (to === 0) return;
    const skipped = this.text.slice(0, to);
    this.fresh = skipped.endsWith("\n") || (this.fresh && /^[\s,;]*$/.test(skipped));
    this.line += newlines(skipped);
    this.text = this.text.slice(to);
  }

  private take(end: number): Cut {
    const entry = this.text.slice(0, end);
    const cut = { line: this.line, bytes: Buffer.from(entry, "latin1") };
    this.skip(end);
    this.fresh = true;
    this.scan = undefined;
    return cut;
  }

  /** The entry up to `end` has no closing brace as LaTeX counts, which knows `\{`; BibTeX itself does not. */
  private *unclosed(end: number, next: boolean): Generator<Cut> {
    const plain = new BraceScan(this.scan?.opened ?? 0, this.scan?.close ?? "}", false).run(
      this.text.slice(0, end),
      true,
      false,
    );
    if (typeof plain === "object" && plain.end <= MAX_ENTRY_BYTES) {
      yield this.take(plain.end);
      return;
    }
    const name = excerpt(this.text.slice(0, 60).split(/[,\n]/)[0] ?? "", 60);
    const problem =
      end > MAX_ENTRY_BYTES
        ? tooLarge(`the entry ${name}`, MAX_ENTRY_BYTES)
        : `the entry ${name} has no closing brace before ${next ? `line ${this.line + newlines(this.text.slice(0, end))}, where another begins` : "the end of the file"}: it was left out`;
    yield { line: this.line, problem };
    // A comment may have taken entries with it; everything else ends where the next entry begins.
    const firstLine = this.text.indexOf("\n") + 1;
    if (!next) this.reread += end;
    this.skip(next || firstLine === 0 || this.reread > MAX_REREAD ? end : firstLine);
    this.fresh = next || this.fresh;
    this.scan = undefined;
  }
}

const newlines = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
};

/** Looks for the brace that closes an entry, and goes on where it stopped when there is more text. */
class BraceScan {
  at: number;
  private depth = 0;
  private inQuotes = false;

  constructor(
    /** Behind the brace that opens the entry. */
    readonly opened: number,
    readonly close: string,
    private readonly escapes = true,
  ) {
    this.at = opened;
  }

  /** The place behind the closing brace; "next" where another entry begins at `at`; "more" when the text is too short. */
  run(text: string, ended: boolean, resynchronise: boolean): { end: number } | "next" | "more" | "ended" {
    const mark = /[\\{}"\n)]/g;
    mark.lastIndex = this.at;
    for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
      const at = match.index;
      switch (match[0]) {
        case "\\":
          if (this.escapes && at + 1 >= text.length && !ended) {
            this.at = at;
            return "more";
          }
          if (this.escapes && text[at + 1] !== "\n") mark.lastIndex = at + 2;
          break;
        case "{":
          this.depth++;
          break;
        case "}":
          if (this.depth === 0 && this.close === "}") return { end: at + 1 };
          if (this.depth > 0) this.depth--;
          break;
        case '"':
          if (this.depth === 0) this.inQuotes = !this.inQuotes;
          break;
        case ")":
          if (this.close === ")" && this.depth === 0 && !this.inQuotes) return { end: at + 1 };
          break;
        case "\n":
          if (!resynchronise) break;
          if (!ended && text.length - at < 2 * START_LENGTH) {
            this.at = at;
            return "more";
          }
          NEXT_ENTRY.lastIndex = at + 1;
          if (NEXT_ENTRY.test(text)) {
            this.at = at + 1;
            return "next";
          }
      }
    }
    this.at = text.length;
    return ended ? "ended" : "more";
  }
}

/** An entry whose values are set aside. */
export interface SplitEntry {
  type: string;
  key: string;
  /** The entry with a placeholder in place of every value in braces or quotation marks. */
  skeleton: string;
  values: string[];
  /** What stands bare: names of fields, and of abbreviations. */
  words: string[];
}

/** Stands for a value that was set aside: its number between two characters of the private use area. */
export const placeholder = (index: number): string => `\ue000${index}\ue001`;

/** Sets the values of one entry aside. */
export function splitEntry(entry: string): SplitEntry | { problem: string } {
  const text = entry.replace(/[\ue000\ue001]/g, "");
  START.lastIndex = 0;
  const start = START.exec(text);
  if (start === null) return { problem: `expected an entry like @article{key, title = {...}}, got ${excerpt(text)}` };
  const type = (start[1] ?? "").toLowerCase();
  const body = text.slice(start[0].length, -1);
  if (type === "comment" || type === "preamble") return { type, key: "", skeleton: "", values: [], words: [] };
  // Keys are taken off because people put into them what the library refuses: brackets, spaces.
  const { key, fields } = type === "string" ? { key: "", fields: body } : keyIn(body);
  const aside = setAside(fields, true) ?? setAside(fields, false);
  if (aside === undefined) return { problem: `a brace or a quotation mark is not closed in ${excerpt(text)}` };
  const bare = aside.bare
    // A comma forgotten between two fields.
    .replace(/(\ue001\})\s*(?=[A-Za-z][\w-]*\s*=)/g, "$1, ")
    // A comment at the end of a line.
    .replace(/(^|\s)%.*$/gm, "$1");
  if (bare.length > MAX_SKELETON)
    return { problem: `more fields than are read for one paper in ${excerpt(text)}: remove some` };
  return {
    type,
    key,
    skeleton: type === "string" ? `@string{${bare}}` : `@${type}{k,${bare}}`,
    values: aside.values,
    words: [...new Set(bare.match(/[^\s,={}()#"\ue000\ue001]+/g) ?? [])],
  };
}

/** The key, which a comma ends, or where one was forgotten the name of the first field. */
function keyIn(body: string): { key: string; fields: string } {
  const end = body.search(/[,="{}]/);
  const head = end === -1 ? body : body.slice(0, end);
  if (end === -1 || body[end] === ",") return { key: head.trim(), fields: body.slice(head.length + 1) };
  const words = head.trim().split(/\s+/);
  const name = words.pop() ?? "";
  if (body[end] !== "=" || words.length === 0 || !/^[A-Za-z][\w-]*$/.test(name)) return { key: "", fields: body };
  return { key: head.slice(0, head.lastIndexOf(name)).trim(), fields: body.slice(head.lastIndexOf(name)) };
}

function setAside(fields: string, escapes: boolean): { bare: string; values: string[] } | undefined {
  const values: string[] = [];
  let bare = "";
  let from = 0;
  const open = /[{"]/g;
  for (let match = open.exec(fields); match !== null; match = open.exec(fields)) {
    const end = valueEnd(fields, match.index, escapes);
    if (end === -1) return undefined;
    bare += `${fields.slice(from, match.index)}{${placeholder(values.length)}}`;
    values.push(fields.slice(match.index + 1, end));
    from = end + 1;
    open.lastIndex = from;
  }
  return { bare: bare + fields.slice(from), values };
}

/** Where the value that opens at `at` closes: at its brace, or at a quotation mark in no braces. */
function valueEnd(text: string, at: number, escapes: boolean): number {
  const quoted = text[at] === '"';
  const mark = /[\\{}"]/g;
  mark.lastIndex = at + 1;
  let depth = 0;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    if (match[0] === "\\") mark.lastIndex += escapes || text[match.index + 1] === '"' ? 1 : 0;
    else if (match[0] === "{") depth++;
    else if (match[0] === '"' && quoted && depth === 0) return match.index;
    else if (match[0] === "}") {
      if (!quoted && depth === 0) return match.index;
      depth--;
    }
  }
  return -1;
}
