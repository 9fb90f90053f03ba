/**
 * Cuts records from JSON of any layout: a list of objects, an object that contains such a list, one object, or several
 * one after the other; on one line or many.
 */
import { type Cut, type Cutter, countNewlines, NEWLINE, tooLarge } from "./cut.js";
import { isObject } from "./fields.js";
import { parseJson } from "./parse-json.js";
import { MAX_RECORD_BYTES } from "./reading.js";
import { listsOfRecords, MAX_PATH } from "./records.js";

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
/** Deepest nesting, far above that of any record. */
const MAX_DEPTH = 1_000;
/** Longest name of a field on the path to the list, in bytes. */
const MAX_NAME = 1_000;
/**
 * After a broken record, reading resumes at its second line. This bounds the bytes read twice, so that time stays
 * linear.
 */
const MAX_REREAD_BYTES = 8 * MAX_RECORD_BYTES;

export interface JsonCutterOptions {
  /** The line of the first byte. */
  line?: number;
  /** The path of names from the outermost object to the list of records. */
  path?: readonly string[];
  limit?: number;
}

/**
 * Scans JSON without building it. Records are the values at the top, the entries of a list at the top, and the entries
 * of a list of records in an object at the top.
 */
export class JsonCutter implements Cutter {
  private line: number;
  private readonly path: readonly string[] | undefined;
  private readonly limit: number;
  /** The open lists and objects around the records, with their names. */
  private readonly open: { list: boolean; name: string }[] = [];
  private state: "between" | "key" | "record" | "skip" | "lost" = "between";
  private name = "";
  private named = false;

  /** The open lists and objects in the present value, and the state within a string. */
  private inner: number[] = [];
  private inString = false;
  private escaped = false;
  private broken: string | undefined;

  private parts: Buffer[] = [];
  private size = 0;
  private startLine = 1;
  /** White space at the start of the line so far; undefined after anything else. */
  private indent: number | undefined = 0;
  private startIndent: number | undefined;
  private reread = 0;
  /** Reads the list in an object at the top that is too large to be one record. */
  private list: JsonCutter | undefined;

  constructor(options: JsonCutterOptions = {}) {
    this.line = options.line ?? 1;
    this.path = options.path;
    this.limit = options.limit ?? MAX_RECORD_BYTES;
  }

  *push(bytes: Buffer): Generator<Cut> {
    let rest: Buffer | undefined = bytes;
    while (rest !== undefined && rest.length > 0) {
      if (this.list !== undefined) {
        yield* this.list.push(rest);
        return;
      }
      rest =
        this.state === "record" || this.state === "skip"
          ? yield* this.value(rest)
          : this.state === "key"
            ? this.readKey(rest)
            : this.state === "lost"
              ? this.find(rest)
              : yield* this.between(rest);
    }
  }

  *end(): Generator<Cut> {
    while (this.state === "record" && this.list === undefined) {
      if (this.inner.length === 0 && !this.inString) {
        yield* this.finish();
        break;
      }
      const again = yield* this.giveUp("the file ends inside this record", Buffer.alloc(0));
      if (again === undefined) break;
      yield* this.push(again);
    }
    if (this.list !== undefined) yield* this.list.end();
    else if (this.open.length > 0 && this.state !== "lost") {
      yield { line: this.line, problem: "the list of records is not closed: the file is probably truncated" };
    }
  }

