/** The page's side of the HTTP API. Every path is relative to the page, so that it works behind any prefix. */
import type {
  Answer,
  BrowseAnswer,
  Facet,
  Facets,
  Hit,
  ImportReport,
  ListsAnswer,
  Order,
  RecommendRequest,
  Status,
} from "../api.js";
import type { Paper } from "../paper.js";
import { filterParameters, sentFilters, type PageFilters, type SearchView } from "./address.js";

/** What the server would not do, or that it could not be asked, in words for the person. */
export class Problem extends Error {
  override readonly name = "Problem";
  /** The HTTP status; 0 when no server answered. */
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

export const GONE = "Kindred’s server does not answer. Is it still running?";

/** The problem a reply tells of: its detail when it is a problem document, otherwise its status. */
export function problemOf(status: number, body: string): Problem {
  if (status === 0) return new Problem(0, GONE);
  try {
    const { title, detail }: { title?: unknown; detail?: unknown } = JSON.parse(body);
    const words = [detail, title].find((text) => typeof text === "string" && text !== "");
    if (typeof words === "string") return new Problem(status, words);
  } catch {
    // Something between the page and Kindred answered, in a language of its own.
  }
  return new Problem(status, `The server answered ${status}, which says no more.`);
}

const HEADERS = { accept: "application/json", "content-type": "application/json" };

interface Ask {
  signal: AbortSignal;
  method?: "POST" | "PUT" | "PATCH" | "DELETE";
  body?: string;
}

/** @returns null where the server says no more than that it is done. */
async function jsonOf<T>(response: Response): Promise<T> {
  const answer: T = response.status === 204 ? null : await response.json();
  return answer;
}

async function ask<T>(
  path: string,
  { signal, ...init }: Ask,
  read: (response: Response) => Promise<T> = jsonOf,
): Promise<T> {
  try {
    const response = await fetch(path, { ...init, headers: HEADERS, signal });
    if (!response.ok) throw problemOf(response.status, await response.text());
    return await read(response);
  } catch (thrown) {
    if (thrown instanceof Problem || signal.aborted) throw thrown;
    throw new Problem(0, GONE, thrown);
  }
}

export const get = <T>(path: string, parameters: [string, string][], signal: AbortSignal): Promise<T> =>
  ask<T>(parameters.length === 0 ? path : `${path}?${new URLSearchParams(parameters).toString()}`, { signal });

export const getBytes = (path: string, signal: AbortSignal): Promise<ArrayBuffer> =>
  ask(path, { signal }, (response) => response.arrayBuffer());

const post = <T>(path: string, body: object, signal: AbortSignal): Promise<T> =>
  ask<T>(path, { method: "POST", body: JSON.stringify(body), signal });

/** One page of papers, wherever they come from. */
export interface Page {
  hits: PageHit[];
  /** The cursor of the page behind this one; null on the last. */
  next: string | null;
  notice: string | null;
  /** A query that was more than words, as it was understood; and one with a misspelling mended. */
  understood: string | null;
  suggestion: string | null;
  /** Papers that are found by their words only, so far. */
  pending: number;
  /** How many there are in all, when that is known. */
  total: number | null;
}
/** A hit as the page shows it; a paper that was browsed to matched nothing. */
export type PageHit = Pick<Hit, "paper" | "versions" | "matched" | "because">;

const pageOf = ({ hits, next, notice, understood, suggestion, pending }: Answer): Page => ({
  hits,
  next,
  notice,
  understood,
  suggestion,
  pending,
  total: null,
});
/** Nobody has typed the words that papers like others share with them, so they are not marked. */
const withoutWords = (page: Page): Page => ({
  ...page,
  hits: page.hits.map((hit) => ({ ...hit, matched: { ...hit.matched, words: [] } })),
});
const unmatched: Hit["matched"] = { sentence: null, words: [] };

type Cursor = string | undefined;
const PER_PAGE = 20;
/** Characters of a query that is put into an address; a whole abstract, and longer, goes into a body. */
const MOST_IN_ADDRESS = 1_000;

const paging = (limit: number, cursor: Cursor): [string, string][] => [
  ["limit", String(limit)],
  ...(cursor === undefined ? [] : ([["cursor", cursor]] satisfies [string, string][])),
];

/** The papers a search view shows: those that match, or all that pass the filters when nothing is asked. */
export async function search(view: SearchView, cursor: Cursor, signal: AbortSignal): Promise<Page> {
  const parameters = [...filterParameters(view.filters), ...paging(PER_PAGE, cursor)];
  if (view.q.length > MOST_IN_ADDRESS) {
    const { q, mode, sort, filters } = view;
    const more = cursor === undefined ? {} : { cursor };
    return pageOf(
      await post<Answer>("api/search", { q, mode, sort, ...sentFilters(filters), limit: PER_PAGE, ...more }, signal),
    );
  }
  if (view.q !== "") {
    const asked: [string, string][] = [
      ["q", view.q],
      ["mode", view.mode],
      ["sort", view.sort],
    ];
    return pageOf(await get<Answer>("api/search", [...asked, ...parameters], signal));
  }
  const sort = view.sort === "upvotes" ? "upvotes" : "date";
  return browsed([["sort", sort], ...parameters], signal);
}

/** All papers that pass filters, in an order. */
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
  };
}

