/** The view of the sources in a real browser: a real server, and a service of the test's own on this machine. */
import "../tiny.js";
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import type { Page } from "playwright-core";
import type { SourcesAnswer, Status } from "../../src/api.js";
import { temporaryDirectory } from "../sample.js";
import { Service } from "../sources/service.js";
import { focused, hears, openBrowser, results, served, visit, violations, closeBrowser } from "./browser.js";

const TITLES = ["Tides of the moon", "Owls by day", "Rivers that turn back"];
/** Papers that the service has, and whether it answers. */
let papers: string[] = [];
let down = false;
const service = await Service.start(({ query }) => {
  if (down) return { status: 404, body: { message: "gone fishing" } };
  const first = query.get("cursor") === "*";
  const results = papers.map((title, i) => ({
    id: `https://openalex.org/W${i}`,
    title,
    publication_date: "2026-11-20",
    authorships: [{ author: { display_name: "Ada Lovelace" } }],
  }));
  return { body: { meta: { next_cursor: first ? "end" : null }, results: first ? results : [] } };
});
const library = await served(temporaryDirectory);
const browser = await openBrowser();
after(async () => {
  await closeBrowser();
  await library.stop();
  await service.close();
});

const send = (path: string, method: string, body?: object): Promise<Response> =>
  fetch(library.url + path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
const sources = async () => ((await (await fetch(`${library.url}api/sources`)).json()) as SourcesAnswer).sources;
const OPTIONS = { filter: "type:article", baseUrl: service.base };

const status = async () => (await (await fetch(`${library.url}api/status`)).json()) as Status;

/** Adds a source, and waits until its first run has ended, and its papers are embedded, which the page would announce. */
async function added(more: object = {}): Promise<void> {
  const reply = await send("api/sources", "POST", { kind: "openalex", options: OPTIONS, ...more });
  assert.equal(reply.status, 200, await reply.text());
  while ((await sources()).some(({ last, running }) => last === null || running) || (await status()).pending > 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

beforeEach(async () => {
  [papers, down] = [[...TITLES], false];
  for (const { name } of await sources()) await send(`api/sources/${name}?papers=true`, "DELETE");
});

const open = (t: Parameters<typeof visit>[0], more: Parameters<typeof visit>[3] = {}): Promise<Page> =>
  visit(t, browser, `${library.url}?view=sources`, more);
const one = (page: Page, name = "openalex") => page.getByRole("article", { name, exact: true });

async function fill(page: Page, filter = "type:article"): Promise<void> {
  await page.getByLabel("Kind", { exact: true }).selectOption("openalex");
  await page.getByLabel("Filter", { exact: true }).fill(filter);
  await page.getByText("More options").click();
  await page.getByLabel("Base URL").fill(service.base);
}

test("an empty library offers to add a source, whose papers can be previewed and then arrive", async (t) => {
  const page = await visit(t, browser, library.url);
  await page.getByRole("link", { name: "add a source" }).click();
  await page.getByRole("heading", { level: 1, name: "Sources" }).waitFor();
  await page.getByText("There is no source yet.").waitFor();
  await fill(page);
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("status").filter({ hasText: "Its first 3 papers; nothing is stored yet" }).waitFor();
  const previewed = page.getByRole("list", { name: "Its first papers" });
  await previewed.getByText("Tides of the moon").waitFor();
  await previewed.getByText("Ada Lovelace, 2026-11-20").first().waitFor();
  assert.deepEqual(await sources(), [], "a preview stores nothing");
  await page.getByLabel("List that receives its papers").fill("Tides");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await one(page)
    .getByText(/^3 papers\. Ran a few seconds ago: 3 added\. Next run in about 24 hours\.$/)
    .waitFor();
  await one(page).getByText("openalex, every day, into the list Tides").waitFor();
  await page.getByRole("link", { name: "Papers", exact: true }).click();
  await results(page).filter({ hasText: "Tides of the moon" }).waitFor();
});

test("the page of a paper says which sources have brought it", async (t) => {
  await added();
  await added({ name: "again" });
  const page = await open(t);
  await page.getByRole("link", { name: "Papers", exact: true }).click();
  await results(page).filter({ hasText: "Tides of the moon" }).getByRole("link", { name: "Tides of the moon" }).click();
  await page.getByText("Brought by").waitFor();
  await page.getByRole("link", { name: "openalex", exact: true }).waitFor();
  await page.getByRole("link", { name: "again", exact: true }).click();
  await page.getByRole("heading", { name: "Sources" }).waitFor();
});

test("what is wrong with a source is said by the form, and what was typed stays", async (t) => {
  const page = await open(t, { expected: /400|502/ });
  await page.getByLabel("Kind", { exact: true }).selectOption("openalex");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "expected a filter, or words to search for" }).waitFor();
  down = true;
  await fill(page, "a:b");
  await page.getByRole("button", { name: "Preview" }).click();
  await page
    .getByRole("alert")
    .filter({ hasText: /127\.0\.0\.1 answered with status 404.*gone fishing/ })
    .waitFor();
  assert.equal(await page.getByLabel("Filter", { exact: true }).inputValue(), "a:b");
  assert.deepEqual(await sources(), []);
});

test("runs now, and its history says what came, what went wrong, and what to know", async (t) => {
  await added({ options: { ...OPTIONS, max: 2 } });
  const page = await open(t);
  await one(page).getByText("History", { exact: false }).first().click();
  const runs = page.getByRole("list", { name: "Runs of openalex" });
  await runs.getByText(/the limit of this source \(2\)/).waitFor();
  await send("api/sources/openalex", "PATCH", { max: 500 });
  down = true;
  await one(page).getByRole("button", { name: "Run now: openalex" }).click();
  await hears(page, /^openalex: .*404/);
  await one(page)
    .getByText(/Failed a few seconds ago: .*404/)
    .waitFor();
  await runs.getByText(/404.*gone fishing/).waitFor();
  assert.equal(await runs.locator("> li").count(), 2);
});

test("is paused and resumed, with the keyboard alone", async (t) => {
  await added();
  const page = await open(t);
  await one(page).getByRole("button", { name: "Pause: openalex" }).focus();
  await page.keyboard.press("Enter");
  await hears(page, /^openalex paused$/);
  await one(page)
    .getByText(/Paused\. Ran/)
    .waitFor();
  assert.equal(await focused(page).getAttribute("aria-label"), "Resume: openalex");
  assert.equal((await sources())[0]?.paused, true);
  await page.keyboard.press("Enter");
  await one(page)
    .getByText(/Next run in/)
    .waitFor();
  assert.equal((await sources())[0]?.paused, false);
});

test("how often it runs, its list and its limit can be changed", async (t) => {
  await added();
  const page = await open(t);
  await one(page).getByText("Change", { exact: true }).click();
  await one(page).getByLabel("How often it runs").selectOption("6h");
  await one(page).getByLabel("List that receives its papers").fill("Rivers");
  await one(page).getByLabel("Most records of one run").fill("500");
  await page.keyboard.press("Enter");
  await one(page).getByText("openalex, every 6 hours, into the list Rivers").waitFor();
  const [source] = await sources();
  assert.deepEqual([source?.every, source?.list, source?.options["max"]], ["6h", "Rivers", 500]);
});

test("is removed after a question, without its papers or with them", async (t) => {
  await added({ name: "kept" });
  papers = ["Something else entirely"];
  await added({ name: "gone", options: { ...OPTIONS, filter: "other" } });
  const page = await open(t);
  const ask = (name: string) => one(page, name).getByRole("button", { name: `Remove: ${name}` });
  await ask("kept").click();
  const yes = focused(page).filter({ hasText: "Yes, keep its papers" });
  await yes.waitFor();
  await one(page, "kept").getByRole("button", { name: "No", exact: true }).click();
  await page.locator('[aria-label="Remove: kept"]:focus').waitFor();
  assert.equal((await sources()).length, 2);
  await ask("kept").click();
  await yes.waitFor();
  await page.keyboard.press("Enter");
  await hears(page, /^kept removed$/);
  await page.locator("h1:focus").waitFor();
  const before = (await status()).papers;
  await ask("gone").click();
  await one(page, "gone").getByRole("button", { name: "Yes, with the papers that only it brought" }).click();
  await hears(page, /^gone removed, with \d papers?$/);
  await page.getByText("There is no source yet.").waitFor();
  const { papers: left } = await status();
  assert.ok(left < before, `${left} of ${before} papers are left`);
});

for (const width of [1440, 390])
  test(`no violation, in both colour schemes, at ${width} pixels`, async (t) => {
    await added({ options: { ...OPTIONS, max: 2 } });
    const page = await open(t, { viewport: { width, height: 844 } });
    await one(page).getByText("History", { exact: false }).first().click();
    await page.getByRole("list", { name: "Runs of openalex" }).waitFor();
    await one(page).getByText("Change", { exact: true }).click();
    await one(page).getByRole("button", { name: "Remove: openalex" }).click();
    await fill(page);
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByRole("list", { name: "Its first papers" }).waitFor();
    assert.deepEqual(await violations(page), []);
  });

test("fits 320 pixels, for every kind", async (t) => {
  await added({ name: `a-${"very-".repeat(15)}long-name` });
  const page = await open(t, { viewport: { width: 320, height: 640 } });
  const kind = page.getByLabel("Kind", { exact: true });
  await kind.waitFor();
  const kinds = (await kind.locator("option").allInnerTexts()).map((words) => words.split(":")[0]!);
  assert.ok(kinds.includes("folder"), "the person at this machine may add a folder");
  await page.getByText("More options").click();
  for (const one of kinds) {
    await kind.selectOption(one);
    assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true, `${one} overflows`);
  }
});
