/** No text in a paper makes a page wider than its window. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { AlertsAnswer } from "../../src/api.js";
import { temporaryDirectory } from "../sample.js";
import { closeBrowser, openBrowser, served, visit } from "./browser.js";

const browser = await openBrowser();
const server = await served(temporaryDirectory);
after(async () => {
  await closeBrowser();
  await server.stop();
});

const COLUMNS = "a&".repeat(400);
const MATRIX = String.raw`\begin{matrix}${COLUMNS}a\end{matrix}`;
/** Too long to be rendered, so it is shown as source. */
const UNDRAWN = String.raw`$\sqrt{${"x".repeat(3_000)}}$`;
const WORD = "Donaudampfschiff".repeat(60);
const ADDRESS = `https://example.org/${"path-of-a-paper/".repeat(40)}`;
const TABLE = Array.from({ length: 80 }, (_, i) => `column\u00a0${i}\u00a0|`).join("\u00a0");
/** Each is in the title of one paper, and in the abstract of all. */
const TEXTS: Record<string, string> = {
  matrix: `$${MATRIX}$`,
  display: `$$${MATRIX}$$`,
  root: String.raw`$\sqrt{${"abcdefghij+".repeat(60)}z}$`,
  fractions: String.raw`$\frac{${"x+".repeat(300)}y}{z}$`,
  text: String.raw`$\text{${"word ".repeat(150)}}$`,
  array: String.raw`\[\left(\begin{array}{${"c".repeat(300)}}${"b&".repeat(299)}b\end{array}\right)\]`,
  spaced: String.raw`$a\hspace{200em}b\kern900pt c\qquad\rule{90em}{1em}$`,
  undrawn: UNDRAWN,
  word: WORD,
  address: ADDRESS,
  table: TABLE,
};
const ALL = Object.values(TEXTS).join(" Marbles are counted. ");
const day = "2024-05-01";
const papers = Object.entries(TEXTS).map(([id, text], i) => ({
  id,
  title: `Marbles ${text}`,
  abstract: `Marbles are weighed. ${text} Marbles are sold. ${i === 0 ? ALL : ""}`,
  authors: [`Ida ${WORD}`, "Tom Ship"],
  venue: `Journal ${WORD}`,
  categories: [WORD, `Marbles ${WORD}`],
  keywords: [WORD],
  source: WORD,
  organization: WORD,
  url: ADDRESS,
  doi: `10.1234/${WORD.toLowerCase()}${i}`,
  published: day,
  listed: day,
  upvotes: 3,
}));
papers.push({ ...papers[0]!, id: WORD, title: "Marbles and their weight", doi: "10.1234/last" });
const answer = await fetch(`${server.url}api/papers`, {
  method: "POST",
  body: papers.map((paper) => JSON.stringify(paper)).join("\n"),
});
assert.equal(((await answer.json()) as { added: number }).added, papers.length);
for (const { id } of papers)
  await fetch(`${server.url}api/lists/likes/papers/${encodeURIComponent(id)}`, { method: "PUT" });
for (let pending = 1; pending > 0;) {
  const status = (await (await fetch(`${server.url}api/status`)).json()) as Record<string, number>;
  pending = status["pending"]! + status["pendingSentences"]! + status["pendingPoints"]!;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
/** One alert has found all papers; the other asks for a word that no line can hold. */
for (const alert of [
  { name: "new", ask: { from: "2024" }, since: "2000-01-01" },
  { name: "word-".repeat(20).slice(0, 100), ask: { q: WORD, author: [WORD.slice(0, 200)] } },
])
  await fetch(`${server.url}api/alerts`, {
    method: "POST",
    body: JSON.stringify(alert),
    headers: { "content-type": "application/json" },
  });
await fetch(`${server.url}api/alerts/new/run`, { method: "POST" });
for (let unread = 0; unread === 0;) {
  ({ unread } = (await (await fetch(`${server.url}api/alerts`)).json()) as AlertsAnswer);
  await new Promise((resolve) => setTimeout(resolve, 100));
}

const drawn = (page: Page) => page.locator("main math").first().waitFor();
const heading = (page: Page) => page.locator("h1").waitFor();
const VIEWS: [what: string, address: string, ready: (page: Page) => Promise<unknown>][] = [
  ["all papers", "", drawn],
  ["a search", "?q=marbles", drawn],
  ["a search for a long word", `?q=${WORD.slice(0, 500)}`, heading],
  ["a search with long filters", `?q=marbles&venue=Journal+${WORD}&author=${WORD}`, heading],
  ...papers.map(({ id }): (typeof VIEWS)[number] => [
    `the paper "${id.slice(0, 20)}"`,
    `?paper=${id}`,
    async (page) => {
      await page.locator(".related [data-result] math").first().waitFor();
      await page.locator(".drawing").waitFor();
      if (["matrix", "display", "root", "fractions", "text", "array"].includes(id))
        await page.locator("[data-whole] .abstract math").first().waitFor();
    },
  ]),
  ["what is trending", "?view=daily&by=trending", drawn],
  ["a day", `?view=daily&on=${day}`, heading],
  ["recommendations", "?view=for-you", heading],
  ["the library", "?view=library", heading],
  ["a list", "?view=library&of=likes", heading],
  ["the alerts", "?view=alerts", drawn],
  ["the map", "?view=map", heading],
  ["the map with a search on it", "?view=map&q=marbles", heading],
  ["a paper that is not there", `?paper=Nobody${WORD}`, heading],
];

/** Elements that extend beyond the window without being clipped or scrolled, for the failure message. */
const OUTSIDE = `[...document.querySelectorAll("body *")].filter((element) => {
  if (element.getBoundingClientRect().right <= innerWidth + 1) return false;
  for (let parent = element.parentElement; parent !== null && parent !== document.body; parent = parent.parentElement)
    if (getComputedStyle(parent).overflowX !== "visible") return false;
  return true;
}).slice(0, 20).map(({ localName, className }) => localName + "." + className).join(", ")`;

describe("at 320 and at 1280 pixels", () => {
  for (const [what, address, ready] of VIEWS)
    test(`${what} is as wide as the window`, async (t) => {
      const page = await visit(t, browser, server.url + address, {
        viewport: { width: 320, height: 640 },
        expected: /404/,
      });
      await fits(page, ready);
      await page.setViewportSize({ width: 1280, height: 800 });
      await fits(page, ready);
    });
});

async function fits(page: Page, ready: (page: Page) => Promise<unknown>): Promise<void> {
  await ready(page);
  await page.waitForLoadState("networkidle");
  const [content, window] = await page.evaluate<[number, number]>(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  );
  if (content > window) assert.fail(`${content} pixels wide, of ${window}: ${await page.evaluate<string>(OUTSIDE)}`);
}
