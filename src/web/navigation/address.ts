/** The views of the page and their addresses. All views share one document: only the query string differs. */
import { LIKES } from "../../core/list.js";
import { PERIOD } from "../../core/period.js";
import { type Box, boxIn, type Camera, cameraIn, textOfBox, textOfCamera } from "./place.js";
import type { Aspect, Filters, Mode, Order, Sort } from "../../api.js";

/** The filters that the page offers. Empty ones are absent. */
export type PageFilters = Omit<Filters, "within" | "area"> & { area?: Box };

export interface SearchView {
  view: "search";
  /** Trimmed; empty to browse. */
  q: string;
  mode: Mode;
  /** An order of hits, or of all papers; see `sortOf`. */
  sort: Sort | Order;
  filters: PageFilters;
}
export interface PaperView {
  view: "paper";
  id: string;
  /** What the papers below it are related by; null for everything. */
  aspect: Aspect | null;
}
export interface ForYouView {
  view: "for-you";
  /** The list whose papers are liked. */
  list: string;
  filters: PageFilters;
}
/** Papers of the daily lists, by day, week or month; or those that are trending. */
export interface DailyView {
  view: "daily";
  by: Stretch;
  /** null for the newest. */
  period: string | null;
}
export interface LibraryView {
  view: "library";
  list: string;
}
/** What the colours of the map stand for. */
export type MapColour = "category" | "year" | `list:${string}`;
export interface MapView {
  view: "map";
  /** The query whose matches are highlighted; empty for none. */
  q: string;
  filters: PageFilters;
  /** null for the default: categories where there are any, else years. */
  colour: MapColour | null;
  /** null to show the whole map. */
  at: Camera | null;
}
/** The services and folders that papers come from. */
export interface SourcesView {
  view: "sources";
}
/** The alerts, and what each has found. */
export interface AlertsView {
  view: "alerts";
  /** The alert that is shown open; null for none. */
  alert: string | null;
}
/** What a bookmarklet or a share hands over about the page of a paper elsewhere; both are empty to show how it is set up. */
export interface OpenView {
  view: "open";
  /** Identifiers and addresses, one a line. */
  text: string;
  title: string;
}
export type View =
  SearchView | PaperView | ForYouView | DailyView | LibraryView | MapView | SourcesView | AlertsView | OpenView;

export const STRETCHES = ["day", "week", "month", "trending"] as const;
export type Stretch = (typeof STRETCHES)[number];

/** Filters with several values. */
export const LISTS = ["category", "venue", "author", "source", "list"] as const;
export type ListFilter = (typeof LISTS)[number];

const MODES: readonly Mode[] = ["hybrid", "semantic", "lexical"];
const ASPECTS: readonly Aspect[] = ["background", "method", "result"];
const SORTS: readonly Sort[] = ["relevance", "date", "upvotes"];
const ORDERS: readonly Order[] = ["date", "upvotes", "trending", "added"];

/** Whether a text is a date: `2017`, `2017-06` or `2017-06-12`. */
export const isDate = (text: string): boolean => /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/.test(text);

export const browse = (filters: PageFilters = {}): SearchView => ({
  view: "search",
  q: "",
  mode: "hybrid",
  sort: "relevance",
  filters,
});

export const wholeMap = (q: string, filters: PageFilters): MapView => ({
  view: "map",
  q,
  filters,
  colour: null,
  at: null,
});

/** The order of a view: without a query there is no relevance, and hits are not sorted by when they were added. */
export function sortOf({ q, sort }: SearchView): Sort | Order {
  return q === "" ? (ORDERS.find((one) => one === sort) ?? "date") : (SORTS.find((one) => one === sort) ?? "relevance");
}

/** The view of an address. Unknown and invalid parameters are ignored: an address may be typed by hand. */
export function viewOf(query: string): View {
  const parameters = new URLSearchParams(query);
  const id = parameters.get("paper");
  const aspect = parameters.get("aspect");
  if (id !== null && id !== "") return { view: "paper", id, aspect: ASPECTS.find((one) => one === aspect) ?? null };
  const opened = parameters.getAll("open").map((one) => one.trim());
  const title = (parameters.get("title") ?? "").trim();
  // Some programs share a title only.
  if (opened.length > 0 || title !== "")
    return { view: "open", text: opened.filter((one) => one !== "").join("\n"), title };
  const filters = filtersOf(parameters);
  const view = parameters.get("view");
  const list = parameters.get("of") ?? LIKES;
  if (view === "for-you") return { view, list, filters };
  if (view === "library") return { view, list };
  if (view === "sources") return { view };
  if (view === "alerts") return { view, alert: parameters.get("alert") || null };
  if (view === "daily") {
    const period = parameters.get("period");
    const by = STRETCHES.find((one) => one === parameters.get("by")) ?? "day";
    return { view, by, period: period !== null && PERIOD.test(period) ? period : null };
  }
  const q = (parameters.get("q") ?? "").trim();
  if (view === "map") {
    const colour = colourIn(parameters.get("colour"));
    return { view, q, filters, colour, at: cameraIn(parameters.get("at") ?? "") };
  }
  const mode = parameters.get("mode");
  const sort = parameters.get("sort");
  return {
    view: "search",
    q,
    mode: MODES.find((one) => one === mode) ?? "hybrid",
    sort: [...SORTS, ...ORDERS].find((one) => one === sort) ?? "relevance",
    filters,
  };
}

