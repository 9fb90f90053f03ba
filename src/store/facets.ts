import type { Facets as FacetCounts } from "../api.js";
import { resizeColumn } from "../core/column.js";
import { ChangedRows, type ChangedRow } from "./changed-rows.js";
import type { Database } from "./database.js";
import { listOf, type Row } from "./row.js";

/** Values reported per facet, the most frequent first; of days, the newest. */
const MOST = 50;
const MOST_DAYS = 400;
/** Fewer unused codes than this are not compacted. */
const COMPACT_FROM = 1_000;

type Counted = { value: string; papers: number };
type Facet = keyof FacetCounts;

/** Each facet is read from an index alone, so that no row of a paper is touched. */
const SOURCES: Record<Facet, string> = {
  years: "substr(published, 1, 4) AS value FROM papers WHERE published IS NOT NULL",
  categories: "category AS value FROM categories",
  venues: "venue AS value FROM papers WHERE venue IS NOT NULL",
  sources: "source AS value FROM papers WHERE source IS NOT NULL",
  days: "listed AS value FROM papers WHERE listed IS NOT NULL",
};
const FACETS = Object.keys(SOURCES) as Facet[];

/** The columns of a paper that have its values. */
type Values = Pick<Row, "published" | "categories" | "venue" | "source" | "listed">;

/**
 * Counts papers per year, category, venue, source and daily list. Counting in SQL takes seconds when many papers match,
 * so each facet is kept in memory from its first use; after that only changed papers are read.
 */
export class Facets {
  readonly #database;
  #columns: Record<Facet, Column> | null = null;
  #changed: ChangedRows<Values> | null = null;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @param labels The papers to count; null for all. */
  of(labels: ArrayLike<number> | null): FacetCounts {
    const { years, categories, venues, sources, days } = this.#current();
    return {
      years: years.count(labels),
      categories: mostFrequent(categories.count(labels)),
      venues: mostFrequent(venues.count(labels)),
      sources: mostFrequent(sources.count(labels)),
      days: days.count(labels).toReversed().slice(0, MOST_DAYS),
    };
  }

  /**
   * Reads changed papers until a time on the clock of `performance.now()`.
   *
   * @returns Whether there is more to do.
   */
  catchUp(end: number): boolean {
    const columns = this.#columns;
    if (columns === null || this.#changed === null) return false;
    return this.#changed.read(end, (paper) => {
      const values = valuesOf(paper);
      for (const facet of FACETS) columns[facet].set(paper.label, values[facet]);
    });
  }

  #current(): Record<Facet, Column> {
    if (this.#columns === null) {
      this.#changed = new ChangedRows(this.#database, "p.published, p.categories, p.venue, p.source, p.listed", false);
      this.#columns = {
        years: this.#read("years"),
        categories: this.#read("categories"),
        venues: this.#read("venues"),
        sources: this.#read("sources"),
        days: this.#read("days"),
      };
    }
    this.catchUp(Infinity);
    return this.#columns;
  }

  #read(facet: Facet): Column {
    const rows = this.#database
      .prepare<[], [value: string, labels: string]>(
        `SELECT value, json_group_array(label) FROM (SELECT label, ${SOURCES[facet]}) GROUP BY value ORDER BY value`,
      )
      .raw()
      .all();
    return new Column(
      rows.map(([value, labels]) => ({ value, labels: JSON.parse(labels) as number[] })),
      facet === "categories" ? lowerCase : (value) => value,
    );
  }
}

function valuesOf(paper: ChangedRow<Values>): Record<Facet, string[]> {
  if (paper.id === null) return { years: [], categories: [], venues: [], sources: [], days: [] };
  const one = (value: string | null) => (value === null ? [] : [value]);
  return {
    years: one(paper.published?.slice(0, 4) ?? null),
    categories: listOf(paper, "categories"),
    venues: one(paper.venue),
    sources: one(paper.source),
    days: one(paper.listed),
  };
}

/** Folds case as SQLite compares categories: ASCII letters only. */
const lowerCase = (value: string): string => value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * One facet of all papers. The values of a label are the `lengths[label]` codes from `starts[label]` on. A paper that
 * gets more values moves to the end; the codes are compacted when half of them are unused.
 */