  /** Scans outside records. Returns the rest of the bytes. */
  private *between(bytes: Buffer): Generator<Cut, Buffer | undefined> {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === NEWLINE) {
        this.line++;
        this.indent = 0;
        continue;
      }
      if (isSpace(byte)) {
        if (this.indent !== undefined) this.indent++;
        continue;
      }
      const indent = this.indent;
      this.indent = undefined;
      if (byte === COMMA) continue;
      if (byte === COLON) {
        this.named = true;
        continue;
      }
      if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        this.open.pop();
        continue;
      }
      const around = this.open.at(-1);
      if (around !== undefined && !around.list && !this.named) {
        this.name = "";
        this.state = byte === QUOTE ? "key" : "between";
        if (byte === QUOTE) return bytes.subarray(at + 1);
        continue;
      }
      this.named = false;
      if (this.opens(byte)) {
        this.open.push({ list: byte === OPEN_LIST, name: this.name });
        this.name = "";
        continue;
      }
      this.state = this.isRecordPlace() ? "record" : "skip";
      this.startLine = this.line;
      this.startIndent = indent;
      this.inner = [];
      this.inString = false;
      this.escaped = false;
      return bytes.subarray(at);
    }
    return undefined;
    // oxlint-disable-next-line no-unreachable -- makes this a generator like the other states
    yield* [];
  }

  private isRecordPlace(): boolean {
    if (this.path === undefined) return true;
    return this.open.length === this.path.length + 1 && this.open.at(-1)?.list === true;
  }

  /** Whether a list or object that starts here contains records rather than being one. */
  private opens(byte: number): boolean {
    const depth = this.open.length;
    if (this.path === undefined) return depth === 0 && byte === OPEN_LIST;
    if (depth === 0) return byte === OPEN_OBJECT;
    if (this.path[depth - 1] !== this.name || this.open.at(-1)?.list === true) return false;
    return depth === this.path.length ? byte === OPEN_LIST : byte === OPEN_OBJECT;
  }

  private readKey(bytes: Buffer): Buffer | undefined {
    let at = 0;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE && !this.escaped) {
        this.state = "between";
        break;
      }
      this.escaped = byte === BACKSLASH && !this.escaped;
      if (byte === NEWLINE) this.line++;
    }
    if (this.name.length < MAX_NAME) this.name += bytes.toString("latin1", 0, Math.min(at, MAX_NAME));
    if (at === bytes.length) return undefined;
    this.name = decodedName(this.name);
    return bytes.subarray(at + 1);
  }

  private *value(bytes: Buffer): Generator<Cut, Buffer | undefined> {
    const end = this.walk(bytes);
    const piece = end === -1 ? bytes : bytes.subarray(0, end);
    const rest = end === -1 ? undefined : bytes.subarray(end);
    if (this.broken !== undefined) {
      const reason = this.broken;
      this.broken = undefined;
      if (this.state === "record") return yield* this.giveUp(reason, bytes);
      this.state = "lost";
      return rest;
    }
    if (this.state === "record") {
      this.size += piece.length;
      this.parts.push(piece);
      if (this.size > this.limit) return yield* this.overflow(rest);
    } else this.line += countNewlines(piece);
    if (end === -1) return undefined;
    if (this.state === "record") yield* this.finish();
    this.state = "between";
    return rest;
  }

  /** The offset after the value, or -1 if the bytes end before it does. Sets `broken` if it cannot be JSON. */
  private walk(bytes: Buffer): number {
    const { inner } = this;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === BACKSLASH) this.escaped = true;
        else if (byte === QUOTE) {
          this.inString = false;
          if (inner.length === 0) return at + 1;
        } else if (byte === NEWLINE) return this.breakAt(at, "a text in it has no closing quotation mark on its line");
      } else if (byte === QUOTE) this.inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (inner.length >= MAX_DEPTH) return this.breakAt(at, `it has lists or objects more than ${MAX_DEPTH} deep`);
        inner.push(byte + 2);
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (inner.length === 0) return at;
        if (inner.pop() !== byte) return this.breakAt(at, `an unexpected "${String.fromCharCode(byte)}"`);
        if (inner.length === 0) return at + 1;
      } else if (inner.length === 0 && at > 0 && (byte === COMMA || isSpace(byte))) return at;
    }
    return -1;
  }

  private breakAt(at: number, reason: string): number {
    this.broken = reason;
    return at;
  }

  /** Reports a broken record, and looks for the next one from its second line on. */
  private *giveUp(reason: string, bytes: Buffer): Generator<Cut, Buffer | undefined> {
    yield { line: this.startLine, problem: `not valid JSON: ${reason}` };
    const taken = Buffer.concat([...this.parts, bytes]);
    this.drop();
    this.state = "lost";
    this.indent = undefined;
    const newline = taken.indexOf(NEWLINE);
    if (newline === -1) return undefined;
    const again = taken.length - bytes.length;
    this.reread += again;
    if (this.reread <= MAX_REREAD_BYTES) return taken.subarray(newline);
    this.line += countNewlines(taken, 0, again);
    return bytes;
  }

  /** Finds the next record: the next line that starts like the broken record's first line. */
  private find(bytes: Buffer): Buffer | undefined {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === NEWLINE) {
        this.line++;
        this.indent = 0;
      } else if (this.indent !== undefined) {
        if (isSpace(byte)) this.indent++;
        else if (byte === OPEN_OBJECT && (this.startIndent === undefined || this.indent === this.startIndent)) {
          this.state = "between";
          return bytes.subarray(at);
        } else this.indent = undefined;
      }
    }
    return undefined;
  }

  private *finish(): Generator<Cut> {
    const record = Buffer.concat(this.parts);
    const line = this.startLine;
    this.line = line + countNewlines(record);
    this.drop();
    this.state = "between";
    const atTop = this.path === undefined && this.open.length === 0 && record[0] === OPEN_OBJECT;
    const paths = atTop ? listsInText(record) : [];
    if (paths.length === 0) yield { line, bytes: record };
    for (const path of paths) {
      const list = new JsonCutter({ line, path, limit: this.limit });
      yield* list.push(record);
      yield* list.end();
    }
  }

  /** Skips a record that is too large, unless it is an object with a long list in it. */
  private *overflow(rest: Buffer | undefined): Generator<Cut, Buffer | undefined> {
    const taken = Buffer.concat(this.parts);
    this.drop();
    const path = this.path === undefined && this.open.length === 0 ? openList(taken) : undefined;
    if (path !== undefined) {
      this.list = new JsonCutter({ line: this.startLine, path, limit: this.limit });
      yield* this.list.push(taken);
      return rest;
    }
    yield { line: this.startLine, problem: tooLarge("this record", this.limit) };
    this.line = this.startLine + countNewlines(taken);
    this.state = rest === undefined ? "skip" : "between";
    return rest;
  }

  private drop(): void {
    this.parts = [];
    this.size = 0;
  }
}

