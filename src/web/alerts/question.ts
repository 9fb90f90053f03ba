/** The question of an alert: from a view, back to a view, and in words. */
import type { Alert, NewAlert } from "../../api.js";
import { DISLIKES, LIKES, listKey } from "../../core/list.js";
import { type PageFilters, sentFilters, sortOf, type View, viewOf } from "../navigation/address.js";
import { chipsOf } from "../results/chips.js";
import { titleOfList } from "../lists/lists.js";
import { count } from "../ui/wording.js";

export type Ask = NewAlert["ask"];

/** The question that a view asks; null when it asks nothing that new papers could answer. */
export function askOf(view: View): Ask | null {
  if (view.view === "for-you") return { basedOn: [view.list], ...askedFilters(view.filters) };
  if (view.view === "library") return listKey(view.list) === DISLIKES ? null : { basedOn: [view.list] };
  if (view.view === "daily") return view.by === "trending" ? { trending: true } : { daily: true };
  if (view.view !== "search") return null;
  const { q, mode } = view;
  const filters = askedFilters(view.filters);
  if (q !== "") return { q, ...(mode === "hybrid" ? {} : { mode }), ...filters };
  if (sortOf(view) === "trending") return { trending: true, ...filters };
  return Object.keys(filters).length === 0 ? null : filters;
}

/** Without the papers added since a visit: an alert finds new papers anyway. */
function askedFilters(filters: PageFilters): Ask {
  const { within: _within, addedAfter: _added, ...asked } = sentFilters(filters);
  return asked;
}

/**
 * The view that asks the question of an alert; null when there is none.
 *
 * @param after Only papers added after the one of this number.
 */
export function viewOfAsk(ask: Alert["ask"], after?: number): View | null {
  const { positive, negative: _, basedOn, daily, trending, ...others } = ask;
  const valuesOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
  const parameters = Object.entries(others).flatMap(([name, value]) =>
    valuesOf(value).map((one): [string, string] => [name, String(one)]),
  );
  const lists = basedOn === undefined ? [] : valuesOf(basedOn);
  if (positive !== undefined || lists.length > 1) return null;
  if (lists.length === 1) parameters.push(["view", "for-you"], ["of", String(lists[0])]);
  else if (daily === true) parameters.push(["view", "daily"]);
  else if (trending === true && parameters.length === 0) parameters.push(["view", "daily"], ["by", "trending"]);
  else if (trending === true) parameters.push(["sort", "trending"]);
  if (after !== undefined) parameters.push(["addedAfter", String(after)]);
  return viewOf(new URLSearchParams(parameters).toString());
}

/** Two questions with the same key are the same. */
export function keyOfAsk(ask: Alert["ask"]): string {
  const parts = Object.entries(ask).flatMap(([name, value]): string[] => {
    if (value === undefined || value === false || (name === "mode" && value === "hybrid")) return [];
    if (!Array.isArray(value)) return [JSON.stringify([name, value])];
    if (value.length === 0) return [];
    const keys = value.map((one) => JSON.stringify(name === "basedOn" ? listKey(String(one)) : one));
    return [JSON.stringify([name, keys.toSorted()])];
  });
  return parts.toSorted().join();
}

const FOLLOWED = {
  author: "this author",
  venue: "this venue",
  category: "this category",
  area: "this area of the map",
};

/** `Follow this author` for a question that is one filter only; otherwise `Follow this search`. */
export function followInWords(ask: Ask | null): string {
  const [[name, value] = ["", []], ...others] = Object.entries(ask ?? {});
  const alone = others.length === 0 && (!Array.isArray(value) || value.length === 1);
  const found = Object.entries(FOLLOWED).find(([filter]) => alone && filter === name);
  return `Follow ${found?.[1] ?? "this search"}`;
}

/** `Papers on “tides”, words only; category physics, from 2020`. */
export function askInWords(ask: Alert["ask"]): string {
  const { q, mode, positive, basedOn, daily, trending } = ask;
  const filters = chipsOf(filtersOfAsk(ask)).map(({ name, value }) => `${name} ${value}`);
  const ways = mode === "lexical" ? ", words only" : mode === "semantic" ? ", meaning only" : "";
  const what =
    typeof q === "string"
      ? `Papers on “${q.length > 120 ? `${q.slice(0, 120)}…` : q}”${ways}`
      : Array.isArray(basedOn)
        ? `Papers like those in ${basedOn.map((list) => titleOfList(String(list))).join(", ")}`
        : Array.isArray(positive)
          ? `Papers like ${count(positive.length, "paper or text", "papers or texts")}`
          : daily === true
            ? "Daily papers"
            : trending === true
              ? "Trending papers"
              : "All papers";
  return filters.length === 0 ? what : `${what}; ${filters.join(", ")}`;
}

function filtersOfAsk({ positive: _p, negative: _n, basedOn: _b, daily: _d, trending: _t, ...others }: Alert["ask"]) {
  const view = viewOfAsk(others);
  return view?.view === "search" ? view.filters : {};
}

/** Characters of a suggested name. */
const MAX_NAME = 60;

/** A name for an alert that asks this, which no other has. @param called What it may be called, if the question says nothing better. */
export function nameFor(ask: Ask, taken: ReadonlySet<string>, called?: string): string {
  const [list] = ask.basedOn ?? [];
  const filters = chipsOf(filtersOfAsk(ask)).map(({ value }) => value);
  const what =
    ask.q ??
    (list === undefined
      ? ask.daily === true
        ? "Daily papers"
        : ask.trending === true
          ? "Trending"
          : ""
      : listKey(list) === LIKES
        ? "For you"
        : `Like ${list}`);
  // A query is enough of a name.
  const words = ask.q === undefined ? (called ?? [what, ...filters].join(" ")) : what;
  const allowed = words
    .normalize("NFC")
    .replace(/[^\p{L}\p{N} ._-]+/gu, " ")
    .replace(/^[^\p{L}\p{N}]+/u, "")
    .replace(/ +/g, " ");
  const base = Array.from(allowed).slice(0, MAX_NAME).join("").trim() || "Alert";
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base} ${i}`;
  return name;
}
