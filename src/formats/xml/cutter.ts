import { type Cut, type Cutter, countNewlines, tooLarge } from "../cut.js";
import { MAX_RECORD_BYTES } from "../reading.js";
import { excerpt } from "../text.js";

const [LESS, GREATER, SLASH, BANG, QUESTION, OPEN_BRACKET] = [0x3c, 0x3e, 0x2f, 0x21, 0x3f, 0x5b];
const [DOUBLE_QUOTE, SINGLE_QUOTE] = [0x22, 0x27];

/** Longest tag, in bytes; what looks like a longer one is taken for text. */
const MAX_TAG = 64 * 1024;

/** Markup whose content is not scanned for tags: how it starts, and how it ends. */
const OPAQUE = {
  comment: { start: Buffer.from("<!--"), end: Buffer.from("-->"), name: "a comment" },
  cdata: { start: Buffer.from("<![CDATA["), end: Buffer.from("]]>"), name: "a CDATA section" },
  instruction: { start: Buffer.from("<?"), end: Buffer.from("?>"), name: "a processing instruction" },
  /** The declarations in a DOCTYPE. They are never read, so no entity can be defined. */
  subset: { start: Buffer.from("["), end: Buffer.from("]"), name: "the DOCTYPE" },
} as const;
type Opaque = keyof typeof OPAQUE;
/** As many bytes as decide what markup this is. */
const LONGEST_START = OPAQUE.cdata.start.length;

/**
 * Cuts XML into the outermost elements with certain names. The content of elements in `skipped` is left out, and never
 * buffered.
 *
 * Elements are cut without being parsed, so that an error in one costs only that one. It ends at its closing tag, or
 * where an element of the same name starts in it, because no such element contains another: then its closing tag is
 * missing.
 */
export class XmlCutter implements Cutter {
  /** The line of the first byte that is not in `taken` yet. */
  private line = 1;
  /** Start of a tag whose end has not arrived. */
  private pending: Buffer = Buffer.alloc(0);
  /** The opaque markup, or the DOCTYPE, that the next byte is in, and the line where it starts. */
  private within: { kind: Opaque | "doctype"; line: number } | undefined;
  /** The element around the records, while it is open. */
  private root: string | undefined;
  /** Whether there was a record, and the first element inside another one that is none, with its line. */
  private found = false;
  private other: { name: string; around: string; line: number } | undefined;
  private record: { name: string; line: number; parts: Buffer[]; size: number; tooLarge: boolean } | undefined;
  private skipping: { name: string; depth: number; size: number; newlines: number } | undefined;

  constructor(
    private readonly records: ReadonlySet<string>,
    private readonly skipped: ReadonlySet<string>,
  ) {}

  *push(bytes: Buffer): Generator<Cut> {
    const all = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    this.pending = all.subarray(0, 0);
    let at = 0;
    let taken = 0;
    const takeTo = (end: number): void => {
      this.take(all.subarray(taken, end));
      taken = end;
    };
    while (at < all.length) {
      if (this.within !== undefined) {
        const { end, found } = this.endOfMarkup(all, at);
        at = end;
        if (!found) break;
        continue;
      }
      const start = all.indexOf(LESS, at);
      if (start === -1) {
        at = all.length;
        break;
      }
      const kind = kindOf(all, start);
      if (kind === "incomplete") {
        at = start;
        break;
      }
      if (kind === "text") {
        at = start + 1;
        continue;
      }
      if (kind !== "open" && kind !== "close") {
        takeTo(start);
        this.within = { kind, line: this.line };
        at = start + (kind === "doctype" ? 2 : OPAQUE[kind].start.length);
        continue;
      }
      const end = endOfTag(all, start + 1);
      if ((end === -1 ? all.length : end) - start > MAX_TAG) {
        at = start + 1;
        continue;
      }
      if (end === -1) {
        at = start;
        break;
      }
      at = end;
      // A tag that another one interrupts is text.
      if (all[end - 1] !== GREATER) continue;
      const name = nameOf(all, kind === "close" ? start + 2 : start + 1);
      if (kind === "close") yield* this.close(name, start, end, takeTo);
      else yield* this.open(name, all[end - 2] === SLASH, start, end, takeTo);
    }
    takeTo(at);
    this.pending = all.subarray(at);
    const { record } = this;
    if (record !== undefined && !record.tooLarge && record.size > MAX_RECORD_BYTES) {
      yield { line: record.line, problem: tooLarge(`this <${excerpt(record.name)}>`, MAX_RECORD_BYTES) };
      record.tooLarge = true;
      record.parts = [];
    }
  }

  *end(): Generator<Cut> {
    const { record, within } = this;
    const unclosed =
      within === undefined ? undefined : within.kind === "doctype" ? "the DOCTYPE" : OPAQUE[within.kind].name;
    if (record !== undefined && !record.tooLarge) {
      const why = unclosed === undefined ? "" : `, in ${unclosed} that starts in line ${within?.line}`;
      yield { line: record.line, problem: `the file ends inside this <${excerpt(record.name)}>${why}` };
    } else if (unclosed !== undefined) {
      yield {
        line: within?.line ?? this.line,
        problem: `${unclosed} that starts here is never closed: what follows was not read`,
      };
    } else if (this.root !== undefined && record === undefined) {
      yield { line: this.line, problem: `<${excerpt(this.root)}> is not closed: the file is probably truncated` };
    } else if (!this.found && this.other !== undefined) {
      const { name, around, line: start } = this.other;
      yield {
        line: start,
        problem: `no papers: nothing in <${excerpt(around)}> is read, which begins with <${excerpt(name)}>`,
      };
    }
  }

