/** What the page asks of the server. */
import type {
  AddReport,
  Alert,
  AlertAnswer,
  AlertChanges,
  AlertPreview,
  AlertsAnswer,
  Answer,
  BrowseAnswer,
  Explanation,
  ExportFormat,
  Aspect,
  Facets,
  FindAnswer,
  Hit,
  ImportsAnswer,
  MapMatchesAnswer,
  ListsAnswer,
  MapAnswer,
  MapPapersAnswer,
  NewAlert,
  NewAlertPreview,
  NeighbourhoodAnswer,
  Order,
  PaperAnswer,
  PreviewAnswer,
  RecommendRequest,
  SourceAnswer,
  SourceChanges,
  SourceKindsAnswer,
  SourcesAnswer,
  Status,
  Undone,
} from "../../api.js";
import type { Paper } from "../../core/paper.js";
import { segmentOf } from "../../core/segment.js";
import {
  browse,
  filterParameters,
  type MapView,
  type PageFilters,
  type SearchView,
  sentFilters,
  sortOf,
} from "../navigation/address.js";
import { ask, get, post, Problem, reply } from "./http.js";

/** One page of a list of papers. */
export interface Page {
  hits: PageHit[];
  /** The cursor of the next page; null on the last. */
  next: string | null;
  notice: string | null;
  /** How a query with operators was understood, and the query with its spelling corrected. */
  understood: string | null;
  suggestion: string | null;
  /** Papers that can only be found by words so far. */
  pending: number;
  /** How many papers there are in all; null when that is unknown. */
  total: number | null;
  /** How many there are of each year, category and so on; null when that was not asked for. */
  facets: Facets | null;
}
/** A hit as the page shows it. */
export type PageHit = Pick<Hit, "paper" | "versions" | "matched" | "because" | "explain">;

const pageOf = ({ hits, next, notice, understood, suggestion, pending, facets }: Answer): Page => ({
  hits,
  next,
  notice,
  understood,
  suggestion,
  pending,
  total: null,
  facets: facets ?? null,
});
/** Recommended and related papers match no words that anybody typed, so none are marked. */
const withoutWords = (page: Page): Page => ({
  ...page,
  hits: page.hits.map((hit) => ({ ...hit, matched: { ...hit.matched, words: [] } })),
});
const unmatched: Hit["matched"] = { sentence: null, words: [] };

type Cursor = string | undefined;
const PER_PAGE = 20;
/** Characters of a query that fit into an address; longer ones, such as a whole abstract, go into a body. */
const MAX_IN_ADDRESS = 1_000;

const paging = (limit: number, cursor: Cursor): [string, string][] => [
  ["limit", String(limit)],
  ...(cursor === undefined ? [] : ([["cursor", cursor]] satisfies [string, string][])),
];

/** Which page of a search is asked for. */
interface Asked {
  cursor?: Cursor;
  limit?: number;
  /** Whether the papers are counted by year, category and so on. */
  facets?: boolean;
}

/** The papers of a search view: those that match, or without a query all that pass the filters. */
export async function search(view: SearchView, signal: AbortSignal, asked: Asked = {}): Promise<Page> {
  const { cursor, limit = PER_PAGE, facets = false } = asked;
  const sort = sortOf(view);
  if (view.q.length > MAX_IN_ADDRESS) {
    const { q, mode, filters } = view;
    const more = cursor === undefined ? {} : { cursor };
    const body = { q, mode, sort, facets, ...sentFilters(filters), limit, ...more };
    return pageOf(await post<Answer>("api/search", body, signal));
  }
  const parameters: [string, string][] = [["sort", sort], ...filterParameters(view.filters), ...paging(limit, cursor)];
  if (facets) parameters.push(["facets", "true"]);
  if (view.q === "") return browsed(parameters, signal);
  const question: [string, string][] = [
    ["q", view.q],
    ["mode", view.mode],
  ];
  return pageOf(await get<Answer>("api/search", [...question, ...parameters], signal));
}

/** All papers that pass the filters, in an order. */
export const list = (filters: PageFilters, sort: Order, cursor: Cursor, signal: AbortSignal): Promise<Page> =>
  browsed([["sort", sort], ...filterParameters(filters), ...paging(PER_PAGE, cursor)], signal);

async function browsed(parameters: [string, string][], signal: AbortSignal): Promise<Page> {
  const answer = await get<BrowseAnswer>("api/papers", parameters, signal);
  const hits = answer.papers.map((paper) => ({ paper, versions: [], matched: unmatched }));
  return {
    hits,
    next: answer.next,
    notice: null,
    understood: null,
    suggestion: null,
    pending: 0,
    total: answer.total,
    facets: answer.facets ?? null,
  };
}

/** The counts of an answer that has none. */
const UNCOUNTED: Facets = { years: [], categories: [], venues: [], sources: [], days: [] };

