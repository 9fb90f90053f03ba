import type { Filters } from "../api.js";
import { fold, wordsOf } from "../text.js";
import type { Database } from "./database.js";

/** A condition on `papers p`, and the values for its placeholders. */
export type Condition = { sql: string; values: (string | number)[] };

/** SQL functions the conditions use; every connection that filters needs them. */
export function registerFilterFunctions(database: Database): void {
  const holdsAll = (text: string, words: string[]): boolean => {
    const present = new Set(wordsOf(fold(text)));
    return words.every((word) => present.has(word));
  };
  database.function("one_holds", { deterministic: true }, (names: string, wanted: string) => {
    const words = wordsOf(fold(wanted));
    return (JSON.parse(names) as string[]).some((name) => holdsAll(name, words)) ? 1 : 0;
  });
  database.function("holds", { deterministic: true }, (text: string | null, wanted: string) =>
    text !== null && holdsAll(text, wordsOf(fold(wanted))) ? 1 : 0,
  );
}

/** Every filter that is given must hold; of a list, one value. Null when nothing is asked. */
export function conditionOf(filters: Filters): Condition | null {
  const all: Condition[] = [];
  const anyOf = <V>(values: V[] | undefined, condition: (value: V) => Condition) => {
    if (values !== undefined) all.push(join(values.map(condition), " OR ") ?? { sql: "0", values: [] });
  };
  // What is dated 2017 counts as of its first day, so it is not before 2017-01-01, though a shorter string.
  if (filters.from !== undefined) all.push({ sql: "p.published >= ?", values: [filters.from.replace(/(-01)+$/, "")] });
  // A month ends after its last day: no date has a character above "~".
  if (filters.to !== undefined) all.push({ sql: "p.published <= ?", values: [`${filters.to}~`] });
  anyOf(filters.year, (year) => {
    const first = String(year).padStart(4, "0");
    return { sql: "p.published BETWEEN ? AND ?", values: [first, `${first}~`] };
  });
  anyOf(filters.category, (category) => ({
    // "/" follows "." in ASCII: everything that begins with "cs.".
    sql: "p.label IN (SELECT label FROM categories WHERE category = ? OR (category >= ? AND category < ?))",
    values: [category, `${category}.`, `${category}/`],
  }));
  anyOf(filters.venue, (venue) => named("venue", "holds(p.venue, ?)", venue));
  anyOf(filters.author, (author) => named("authors", "one_holds(p.authors, ?)", author));
  anyOf(filters.source, (source) => ({ sql: "p.source = ?", values: [source] }));
  if (filters.within !== undefined)
    all.push({
      sql: `p.label IN (SELECT i.label FROM json_each(?) j JOIN identifiers i ON i.kind = 'id' AND i.value = j.value)`,
      values: [JSON.stringify(filters.within)],
    });
  return join(all, " AND ");
}

/** FTS5 finds the few papers that can hold the words; the function, which knows names apart, decides. */
function named(column: string, decision: string, wanted: string): Condition {
  const words = wordsOf(fold(wanted)).map((word) => `"${word}"`);
  if (words.length === 0) return { sql: "0", values: [] };
  return {
    sql: `(p.label IN (SELECT rowid FROM words WHERE words MATCH ?) AND ${decision})`,
    values: [`{${column}} : (${words.join(" AND ")})`, wanted],
  };
}

function join(conditions: Condition[], operator: string): Condition | null {
  if (conditions.length === 0) return null;
  return {
    sql: `(${conditions.map((condition) => condition.sql).join(operator)})`,
    values: conditions.flatMap((condition) => condition.values),
  };
}