function colourIn(text: string | null): MapColour | null {
  if (text?.startsWith("list:") === true && text.length > "list:".length) return `list:${text.slice("list:".length)}`;
  return text === "year" || text === "category" ? text : null;
}

function filtersOf(parameters: URLSearchParams): PageFilters {
  const filters: PageFilters = {};
  for (const end of ["from", "to"] as const) {
    const date = parameters.get(end)?.trim();
    if (date !== undefined && isDate(date)) filters[end] = date;
  }
  const years = parameters.getAll("year").filter((year) => /^\d{4}$/.test(year));
  if (years.length > 0) filters.year = years.map(Number);
  const listed = parameters.get("listed");
  if (listed !== null && PERIOD.test(listed)) filters.listed = listed;
  const addedAfter = parameters.get("addedAfter");
  if (addedAfter !== null && /^\d{1,15}$/.test(addedAfter)) filters.addedAfter = Number(addedAfter);
  for (const list of LISTS) {
    const values = [...new Set(parameters.getAll(list).map((value) => value.trim()))].filter((value) => value !== "");
    if (values.length > 0) filters[list] = values;
  }
  const area = boxIn(parameters.get("area") ?? "");
  if (area !== null) filters.area = area;
  return filters;
}

/** Filters as a request body holds them. */
export function sentFilters({ area, ...others }: PageFilters): Filters {
  return area === undefined ? others : { ...others, area: textOfBox(area) };
}

/** Filters as parameters of an address, of the page or of the server. */
export function filterParameters(filters: PageFilters): [string, string][] {
  const parameters: [string, string][] = [];
  if (filters.from !== undefined) parameters.push(["from", filters.from]);
  if (filters.to !== undefined) parameters.push(["to", filters.to]);
  for (const year of filters.year ?? []) parameters.push(["year", String(year)]);
  if (filters.listed !== undefined) parameters.push(["listed", filters.listed]);
  if (filters.addedAfter !== undefined) parameters.push(["addedAfter", String(filters.addedAfter)]);
  for (const list of LISTS) for (const value of filters[list] ?? []) parameters.push([list, value]);
  if (filters.area !== undefined) parameters.push(["area", textOfBox(filters.area)]);
  return parameters;
}

/** The address of a view, relative to the page so that it works behind any path prefix. Defaults are left out. */
export function addressOf(view: View): string {
  const parameters: [string, string][] = [];
  if (view.view === "paper") {
    parameters.push(["paper", view.id]);
    if (view.aspect !== null) parameters.push(["aspect", view.aspect]);
  } else if (view.view === "open") {
    for (const one of view.text.split("\n")) parameters.push(["open", one]);
    if (view.title !== "") parameters.push(["title", view.title]);
  } else if (view.view === "for-you") {
    parameters.push(["view", "for-you"]);
    if (view.list !== LIKES) parameters.push(["of", view.list]);
    parameters.push(...filterParameters(view.filters));
  } else if (view.view === "library") {
    parameters.push(["view", "library"]);
    if (view.list !== LIKES) parameters.push(["of", view.list]);
  } else if (view.view === "sources") {
    parameters.push(["view", "sources"]);
  } else if (view.view === "alerts") {
    parameters.push(["view", "alerts"]);
    if (view.alert !== null) parameters.push(["alert", view.alert]);
  } else if (view.view === "daily") {
    parameters.push(["view", "daily"]);
    if (view.by !== "day") parameters.push(["by", view.by]);
    if (view.period !== null) parameters.push(["period", view.period]);
  } else if (view.view === "map") {
    parameters.push(["view", "map"]);
    if (view.q !== "") parameters.push(["q", view.q]);
    if (view.colour !== null) parameters.push(["colour", view.colour]);
    parameters.push(...filterParameters(view.filters));
    if (view.at !== null) parameters.push(["at", textOfCamera(view.at)]);
  } else {
    if (view.q !== "") parameters.push(["q", view.q]);
    if (view.mode !== "hybrid") parameters.push(["mode", view.mode]);
    if (view.sort !== "relevance") parameters.push(["sort", view.sort]);
    parameters.push(...filterParameters(view.filters));
  }
  return parameters.length === 0 ? "./" : `./?${new URLSearchParams(parameters).toString()}`;
}

export const addressOfList = (list: string): string => addressOf({ view: "library", list });

export const addressOfPaper = (id: string): string => addressOf({ view: "paper", id, aspect: null });

/** The filters with a value added to a list; the same object when it is already there. */
export function withValue(filters: PageFilters, list: ListFilter, value: string): PageFilters {
  const values = filters[list] ?? [];
  return values.includes(value) ? filters : { ...filters, [list]: [...values, value] };
}

/** The filters without a value; without the list, when that was its only one. */
export function withoutValue(filters: PageFilters, list: ListFilter, value: string): PageFilters {
  const { [list]: values = [], ...others } = filters;
  const left = values.filter((one) => one !== value);
  return left.length === 0 ? others : { ...others, [list]: left };
}
