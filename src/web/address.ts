/** What is on the page, and how its address says so. Every view lives on one document: only the query differs. */
import type { Facet, Filters, Mode, Order, Sort } from "../api.js";

/** The filters the page knows, empty ones absent, so that they can be sent as they are. */
export type PageFilters = Omit<Filters, "within">;

export interface SearchView {
  view: "search";
  /** Trimmed; empty to browse. */
  q: string;
  mode: Mode;
  /** Of what is found, or of all papers; see `sortOf`. */
  sort: Sort | Order;
  filters: PageFilters;
}
export interface PaperView {
  view: "paper";
  id: string;
  /** What the papers under it are related by; null for all. */
  facet: Facet | null;
}
export interface ForYouView {
  view: "for-you";
  filters: PageFilters;
}
export type View = SearchView | PaperView | ForYouView;

export const LISTS = ["category", "venue", "author", "source"] as const;
export type ListFilter = (typeof LISTS)[number];

const MODES: readonly Mode[] = ["hybrid", "semantic", "lexical"];
const FACETS: readonly Facet[] = ["background", "method", "result"];
const SORTS: readonly Sort[] = ["relevance", "date", "upvotes"];
const ORDERS: readonly Order[] = ["date", "upvotes", "trending", "added"];

/** Whether a text is a date as precise as it is known: `2017`, `2017-06` or `2017-06-12`. */
export const isDate = (text: string): boolean => /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/.test(text);

export const browse = (filters: PageFilters = {}): SearchView => ({
  view: "search",
  q: "",
  mode: "hybrid",
  sort: "relevance",
  filters,
});

/** The order a view is shown in: what is browsed has no relevance, and what is found is not listed by when it was added. */
export function sortOf({ q, sort }: SearchView): Sort | Order {
  return q === "" ? (ORDERS.find((one) => one === sort) ?? "date") : (SORTS.find((one) => one === sort) ?? "relevance");
}

/** The view an address asks for. What it does not understand it leaves out: an address may be typed by hand. */
export function viewOf(query: string): View {
  const parameters = new URLSearchParams(query);
  const id = parameters.get("paper");
  const facet = parameters.get("facet");
  if (id !== null && id !== "") return { view: "paper", id, facet: FACETS.find((one) => one === facet) ?? null };
  const filters = filtersOf(parameters);
  if (parameters.get("view") === "for-you") return { view: "for-you", filters };
  const mode = parameters.get("mode");
  const sort = parameters.get("sort");
  return {
    view: "search",
    q: (parameters.get("q") ?? "").trim(),
    mode: MODES.find((one) => one === mode) ?? "hybrid",
    sort: [...SORTS, ...ORDERS].find((one) => one === sort) ?? "relevance",
    filters,
  };
}

function filtersOf(parameters: URLSearchParams): PageFilters {
  const filters: PageFilters = {};
  for (const end of ["from", "to"] as const) {
    const date = parameters.get(end)?.trim();
    if (date !== undefined && isDate(date)) filters[end] = date;
  }
  const years = parameters.getAll("year").filter((year) => /^\d{4}$/.test(year));
  if (years.length > 0) filters.year = years.map(Number);
  for (const list of LISTS) {
    const values = [...new Set(parameters.getAll(list).map((value) => value.trim()))].filter((value) => value !== "");
    if (values.length > 0) filters[list] = values;
  }
  return filters;
}

/** The parameters of filters, named as the server names them. */
export function filterParameters(filters: PageFilters): [string, string][] {
  const parameters: [string, string][] = [];
  if (filters.from !== undefined) parameters.push(["from", filters.from]);
  if (filters.to !== undefined) parameters.push(["to", filters.to]);
  for (const year of filters.year ?? []) parameters.push(["year", String(year)]);
  for (const list of LISTS) for (const value of filters[list] ?? []) parameters.push([list, value]);
  return parameters;
}

/** The address of a view, relative to the page, so that it works behind any path prefix. Defaults are left out. */
export function addressOf(view: View): string {
  const parameters: [string, string][] = [];
  if (view.view === "paper") {
    parameters.push(["paper", view.id]);
    if (view.facet !== null) parameters.push(["facet", view.facet]);
  } else if (view.view === "for-you") parameters.push(["view", "for-you"], ...filterParameters(view.filters));
  else {
    if (view.q !== "") parameters.push(["q", view.q]);
    if (view.mode !== "hybrid") parameters.push(["mode", view.mode]);
    if (view.sort !== "relevance") parameters.push(["sort", view.sort]);
    parameters.push(...filterParameters(view.filters));
  }
  return parameters.length === 0 ? "./" : `./?${new URLSearchParams(parameters).toString()}`;
}

export const addressOfPaper = (id: string): string => addressOf({ view: "paper", id, facet: null });

/** The filters with one more value in a list; the same filters when it is there already. */
export function withValue(filters: PageFilters, list: ListFilter, value: string): PageFilters {
  const values = filters[list] ?? [];
  return values.includes(value) ? filters : { ...filters, [list]: [...values, value] };
}

/** The filters without one value; without the whole list, when it was the last. */
export function withoutValue(filters: PageFilters, list: ListFilter, value: string): PageFilters {
  const { [list]: values = [], ...others } = filters;
  const left = values.filter((one) => one !== value);
  return left.length === 0 ? others : { ...others, [list]: left };
}