/** Days on which papers were listed, the newest first, with how many. */
export async function fetchDays(signal: AbortSignal): Promise<Facets["days"]> {
  const { facets } = await get<BrowseAnswer>(
    "api/papers",
    [
      ["limit", "1"],
      ["facets", "true"],
    ],
    signal,
  );
  return facets?.days ?? [];
}

export async function fetchPaper(id: string, signal: AbortSignal): Promise<Paper> {
  return (await ask<{ paper: Paper }>(`api/papers/${encodeURIComponent(id)}`, { signal })).paper;
}

export async function related(id: string, facet: Facet | null, cursor: Cursor, signal: AbortSignal): Promise<Page> {
  const path = `api/papers/${encodeURIComponent(id)}/related`;
  const parameters = facet === null ? [] : [["facet", facet] satisfies [string, string]];
  return withoutWords(pageOf(await get<Answer>(path, [...parameters, ...paging(10, cursor)], signal)));
}

export interface Examples {
  likes: readonly string[];
  dislikes: readonly string[];
}

/**
 * Recommends by the ids of liked papers and of those that are not; papers that are gone are left out, and said to be. By
 * ids, not by the list, so that the second page is of the same papers as the first, whatever is liked meanwhile.
 */
export async function recommend(
  examples: Examples,
  filters: PageFilters,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<Page> {
  const request: Partial<RecommendRequest> = {
    ...sentFilters(filters),
    positive: examples.likes.map((id) => ({ id })),
    negative: examples.dislikes.map((id) => ({ id })),
    limit: PER_PAGE,
    ...(cursor === undefined ? {} : { cursor }),
  };
  try {
    return withoutWords(pageOf(await post<Answer>("api/recommend", request, signal)));
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.status !== 404) throw thrown;
    const notice = "None of the papers you liked is here.";
    return { hits: [], next: null, notice, understood: null, suggestion: null, pending: 0, total: 0 };
  }
}

/** How long a change may take, in milliseconds: the server may be in the middle of an import. */
const PATIENCE = 60_000;

/** Changes something that a person keeps. */
export async function send(method: "PUT" | "PATCH" | "DELETE", path: string, body?: object): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE);
  await ask<null>(path, { method, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

export const fetchLists = (signal: AbortSignal): Promise<ListsAnswer> => ask<ListsAnswer>("api/lists", { signal });

export const fetchStatus = (signal: AbortSignal): Promise<Status> => ask<Status>("api/status", { signal });

/**
 * Sends a file to be imported. `onSent` hears the share of it that has left, 0 to 1; after 1 the server is still
 * reading. XMLHttpRequest, because fetch does not tell how far an upload has come.
 */
export function upload(file: File, onSent: (share: number) => void, signal: AbortSignal): Promise<ImportReport> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `api/papers?${new URLSearchParams({ name: file.name }).toString()}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.setRequestHeader("accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.total > 0) onSent(event.loaded / event.total);
    });
    request.upload.addEventListener("load", () => onSent(1));
    request.addEventListener("load", () => {
      if (request.status < 200 || request.status > 299) return reject(problemOf(request.status, request.responseText));
      try {
        const report: ImportReport = JSON.parse(request.responseText);
        resolve(report);
      } catch (thrown) {
        reject(new Problem(request.status, "The server answered the import with something that is no report.", thrown));
      }
    });
    request.addEventListener("error", () =>
      reject(new Problem(0, "The file could not be read, or the server went away.")),
    );
    request.addEventListener("abort", () => reject(new Problem(0, "Stopped.")));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
