/** Feeds of searches, recommendations, lists, daily lists, trending papers and alerts, and a list of those that have a name. */
import { createHash } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { browseSchema, modeSchema, searchSchema, type Answer } from "../api.js";
import { KindredError } from "../core/errors.js";
import { listKey } from "../core/list.js";
import { segmentOf, textOf } from "../core/segment.js";
import type { Kindred } from "../kindred.js";
import { filtersSchema } from "../operations/filters.js";
import { values } from "../operations/fields.js";
import type { Access } from "./access.js";
import { homeOf } from "./base-path.js";
import { FORMATS, opml, type Entry, type Feed } from "./feed-text.js";
import type { Lanes } from "./lanes.js";
import { parseQuery } from "./query.js";

/** Entries of a feed, and days of the feed of daily lists. */
const ENTRIES = 100;
const DAYS = 5;
/** Feeds whose last change is remembered. */
const REMEMBERED = 1_000;

const secret = z
  .string()
  .max(100)
  .optional()
  .describe("Lets a reader read this feed where reading needs a key: the feed's own address contains it.");

/** The part of a feed that its readers do not share. */
type Content = Pick<Feed, "title" | "entries" | "updated">;
type Asking = { kindred: Kindred; signal: AbortSignal };
type Kind = {
  path: string;
  summary: string;
  query: z.ZodObject;
  content: (asked: never, name: string, asking: Asking) => Promise<Content>;
};

const kind = <Q extends z.ZodObject>(
  path: string,
  summary: string,
  query: Q,
  content: (asked: z.output<Q>, name: string, asking: Asking) => Promise<Content>,
): Kind => ({ path, summary, query: query.extend({ secret }), content });

const filters = filtersSchema.shape;

