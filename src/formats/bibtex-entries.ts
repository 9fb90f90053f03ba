/** The syntax of BibTeX: where the entries of a stream start and end, and the fields of one entry. */
import { type Cut, type Cutter, tooLarge } from "./cut.js";
import { excerpt } from "./text.js";

/** Well above the longest abstract that is accepted. */
export const MAX_ENTRY_BYTES = 1024 * 1024;
/** `@type{` or `@type(`; white space before the brace is allowed. */
const START = /@[ \t]{0,20}([A-Za-z][A-Za-z0-9_-]{0,50})\s{0,20}([{(])/y;
/**
 * After an unclosed entry, reading resumes at its second line. This bounds the bytes read twice, so that time stays
 * linear.
 */
const MAX_REREAD = 8 * MAX_ENTRY_BYTES;
/** The most characters that START needs to see. */
const START_LENGTH = 100;
/** A line inside an entry that starts another one: the entry was never closed. */
const NEXT_ENTRY = /[ \t]*@[A-Za-z]{3,20}[ \t]*[{(][ \t]*[^\s,={}()"#%\\]*[ \t]*(?:,|=|\r?\n)/y;

/**
 * Cuts from `@` to the brace that closes the entry. An entry without a closing brace ends where a line starts the next
 * one, and is a problem. Text between entries is a comment, as in BibTeX.
 */
export class EntryCutter implements Cutter {
  /** Bytes as Latin-1 characters: every structural character is ASCII, and no byte is lost. */
  private text = "";
  private line = 1;
  /** The scan of the present entry; undefined between entries. */
  private scan: BraceScan | undefined;
  private type = "";
  /** Whether an entry may start at the beginning of `text`: at the start of a line, or after another entry. */
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

  /** Skips to the next entry; false if that needs more bytes. */
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

  /** Handles an entry that has no closing brace if `\{` is escaped, as in LaTeX. BibTeX itself counts such braces. */
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
        : `the entry ${name} has no closing brace before ${next ? `line ${this.line + newlines(this.text.slice(0, end))}, where another starts` : "the end of the file"}: it was left out`;
    yield { line: this.line, problem };
    // An unclosed comment may contain entries, so reading resumes at the next line; otherwise at the next entry.
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

/** Finds the brace that closes an entry; resumes where it stopped when there is more text. */
class BraceScan {
  at: number;
  private depth = 0;
  private inQuotes = false;

  constructor(
    /** The offset after the opening brace. */
    readonly opened: number,
    readonly close: string,
    private readonly escapes = true,
  ) {
    this.at = opened;
  }

  /**
   * The offset after the closing brace; "next" if another entry starts at `at`; "more" if the text is too short;
   * "ended" if there is none.
   */
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

/** A piece of a value: the text between braces or quotation marks, or a bare number or abbreviation. */
export interface Piece {
  text: string;
  bare: boolean;
}

/** Type and names of fields are in lower case. A value is its pieces joined together (`#`). */
export interface Entry {
  type: string;
  key: string;
  fields: { name: string; value: Piece[] }[];
}

/** Reads one entry as EntryCutter cuts it. `@comment` and `@preamble` have no fields. */
export function readEntry(text: string): Entry | { problem: string } {
  START.lastIndex = 0;
  const start = START.exec(text);
  if (start === null) return { problem: `expected an entry like @article{key, title = {...}}, got ${excerpt(text)}` };
  const type = (start[1] ?? "").toLowerCase();
  const body = text.slice(start[0].length, -1);
  if (type === "comment" || type === "preamble") return { type, key: "", fields: [] };
  const { key, fields } = type === "string" ? { key: "", fields: body } : keyIn(body);
  let problem = "";
  // BibTeX itself counts the brace of `\}`, and some entries are balanced only so.
  for (const escapes of [true, false])
    try {
      return { type, key, fields: new FieldReader(fields, escapes).read() };
    } catch (error) {
      if (!(error instanceof InvalidEntry)) throw error;
      problem ||= error.message;
    }
  return { problem: `not valid BibTeX (${problem}) in @${type}{${excerpt(key, 40)}` };
}

class InvalidEntry extends Error {}

/** Splits off the key, which ends at a comma or, if that is missing, before the name of the first field. */
function keyIn(body: string): { key: string; fields: string } {
  const end = body.search(/[,="{}]/);
  const head = end === -1 ? body : body.slice(0, end);
  if (end === -1 || body[end] === ",") return { key: head.trim(), fields: body.slice(head.length + 1) };
  const words = head.trim().split(/\s+/);
  const name = words.pop() ?? "";
  if (body[end] !== "=" || words.length === 0 || !/^[A-Za-z][\w-]*$/.test(name)) return { key: "", fields: body };
  return { key: head.slice(0, head.lastIndexOf(name)).trim(), fields: body.slice(head.lastIndexOf(name)) };
}

const COMMENT = /[^\n{"]*/y;

/** Reads `name = value # value, name = value`. */
class FieldReader {
  private at = 0;

  constructor(
    private readonly text: string,
    /** Whether a backslash escapes a brace. */
    private readonly escapes: boolean,
  ) {}

  /** @throws InvalidEntry */
  read(): Entry["fields"] {
    const fields: Entry["fields"] = [];
    for (;;) {
      // A comma may be missing or repeated.
      do this.skipSpace();
      while (this.take(","));
      if (this.at >= this.text.length) return fields;
      const name = this.word();
      this.skipSpace();
      if (name === "") throw this.expected("the name of a field");
      if (!this.take("=")) throw this.expected(`"=" after "${excerpt(name, 40)}"`);
      const value: Piece[] = [];
      do {
        this.skipSpace();
        value.push(this.opens() ? { text: this.delimited(), bare: false } : { text: this.word(), bare: true });
        this.skipSpace();
      } while (this.take("#"));
      fields.push({ name: name.toLowerCase(), value });
    }
  }

  /** Skips white space, and comments from `%` to the end of the line. A commented-out value may span lines. */
  private skipSpace(): void {
    for (;;) {
      this.match(/\s+/y);
      if (this.text[this.at] !== "%") return;
      for (this.match(COMMENT); this.opens(); this.match(COMMENT)) this.delimited();
    }
  }

  private opens(): boolean {
    return this.text[this.at] === "{" || this.text[this.at] === '"';
  }

  /** The text up to the closing brace, or to a quotation mark outside braces. */
  private delimited(): string {
    const start = this.at + 1;
    const quoted = this.text[this.at] === '"';
    const mark = /[\\{}"]/g;
    mark.lastIndex = start;
    let depth = 0;
    for (let match = mark.exec(this.text); match !== null; match = mark.exec(this.text)) {
      const { index } = match;
      if (match[0] === "\\") mark.lastIndex += this.escapes || this.text[index + 1] === '"' ? 1 : 0;
      else if (match[0] === "{") depth++;
      else if (depth === 0 && (match[0] === '"') === quoted) {
        this.at = index + 1;
        return this.text.slice(start, index);
      } else if (match[0] === "}") depth--;
    }
    throw new InvalidEntry(`a brace or quotation mark is not closed: ${excerpt(this.text.slice(this.at), 40)}`);
  }

  private word(): string {
    return this.match(/[^\s"#%(),={}]+/y);
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private match(expression: RegExp): string {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  private expected(what: string): InvalidEntry {
    return new InvalidEntry(`expected ${what}, got ${excerpt(this.text.slice(this.at), 40)}`);
  }
}