/** Decodes a JSON name from the bytes between its quotation marks. */
function decodedName(bytes: string): string {
  const text = Buffer.from(bytes, "latin1").toString();
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

function listsInText(bytes: Buffer): string[][] {
  try {
    const outer: unknown = parseJson(bytes.toString());
    return isObject(outer) ? listsOfRecords(outer) : [];
  } catch {
    // Possibly only one of its records is broken.
    const path = openList(bytes);
    return path === undefined ? [] : [path];
  }
}

/**
 * The path of the list that makes up most of an object that is too large, or broken in part; undefined if no list of
 * objects makes up half of it.
 */
function openList(bytes: Buffer): string[] | undefined {
  const open: { list: boolean; name: string; start: number }[] = [];
  let best: { path: string[]; size: number } | undefined;
  let name = "";
  const close = (end: number): void => {
    const closed = open.at(-1);
    const size = end - (closed?.start ?? 0);
    if (closed?.list === true && open.length <= MAX_PATH + 1 && size > (best?.size ?? bytes.length / 2)) {
      if (open.every(({ list }, depth) => list === (depth === open.length - 1)) && holdsObjects(bytes, closed.start)) {
        best = { path: open.slice(1).map((container) => container.name), size };
      }
    }
    open.pop();
  };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      const start = ++at;
      while (at < bytes.length && bytes[at] !== QUOTE && bytes[at] !== NEWLINE) at += bytes[at] === BACKSLASH ? 2 : 1;
      if (open.length <= MAX_PATH && open.at(-1)?.list !== true) {
        name = bytes.toString("latin1", start, Math.min(at, start + MAX_NAME));
      }
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      open.push({ list: byte === OPEN_LIST, name: open.length <= MAX_PATH ? decodedName(name) : "", start: at });
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) close(at);
  }
  while (open.length > 0) close(bytes.length);
  return best?.path;
}

function holdsObjects(bytes: Buffer, list: number): boolean {
  let at = list + 1;
  while (at < bytes.length && isSpace(bytes[at] ?? 0)) at++;
  return bytes[at] === OPEN_OBJECT;
}