/** How many papers of a search view are of each year, category and so on. */
export async function countFacets(view: SearchView, signal: AbortSignal): Promise<Facets> {
  return (await search(view, signal, { limit: 1, facets: true })).facets ?? UNCOUNTED;
}

/** Days on which papers were listed, newest first, with the number of papers. */
export const fetchDays = async (signal: AbortSignal): Promise<Facets["days"]> =>
  (await countFacets(browse(), signal)).days;

/** Why a paper is at its place in a search view, or not in it. */
export function explain(view: SearchView, id: string, signal: AbortSignal): Promise<Explanation> {
  const { q, mode, filters } = view;
  return post<Explanation>("api/explain", { q, mode, ...sentFilters(filters), id }, signal);
}

export const pathOfPaper = (id: string): string => `api/papers/${segmentOf(id)}`;

export const pathOfList = (name: string): string => `api/lists/${segmentOf(name)}`;

export const pathOfEntry = (list: string, id: string): string => `${pathOfList(list)}/papers/${segmentOf(id)}`;

export const fetchPaper = (id: string, signal: AbortSignal): Promise<PaperAnswer> =>
  ask<PaperAnswer>(pathOfPaper(id), { signal });

export const fetchNeighbourhood = (id: string, signal: AbortSignal): Promise<NeighbourhoodAnswer> =>
  ask<NeighbourhoodAnswer>(`${pathOfPaper(id)}/neighbourhood`, { signal });

export const fetchCitation = (id: string, format: ExportFormat, signal: AbortSignal): Promise<string> =>
  reply(`${pathOfPaper(id)}/cite?format=${format}`, { signal }, (response) => response.text());

export async function related(id: string, aspect: Aspect | null, cursor: Cursor, signal: AbortSignal): Promise<Page> {
  const path = `${pathOfPaper(id)}/related`;
  const parameters: [string, string][] = [["explain", "true"], ...paging(10, cursor)];
  if (aspect !== null) parameters.push(["aspect", aspect]);
  return withoutWords(pageOf(await get<Answer>(path, parameters, signal)));
}

/** Papers like one that is not here, by its title. */
export async function relatedToTitle(title: string, cursor: Cursor, signal: AbortSignal): Promise<Page> {
  const request = { title, limit: 10, explain: true, ...(cursor === undefined ? {} : { cursor }) };
  return withoutWords(pageOf(await post<Answer>("api/related", request, signal)));
}

export interface Examples {
  likes: readonly string[];
  dislikes: readonly string[];
}

const recommendation = ({ likes, dislikes }: Examples, filters: PageFilters): Partial<RecommendRequest> => ({
  ...sentFilters(filters),
  positive: likes.map((id) => ({ id })),
  negative: dislikes.map((id) => ({ id })),
});

/** How many of the papers that recommendations are chosen from are of each year, category and so on. */
export async function countRecommended(examples: Examples, filters: PageFilters, signal: AbortSignal): Promise<Facets> {
  const request = { ...recommendation(examples, filters), limit: 1, facets: true };
  return (await post<Answer>("api/recommend", request, signal)).facets ?? UNCOUNTED;
}

/**
 * Recommends papers by the ids of liked and disliked ones; the notice names ids that no longer exist. By ids rather than
 * by list, so that later pages belong to the first one, whatever is liked in between.
 */
export async function recommend(
  examples: Examples,
  filters: PageFilters,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<Page> {
  const request: Partial<RecommendRequest> = {
    ...recommendation(examples, filters),
    limit: PER_PAGE,
    explain: true,
    ...(cursor === undefined ? {} : { cursor }),
  };
  try {
    return withoutWords(pageOf(await post<Answer>("api/recommend", request, signal)));
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.status !== 404) throw thrown;
    const notice = "None of the papers you liked are in this library.";
    return { hits: [], next: null, notice, understood: null, suggestion: null, pending: 0, total: 0, facets: null };
  }
}

export const fetchLists = (signal: AbortSignal): Promise<ListsAnswer> => ask<ListsAnswer>("api/lists", { signal });

export const fetchStatus = (signal: AbortSignal): Promise<Status> => ask<Status>("api/status", { signal });

/** Asks services on the network for papers that are not here, and imports them. */
export const addByIdentifier = (identifiers: readonly string[], signal: AbortSignal): Promise<AddReport> =>
  post<AddReport>("api/add", { identifiers }, signal);

/** Looks up the papers whose identifiers a text contains. */
export const find = (text: string, signal: AbortSignal): Promise<FindAnswer> =>
  post<FindAnswer>("api/find", { text }, signal);

export const fetchImports = (signal: AbortSignal): Promise<ImportsAnswer> =>
  ask<ImportsAnswer>("api/imports", { signal });

/** Undoes an import. The server finishes it even if the page is left. */
export const undoImport = (number: number): Promise<Undone> =>
  ask<Undone>(`api/imports/${number}/undo`, { method: "POST", signal: new AbortController().signal });

