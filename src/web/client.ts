/** The page's side of the HTTP API. Every path is relative to the page, so that it works behind any prefix. */
import type {
  Answer,
  BrowseAnswer,
  Explanation,
  Aspect,
  Facets,
  FindAnswer,
  Hit,
  ImportReport,
  ImportsAnswer,
  ListsAnswer,
  NeighbourhoodAnswer,
  Order,
  PaperAnswer,
  RecommendRequest,
  Status,
  Undone,
} from "../api.js";
import { browse, filterParameters, type PageFilters, type SearchView, sentFilters, sortOf } from "./address.js";
import { segmentOf } from "../segment.js";
import { keyHere } from "./key-here.js";

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

/** Told to the window whenever the server asks for a key, so that the person can be asked for it. */
export const KEY_WANTED = "keywanted";

/** Where it is noted that the browser keeps a key. */
const KEPT = (): string => keyHere("key");

function refusal(status: number, body: string): Problem {
  if (status === 401) window.dispatchEvent(new Event(KEY_WANTED));
  return problemOf(status, body);
}

/** Has the browser show a key from now on. @throws Problem 401 when it is none. */
export async function keepKey(key: string): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, ...atPath() };
  const response = await fetch("api/session", { method: "POST", headers }).catch((thrown: unknown) => {
    throw new Problem(0, GONE, thrown);
  });
  if (!response.ok) throw problemOf(response.status, await response.text());
  note(true);
}

/** Has it show none any more. */
export async function forgetKey(): Promise<void> {
  const signal = new AbortController().signal;
  await reply("api/session", { method: "DELETE", signal, headers: atPath() }, async () => null);
  note(false);
}

/** Says where the page is: the browser is to send the cookie there alone. */
const atPath = (): Record<string, string> => ({ "kindred-path": new URL("./", location.href).pathname });

function note(kept: boolean): void {
  try {
    if (kept) localStorage.setItem(KEPT(), "yes");
    else localStorage.removeItem(KEPT());
  } catch {
    // It keeps nothing; then Kindred's cookie neither.
  }
}

/** Whether it shows one; the key itself no script can read. */
export function keepsKey(): boolean {
  try {
    return localStorage.getItem(KEPT()) !== null;
  } catch {
    // A browser that keeps nothing.
    return false;
  }
}

const HEADERS = { accept: "application/json", "content-type": "application/json" };

interface Ask {
  signal: AbortSignal;
  method?: "POST" | "PUT" | "PATCH" | "DELETE";
  body?: string;
  /** Whether it goes on when the page is left. */
  keepalive?: boolean;
}

/** @returns null where the server says no more than that it is done. */
const ask = <T>(path: string, init: Ask): Promise<T> =>
  reply(path, { ...init, headers: HEADERS }, async (response) => {
    const answer: T = response.status === 204 ? null : await response.json();
    return answer;
  });

/** What is read of the reply; whatever goes wrong, on the way too, is a problem. */
async function reply<T>(
  path: string,
  { signal, ...init }: Ask & { headers?: Record<string, string> },
  read: (response: Response) => Promise<T>,
): Promise<T> {
  try {
    const response = await fetch(path, { ...init, signal });
    if (!response.ok) throw refusal(response.status, await response.text());
    return await read(response);
  } catch (thrown) {
    if (thrown instanceof Problem || signal.aborted) throw thrown;
    throw new Problem(0, GONE, thrown);
  }
}

export const get = <T>(path: string, parameters: [string, string][], signal: AbortSignal): Promise<T> =>
  ask<T>(parameters.length === 0 ? path : `${path}?${new URLSearchParams(parameters).toString()}`, { signal });

export const getBytes = (path: string, signal: AbortSignal): Promise<ArrayBuffer> =>
  reply(path, { signal }, (response) => response.arrayBuffer());

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
  /** How many there are of each year, category and so on, when it was asked. */
  facets: Facets | null;
}
/** A hit as the page shows it; a paper that was browsed to matched nothing. */
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

/** What a page of a search is asked with. */
interface Asked {
  cursor?: Cursor;
  limit?: number;
  /** Whether the papers are counted by year, category and so on. */
  facets?: boolean;
}

/** The papers a search view shows: those that match, or all that pass the filters when nothing is asked. */
export async function search(view: SearchView, signal: AbortSignal, asked: Asked = {}): Promise<Page> {
  const { cursor, limit = PER_PAGE, facets = false } = asked;
  const sort = sortOf(view);
  if (view.q.length > MOST_IN_ADDRESS) {
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
    facets: answer.facets ?? null,
  };
}

/** What an answer without papers does not say. */
const UNCOUNTED: Facets = { years: [], categories: [], venues: [], sources: [], days: [] };