/** Each is served as Atom and as JSON Feed. */
export const FEEDS: readonly Kind[] = [
  kind(
    "/feeds/:format/search",
    "Get the papers that a search finds as a feed, newest first; without a query, those that pass the filters",
    z.strictObject({ q: searchSchema.shape.q.optional(), mode: modeSchema.default("hybrid"), ...filters }),
    async ({ q, mode, ...rest }, _, { kindred, signal }) => {
      const title = q === undefined ? "Papers" : `Search: ${q.slice(0, 200)}`;
      if (q === undefined) {
        const { papers } = await kindred.browse({ ...rest, limit: ENTRIES }, { signal });
        return {
          title,
          updated: null,
          entries: papers.map((paper) => ({ paper, updated: paper.published, why: null })),
        };
      }
      const answer = await kindred.search({ q, mode, ...rest, sort: "date", limit: ENTRIES }, { signal });
      return { title, updated: null, entries: answer.close === false ? [] : entriesOf(answer) };
    },
  ),
  kind(
    "/feeds/:format/recommend",
    "Get papers like those you like as a feed, without any those that are new and upvoted",
    z.strictObject({
      like: values.optional().describe("Ids of papers that are liked."),
      basedOn: values.optional().describe("Lists whose papers are liked."),
      ...filters,
    }),
    async ({ like = [], ...rest }, _, { kindred, signal }) => {
      const title = rest.basedOn === undefined ? "Recommendations" : `Recommendations: ${rest.basedOn.join(", ")}`;
      const answer = await kindred.recommend({ positive: like, ...rest, limit: ENTRIES }, { signal });
      return { title, updated: null, entries: entriesOf(answer) };
    },
  ),
  kind(
    "/feeds/:format/daily",
    "Get the newest daily lists as a feed, most upvoted first",
    z.strictObject(filters),
    async (asked, _, { kindred, signal }) => {
      const { facets } = await kindred.browse({ ...asked, limit: 1, facets: true }, { signal });
      const entries: Entry[] = [];
      for (const { value: listed } of facets!.days.slice(0, DAYS)) {
        const { papers } = await kindred.browse({ ...asked, listed, sort: "upvotes", limit: ENTRIES }, { signal });
        for (const paper of papers) entries.push({ paper, updated: paper.listed, why: votesOf(paper.upvotes) });
      }
      return { title: "Daily papers", updated: null, entries };
    },
  ),
  kind(
    "/feeds/:format/trending",
    "Get the papers with the most votes for their age as a feed",
    z.strictObject(filters),
    async (asked, _, { kindred, signal }) => {
      const { papers } = await kindred.browse({ ...asked, sort: "trending", limit: ENTRIES }, { signal });
      const entries = papers.map((paper) => ({
        paper,
        updated: paper.listed ?? paper.published,
        why: votesOf(paper.upvotes),
      }));
      return { title: "Trending papers", updated: null, entries };
    },
  ),
  kind(
    "/feeds/:format/lists/:list",
    "Get the papers of a list as a feed, last added first",
    z.strictObject({}),
    async (_asked, list, { kindred, signal }) => {
      const { lists } = await kindred.lists();
      const found = lists.find(({ name }) => listKey(name) === listKey(list));
      if (found === undefined) throw new KindredError("not-found", `there is no list "${list.slice(0, 200)}"`);
      const { papers } = await kindred.browse({ list: [list], sort: "added", limit: ENTRIES }, { signal });
      const added = new Map((await kindred.entries(list)).map((entry) => [entry.id, entry.added]));
      const entries = papers.map((paper) => ({ paper, updated: added.get(paper.id) ?? paper.published, why: null }));
      return { title: `List: ${found.name}`, updated: found.created, entries };
    },
  ),
  kind(
    "/feeds/:format/alerts/:alert",
    "Get what an alert has found as a feed, newest first",
    z.strictObject({}),
    async (_asked, name, { kindred, signal }) => {
      const { alert, runs } = await kindred.alerts.get(name);
      const found = runs.flatMap(({ at, papers }) => papers.map((paper) => ({ at, ...paper }))).slice(0, ENTRIES);
      const { papers } = await kindred.browse({ within: found.map(({ id }) => id), limit: browseLimit }, { signal });
      const known = new Map(papers.map((paper) => [paper.id, paper]));
      const entries = found.map(({ at, id, title, sentence, like }) => ({
        paper: known.get(id) ?? { id, title },
        updated: at,
        why: like !== null ? `Because you like: ${like}` : sentence === null ? null : `Matches: ${sentence}`,
      }));
      return { title: `Alert: ${alert.name}`, updated: alert.created, entries };
    },
  ),
];
const browseLimit = browseSchema.shape.limit.unwrap().parse(ENTRIES);

/** The feeds that have a name: an OPML document, for readers that can take over many at once. */
export const OPML = {
  path: "/feeds/opml",
  summary: "Get the addresses of the feeds of all alerts and lists, and of the daily papers, as OPML",
  query: z.strictObject({ secret }),
  type: "text/x-opml",
} as const;

export const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];

const entriesOf = ({ hits }: Answer): Entry[] =>
  hits.map(({ paper, matched, because }) => {
    const like = because?.for[0];
    const why =
      like !== undefined
        ? `Because you like: ${like.title ?? ("text" in like.example ? like.example.text : like.example.id)}`
        : (because?.reason ?? (matched.sentence === null ? null : `Matches: ${matched.sentence.text}`));
    return { paper, updated: paper.published, why };
  });

const votesOf = (votes: number | null): string | null =>
  votes === null || votes === 0 ? null : `${votes} upvote${votes === 1 ? "" : "s"}`;

/** The address of a feed without host and secret: the same for the same feed, in whatever order its parameters are. */
export function feedOf(request: Request): string {
  const { pathname, searchParams } = new URL(request.originalUrl, "http://localhost");
  searchParams.delete("secret");
  searchParams.sort();
  const query = searchParams.toString();
  return `${pathname}${query === "" ? "" : `?${query}`}`;
}

export class Feeds {
  readonly #kindred;
  readonly #access;
  readonly #lane;
  /** The ETag of each feed and since when it has it: papers do not say when they came into a feed. */
  readonly #changed = new LRUCache<string, { etag: string; since: Date }>({ max: REMEMBERED });

