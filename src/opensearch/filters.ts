/** Filters as queries of OpenSearch: the same papers pass as in `store/filters.ts`. */
import type { Restriction, Selection } from "../api.js";
import { daysOf } from "../core/period.js";
import { phraseOf, tokensOf } from "../core/text.js";
import { beginningIn } from "../core/word.js";
import { shorterStems, stemOf } from "../words/stem.js";
import type { Json } from "./cluster.js";
import { categoryKey } from "./document.js";
import { GAP } from "./indices.js";

/** What a filter needs to know first. */
export type Lookups = {
  /** The ids in lists, each as it was added; empty for an unknown list. */
  idsIn: (list: string) => Promise<string[]>;
  /** Whether a paper has exactly this venue. */
  isVenue: (venue: string) => Promise<boolean>;
  /** The papers in a rectangle of the map, given by its ranges. */
  labelsIn: (area: { x: Json; y: Json }) => Promise<number[]>;
};

const NONE: Json = { match_none: {} };
/** Values in one query: OpenSearch limits them. */
const TERMS = 50_000;

const all = (queries: Json[]): Json => (queries.length === 1 ? queries[0]! : { bool: { filter: queries } });
const any = (queries: Json[]): Json =>
  queries.length === 0
    ? NONE
    : queries.length === 1
      ? queries[0]!
      : { bool: { should: queries, minimum_should_match: 1 } };
const term = (field: string, value: string | number): Json => ({ term: { [field]: value } });
const range = (field: string, bounds: Json): Json => ({ range: { [field]: bounds } });

/** Papers with one of some values, however many. */
const among = (field: string, values: readonly (string | number)[]): Json =>
  any(
    Array.from({ length: Math.ceil(values.length / TERMS) }, (_, i) => ({
      terms: { [field]: values.slice(i * TERMS, (i + 1) * TERMS) },
    })),
  );

/** The queries that a paper must match; empty without filters. */
export async function filtersOf({ restrictions = [], ...filters }: Selection, lookups: Lookups): Promise<Json[]> {
  const queries = await Promise.all(restrictions.map((one) => restrictionOf(one, lookups)));
  const anyOf = async <V>(values: readonly V[] | undefined, query: (value: V) => Json | Promise<Json>) => {
    if (values !== undefined) queries.push(any(await Promise.all(values.map(async (value) => query(value)))));
  };
  // A paper of 2017 counts as published on its first day, so it passes from 2017-01-01, although its date sorts before.
  if (filters.from !== undefined) queries.push(range("published", { gte: filters.from.replace(/(-01)+$/, "") }));
  // A month ends after its last day: "~" sorts after every character of a date.
  if (filters.to !== undefined) queries.push(range("published", { lte: `${filters.to}~` }));
  await anyOf(filters.year, (year) => term("year", String(year).padStart(4, "0")));
  await anyOf(filters.category, (category) => {
    const key = categoryKey(category);
    return any([term("category", key), { prefix: { category: `${key}.` } }]);
  });
  await anyOf(filters.venue, async (venue) =>
    (await lookups.isVenue(venue)) ? term("venue", venue) : wordsOf("terms.venue", venue),
  );
  await anyOf(filters.author, nameOf);
  await anyOf(filters.source, (source) => term("source", source));
  if (filters.listed !== undefined) {
    const { first, last } = daysOf(filters.listed);
    queries.push(range("listed", { gte: first, lte: `${last}~` }));
  }
  await anyOf(filters.list, async (name) => among("ids", await lookups.idsIn(name)));
  if (filters.addedAfter !== undefined) queries.push(range("label", { gt: filters.addedAfter }));
  if (filters.within !== undefined) queries.push(among("ids", filters.within));
  if (filters.area !== undefined) {
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = filters.area.split(",").map(Number);
    const labels = await lookups.labelsIn({
      x: { gte: Math.min(x0, x1), lte: Math.max(x0, x1) },
      y: { gte: Math.min(y0, y1), lte: Math.max(y0, y1) },
    });
    queries.push(among("label", labels));
  }
  return queries;
}

async function restrictionOf(restriction: Restriction, lookups: Lookups): Promise<Json> {
  const query = await positive(restriction, lookups);
  // A paper with an unknown value does not have the value: one without a date is not of 2019.
  return restriction.not ? { bool: { must_not: [query] } } : query;
}

