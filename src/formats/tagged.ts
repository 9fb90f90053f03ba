/**
 * Formats whose records are lines with a tag and a value: what those of PubMed, EndNote, RefWorks and Web of Science
 * have in common. RIS has its own cutter, because some programs write fields before the first tag or after the last one.
 *
 * Not read by packages: they need the whole file as one text, and none says where a line is wrong.
 */
import { type Cut, type Cutter, tooLarge } from "./cut.js";
import { type Draft, finish, type Outcome } from "./draft.js";
import { LineCutter } from "./lines.js";
import { isMissing } from "./missing.js";
import { MAX_RECORD_BYTES } from "./reading.js";

/** The tag and the value of a line; undefined for a line that continues the value before it. */
export type Tagged = (line: string) => readonly [tag: string, value: string] | undefined;

export interface TaggedFormat {
  tagged: Tagged;
  /** The tag that starts a record. */
  first: string;
  /** How the first line of a record looks, for messages. */
  example: string;
  /** Other tags that occur once in a record: after a blank line, the second one belongs to the next record. */
  once: ReadonlySet<string>;
  /** The tag that ends a record, if there is one, and tags of the file rather than of a record. */
  last?: string;
  frame?: ReadonlySet<string>;
  read: (fields: TaggedFields) => Draft;
}

/** More than the length of a tag. */
const HEAD = 12;

/**
 * Cuts records. A record starts at its first tag, or after a blank line if its first tag is missing, and may lack its
 * last tag. Blank lines within a record are kept. Prose between records is skipped; fields outside records are a
 * problem.
 */
export class TaggedCutter implements Cutter {
  private readonly lines = new LineCutter();
  private parts: Buffer[] = [];
  private size = 0;
  private startLine = 0;
  /** The tags of the record that occur once. */
  private seen = new Set<string>();
  private afterBlank = false;
  /** The number of lines up to the last blank line that a tag follows; 0 if there is none. */
  private group = 0;
  /** Whether the record was too large, and its rest is skipped. */
  private skipping = false;

  constructor(private readonly format: TaggedFormat) {}

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
    const { first, last, frame } = this.format;
    const tag = this.tagOf(cut.bytes);
    if (this.skipping) {
      this.skipping = tag !== first && (last === undefined || tag !== last);
      if (tag !== first) return;
    }
    if (tag === undefined) {
      if (this.parts.length === 0) return;
      this.afterBlank = isBlank(cut.bytes);
    } else if (frame?.has(tag) === true) {
      yield* this.finish();
      return;
    } else {
      // An end without a record.
      if (tag === last && this.parts.length === 0) return;
      if (this.afterBlank) this.group = this.parts.length;
      this.afterBlank = false;
      if (this.seen.has(tag)) {
        if (tag === first) yield* this.finish();
        else if (this.group > 0) yield* this.finish(this.group);
      }
      if (this.isOnce(tag)) this.seen.add(tag);
    }
    if (this.parts.length === 0) this.startLine = cut.line;
    this.parts.push(cut.bytes);
    this.size += cut.bytes.length + 1;
    if (tag !== undefined && tag === last) yield* this.finish();
    else if (this.size > MAX_RECORD_BYTES) {
      yield { line: this.startLine, problem: tooLarge("this record", MAX_RECORD_BYTES) };
      this.keep([]);
      this.skipping = true;
    }
  }

  private tagOf(line: Buffer): string | undefined {
    // Most lines of an abstract are indented.
    if (line[0] === SPACE) return undefined;
    return this.format.tagged(line.toString("latin1", 0, HEAD).trimEnd())?.[0];
  }

  private isOnce(tag: string | undefined): tag is string {
    return tag !== undefined && (tag === this.format.first || this.format.once.has(tag));
  }

  /** Ends the record after the first `count` of its lines; the others are kept for the next. */
  private *finish(count = this.parts.length): Generator<Cut> {
    const record = this.parts.slice(0, count);
    const line = this.startLine;
    this.keep(this.parts.slice(count));
    this.startLine = line + count;
    if (record.length === 0) return;
    if (record.some((one) => this.isOnce(this.tagOf(one)))) {
      yield { line, bytes: Buffer.concat(record.flatMap((one) => [one, NEWLINE])) };
      return;
    }
    const tags = record.flatMap((one) => this.tagOf(one) ?? []).filter((tag) => tag !== this.format.last);
    yield {
      line,
      problem: `fields of no record (${[...new Set(tags)].slice(0, 10).join(", ")}): expected a line "${this.format.example}" before them; they were left out`,
    };
  }

  private keep(parts: Buffer[]): void {
    this.parts = parts;
    this.size = parts.reduce((sum, { length }) => sum + length + 1, 0);
    this.seen = new Set();
    this.afterBlank = false;
    this.group = 0;
    for (const part of parts) {
      const tag = this.tagOf(part);
      if (this.isOnce(tag)) this.seen.add(tag);
    }
  }
}

const SPACE = 0x20;
const NEWLINE = Buffer.from("\n");
const isBlank = (line: Buffer): boolean => line.length < 200 && line.toString().trim() === "";

export function readTagged(format: TaggedFormat, text: string, ignored: (field: string) => void): Outcome {
  const fields = new TaggedFields(text, format.tagged);
  const outcome = finish(format.read(fields), { found: fields.tags() });
  for (const tag of fields.unused()) if (tag !== format.first && tag !== format.last) ignored(tag);
  return outcome;
}

/** The fields of one record. Tracks which were used, so that the others can be reported. */
export class TaggedFields {
  private readonly values = new Map<string, string[]>();
  private readonly entries: { tag: string; value: string }[] = [];
  private readonly used = new Set<string>();

  constructor(text: string, tagged: Tagged) {
    let last: { tag: string; value: string } | undefined;
    for (const line of text.split(/\r\n?|\n/)) {
      const [tag, value = ""] = tagged(line) ?? [];
      if (tag !== undefined) {
        last = { tag, value };
        this.entries.push(last);
      } else if (last !== undefined && line.trim() !== "") last.value += `\n${line}`;
    }
    for (const { tag, value } of this.entries) {
      const values = this.values.get(tag);
      if (values === undefined) this.values.set(tag, [value]);
      else values.push(value);
    }
  }

  tags(): Iterable<string> {
    return this.values.keys();
  }

  unused(): string[] {
    return [...this.values.keys()].filter((tag) => !this.used.has(tag));
  }

  use(...tags: string[]): void {
    for (const tag of tags) this.used.add(tag);
  }

  /** The values of a tag without using it. */
  of(tag: string): readonly string[] {
    return this.values.get(tag) ?? [];
  }

  /** The first value that is not missing; tags are in order of preference. */
  first(tags: readonly string[], isNone: (text: string) => boolean = isMissing): string | undefined {
    for (const tag of tags) {
      const values = this.of(tag).filter((value) => value.trim() !== "");
      if (values.length > 0) this.used.add(tag);
      const value = values.find((one) => !isNone(one));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** All values of the first tag that has any: some programs write one tag per paragraph. */
  joined(tags: readonly string[], isNone: (text: string) => boolean): string | undefined {
    const tag = tags.find((one) => this.first([one], isNone) !== undefined);
    return tag === undefined ? undefined : this.of(tag).join("\n");
  }

  /** All values of these tags, one tag after the other. */
  all(...tags: string[]): string[] {
    this.use(...tags);
    return tags.flatMap((tag) => this.of(tag));
  }

  /** All values of these tags, in the order of the record. */
  inOrder(...tags: string[]): { tag: string; value: string }[] {
    this.use(...tags);
    return this.entries.filter(({ tag }) => tags.includes(tag));
  }
}