  private *open(
    name: string,
    empty: boolean,
    start: number,
    end: number,
    takeTo: (end: number) => void,
  ): Generator<Cut> {
    if (this.record === undefined) {
      if (!this.records.has(localName(name))) {
        if (this.root === undefined) this.root = empty ? undefined : name;
        else if (this.other === undefined) {
          takeTo(start);
          this.other = { name, around: this.root, line: this.line };
        }
        return;
      }
      takeTo(start);
      this.begin(name);
    } else if (name === this.record.name) {
      takeTo(start);
      if (!this.record.tooLarge)
        yield {
          line: this.record.line,
          problem: `this <${excerpt(name)}> is not closed before the next one starts in line ${this.line}: it was left out`,
        };
      this.begin(name);
    } else if (this.skipping !== undefined) {
      if (name === this.skipping.name && !empty) this.skipping.depth++;
    } else if (!empty && this.skipped.has(localName(name))) {
      takeTo(end);
      this.skipping = { name, depth: 1, size: 0, newlines: 0 };
    }
    if (empty && name === this.record?.name) {
      takeTo(end);
      yield* this.finish();
    }
  }

  private *close(name: string, start: number, end: number, takeTo: (end: number) => void): Generator<Cut> {
    if (this.record === undefined) {
      if (name === this.root) this.root = undefined;
      if (!this.records.has(localName(name))) return;
      takeTo(start);
      yield { line: this.line, problem: `</${excerpt(name)}> closes nothing: what precedes it was left out` };
    } else if (name === this.record.name) {
      // What is skipped is not closed: the record ends all the same, and parsing it reports the error.
      if (this.skipping !== undefined) takeTo(start);
      this.stopSkipping();
      takeTo(end);
      yield* this.finish();
    } else if (name === this.skipping?.name && --this.skipping.depth === 0) {
      takeTo(start);
      this.stopSkipping();
    }
  }

  private begin(name: string): void {
    this.found = true;
    this.record = { name, line: this.line, parts: [], size: 0, tooLarge: false };
    this.skipping = undefined;
  }

  private *finish(): Generator<Cut> {
    const { record } = this;
    this.record = undefined;
    if (record === undefined || record.tooLarge) return;
    if (record.size > MAX_RECORD_BYTES)
      yield { line: record.line, problem: tooLarge(`this <${excerpt(record.name)}>`, MAX_RECORD_BYTES) };
    else yield { line: record.line, bytes: Buffer.concat(record.parts) };
  }

  private take(bytes: Buffer): void {
    const newlines = countNewlines(bytes);
    this.line += newlines;
    const { record, skipping } = this;
    if (record === undefined || record.tooLarge || bytes.length === 0) return;
    if (skipping !== undefined) {
      skipping.size += bytes.length;
      skipping.newlines += newlines;
      return;
    }
    record.parts.push(bytes);
    record.size += bytes.length;
  }

  /**
   * Puts an ellipsis in place of the skipped content, so that the element is not empty, and as many line breaks, so that
   * errors after it are reported in their line.
   */
  private stopSkipping(): void {
    const { size, newlines } = this.skipping ?? { size: 0, newlines: 0 };
    this.skipping = undefined;
    if (size > 0 && this.record?.tooLarge === false) this.record.parts.push(Buffer.from(`...${"\n".repeat(newlines)}`));
  }

  /** The offset after the markup that `at` is in, or up to which it certainly has no end. */
  private endOfMarkup(all: Buffer, at: number): { end: number; found: boolean } {
    const { kind, line } = this.within!;
    if (kind === "doctype") {
      let end = at;
      while (end < all.length && all[end] !== GREATER && all[end] !== OPEN_BRACKET) end++;
      if (end === all.length) return { end, found: false };
      this.within = all[end] === GREATER ? undefined : { kind: "subset", line };
      return { end: end + 1, found: true };
    }
    const closing = OPAQUE[kind].end;
    const offset = all.indexOf(closing, at);
    // The closing bytes may be cut in two.
    if (offset === -1) return { end: Math.max(at, all.length - closing.length + 1), found: false };
    this.within = kind === "subset" ? { kind: "doctype", line } : undefined;
    return { end: offset + closing.length, found: true };
  }
}

type Kind = Opaque | "doctype" | "open" | "close" | "text" | "incomplete";

/** What the `<` at `start` begins. */
function kindOf(bytes: Buffer, start: number): Kind {
  const next = bytes[start + 1];
  if (next === undefined) return "incomplete";
  if (next === SLASH) return "close";
  if (next === QUESTION) return "instruction";
  if (next === BANG) {
    for (const kind of ["comment", "cdata"] as const)
      if (bytes.subarray(start, start + OPAQUE[kind].start.length).equals(OPAQUE[kind].start)) return kind;
    return bytes.length - start < LONGEST_START ? "incomplete" : "doctype";
  }
  const letter = (next >= 0x41 && next <= 0x5a) || (next >= 0x61 && next <= 0x7a);
  return letter || next === 0x5f || next === 0x3a || next >= 0x80 ? "open" : "text";
}

/** The offset after the tag, or that of a `<` in it, which no tag contains; -1 if the bytes end before. */
function endOfTag(bytes: Buffer, from: number): number {
  let quote = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === LESS) return at;
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === GREATER) return at + 1;
    else if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) quote = byte;
  }
  return -1;
}

function nameOf(bytes: Buffer, from: number): string {
  let to = from;
  while (to < bytes.length && !isEnd(bytes[to] ?? 0)) to++;
  return bytes.toString("latin1", from, to);
}

const isEnd = (byte: number): boolean => byte <= 0x20 || byte === SLASH || byte === GREATER;

export const localName = (name: string): string => name.slice(name.indexOf(":") + 1);
