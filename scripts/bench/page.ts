/**
 * How long a person waits for the page, in the tests' Chromium, with a server in a separate process.
 *
 * Queries are words from the middle of titles in DIRECTORY, typed letter by letter; no query is repeated. Pages are loaded
 * with an empty browser cache.
 */
import { cpus } from "node:os";
import type { Browser, Page } from "playwright-core";
import { z } from "zod";
import { paperSchema } from "../../src/core/paper.js";
import { VERSION } from "../../src/core/version.js";
import { readCommand } from "../common/command.js";
import { openBrowser, results, searchField } from "../../test/web/browser.js";
import { MeasuredServer } from "./load.js";
import { mulberry32 } from "../../src/map/random.js";

const { values, words } = readCommand("npm run bench -- page DIRECTORY [--queries 40] [--loads 5]", 1, {
  queries: { type: "string", default: "40" },
  loads: { type: "string", default: "5" },
});
const [directory = ""] = words;
const [most, loads] = [Number(values.queries), Number(values.loads)];
/** Milliseconds between two letters: a fast typist. */
const LETTER = 80;
const VIEWPORT = { width: 1440, height: 900 };

/**
 * Records, in the page, when the last letter was typed, when its search was sent and answered, and when its results were
 * painted: in the frame after the one that added them to the document.
 */
const WATCH = `
  globalThis.watch = (query) => new Promise((resolve) => {
    const field = document.querySelector("#q");
    let last = 0;
    const onInput = (event) => (last = event.timeStamp);
    field.addEventListener("input", onInput);
    const look = () => {
      const list = document.querySelector(".listing:not(.stale) [data-result]");
      const heading = document.querySelector("h1")?.textContent ?? "";
      if (list === null || !heading.includes(query)) return;
      watching.disconnect();
      field.removeEventListener("input", onInput);
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          const painted = performance.now();
          const asked = performance.getEntriesByType("resource").filter(({ name }) => name.includes("api/search")).at(-1);
          resolve({ wait: asked.startTime - last, answer: asked.duration, all: painted - last });
        };
        channel.port2.postMessage(null);
      });
    };
    const watching = new MutationObserver(look);
    watching.observe(document.body, { attributes: true, childList: true, subtree: true, characterData: true });
  });
`;

const papersSchema = z.object({ papers: z.array(paperSchema) });
const at = (of: readonly number[], share: number): number =>
  of.toSorted((a, b) => a - b)[Math.min(of.length - 1, Math.floor(share * of.length))] ?? NaN;
const median = (of: readonly number[]): number => at(of, 0.5);

const server = await MeasuredServer.start(directory, "api/search?q=warm");
const browser = await openBrowser();
try {
  const { papers, pending, pendingSentences } = await server.counts();
  console.log(
    `Kindred ${VERSION}, Node ${process.version}, Chromium ${browser.version()}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
  );
  console.log(`${papers} papers (${pending} without a vector, ${pendingSentences} without sentences)\n`);
  const { papers: some } = papersSchema.parse(
    await (await fetch(`${server.url}api/papers?limit=500&sort=added`)).json(),
  );
  const queries = queriesFrom(some.map(({ title }) => title));
  await typed(browser, queries);
  await loaded(browser, [
    ["the first view", ""],
    ["a search", `?${new URLSearchParams({ q: queries[0]! }).toString()}`],
    ["a paper", `?${new URLSearchParams({ paper: some[0]!.id }).toString()}`],
  ]);
} finally {
  await browser.close();
  await server.stop();
}

/** Three to five words each: a whole title would be found without a search. */
function queriesFrom(titles: readonly string[]): string[] {
  const random = mulberry32(7);
  const queries = titles.flatMap((title) => {
    const words = title.split(/\s+/).filter((word) => /^[a-z]{2,}$/i.test(word));
    const length = 3 + Math.floor(random() * 3);
    return words.length < length + 2 ? [] : [words.slice(1, 1 + length).join(" ")];
  });
  return [...new Set(queries)].slice(0, most);
}

async function typed(from: Browser, queries: readonly string[]): Promise<void> {
  const page = await from.newPage({ viewport: VIEWPORT });
  await page.goto(server.url);
  await results(page).first().waitFor();
  await page.evaluate(WATCH);
  await page.evaluate("performance.setResourceTimingBufferSize(10_000)");
  const times: { wait: number; answer: number; all: number }[] = [];
  for (const query of queries) {
    await searchField(page).fill("");
    await page.getByRole("heading", { level: 1, name: /first$/ }).waitFor();
    await page.locator(".listing:not(.stale)").waitFor();
    const watched = page.evaluate(`watch(${JSON.stringify(query)})`);
    await searchField(page).pressSequentially(query, { delay: LETTER });
    times.push((await watched) as (typeof times)[number]);
  }
  const shifts = await shiftsOf(page);
  await page.close();
  console.log(`from the last letter to painted results; ${times.length} queries, one letter every ${LETTER} ms`);
  console.log("| | median ms | 95th percentile ms |");
  console.log("|---|---|---|");
  const row = (name: string, of: number[]) =>
    console.log(`| ${name} | ${median(of).toFixed(0)} | ${at(of, 0.95).toFixed(0)} |`);
  row(
    "all",
    times.map(({ all }) => all),
  );
  row(
    "of which waiting for another letter",
    times.map(({ wait }) => wait),
  );
  row(
    "request and answer",
    times.map(({ answer }) => answer),
  );
  row(
    "drawing",
    times.map(({ all, wait, answer }) => all - wait - answer),
  );
  console.log(`layout shift while typing: ${shifts.toFixed(3)}\n`);
}

/** Paints and shifts are reported only to an observer, one task later. */
function entries<T>(page: Page, type: string, of: string): Promise<T[]> {
  return page.evaluate(`new Promise((resolve) => {
    const seen = [];
    new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ type: "${type}", buffered: true });
    setTimeout(() => resolve(seen.map((entry) => (${of}))), 100);
  })`);
}

/** The sum of layout shifts, except those within half a second of a key or click. */
async function shiftsOf(page: Page): Promise<number> {
  const shifts = await entries<number>(page, "layout-shift", "entry.hadRecentInput ? 0 : entry.value");
  return shifts.reduce((sum, one) => sum + one, 0);
}

async function loaded(from: Browser, views: readonly (readonly [name: string, address: string])[]): Promise<void> {
  console.log(`opened ${loads} times each, with an empty cache`);
  console.log("| | largest contentful paint, median ms | longest ms | largest layout shift | JavaScript, kB sent |");
  console.log("|---|---|---|---|---|");
  for (const [name, address] of views) {
    const paints: number[] = [];
    const shifts: number[] = [];
    let bytes = 0;
    for (let load = 0; load < loads; load++) {
      const context = await from.newContext({ viewport: VIEWPORT });
      const page = await context.newPage();
      await page.goto(server.url + address);
      await results(page).first().waitFor();
      await page.waitForLoadState("networkidle");
      paints.push((await entries<number>(page, "largest-contentful-paint", "entry.startTime")).at(-1) ?? NaN);
      shifts.push(await shiftsOf(page));
      bytes = await page.evaluate<number>(`performance.getEntriesByType("resource")
        .filter(({ name }) => name.endsWith(".js")).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`);
      await context.close();
    }
    console.log(
      `| ${name} | ${median(paints).toFixed(0)} | ${Math.max(...paints).toFixed(0)} | ` +
        `${Math.max(...shifts).toFixed(3)} | ${(bytes / 1_000).toFixed(1)} |`,
    );
  }
}