/** How many papers of a search view there are of each year, category and so on. */
export async function countFacets(view: SearchView, signal: AbortSignal): Promise<Facets> {
  return (await search(view, signal, { limit: 1, facets: true })).facets ?? UNCOUNTED;
}

/** Days on which papers were listed, the newest first, with how many. */
export const fetchDays = async (signal: AbortSignal): Promise<Facets["days"]> =>
  (await countFacets(browse(), signal)).days;

/** Why a paper stands where it stands in what a view shows, or is not in it. */
export function explain(view: SearchView, id: string, signal: AbortSignal): Promise<Explanation> {
  const { q, mode, filters } = view;
  return post<Explanation>("api/explain", { q, mode, ...sentFilters(filters), id }, signal);
}

export const pathOfPaper = (id: string): string => `api/papers/${segmentOf(id)}`;

export const pathOfList = (name: string): string => `api/lists/${segmentOf(name)}`;

/** A paper's place in a list. */
export const pathOfEntry = (list: string, id: string): string => `${pathOfList(list)}/papers/${segmentOf(id)}`;

export const fetchPaper = (id: string, signal: AbortSignal): Promise<PaperAnswer> =>
  ask<PaperAnswer>(pathOfPaper(id), { signal });

export const fetchNeighbourhood = (id: string, signal: AbortSignal): Promise<NeighbourhoodAnswer> =>
  ask<NeighbourhoodAnswer>(`${pathOfPaper(id)}/neighbourhood`, { signal });

export type CitationFormat = "bibtex" | "ris" | "csl-json" | "text";

/** The paper as a reference in a format, to be pasted somewhere. */
export async function fetchCitation(id: string, format: CitationFormat, signal: AbortSignal): Promise<string> {
  return reply(`${pathOfPaper(id)}/cite?format=${format}`, { signal }, (response) => response.text());
}

export async function related(id: string, aspect: Aspect | null, cursor: Cursor, signal: AbortSignal): Promise<Page> {
  const path = `${pathOfPaper(id)}/related`;
  const parameters: [string, string][] = [["explain", "true"], ...paging(10, cursor)];
  if (aspect !== null) parameters.push(["aspect", aspect]);
  return withoutWords(pageOf(await get<Answer>(path, parameters, signal)));
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

/** How many of the papers that recommendations are chosen from there are of each year, category and so on. */
export async function countRecommended(examples: Examples, filters: PageFilters, signal: AbortSignal): Promise<Facets> {
  const request = { ...recommendation(examples, filters), limit: 1, facets: true };
  return (await post<Answer>("api/recommend", request, signal)).facets ?? UNCOUNTED;
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
    ...recommendation(examples, filters),
    limit: PER_PAGE,
    explain: true,
    ...(cursor === undefined ? {} : { cursor }),
  };
  try {
    return withoutWords(pageOf(await post<Answer>("api/recommend", request, signal)));
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.status !== 404) throw thrown;
    const notice = "None of the papers you liked is here.";
    return { hits: [], next: null, notice, understood: null, suggestion: null, pending: 0, total: 0, facets: null };
  }
}

/** How long a change may take, in milliseconds: the server may be in the middle of an import. */
const PATIENCE = 60_000;
/** Characters of a body that may outlive its page: browsers allow 64 KiB, and a character has three bytes at most. */
const MOST_OUTLIVING = 20_000;

/** Changes something that a person keeps, also when the page is left before the server has answered. */
export async function send(method: "PUT" | "PATCH" | "DELETE", path: string, body?: object): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const keepalive = (text?.length ?? 0) <= MOST_OUTLIVING;
  await ask<null>(path, { method, signal, keepalive, ...(text === undefined ? {} : { body: text }) });
}

export const fetchLists = (signal: AbortSignal): Promise<ListsAnswer> => ask<ListsAnswer>("api/lists", { signal });

export const fetchStatus = (signal: AbortSignal): Promise<Status> => ask<Status>("api/status", { signal });

/** Which of the papers that a text names by their identifiers are here. */
export const find = (text: string, signal: AbortSignal): Promise<FindAnswer> =>
  post<FindAnswer>("api/find", { text }, signal);

export const fetchImports = (signal: AbortSignal): Promise<ImportsAnswer> =>
  ask<ImportsAnswer>("api/imports", { signal });

/** Takes an import back. It goes on when nobody waits for it. */
export const undoImport = (number: number): Promise<Undone> =>
  ask<Undone>(`api/imports/${number}/undo`, { method: "POST", signal: new AbortController().signal });

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
      if (request.status < 200 || request.status > 299) return reject(refusal(request.status, request.responseText));
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
