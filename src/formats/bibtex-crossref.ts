/** BibTeX entries that take year and book from another entry, which they name in the field `crossref`. */
import { EntryCutter } from "./bibtex-entries.js";
import type { Cut, Cutter } from "./cut.js";

const CROSSREF = /\bcrossref\s{0,20}=\s{0,20}[{"]\s{0,20}([^\s{}",]{1,200})/i;
const KEY = /^@[^{(]{1,100}[{(]\s{0,20}([^\s{}",]{1,200})/;
/** Bytes of waiting entries. Above it, they are read without the entry they name. */
const MAX_WAITING = 8 * 1024 * 1024;
/** Most entries kept for others to name, and the longest field that is kept. */
const MAX_BOOKS = 2_000;
const MAX_FIELD = 1_000;
const BOOKS: ReadonlySet<string> = new Set([
  "proceedings",
  "book",
  "collection",
  "mvproceedings",
  "mvbook",
  "mvcollection",
]);

/** BibTeX compares keys without case. */
const plainKey = (key: string): string => key.toLowerCase();

const textOf = (cut: Cut): string => ("bytes" in cut ? cut.bytes.toString("latin1") : "");

/** Cuts entries, and delays those that name another until it was read: in BibTeX it follows them. */
export class CrossrefCutter implements Cutter {
  private readonly entries = new EntryCutter();
  /** Waiting entries, by the key that they name. */
  private waiting = new Map<string, Cut[]>();
  private size = 0;

  *push(bytes: Buffer): Generator<Cut> {
    for (const cut of this.entries.push(bytes)) yield* this.add(cut);
  }

  *end(): Generator<Cut> {
    for (const cut of this.entries.end()) yield* this.add(cut);
    yield* this.release();
  }

  private *add(cut: Cut): Generator<Cut> {
    const named = CROSSREF.exec(textOf(cut))?.[1];
    if (named === undefined) {
      yield* this.pass(cut);
      return;
    }
    const key = plainKey(named);
    const waiting = this.waiting.get(key) ?? [];
    this.waiting.set(key, waiting);
    waiting.push(cut);
    this.size += textOf(cut).length;
    if (this.size > MAX_WAITING) yield* this.release();
  }

  /** Yields an entry, then the entries that waited for it, then those that waited for these. */
  private *pass(cut: Cut): Generator<Cut> {
    const ready = [cut];
    for (const one of ready) {
      yield one;
      const key = plainKey(KEY.exec(textOf(one))?.[1] ?? "");
      for (const waiting of this.waiting.get(key) ?? []) {
        this.size -= textOf(waiting).length;
        ready.push(waiting);
      }
      this.waiting.delete(key);
    }
  }

  private *release(): Generator<Cut> {
    const all = [...this.waiting.values()].flat();
    this.waiting = new Map();
    this.size = 0;
    yield* all.toSorted((a, b) => a.line - b.line);
  }
}

/** The latest entries that others may name. */
export class Books {
  private readonly books = new Map<string, Map<string, string>>();

  add(type: string, key: string, fields: ReadonlyMap<string, string>): void {
    if (!BOOKS.has(type)) return;
    const kept = new Map<string, string>();
    for (const name of ["title", "booktitle", "date", "year", "month"]) {
      const value = fields.get(name);
      // Copied, because a substring keeps the whole text in memory.
      if (value !== undefined && value.length <= MAX_FIELD) kept.set(name, Buffer.from(value).toString());
    }
    this.books.set(plainKey(key), kept);
    const [oldest] = this.books.keys();
    if (this.books.size > MAX_BOOKS && oldest !== undefined) this.books.delete(oldest);
  }

  /** Adds the fields that an entry lacks from the entry that it names. False if that is unknown. */
  fill(fields: Map<string, string>): boolean {
    const book = this.books.get(plainKey(fields.get("crossref")?.trim() ?? ""));
    if (book === undefined) return false;
    const title = book.get("booktitle") ?? book.get("title");
    const has = (...names: string[]): boolean => names.some((name) => fields.get(name)?.trim());
    if (title !== undefined && !has("journaltitle", "journal", "booktitle")) fields.set("booktitle", title);
    if (has("date", "year")) return true;
    for (const name of ["date", "year", "month"]) {
      const value = book.get(name);
      if (value !== undefined) fields.set(name, value);
    }
    return true;
  }
}