  constructor(kindred: Kindred, access: Access, lanes: Lanes) {
    this.#kindred = kindred;
    this.#access = access;
    this.#lane = lanes.questions;
  }

  readonly serve =
    ({ query, content }: Kind): RequestHandler =>
    async (request, response) => {
      const { format = "", list, alert } = request.params as Record<string, string | undefined>;
      const { type, write } = FORMATS[format as keyof typeof FORMATS] ?? unknown(format);
      const { secret: _, ...asked } = parseQuery(query, request.query) as { secret?: string };
      const name = textOf(list ?? alert ?? "");
      const feed = feedOf(request);
      const made = await this.#run(response, (signal) =>
        content(asked as never, name, { kindred: this.#kindred, signal }),
      );
      if (made === undefined) return;
      const home = homeOf(request);
      const self = await this.#addressOf(response, feed, home);
      this.#send(request, response, type, write({ ...made, self, home, name: feed }));
    };

  readonly serveOpml: RequestHandler = async (request, response) => {
    parseQuery(OPML.query, request.query);
    const home = homeOf(request);
    const names = await this.#run(response, async () => ({
      alerts: (await this.#kindred.alerts.list()).alerts,
      lists: (await this.#kindred.lists()).lists,
    }));
    if (names === undefined) return;
    const feeds = [
      ...names.alerts.map(({ name }) => ({ title: `Alert: ${name}`, feed: `/feeds/atom/alerts/${segmentOf(name)}` })),
      ...names.lists.map(({ name }) => ({ title: `List: ${name}`, feed: `/feeds/atom/lists/${segmentOf(name)}` })),
      { title: "Daily papers", feed: "/feeds/atom/daily" },
      { title: "Trending papers", feed: "/feeds/atom/trending" },
    ];
    const found = await Promise.all(
      feeds.map(async ({ title, feed }) => ({ title, url: await this.#addressOf(response, feed, home) })),
    );
    this.#send(request, response, OPML.type, opml("Kindred", found, home));
  };

  /** @returns Undefined if the client has gone. */
  async #run<T>(response: Response, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    try {
      return await this.#lane.run(work, gone.signal);
    } catch (thrown) {
      if (gone.signal.aborted) return undefined;
      throw thrown;
    }
  }

  async #addressOf(response: Response, feed: string, home: string): Promise<string> {
    const secret = await this.#access.secretFor(response, feed);
    const mark = feed.includes("?") ? "&" : "?";
    return `${home.slice(0, -1)}${feed}${secret === null ? "" : `${mark}secret=${secret}`}`;
  }

  #send(request: Request, response: Response, type: string, text: string): void {
    const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
    const key = `${request.get("host")} ${request.originalUrl}`;
    let changed = this.#changed.get(key);
    if (changed?.etag !== etag) {
      // Times in HTTP have no fractions, and two versions must not have the same.
      const since = Math.max(Math.floor(Date.now() / 1_000), (changed?.since.getTime() ?? 0) / 1_000 + 1);
      changed = { etag, since: new Date(since * 1_000) };
    }
    this.#changed.set(key, changed);
    response.locals["text"] = true;
    response.set({ ETag: etag, "Last-Modified": changed.since.toUTCString(), "Cache-Control": "private, no-cache" });
    if (isKnown(request, changed)) response.status(304).end();
    else response.type(`${type}; charset=utf-8`).send(text);
  }
}

/** Whether a client has this version. Express says no to the many that also send `Cache-Control: no-cache`. */
function isKnown(request: Request, { etag, since }: { etag: string; since: Date }): boolean {
  const known = request.get("if-none-match");
  if (known !== undefined) return known.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
  return Date.parse(request.get("if-modified-since") ?? "") >= since.getTime();
}

function unknown(format: string): never {
  throw new KindredError(
    "not-found",
    `there is no feed in the format "${format.slice(0, 100)}", only in ${FORMAT_NAMES.join(" and ")}`,
  );
}
