/** A real Chromium with a real server, for tests of the page. Any error in the browser fails the test. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { TestContext } from "node:test";
import chromium from "@sparticuz/chromium";
import axe, { type AxeResults } from "axe-core";
import { type Browser, type BrowserContextOptions, chromium as playwright, type Page } from "playwright-core";
import type { ListsAnswer } from "../../src/api.js";
import { openKindred, type OpenOptions } from "../../src/kindred.js";
import { DISLIKES, LIKES } from "../../src/core/list.js";
import { createLogger } from "../../src/server/log.js";
import { serve, type ServeOptions } from "../../src/server/serve.js";

/** Timeout for everything on the page in milliseconds, generous for busy machines. */
const PATIENCE = 30_000;
/** Warnings about slow software rendering. */
const SLOW = /GPU stall due to ReadPixels/;
const ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--enable-unsafe-swiftshader"];

/** The browser that the test files of a process share, because starting one takes a second, and how many of them use it. */
let shared: Promise<Browser> | undefined;
let users = 0;

/**
 * The package's Chromium, or the one that CHROMIUM names, with software rendering. A test file closes it by `closeBrowser`.
 *
 * @param more Arguments of a browser that is not shared.
 */
export async function openBrowser(more: readonly string[] = []): Promise<Browser> {
  if (more.length > 0) return launch(more);
  users++;
  return (shared ??= launch([]));
}

/** Closes the shared browser when no other test file uses it. */
export async function closeBrowser(): Promise<void> {
  if (--users > 0) return;
  const browser = await shared;
  shared = undefined;
  await browser?.close();
}

async function launch(more: readonly string[]): Promise<Browser> {
  const own = process.env["CHROMIUM"];
  const executablePath = own !== undefined && existsSync(own) ? own : await chromium.executablePath();
  return playwright.launch({ executablePath, args: [...ARGUMENTS, ...more] });
}

export interface Served {
  url: string;
  /** Stops the server and removes its directory. */
  stop: () => Promise<void>;
  /** Stops only the server, and starts it again at the same address. */
  crash: () => Promise<void>;
  restart: () => Promise<void>;
}

type Cleanup = { after(work: () => unknown): void };

/** Serves a directory on a free port. `make` creates the directory, and removes it in the end. */
export async function served(
  make: (cleanup: Cleanup) => string | Promise<string>,
  options: Partial<ServeOptions> = {},
  more: OpenOptions = {},
): Promise<Served> {
  const last: (() => unknown)[] = [];
  const directory = await make({ after: (work) => void last.push(work) });
  const complaints: string[] = [];
  const kindred = await openKindred({ directory, workers: 1, ...more });
  const start = (port: number) =>
    serve(kindred, {
      host: "127.0.0.1",
      port,
      log: createLogger("error", { write: (line) => void complaints.push(line) }),
      ...options,
    });
  let serving = await start(0);
  return {
    url: serving.url,
    crash: () => serving.close(),
    restart: async () => {
      serving = await start(Number(new URL(serving.url).port));
    },
    stop: async () => {
      await serving.close();
      await kindred.close();
      for (const work of last) await work();
      assert.deepEqual(complaints, [], "the server logged errors");
    },
  };
}

/** Errors of the browser when the server stops, and of a server that is shutting down. */
export const GONE =
  /503|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING/;

export interface Visit extends BrowserContextOptions {
  /** Browser errors that this test expects. */
  expected?: RegExp;
}

/** Opens a new page. When the test ends, any unexpected browser error fails it. */
export async function visit(
  t: Pick<TestContext, "after" | "diagnostic">,
  browser: Browser,
  url: string,
  { expected, ...options }: Visit = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if ((message.type() === "error" || message.type() === "warning") && !SLOW.test(message.text()))
      complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  page.on("requestfailed", (request) => {
    // Requests that a newer query or another view replaces are aborted on purpose.
    const reason = request.failure()?.errorText ?? "";
    if (reason !== "net::ERR_ABORTED") complaints.push(`${reason} ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    const unexpected = complaints.filter((complaint) => expected?.test(complaint) !== true);
    // After a failed test, further errors mean nothing.
    for (const complaint of unexpected) t.diagnostic(complaint);
    assert.deepEqual(unexpected, [], "the browser complained");
  });
  await page.goto(url);
  return page;
}

/** Waits until the page announces a text to screen readers. */
export async function hears(page: Page, words: RegExp): Promise<void> {
  await page.locator("#announcer").filter({ hasText: words }).waitFor({ state: "attached" });
}

/** Waits until the page shows a text about an import. */
export async function hearsOfImport(page: Page, words: RegExp): Promise<void> {
  await page.locator("#app > [role=status]").filter({ hasText: words }).waitFor({ state: "attached" });
}

/** Drops a file on the page, as from a folder. */
export async function drop(page: Page, name: string, content: string): Promise<void> {
  // A string, because tests are compiled without the browser's types.
  const dataTransfer = await page.evaluateHandle(
    `(() => {
      const files = new DataTransfer();
      files.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}));
      return files;
    })()`,
  );
  for (const type of ["dragenter", "dragover", "drop"]) await page.dispatchEvent("body", type, { dataTransfer });
}

/** Words that are in no title of the sample, and the paper they describe. */
export const SECRET = "how can two strangers agree on a secret key over a line that anybody can tap";
export const DIFFIE = "New directions in cryptography";

export const results = (page: Page) => page.locator("[data-result]");
const fresh = (page: Page) => page.locator(".listing:not(.stale) [data-result]");
export const firstTitle = (page: Page) => results(page).first().getByRole("heading");
export const searchField = (page: Page) => page.getByRole("searchbox", { name: "Search papers" });
export const focused = (page: Page) => page.locator(":focus");

/** Types a query, presses Enter, and waits for the results. */
export async function ask(page: Page, words: string): Promise<void> {
  await searchField(page).fill(words);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: words.slice(0, 100) }).waitFor();
  await fresh(page).first().waitFor();
}

/** Titles of the listed papers, after the last query was answered. */
export async function titles(page: Page): Promise<string[]> {
  await fresh(page).first().waitFor();
  return results(page).locator(".title").allInnerTexts();
}

/** Empties likes and dislikes, and deletes all other lists. */
export async function forgetLists(url: string): Promise<void> {
  const { lists } = (await (await fetch(`${url}api/lists`)).json()) as ListsAnswer;
  for (const { name, ids } of lists) {
    const path = `${url}api/lists/${encodeURIComponent(name)}`;
    for (const id of ids) await fetch(`${path}/papers/${encodeURIComponent(id)}`, { method: "DELETE" });
    if (name !== LIKES && name !== DISLIKES) await fetch(path, { method: "DELETE" });
  }
}

/** Rules of axe that look at colours, the only thing that depends on the scheme: test/web/colours.test.ts. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** axe's violations in either colour scheme, with the elements. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
  const wrong: string[] = [];
  for (const [colorScheme, rules] of [
    ["light", {}],
    ["dark", { runOnly: OF_COLOURS }],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    const options = JSON.stringify({ resultTypes: ["violations"], ...rules });
    const found: AxeResults["violations"] = await page.evaluate(
      `axe.run(${options}).then(({ violations }) => violations)`,
    );
    for (const { id, help, nodes } of found)
      for (const { html } of nodes) wrong.push(`${colorScheme}: ${id}: ${help}: ${html.slice(0, 200)}`);
  }
  return wrong;
}
