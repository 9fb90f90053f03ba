import type { Facets as FacetCounts } from "../api.js";
import type { Database } from "./database.js";

/** Values told of a facet: the most frequent; of days the newest. */
const MOST = 50;
const MOST_DAYS = 400;

type Counted = { value: string; papers: number };

/** A facet of all papers. The values of a label are `codes` from `starts[label]` to `starts[label + 1]`, places in `values`. */
type Column = { values: readonly Counted[]; starts: Uint32Array; codes: Uint32Array };

/** Each facet is read from an index alone, value by value, so that no row of a paper is touched. */
const SOURCES: Record<keyof FacetCounts, string> = {
  years: "substr(published, 1, 4) AS value FROM papers WHERE published IS NOT NULL",
  categories: "category AS value FROM categories",
  venues: "venue AS value FROM papers WHERE venue IS NOT NULL",
  sources: "source AS value FROM papers WHERE source IS NOT NULL",
  days: "listed AS value FROM papers WHERE listed IS NOT NULL",
};

/**
 * How many papers there are of each year, category, venue, source and daily list. Counting in SQL takes seconds where
 * many papers match, so each facet is held in memory, from the first time it is asked for until a paper changes.
 */
export class Facets {
  readonly #database;
  readonly #changed;
  #columns: Record<keyof FacetCounts, Column> | null = null;
  /** The change the columns are good for. */
  #change = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#changed = database.prepare<[number], { change: number | null; row: number | null }>(
      "SELECT max(change) AS change, max(row) AS row FROM changes WHERE change > ?",
    );
  }

  /** Of these papers; of all for null. */
  of(labels: ArrayLike<number> | null): FacetCounts {
    const { years, categories, venues, sources, days } = this.#current();
    return {
      years: count(years, labels),
      categories: mostFrequent(count(categories, labels)),
      venues: mostFrequent(count(venues, labels)),
      sources: mostFrequent(count(sources, labels)),
      days: count(days, labels).toReversed().slice(0, MOST_DAYS),
    };
  }

  #current(): Record<keyof FacetCounts, Column> {
    // Asked before the papers are read: what changes in between is read again the next time.
    const { change, row } = this.#changed.get(this.#change)!;
    // Vectors that come change no row.
    if (this.#columns === null || (row ?? 0) > this.#change)
      this.#columns = {
        years: this.#read("years"),
        categories: this.#read("categories"),
        venues: this.#read("venues"),
        sources: this.#read("sources"),
        days: this.#read("days"),
      };
    this.#change = change ?? this.#change;
    return this.#columns;
  }

  #read(facet: keyof FacetCounts): Column {
    const rows = this.#database
      .prepare<[], [value: string, labels: string]>(
        `SELECT value, json_group_array(label) FROM (SELECT label, ${SOURCES[facet]}) GROUP BY value ORDER BY value`,
      )
      .raw()
      .all();
    return columnOf(rows.map(([value, labels]) => ({ value, labels: JSON.parse(labels) as number[] })));
  }
}

function columnOf(rows: readonly { value: string; labels: readonly number[] }[]): Column {
  const largest = rows.reduce((most, { labels }) => labels.reduce((a, b) => Math.max(a, b), most), 0);
  const starts = new Uint32Array(largest + 2);
  for (const { labels } of rows) for (const label of labels) starts[label + 1]!++;
  for (let label = 0; label <= largest; label++) starts[label + 1]! += starts[label]!;
  const codes = new Uint32Array(starts[largest + 1]!);
  const next = starts.slice();
  for (const [code, { labels }] of rows.entries()) for (const label of labels) codes[next[label]!++] = code;
  return { values: rows.map(({ value, labels }) => ({ value, papers: labels.length })), starts, codes };
}

/** How many of the papers have each value, in the order of the values; of all papers for null. Values of none are left out. */
function count({ values, starts, codes }: Column, labels: ArrayLike<number> | null): Counted[] {
  if (labels === null) return [...values];
  const papers = new Uint32Array(values.length);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    // Labels behind the last that has a value have none.
    const end = starts[label + 1] ?? 0;
    for (let at = starts[label] ?? 0; at < end; at++) papers[codes[at]!]!++;
  }
  return values.flatMap(({ value }, code) => (papers[code]! > 0 ? [{ value, papers: papers[code]! }] : []));
}

/** Values that are as frequent as each other stay in their order. */
const mostFrequent = (values: readonly Counted[]): Counted[] =>
  values.toSorted((a, b) => b.papers - a.papers).slice(0, MOST);
