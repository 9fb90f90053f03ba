import type { Facets as FacetCounts } from "../api.js";
import { grown } from "../grown.js";
import type { Database } from "./database.js";
import { listOf, type Row } from "./row.js";

/** Values told of a facet: the most frequent; of days the newest. */
const MOST = 50;
const MOST_DAYS = 400;
/** Changed papers read in one statement. */
const BATCH = 200;
/** Codes that are too few to be packed. */
const FEW = 1_000;

type Counted = { value: string; papers: number };
type Facet = keyof FacetCounts;

/** Each facet is read from an index alone, value by value, so that no row of a paper is touched. */
const SOURCES: Record<Facet, string> = {
  years: "substr(published, 1, 4) AS value FROM papers WHERE published IS NOT NULL",
  categories: "category AS value FROM categories",
  venues: "venue AS value FROM papers WHERE venue IS NOT NULL",
  sources: "source AS value FROM papers WHERE source IS NOT NULL",
  days: "listed AS value FROM papers WHERE listed IS NOT NULL",
};
const FACETS = Object.keys(SOURCES) as Facet[];

/** A paper that has changed; its columns are null when it is gone. */
type Changed = { change: number; label: number } & (
  Pick<Row, "id" | "published" | "categories" | "venue" | "source" | "listed"> | { id: null }
);

/**
 * How many papers there are of each year, category, venue, source and daily list. Counting in SQL takes seconds where
 * many papers match, so each facet is held in memory, from the first time it is asked for; then changed papers alone are
 * read again.
 */
export class Facets {
  readonly #database;
  readonly #newest;
  readonly #changed;
  #columns: Record<Facet, Column> | null = null;
  /** The change the columns are good for. */
  #change = 0;
  /** An update under way: how far it has come, and what the columns are good for when it ends. */
  #update: { from: number; to: number } | null = null;

  constructor(database: Database) {
    this.#database = database;
    this.#newest = database.prepare<[], number>("SELECT ifnull(max(change), 0) FROM changes").pluck();
    // Vectors that come change no row.
    this.#changed = database.prepare<[number, number, number], Changed>(
      `SELECT c.change, c.label, p.id, p.published, p.categories, p.venue, p.source, p.listed
       FROM changes c LEFT JOIN papers p ON p.label = c.label
       WHERE c.change > ? AND c.row > ? ORDER BY c.change LIMIT ?`,
    );
  }

  /** Of these papers; of all for null. */
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
   * Reads papers that have changed, until a time.
   *
   * @returns Whether there is more to do.
   */
  catchUp(end: number): boolean {
    if (this.#columns === null) return false;
    // Asked before the papers are read: what changes in between is read again the next time.
    if (this.#update === null) {
      const to = this.#newest.get() as number;
      if (to === this.#change) return false;
      this.#update = { from: this.#change, to };
    }
    for (;;) {
      // A row that was changed before the update began may have a later number by now: its vectors have come since.
      const changed = this.#changed.all(this.#update.from, this.#change, BATCH);
      for (const paper of changed) {
        const values = valuesOf(paper);
        for (const facet of FACETS) this.#columns[facet].set(paper.label, values[facet]);
      }
      if (changed.length < BATCH) break;
      this.#update.from = changed.at(-1)!.change;
      if (performance.now() > end) return true;
    }
    this.#change = this.#update.to;
    this.#update = null;
    return false;
  }

  #current(): Record<Facet, Column> {
    if (this.#columns === null) {
      this.#change = this.#newest.get() as number;
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

function valuesOf(paper: Changed): Record<Facet, string[]> {
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

/** As SQLite compares categories: without the case of ASCII letters. */
const lowerCase = (value: string): string => value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * A facet of all papers. The values of a label are `lengths[label]` codes from `starts[label]` on. A paper that gets
 * more values moves to the end; when half of the codes are nobody's any more, the others are packed.
 */
class Column {
  /** What is the same value is counted as one. */
  readonly #keyOf;
  readonly #codes = new Map<string, number>();
  readonly #values: Counted[] = [];
  /** Codes in the order of their values; null when there is a new one. */
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

  /** Replaces the values of a label. */
  set(label: number, values: readonly string[]): void {
    const codes = [...new Set(values.map((value) => this.#codeOf(value)))];
    if (label >= this.#starts.length) {
      this.#starts = grown(this.#starts, label + 1);
      this.#lengths = grown(this.#lengths, label + 1);
    }
    const had = this.#lengths[label]!;
    for (let i = 0; i < had; i++) this.#values[this.#codesOf[this.#starts[label]! + i]!]!.papers--;
    if (codes.length > had) {
      this.#starts[label] = this.#used;
      this.#used += codes.length;
      if (this.#used > this.#codesOf.length) this.#codesOf = grown(this.#codesOf, this.#used);
    }
    this.#lengths[label] = codes.length;
    this.#held += codes.length - had;
    for (const [i, code] of codes.entries()) {
      this.#codesOf[this.#starts[label]! + i] = code;
      this.#values[code]!.papers++;
    }
    if (this.#used > 2 * this.#held + FEW) this.#compact();
  }

  /** How many of the papers have each value, in the order of the values; of all for null. Values of none are left out. */
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
      // Labels after the last that has a value have none.
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

/** Values that are as frequent as each other stay in their order. */
const mostFrequent = (values: readonly Counted[]): Counted[] =>
  values.toSorted((a, b) => b.papers - a.papers).slice(0, MOST);
