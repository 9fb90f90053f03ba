import type { Facets as FacetCounts } from "../api.js";
import type { Database } from "./database.js";
import { conditionOf, type Condition, type Selection } from "./filters.js";

/** Values told of a facet: the most frequent; of days the newest. */
const MOST = 50;
const MOST_DAYS = 400;

type Counted = { value: string; papers: number };

/** How many papers there are of each year, category, venue, source and daily list. */
export class Facets {
  readonly #database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Of the papers that pass the filters. */
  of(filters: Selection): FacetCounts {
    return this.#count(conditionOf(filters));
  }

  /** Of these papers. */
  among(labels: readonly number[]): FacetCounts {
    return this.#count({
      sql: "p.label IN (SELECT value FROM json_each(?))",
      values: [JSON.stringify(labels)],
    });
  }

  #count(condition: Condition | null): FacetCounts {
    // Without a condition each is counted from an index alone.
    const those =
      condition === null ? "" : `WITH those AS MATERIALIZED (SELECT p.label FROM papers p WHERE ${condition.sql})`;
    const asked = (label: string) => (condition === null ? "" : `AND ${label} IN (SELECT label FROM those)`);
    const counted = (value: string, column: string, order: string, most: number) =>
      this.#database
        .prepare<(string | number)[], Counted>(
          `${those} SELECT ${value} AS value, count(*) AS papers FROM papers
           WHERE ${column} IS NOT NULL ${asked("label")} GROUP BY value ORDER BY ${order} LIMIT ${most}`,
        )
        .all(...(condition?.values ?? []));
    const frequent = "papers DESC, value";
    return {
      years: counted("substr(published, 1, 4)", "published", "value", 10_000),
      categories: this.#database
        .prepare<(string | number)[], Counted>(
          `${those} SELECT category AS value, count(*) AS papers FROM categories
           WHERE 1 ${asked("label")} GROUP BY category ORDER BY ${frequent} LIMIT ${MOST}`,
        )
        .all(...(condition?.values ?? [])),
      venues: counted("venue", "venue", frequent, MOST),
      sources: counted("source", "source", frequent, MOST),
      days: counted("listed", "listed", "value DESC", MOST_DAYS),
    };
  }
}
