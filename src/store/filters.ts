import type { Restriction, Selection } from "../api.js";
import { listKey } from "../core/list.js";
import { daysOf } from "../core/period.js";
import { phraseOf, termsIn, tokensOf } from "../core/text.js";
import { beginningIn } from "../core/word.js";
import type { Database } from "./database.js";
import { matchOf } from "./match.js";

/** A condition on `papers p`, with the values for its placeholders. */
export type Condition = { sql: string; values: (string | number)[] };

/** Registers the SQL functions that conditions use, for this connection. The map is that of one model. */
export function registerFilterFunctions(database: Database, model: string): void {
  database.function("model_identity", { deterministic: true }, () => model);
  database.function(
    "holds_phrase",
    { deterministic: true },
    (title: string, abstract: string | null, phrase: string) => {
      const beginning = beginningIn(phrase);
      const { terms, open } = phraseOf(beginning ?? phrase);
      const wanted = ` ${terms.join(" ")}${open || beginning !== null ? "" : " "}`;
      return [title, abstract ?? ""].some((text) => ` ${termsIn(text).join(" ")} `.includes(wanted)) ? 1 : 0;
    },
  );
  database.function("one_holds", { deterministic: true }, (names: string, wanted: string) => {
    const parts = partsOf(wanted);
    return (JSON.parse(names) as string[]).some((name) => isNamed(name, parts)) ? 1 : 0;
  });
  database.function("holds", { deterministic: true }, (text: string | null, wanted: string) => {
    const present = new Set(text === null ? [] : termsIn(text));
    return partsOf(wanted).every((part) => holdsPart(present, part)) ? 1 : 0;
  });
}

/** A word that a title, venue or name must contain, or the start of one. */
type Part = { term: string; begins: boolean };

/** The words of a filter; the last may end in `*`. */
function partsOf(wanted: string): Part[] {
  const beginning = beginningIn(wanted);
  const parts = tokensOf(beginning ?? wanted)
    // In the text, more characters may follow.
    .filter(({ unspaced }) => unspaced !== "last")
    .map(({ term, unspaced }) => ({ term, begins: unspaced === "alone" }));
  return beginning === null
    ? parts
    : parts.map((part, i) => (i === parts.length - 1 ? { ...part, begins: true } : part));
}

const holdsPart = (present: ReadonlySet<string>, { term, begins }: Part): boolean =>
  begins ? [...present].some((word) => word.startsWith(term)) : present.has(term);

const isInitial = ({ term }: Part): boolean => /^\p{L}$/u.test(term);

/**
 * Whether a name contains all parts. If any part is longer, a single letter matches a word of the name that starts with
 * it.
 */
function isNamed(name: string, parts: readonly Part[]): boolean {
  const words = termsIn(name);
  const present = new Set(words);
  const whole = parts.filter((part) => !isInitial(part));
  if (whole.length === 0) return parts.every((part) => holdsPart(present, part));
  if (!whole.every((part) => holdsPart(present, part))) return false;
  // "M. Miller" is not Jane Miller: an initial must match a word that is not matched in full.
  const left = words.filter(
    (word) => !whole.some(({ term, begins }) => (begins ? word.startsWith(term) : word === term)),
  );
  return parts.filter(isInitial).every(({ term }) => {
    const at = left.findIndex((word) => word.startsWith(term));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/**
 * The condition that all given filters hold; a filter with a list holds for any value of it. Null if nothing is given.
 *
 * @param few Only a few papers are tested: read them rather than an index of all papers.
 */
export function conditionOf({ restrictions = [], ...filters }: Selection, few = false): Condition | null {
  const all: Condition[] = restrictions.map((restriction) => restrictionOf(restriction, few));
  const anyOf = <V>(values: V[] | undefined, condition: (value: V) => Condition) => {
    if (values !== undefined) all.push(join(values.map(condition), " OR ") ?? { sql: "0", values: [] });
  };
  // A paper of 2017 counts as published on its first day, so it passes from 2017-01-01, although its date sorts before.
  if (filters.from !== undefined) all.push({ sql: "p.published >= ?", values: [filters.from.replace(/(-01)+$/, "")] });
  // A month ends after its last day: "~" sorts after every character of a date.
  if (filters.to !== undefined) all.push({ sql: "p.published <= ?", values: [`${filters.to}~`] });
  anyOf(filters.year, (year) => {
    const first = String(year).padStart(4, "0");
    return { sql: "p.published BETWEEN ? AND ?", values: [first, `${first}~`] };
  });
  anyOf(filters.category, (category) => ({
    // "/" follows "." in ASCII, so the range covers everything that starts with "cs.".
    sql: few
      ? `EXISTS (SELECT 1 FROM (SELECT value COLLATE NOCASE AS category FROM json_each(p.categories))
          WHERE category = ? OR (category >= ? AND category < ?))`
      : "p.label IN (SELECT label FROM categories WHERE category = ? OR (category >= ? AND category < ?))",
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

/**
 * Papers of the venue with exactly this name, as facets count them; if there is none, papers whose venue contains the
 * words.
 */
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

function restrictionOf(restriction: Restriction, few: boolean): Condition {
  const { sql, values } = positive(restriction, few);
  // A paper with an unknown value does not have the value: one without a date is not of 2019.
  return restriction.not ? { sql: `NOT ifnull(${sql}, 0)`, values } : { sql, values };
}

function positive(restriction: Restriction, few: boolean): Condition {
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
        sql: `(${found("title abstract", value).sql} AND holds_phrase(p.title, p.abstract, ?))`,
        values: [...found("title abstract", value).values, value],
      };
    }
    case "word":
      return found("title abstract keywords", restriction.value);
    case "all":
      return (
        join(
          restriction.of.map((one) => restrictionOf(one, few)),
          " AND ",
        ) ?? none
      );
    case "any":
      return (
        join(
          restriction.of.map((one) => restrictionOf(one, few)),
          " OR ",
        ) ?? none
      );
    default:
      return conditionOf({ [restriction.is]: [restriction.value] }, few) ?? none;
  }
}

const none: Condition = { sql: "0", values: [] };

/** Papers in which FTS5 finds a text in these columns. */
function found(columns: string, text: string): Condition {
  const match = matchOf(text);
  if (match === null) return none;
  return {
    sql: "p.label IN (SELECT rowid FROM words WHERE words MATCH ?)",
    values: [`{${columns}} : (${match})`],
  };
}

/** FTS5 finds the few papers that can match; the SQL function decides, because it distinguishes names. */
function named(column: string, decision: string, wanted: string): Condition {
  const parts = partsOf(wanted);
  // An initial may match any word.
  const whole = column === "authors" ? parts.filter((part) => !isInitial(part)) : parts;
  const matches = (whole.length === 0 ? parts : whole).map(({ term, begins }) => matchOf(begins ? `${term}*` : term));
  if (matches.length === 0) return none;
  return {
    sql: `(p.label IN (SELECT rowid FROM words WHERE words MATCH ?) AND ${decision})`,
    values: [`{${column}} : (${matches.map((match) => `(${match})`).join(" AND ")})`, wanted],
  };
}

function join(conditions: Condition[], operator: string): Condition | null {
  if (conditions.length === 0) return null;
  return {
    sql: `(${conditions.map((condition) => condition.sql).join(operator)})`,
    values: conditions.flatMap((condition) => condition.values),
  };
}
