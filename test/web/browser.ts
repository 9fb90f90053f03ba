/** A real Chromium on a real server, for tests of the page. What goes wrong in the browser is a failure of the test. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { TestContext } from "node:test";
import chromium from "@sparticuz/chromium";
import { type Browser, type BrowserContextOptions, chromium as playwright, type Page } from "playwright-core";
import type { ListsAnswer } from "../../src/api.js";
import { openKindred } from "../../src/kindred.js";
import { DISLIKES, LIKES } from "../../src/core/list.js";
import { createLogger } from "../../src/server/log.js";
import { serve, type ServeOptions } from "../../src/server/serve.js";

/** Milliseconds the page may take for anything: generous, for machines that do other things as well. */
const PATIENCE = 30_000;
/** What a processor that stands in for a graphics card says of its work. */
const SLOW = /GPU stall due to ReadPixels/;
const ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--enable-unsafe-swiftshader"];

/**
 * Chromium as the package brings it, or the one that CHROMIUM names. Without a graphics card, whose work the processor
 * does.
 */
export async function openBrowser(more: readonly string[] = []): Promise<Browser> {
  const own = process.env["CHROMIUM"];
  const executablePath = own !== undefined && existsSync(own) ? own : await chromium.executablePath();
  return playwright.launch({ executablePath, args: [...ARGUMENTS, ...more] });
}

export interface Served {
  url: string;
  /** Ends the server, and forgets its directory. */
  stop: () => Promise<void>;
  /** Ends the server alone, and starts it again at the same address. */
  crash: () => Promise<void>;
  restart: () => Promise<void>;
}

type Cleanup = { after(work: () => unknown): void };

/** Serves a directory on a free port. It is made, and in the end removed, by `make`. */
export async function served(
  make: (cleanup: Cleanup) => string | Promise<string>,
  options: Partial<ServeOptions> = {},
): Promise<Served> {
  const last: (() => unknown)[] = [];
  const directory = await make({ after: (work) => void last.push(work) });
  const complaints: string[] = [];
  const kindred = await openKindred({ directory, workers: 1 });
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

/** What it complains of when the server ends under it; one that is about to end says so. */
export const GONE =
  /503|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING/;

export interface Visit extends BrowserContextOptions {
  /** What the browser may complain of in this test, because the test is about it. */
  expected?: RegExp;
}

/** Opens a page of its own; when the test is over, fails it for whatever the browser complained of. */
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
    // What was typed over, or left, is given up on purpose.
    const reason = request.failure()?.errorText ?? "";
    if (reason !== "net::ERR_ABORTED") complaints.push(`${reason} ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    const unexpected = complaints.filter((complaint) => expected?.test(complaint) !== true);
    // A test that has failed already tells nothing of what fails behind it.
    for (const complaint of unexpected) t.diagnostic(complaint);
    assert.deepEqual(unexpected, [], "the browser complained");
  });
  await page.goto(url);
  return page;
}

/** Waits until the page says so to those who listen. */
export async function hears(page: Page, words: RegExp): Promise<void> {
  await page.locator("#announcer").filter({ hasText: words }).waitFor({ state: "attached" });
}

/** Waits until the page says so of an import. */
export async function hearsOfImport(page: Page, words: RegExp): Promise<void> {
  await page.locator("#app > [role=status]").filter({ hasText: words }).waitFor({ state: "attached" });
}

/** Drops a file on the page as a person does from a folder. */
export async function drop(page: Page, name: string, content: string): Promise<void> {
  // In words, because what runs in the browser is checked against the browser's types, which the tests do not have.
  const dataTransfer = await page.evaluateHandle(
    `(() => {
      const files = new DataTransfer();
      files.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}));
      return files;
    })()`,
  );
  for (const type of ["dragenter", "dragover", "drop"]) await page.dispatchEvent("body", type, { dataTransfer });
}

/** Words that no title of the sample holds, and the paper they are about. */
export const SECRET = "how can two strangers agree on a secret key over a line that anybody can tap";
export const DIFFIE = "New directions in cryptography";

export const results = (page: Page) => page.locator("[data-result]");
const fresh = (page: Page) => page.locator(".listing:not(.stale) [data-result]");
export const firstTitle = (page: Page) => results(page).first().getByRole("heading");
export const searchField = (page: Page) => page.getByRole("searchbox", { name: "Search papers" });
export const focused = (page: Page) => page.locator(":focus");

/** Searches as a person does, with Enter, and waits for what is found. */
export async function ask(page: Page, words: string): Promise<void> {
  await searchField(page).fill(words);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: words.slice(0, 100) }).waitFor();
  await fresh(page).first().waitFor();
}

/** Titles of the papers that are listed, once they answer what was asked last. */
export async function titles(page: Page): Promise<string[]> {
  await fresh(page).first().waitFor();
  return results(page).locator(".title").allInnerTexts();
}

/** Takes all papers out of likes and dislikes, and deletes all other lists. */
export async function forgetLists(url: string): Promise<void> {
  const { lists } = (await (await fetch(`${url}api/lists`)).json()) as ListsAnswer;
  for (const { name, ids } of lists) {
    const path = `${url}api/lists/${encodeURIComponent(name)}`;
    for (const id of ids) await fetch(`${path}/papers/${encodeURIComponent(id)}`, { method: "DELETE" });
    if (name !== LIKES && name !== DISLIKES) await fetch(path, { method: "DELETE" });
  }
}
