import type { Filters } from "../api.js";
import { listKey } from "../list.js";
import { daysOf } from "../period.js";
import { fold, foldedWords, wordsOf } from "../text.js";
import { stemMisleads } from "../words/stop-words.js";
import type { Database } from "./database.js";

/** What a query says beside its words: of these papers only; or, with `not`, of all but these. */
export type Restriction = { not: boolean } & (
  | { is: "author" | "title" | "venue" | "category"; value: string }
  /** The words one behind the other in title or abstract, as they stand but for case, accents and punctuation. */
  | { is: "phrase"; value: string }
  /** The word, or another of its stem, in title, abstract or keywords; itself alone where its stem says nothing. */
  | { is: "word"; value: string }
  /** Years, both inclusive. */
  | { is: "published"; from: string | undefined; to: string | undefined }
);

/** The papers that are asked for: those that pass the filters of the request, and what its query says. */
export type Selection = Filters & { restrictions?: readonly Restriction[] };

/** A condition on `papers p`, and the values for its placeholders. */
export type Condition = { sql: string; values: (string | number)[] };

/** SQL functions the conditions use; every connection that filters needs them. The map is that of one model. */
export function registerFilterFunctions(database: Database, model: string): void {
  database.function("model_identity", { deterministic: true }, () => model);
  database.function(
    "holds_phrase",
    { deterministic: true },
    (title: string, abstract: string | null, phrase: string) => {
      const wanted = ` ${foldedWords(phrase)} `;
      return [title, abstract ?? ""].some((text) => ` ${foldedWords(text)} `.includes(wanted)) ? 1 : 0;
    },
  );
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
export function conditionOf({ restrictions = [], ...filters }: Selection): Condition | null {
  const all: Condition[] = restrictions.map(restrictionOf);
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
  anyOf(filters.venue, venueOf);
  anyOf(filters.author, (author) => named("authors", "one_holds(p.authors, ?)", author));
  anyOf(filters.source, (source) => ({ sql: "p.source = ?", values: [source] }));
  if (filters.listed !== undefined) {
    const { first, last } = daysOf(filters.listed);
    all.push({ sql: "p.listed BETWEEN ? AND ?", values: [first, `${last}~`] });
  }
  anyOf(filters.list, (name) => ({
    sql: `p.label IN (SELECT i.label FROM lists l JOIN entries e ON e.list = l.list
          JOIN identifiers i ON i.kind = 'id' AND i.value = e.id WHERE l.name_key = ?)`,
    values: [listKey(name)],
  }));
  if (filters.addedAfter !== undefined) all.push({ sql: "p.label > ?", values: [filters.addedAfter] });
  if (filters.within !== undefined)
    all.push({
      sql: `p.label IN (SELECT i.label FROM json_each(?) j JOIN identifiers i ON i.kind = 'id' AND i.value = j.value)`,
      values: [JSON.stringify(filters.within)],
    });
  if (filters.area !== undefined) all.push(areaOf(filters.area));
  return join(all, " AND ");
}

/** Papers of the venue that is called exactly so, as facets count them; where none is, those whose venue holds the words. */
function venueOf(venue: string): Condition {
  const holding = holdingVenue(venue);
  return {
    sql: `(p.venue = ? OR (NOT EXISTS (SELECT 1 FROM papers WHERE venue = ?) AND ${holding.sql}))`,
    values: [venue, venue, ...holding.values],
  };
}

const holdingVenue = (words: string): Condition => named("venue", "holds(p.venue, ?)", words);

function areaOf(area: string): Condition {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = area.split(",").map(Number);
  return {
    sql: `p.label IN (SELECT label FROM points WHERE model = (SELECT model FROM models WHERE identity = model_identity())
          AND x BETWEEN ? AND ? AND y BETWEEN ? AND ?)`,
    values: [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)],
  };
}

function restrictionOf(restriction: Restriction): Condition {
  const { sql, values } = positive(restriction);
  // Of what is not known nothing can be said: a paper without a date is not of 2019.
  return restriction.not ? { sql: `NOT ifnull(${sql}, 0)`, values } : { sql, values };
}

function positive(restriction: Restriction): Condition {
  const none: Condition = { sql: "0", values: [] };
  switch (restriction.is) {
    case "published":
      return conditionOf({ from: restriction.from, to: restriction.to }) ?? none;
    case "title":
      return named("title", "holds(p.title, ?)", restriction.value);
    case "venue":
      return holdingVenue(restriction.value);
    case "phrase": {
      const { value } = restriction;
      return {
        sql: `(p.label IN (SELECT rowid FROM words WHERE words MATCH ?) AND holds_phrase(p.title, p.abstract, ?))`,
        values: [`{title abstract} : "${foldedWords(value)}"`, value],
      };
    }
    case "word":
      if (stemMisleads(foldedWords(restriction.value)))
        return positive({ is: "phrase", not: false, value: restriction.value });
      return {
        sql: "p.label IN (SELECT rowid FROM words WHERE words MATCH ?)",
        values: [`{title abstract keywords} : "${foldedWords(restriction.value)}"`],
      };
    default:
      return conditionOf({ [restriction.is]: [restriction.value] }) ?? none;
  }
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