async function positive(restriction: Restriction, lookups: Lookups): Promise<Json> {
  const nested = (of: readonly Restriction[]) => Promise.all(of.map((one) => restrictionOf(one, lookups)));
  const filtered = async (selection: Selection): Promise<Json> => {
    const queries = await filtersOf(selection, lookups);
    return queries.length === 0 ? NONE : all(queries);
  };
  switch (restriction.is) {
    case "published": {
      const { from, to } = restriction;
      return filtered({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
    }
    case "title":
      return wordsOf("terms.title", restriction.value);
    case "venue":
      return wordsOf("terms.venue", restriction.value);
    case "phrase":
      return phraseIn(restriction.value);
    case "word":
      return any(["title", "abstract", "keywords"].map((field) => stemsIn(`stemmed.${field}`, restriction.value)));
    case "all": {
      const queries = await nested(restriction.of);
      return queries.length === 0 ? NONE : all(queries);
    }
    case "any":
      return any(await nested(restriction.of));
    default:
      return filtered({ [restriction.is]: [restriction.value] });
  }
}

/** A word that a title, venue or name must contain, or the start of one. */
type Part = { term: string; begins: boolean };

/** The words of a filter; the last may end in `*`. */
function partsOf(wanted: string): Part[] {
  const beginning = beginningIn(wanted);
  const parts = tokensOf(beginning ?? wanted)
    // In the text, more characters may follow.
    .filter(({ unspaced }) => unspaced !== "last")
    .map(({ term: word, unspaced }) => ({ term: word, begins: unspaced === "alone" }));
  return beginning === null
    ? parts
    : parts.map((part, i) => (i === parts.length - 1 ? { ...part, begins: true } : part));
}

function wordsOf(field: string, wanted: string): Json {
  const parts = partsOf(wanted);
  if (parts.length === 0) return NONE;
  return all(parts.map(({ term: word, begins }) => (begins ? { prefix: { [field]: word } } : term(field, word))));
}

const isInitial = ({ term: word }: Part): boolean => /^\p{L}$/u.test(word);

/** Each once: intervals that are equal must be at different places. */
const unique = (parts: readonly Part[]): Part[] => [
  ...new Map(parts.map((part) => [JSON.stringify(part), part])).values(),
];

/** Names that contain all parts. If any part is longer, each single letter matches another word of the name that starts with it. */
function nameOf(author: string): Json {
  const parts = partsOf(author);
  const whole = unique(parts.filter((part) => !isInitial(part)));
  const inName = ({ term: word, begins }: Part): Json =>
    begins ? { prefix: { prefix: word } } : { match: { query: word } };
  // "M. Miller" is not Jane Miller: an initial must match a word that is not matched in full.
  const other = ({ term: letter }: Part): Json => ({
    any_of: {
      intervals: [{ prefix: { prefix: letter } }],
      filter: { not_overlapping: { any_of: { intervals: whole.map(inName) } } },
    },
  });
  const intervals =
    whole.length === 0 ? unique(parts).map(inName) : [...whole.map(inName), ...parts.filter(isInitial).map(other)];
  if (intervals.length === 0) return NONE;
  return { intervals: { names: { all_of: { ordered: false, max_gaps: GAP / 2, intervals } } } };
}

/** Papers with a phrase in title or abstract, exactly as it is written but for case and accents. */
function phraseIn(phrase: string): Json {
  const beginning = beginningIn(phrase);
  const { terms, open } = phraseOf(beginning ?? phrase);
  if (terms.length === 0) return NONE;
  return any(["terms.title", "terms.abstract"].map((field) => phraseQuery(field, terms, open || beginning !== null)));
}

/** Papers with the stems of a text as a phrase; for `syn*`, with words that start so. */
function stemsIn(field: string, text: string): Json {
  const beginning = beginningIn(text);
  const { terms, open } = phraseOf(beginning ?? text);
  const last = terms.pop();
  if (last === undefined) return NONE;
  const before = terms.map(stemOf);
  if (beginning === null) return phraseQuery(field, [...before, open ? last : stemOf(last)], open);
  const shorter = shorterStems(last).map((stem) => phraseQuery(field, [...before, stem], false));
  return any([phraseQuery(field, [...before, last], true), ...shorter]);
}

/** @param open Whether the last term is only the start of one. */
function phraseQuery(field: string, terms: readonly string[], open: boolean): Json {
  if (terms.length === 1) return open ? { prefix: { [field]: terms[0]! } } : term(field, terms[0]!);
  if (!open) return { match_phrase: { [field]: terms.join(" ") } };
  const words = terms.map((word, i): Json =>
    i < terms.length - 1 ? { span_term: { [field]: word } } : { span_multi: { match: { prefix: { [field]: word } } } },
  );
  // Refused where more words start so than a query may have; `match_phrase_prefix` would leave papers out.
  return { span_near: { clauses: words, slop: 0, in_order: true } };
}
