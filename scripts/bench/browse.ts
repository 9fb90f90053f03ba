/**
 * How long lists of papers, related papers and recommendations take over HTTP, with a server in a separate process and one
 * client. No request is repeated, so no answer comes from the cache of answers; in rows that say "the first time", no filter is
 * repeated either. DIRECTORY holds an index of papers with dates and categories.
 */
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { segmentOf } from "../../src/core/segment.js";
import { MACHINE, readCommand } from "../common/command.js";
import { MeasuredServer, percentile, timed } from "./load.js";

const { values, words } = readCommand("npm run bench -- browse DIRECTORY [--requests 80]", 1, {
  requests: { type: "string", default: "80" },
});
const [directory = ""] = words;
const each = Number(values.requests);
const LIKES = 20;
/** Requests before the first row, and a pause in which the server reads its orders, in milliseconds. */
const WARM = 40;
const IDLE = 3_000;

const counted = z.array(z.object({ value: z.string() }));
const pageSchema = z.object({
  papers: z.array(z.object({ id: z.string(), title: z.string(), authors: z.array(z.string()) })),
  next: z.string().nullable(),
  facets: z.object({ categories: counted, venues: counted, years: counted }).optional(),
});
type Filters = Record<string, string | number>;

const server = await MeasuredServer.start(directory, pathOf({ sort: "trending", limit: 20, facets: "true" }));
const get = (path: string): Promise<string> => server.ask(path);
try {
  console.log(MACHINE);
  console.log(`${(await server.counts()).papers} papers; ${each} requests per row, or fewer if there are fewer values`);
  console.log(`start to the first page, with facets: ${server.started.toFixed(2)} s`);
  for (let i = 0; i < WARM; i++) await get(pathOf({ sort: "upvotes", limit: 200 + i }));
  await setTimeout(IDLE);
  console.log("\n| what | median ms | 99th percentile ms |");
  console.log("|---|---|---|");
  const { facets } = await pageOf(pathOf({ limit: 1, facets: "true" }));
  const [categories, venues, years] = [facets!.categories, facets!.venues, facets!.years].map((facet) =>
    facet.map(({ value }) => value),
  ) as [string[], string[], string[]];
  if (categories.length === 0 || years.length === 0)
    throw new Error(`${directory}: got papers without dates or categories, expected an index of papers with both`);
  const papers = [];
  for (const year of years) papers.push(...(await pageOf(pathOf({ year, limit: 200 }))).papers);
  const step = Math.max(1, Math.floor(papers.length / each));
  const some = papers.filter((_, i) => i % step === 0);
  const ids = some.map(({ id }) => id);

  for (const sort of ["date", "upvotes", "trending"]) {
    await lists(`by ${sort}`, (i) => ({ sort, limit: 10 + i }));
    let next: string | null = (await pageOf(pathOf({ sort, limit: 9 }))).next;
    await row(`by ${sort}, the next page`, all(each), async () => {
      ({ next } = await pageOf(pathOf({ sort, limit: 9, cursor: next! })));
    });
    await lists(`by ${sort}, in a category`, (i) => ({ sort, category: categories[i % 10]!, limit: 10 + i }));
    await lists(`by ${sort}, from a year on`, (i) => ({ sort, from: years[i % years.length]!, limit: 10 + i }));
  }
  await lists("by trending, with facets", (i) => ({ sort: "trending", limit: 10 + i, facets: "true" }));
  await lists("by date, in a category, with facets", (i) => ({
    category: categories[i % 10]!,
    limit: 10 + i,
    facets: "true",
  }));
  await lists("in a category, the first time", (i) => ({ category: categories[10 + i]! }), categories.length - 10);
  await lists("in a venue, the first time", (i) => ({ venue: venues[i]! }), venues.length);
  const authors = [...new Set(some.flatMap(({ authors: [first] }) => first ?? []))];
  await lists("by an author, the first time", (i) => ({ author: authors[i]! }), authors.length);
  const phrases = new Set(some.map(({ title }) => title.replaceAll(/["*]/g, "").split(/\s+/).slice(0, 2).join(" ")));
  await row(
    "search for a phrase in words, the first time",
    [...phrases].map((phrase) => `api/search?${new URLSearchParams({ mode: "lexical", q: `"${phrase}"` }).toString()}`),
    get,
  );
  await row("related, by id", paths(ids, "related?limit=10"), get);
  await row("neighbourhood", paths(ids, "neighbourhood"), get);
  // Consecutive papers of a list in a category are about similar subjects; papers far apart are not.
  const { papers: similar } = await pageOf(pathOf({ category: categories[0]!, sort: "upvotes", limit: 200 }));
  await recommendations(
    "of one category",
    similar.map(({ id }) => id),
    1,
  );
  await recommendations("spread over everything", ids, Math.floor(ids.length / LIKES));
  const { resident, peak } = await server.state();
  console.log(`\nmemory of the server: ${resident.toFixed(0)} MB, peak ${peak.toFixed(0)} MB`);
} finally {
  await server.stop();
}

async function recommendations(what: string, from: readonly string[], step: number): Promise<void> {
  const of = (first: number) => Array.from({ length: LIKES }, (_, i) => from[(first + i * step) % from.length]!);
  const bodies = all(Math.min(each, from.length)).map((i) => ({ positive: of(i), limit: 10 }));
  await row(`recommend from ${LIKES} likes ${what}`, bodies, (body) =>
    server.send("api/recommend", JSON.stringify(body), "application/json"),
  );
}

async function lists(what: string, filters: (i: number) => Filters, most = each): Promise<void> {
  await row(
    what,
    all(Math.min(each, most)).map((i) => pathOf(filters(i))),
    get,
  );
}

async function row<T>(what: string, work: readonly T[], perform: (one: T) => Promise<unknown>): Promise<void> {
  // There may be no authors, or no more categories.
  if (work.length === 0) return;
  const times = await timed(work.slice(0, each), 1, perform);
  console.log(`| ${what} | ${percentile(times, 0.5).toFixed(1)} | ${percentile(times, 0.99).toFixed(1)} |`);
}

function all(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function pathOf(filters: Filters): string {
  return `api/papers?${new URLSearchParams(Object.entries(filters).map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}

function paths(ids: readonly string[], rest: string): string[] {
  return ids.map((id) => `api/papers/${segmentOf(id)}/${rest}`);
}

async function pageOf(path: string): Promise<z.infer<typeof pageSchema>> {
  return pageSchema.parse(JSON.parse(await get(path)));
}