class Column {
  /** Values with the same key are counted as one. */
  readonly #keyOf;
  readonly #codes = new Map<string, number>();
  readonly #values: Counted[] = [];
  /** Codes in the order of their values; null after a new value. */
  #order: number[] | null = null;
  #starts: Uint32Array<ArrayBuffer>;
  #lengths: Uint32Array<ArrayBuffer>;
  #codesOf: Uint32Array<ArrayBuffer>;
  #used = 0;
  #held = 0;

  constructor(rows: readonly { value: string; labels: readonly number[] }[], keyOf: (value: string) => string) {
    this.#keyOf = keyOf;
    const largest = rows.reduce((most, { labels }) => labels.reduce((a, b) => Math.max(a, b), most), 0);
    this.#starts = new Uint32Array(largest + 1);
    this.#lengths = new Uint32Array(largest + 1);
    for (const { labels } of rows) for (const label of labels) this.#lengths[label]!++;
    for (let label = 0; label <= largest; label++) {
      this.#starts[label] = this.#used;
      this.#used += this.#lengths[label]!;
    }
    this.#held = this.#used;
    this.#codesOf = new Uint32Array(this.#used);
    const next = this.#starts.slice();
    for (const { value, labels } of rows) {
      const code = this.#codeOf(value);
      this.#values[code]!.papers += labels.length;
      for (const label of labels) this.#codesOf[next[label]!++] = code;
    }
  }

  set(label: number, values: readonly string[]): void {
    const codes = [...new Set(values.map((value) => this.#codeOf(value)))];
    if (label >= this.#starts.length) {
      this.#starts = resizeColumn(this.#starts, label + 1);
      this.#lengths = resizeColumn(this.#lengths, label + 1);
    }
    const had = this.#lengths[label]!;
    for (let i = 0; i < had; i++) this.#values[this.#codesOf[this.#starts[label]! + i]!]!.papers--;
    if (codes.length > had) {
      this.#starts[label] = this.#used;
      this.#used += codes.length;
      if (this.#used > this.#codesOf.length) this.#codesOf = resizeColumn(this.#codesOf, this.#used);
    }
    this.#lengths[label] = codes.length;
    this.#held += codes.length - had;
    for (const [i, code] of codes.entries()) {
      this.#codesOf[this.#starts[label]! + i] = code;
      this.#values[code]!.papers++;
    }
    if (this.#used > 2 * this.#held + COMPACT_FROM) this.#compact();
  }

  /** How many of the papers have each value, sorted by value, without zeros; `labels` null for all papers. */
  count(labels: ArrayLike<number> | null): Counted[] {
    this.#order ??= [...this.#codes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, code]) => code);
    const papers = labels === null ? this.#values.map((value) => value.papers) : this.#countOf(labels);
    return this.#order.flatMap((code) =>
      papers[code]! > 0 ? [{ value: this.#values[code]!.value, papers: papers[code]! }] : [],
    );
  }

  #countOf(labels: ArrayLike<number>): Uint32Array {
    const papers = new Uint32Array(this.#values.length);
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i]!;
      // Labels past the end of the columns have no values.
      const start = this.#starts[label] ?? 0;
      const end = start + (this.#lengths[label] ?? 0);
      for (let at = start; at < end; at++) papers[this.#codesOf[at]!]!++;
    }
    return papers;
  }

  #codeOf(value: string): number {
    const key = this.#keyOf(value);
    let code = this.#codes.get(key);
    if (code === undefined) {
      code = this.#values.length;
      this.#codes.set(key, code);
      this.#values.push({ value, papers: 0 });
      this.#order = null;
    }
    return code;
  }

  #compact(): void {
    const codes = new Uint32Array(this.#held);
    let used = 0;
    for (let label = 0; label < this.#starts.length; label++) {
      const [start, length] = [this.#starts[label]!, this.#lengths[label]!];
      codes.set(this.#codesOf.subarray(start, start + length), used);
      this.#starts[label] = used;
      used += length;
    }
    this.#codesOf = codes;
    this.#used = used;
  }
}

/** Ties keep their order. */
const mostFrequent = (values: readonly Counted[]): Counted[] =>
  values.toSorted((a, b) => b.papers - a.papers).slice(0, MOST);