export const fetchSources = (signal: AbortSignal): Promise<SourcesAnswer> =>
  ask<SourcesAnswer>("api/sources", { signal });

const pathOfSource = (name: string): string => `api/sources/${segmentOf(name)}`;

/** A source with its last runs. */
export const fetchSource = (name: string, signal: AbortSignal): Promise<SourceAnswer> =>
  ask<SourceAnswer>(pathOfSource(name), { signal });

export const fetchSourceKinds = (signal: AbortSignal): Promise<SourceKindsAnswer> =>
  ask<SourceKindsAnswer>("api/source-kinds", { signal });

/** A source to be added. */
export interface NewSource {
  kind: string;
  options: Record<string, unknown>;
  name?: string;
  every?: string;
  list?: string;
}

export const previewSource = ({ kind, options }: NewSource, signal: AbortSignal): Promise<PreviewAnswer> =>
  post<PreviewAnswer>(`api/source-kinds/${segmentOf(kind)}/preview`, { options }, signal);

/** Changes of sources and alerts. The server finishes them even if the page is left. */
const change = <T>(method: "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<T> =>
  ask<T>(path, {
    method,
    signal: new AbortController().signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

export const addSource = (source: NewSource): Promise<SourceAnswer> =>
  change<SourceAnswer>("POST", "api/sources", source);

export const changeSource = (name: string, changes: SourceChanges): Promise<SourceAnswer> =>
  change<SourceAnswer>("PATCH", pathOfSource(name), changes);

export const runSource = (name: string): Promise<null> => change<null>("POST", `${pathOfSource(name)}/run`);

export const removeSource = (name: string, papers: boolean): Promise<{ removed: number }> =>
  change<{ removed: number }>("DELETE", `${pathOfSource(name)}?papers=${papers}`);

export const fetchAlerts = (signal: AbortSignal): Promise<AlertsAnswer> => ask<AlertsAnswer>("api/alerts", { signal });

const pathOfAlert = (name: string): string => `api/alerts/${segmentOf(name)}`;

/** An alert with its runs that found something, newest first. */
export const fetchAlert = (name: string, signal: AbortSignal): Promise<AlertAnswer> =>
  ask<AlertAnswer>(pathOfAlert(name), { signal });

/** What an alert would find now. */
export const previewAlert = (name: string, signal: AbortSignal): Promise<AlertPreview> =>
  ask<AlertPreview>(`${pathOfAlert(name)}/preview`, { signal });

/** What an alert would report of the papers that are here, before it is added. */
export const previewNewAlert = (alert: NewAlertPreview, signal: AbortSignal): Promise<AlertPreview> =>
  post<AlertPreview>("api/alert-preview", alert, signal);

export const addAlert = async (alert: NewAlert): Promise<Alert> =>
  (await change<AlertAnswer>("POST", "api/alerts", alert)).alert;

export const changeAlert = (name: string, changes: AlertChanges): Promise<AlertAnswer> =>
  change<AlertAnswer>("PATCH", pathOfAlert(name), changes);

/** Marks what all alerts have found as seen. */
export const seeAlerts = (): Promise<null> => change<null>("PATCH", "api/alerts", { seen: true });

export const runAlert = (name: string): Promise<null> => change<null>("POST", `${pathOfAlert(name)}/run`);

export const removeAlert = (name: string): Promise<null> => change<null>("DELETE", pathOfAlert(name));

export const fetchMap = (signal: AbortSignal): Promise<MapAnswer> => get("api/map", [], signal);

/** The points of the map, as `readPoints` reads them. */
export const fetchPoints = (signal: AbortSignal): Promise<ArrayBuffer> =>
  reply("api/map/points", { signal }, (response) => response.arrayBuffer());

/** The labels of the papers that a search finds, best first; without a query, of all that pass its filters. */
export function fetchMatches({ q, filters }: MapView, limit: number, signal: AbortSignal): Promise<number[]> {
  const asked: [string, string][] = [
    ["q", q],
    ["limit", String(limit)],
  ];
  return labels([...(q === "" ? [] : asked), ...filterParameters(filters)], signal);
}

/** The labels of the papers of a list. */
export const fetchListed = (list: string, signal: AbortSignal): Promise<number[]> => labels([["list", list]], signal);

const labels = async (parameters: [string, string][], signal: AbortSignal): Promise<number[]> =>
  (await get<MapMatchesAnswer>("api/map/matches", parameters, signal)).labels;

/** Papers by their labels. */
export async function fetchPapers(wanted: readonly number[], signal: AbortSignal): Promise<Map<number, Paper>> {
  const parameters = wanted.map((label): [string, string] => ["label", String(label)]);
  const { papers } = await get<MapPapersAnswer>("api/map/papers", parameters, signal);
  return new Map(papers.map(({ label, paper }) => [label, paper]));
}
