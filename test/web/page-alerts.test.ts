/** Alerts on the page: following what is shown, and the view of what each alert has found. */
import "../tiny.js";
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import type { Page } from "playwright-core";
import type { Alert, AlertsAnswer, NewAlert, Status } from "../../src/api.js";
import { temporaryDirectory } from "../sample.js";
import { focused, hears, openBrowser, results, served, visit, violations, closeBrowser } from "./browser.js";

const library = await served(temporaryDirectory);
const browser = await openBrowser();
after(async () => {
  await closeBrowser();
  await library.stop();
});

const send = async (path: string, method: string, body?: object): Promise<void> => {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const reply = await fetch(library.url + path, { method, headers: { "content-type": "application/json" }, ...text });
  assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${await reply.text()}`);
};
const answer = async <T>(path: string): Promise<T> => (await (await fetch(library.url + path)).json()) as T;
const alerts = async (): Promise<Alert[]> => (await answer<AlertsAnswer>("api/alerts")).alerts;

/** Imports papers, and waits until they are embedded: the page would announce it, and alerts wait for it. */
async function brought(...records: object[]): Promise<void> {
  const body = records.map((record) => JSON.stringify(record)).join("\n");
  const reply = await fetch(`${library.url}api/papers`, { method: "POST", body });
  assert.ok(reply.ok, await reply.text());
  const isPending = async () => {
    const { pending, pendingSentences } = await answer<Status>("api/status");
    return pending + pendingSentences > 0;
  };
  while (await isPending()) await new Promise((resolve) => setTimeout(resolve, 50));
}

let papers = 0;
/** A new paper on tides in a category. */
const paper = (category: string) => ({
  id: `tides-${++papers}`,
  title: `Tides of the moon, part ${papers}`,
  abstract: `The sea rises twice a day. Tides follow the moon in part ${papers}.`,
  categories: [category],
  published: "2026-11-20",
  listed: "2026-11-21",
  upvotes: papers,
});
await brought(paper("physics"), paper("physics"));

const TIDES: NewAlert = { name: "tides", ask: { q: "tides", mode: "lexical", category: ["physics"] } };

/** A mail server that nobody can reach: what is sent waits. */
const UNREACHABLE = { KINDRED_SMTP: "smtp://127.0.0.1:1", KINDRED_MAIL_FROM: "kindred@example.org" };

beforeEach(async () => {
  for (const name of Object.keys(UNREACHABLE)) delete process.env[name];
  for (const { name } of await alerts()) await send(`api/alerts/${encodeURIComponent(name)}`, "DELETE");
});

const open = (t: Parameters<typeof visit>[0], more: Parameters<typeof visit>[3] = {}): Promise<Page> =>
  visit(t, browser, `${library.url}?view=alerts`, more);
const one = (page: Page, name: string) => page.getByRole("article", { name: new RegExp(`^${name}\\b`) });
const inViews = (page: Page, name: RegExp) =>
  page.getByRole("navigation", { name: "Kindred", exact: true }).getByRole("link", { name });

test("without alerts the view says what they are; a search is followed with its filters, its mode and a schedule", async (t) => {
  const page = await open(t);
  await page.getByText("An alert keeps a question").getByRole("link", { name: "search" }).click();
  await results(page).first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Follow this search" }).count(), 0, "all papers ask nothing");
  await page.goto(`${library.url}?q=tides&mode=lexical&category=physics`);
  await page.getByRole("button", { name: "Follow this search" }).click();
  const dialog = page.getByRole("dialog", { name: "Follow this search" });
  await dialog.getByText("Papers on “tides”, words only; category physics").waitFor();
  await dialog.getByText("The first now is “Tides of the moon").waitFor();
  assert.equal(await focused(page).inputValue(), "tides");
  await page.keyboard.type("Sea");
  await dialog.getByLabel("How often").selectOption("week");
  await dialog.getByLabel("At", { exact: true }).fill("07:30");
  await dialog.getByLabel("Days").selectOption("mon-fri");
  await dialog.getByLabel("At most").fill("5");
  await page.keyboard.press("Enter");
  await hears(page, /^Following, as the alert Sea$/);
  await page.locator("a:focus", { hasText: "Following" }).waitFor();
  const [alert] = await alerts();
  assert.deepEqual(alert?.ask, TIDES.ask);
  assert.deepEqual(
    [alert?.name, alert?.every, alert?.at, alert?.days, alert?.atMost],
    ["Sea", "week", "07:30", "mon-fri", 5],
  );
  await page.keyboard.press("Enter");
  await page.locator("h2:focus", { hasText: "Sea" }).waitFor();
  await one(page, "Sea").getByText("every week at 07:30, Monday to Friday, at most 5 papers").waitFor();
  await one(page, "Sea").getByRole("link", { name: "Papers on “tides”, words only; category physics" }).click();
  await page.getByRole("link", { name: "Following, as the alert Sea" }).waitFor();
});

test("what is wrong with a name is said in the dialog, and Escape makes no alert", async (t) => {
  await send("api/alerts", "POST", { ...TIDES, name: "sea" });
  const page = await visit(t, browser, `${library.url}?category=physics`, { expected: /400/ });
  await page.getByRole("button", { name: "Follow this category" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/\d papers match now/).waitFor();
  await dialog.getByLabel("Name").fill("sea");
  await page.keyboard.press("Enter");
  await dialog.getByRole("alert").filter({ hasText: "choose another name" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("button:focus", { hasText: "Follow this category" }).waitFor();
  assert.equal((await alerts()).length, 1);
});

test("lists, For you, the daily papers and what is trending can be followed", async (t) => {
  await send("api/lists/likes/papers/tides-1", "PUT");
  await send("api/lists/Sea", "PUT");
  await send("api/lists/Sea/papers/tides-1", "PUT");
  const page = await open(t);
  const asked: [address: string, words: string, name: string, ask: object][] = [
    ["?view=library&of=Sea", "Follow: more like these", "Like Sea", { basedOn: ["Sea"] }],
    ["?view=for-you", "Follow: more like these", "For you", { basedOn: ["likes"] }],
    ["?view=daily", "Follow the daily papers", "Daily papers", { daily: true }],
    ["?view=daily&by=trending", "Follow what is trending", "Trending", { trending: true }],
  ];
  for (const [address, words, name, ask] of asked) {
    await page.goto(library.url + address);
    await page.getByRole("button", { name: words }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Follow", exact: true }).click();
    await page.getByRole("link", { name: `Following, as the alert ${name}` }).waitFor();
    assert.deepEqual((await alerts()).find((alert) => alert.name === name)?.ask, ask);
  }
  await page.goto(`${library.url}?view=library&of=likes`);
  await page.getByRole("link", { name: "Following, as the alert For you" }).waitFor();
  await page.goto(`${library.url}?view=library&of=dislikes`);
  await page.getByRole("heading", { level: 1, name: "Not for me" }).waitFor();
  assert.equal(await page.getByText("Follow").count(), 0);
});

test("runs now; what is unread is counted until it is marked as seen", async (t) => {
  await send("api/alerts", "POST", TIDES);
  await send("api/alerts", "POST", { name: "all", ask: { category: ["physics"] } });
  await brought(paper("physics"), paper("biology"));
  const page = await open(t);
  await one(page, "tides")
    .getByText(/^0 papers found\. It has not run yet\. Next run in /)
    .waitFor();
  await one(page, "tides").getByText("Preview", { exact: true }).click();
  await one(page, "tides").getByText("It would report these now").waitFor();
  await one(page, "tides").getByRole("button", { name: "Run now: tides" }).click();
  await hears(page, /^tides: 1 new paper$/);
  await one(page, "tides").getByText("What it has found", { exact: true }).click();
  const runs = page.getByRole("list", { name: "Runs of tides" });
  await runs.getByText(/, unread$/).waitFor();
  await runs.getByText("Tides follow the moon in part 3.").waitFor();
  await inViews(page, /^Alerts\W+1 unread paper$/).waitFor();
  await one(page, "all").getByRole("button", { name: "Run now: all" }).click();
  await inViews(page, /^Alerts\W+2 unread papers$/).waitFor();
  await one(page, "tides").getByRole("button", { name: "Mark as seen: tides" }).focus();
  await page.keyboard.press("Enter");
  await hears(page, /^tides: marked as seen$/);
  await page.locator("h2:focus", { hasText: "tides" }).waitFor();
  await inViews(page, /^Alerts\W+1 unread paper$/).waitFor();
  await page.getByRole("button", { name: "Mark all as seen" }).click();
  await page.locator("h1:focus").waitFor();
  await inViews(page, /^Alerts$/).waitFor();
  await runs.getByRole("link", { name: "Tides of the moon, part 3" }).click();
  await page.getByRole("heading", { level: 1, name: "Tides of the moon, part 3" }).waitFor();
});

test("says which like a paper is closest to, how many more there were, and links to them", async (t) => {
  await send("api/lists/likes/papers/tides-1", "PUT");
  await send("api/alerts", "POST", { name: "mine", ask: { basedOn: ["likes"] }, atMost: 1 });
  await brought(paper("physics"), paper("physics"), paper("physics"));
  await send("api/alerts/mine/run", "POST");
  const page = await open(t);
  while ((await alerts())[0]?.found === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await page.goto(`${library.url}?view=alerts&alert=mine`);
  const runs = page.getByRole("list", { name: "Runs of mine" });
  await runs.getByText("Closest to Tides of the moon, part 1").waitFor();
  await runs.getByRole("link", { name: "and 2 more" }).click();
  await results(page).nth(2).waitFor();
  assert.equal(await results(page).count(), 3);
});

test("an alert that fails says why", async (t) => {
  await send("api/lists/Gone", "PUT");
  await send("api/alerts", "POST", { name: "gone", ask: { basedOn: ["Gone"] } });
  await send("api/lists/Gone", "DELETE");
  const page = await open(t);
  await one(page, "gone").getByRole("button", { name: "Run now: gone" }).click();
  await one(page, "gone")
    .getByText(/Failed a few seconds ago: .*Gone/)
    .waitFor();
});

test("an alert that does not run in time says that it waits, and can be run again", async (t) => {
  await send("api/alerts", "POST", TIDES);
  const page = await open(t);
  const run = one(page, "tides").getByRole("button", { name: "Run now: tides" });
  await run.waitFor();
  await page.route("**/api/alerts/tides/run", (route) => route.fulfill({ status: 204 }));
  let answered = (): void => {};
  const held = new Promise<void>((resolve) => (answered = resolve));
  await page.route("**/api/alerts", async (route) => {
    await held;
    await route.continue();
  });
  await run.click();
  await one(page, "tides").getByText("Running now.").waitFor();
  answered();
  await one(page, "tides")
    .getByRole("alert")
    .filter({ hasText: "It has not run yet: papers are being embedded" })
    .waitFor();
  await run.waitFor();
});

test("is paused, changed and renamed, and removed after a question, with the focus kept", async (t) => {
  await send("api/alerts", "POST", { name: "mine", ask: { basedOn: ["likes"] } });
  const page = await open(t);
  await one(page, "mine").getByRole("button", { name: "Pause: mine" }).focus();
  await page.keyboard.press("Enter");
  await hears(page, /^mine paused$/);
  await page.locator('[aria-label="Resume: mine"]:focus').waitFor();
  await one(page, "mine")
    .getByText(/Paused\. It has not run yet/)
    .waitFor();
  await one(page, "mine").getByText("Change", { exact: true }).click();
  await one(page, "mine").getByLabel("How often").selectOption("month");
  await one(page, "mine").getByLabel("Least similarity").fill("0.4");
  await one(page, "mine").getByLabel("Name").fill("ours");
  await page.keyboard.press("Enter");
  await page.locator("h2:focus", { hasText: "ours" }).waitFor();
  await one(page, "ours").getByText("every month at 08:00, at most 20 papers, similarity at least 0.4").waitFor();
  const [alert] = await alerts();
  assert.deepEqual([alert?.name, alert?.every, alert?.atLeastSimilarity, alert?.paused], ["ours", "month", 0.4, true]);
  await one(page, "ours").getByRole("button", { name: "Remove: ours" }).click();
  await page.locator("button:focus", { hasText: "Yes, remove" }).waitFor();
  await one(page, "ours").getByRole("button", { name: "No", exact: true }).click();
  await page.locator('[aria-label="Remove: ours"]:focus').waitFor();
  await page.keyboard.press("Enter");
  await page.locator("button:focus", { hasText: "Yes, remove" }).press("Enter");
  await hears(page, /^ours removed$/);
  await page.locator("h1:focus").waitFor();
  await page.getByText("An alert keeps a question").waitFor();
  assert.deepEqual(await alerts(), []);
});

test("an alert is previewed and followed with a date and e-mail addresses, which are then added and removed", async (t) => {
  Object.assign(process.env, UNREACHABLE);
  const page = await visit(t, browser, `${library.url}?q=tides&mode=lexical&category=physics`);
  await page.getByRole("button", { name: "Follow this search" }).click();
  const dialog = page.getByRole("dialog", { name: "Follow this search" });
  await dialog.getByText("Preview", { exact: true }).click();
  await dialog.getByText("Of the papers here, it would have reported these").waitFor();
  await dialog.getByText("More", { exact: true }).click();
  await dialog.getByLabel(/published since/).fill("2030");
  await dialog.getByText("It would report nothing now").waitFor();
  await dialog.getByLabel(/published since/).fill("2026-11");
  await dialog.getByText("It would report these now").waitFor();
  await dialog.getByLabel(/^E-mail/).fill("anna@example.org, ben@example.org");
  await page.keyboard.press("Enter");
  await page.locator("a:focus", { hasText: "Following" }).press("Enter");
  const tides = one(page, "tides");
  await tides.getByText("published since 2026-11").waitFor();
  await tides.getByText("Sent to 2 addresses").click();
  const listed = page.getByRole("list", { name: "E-mail addresses of tides" }).getByRole("listitem");
  await listed.filter({ hasText: "anna@example.org" }).getByText("Active.").waitFor();
  await tides.getByRole("button", { name: "Remove: ben@example.org" }).click();
  await hears(page, /^ben@example\.org removed$/);
  await page.locator("summary:focus", { hasText: "Sent to 1 address" }).waitFor();
  await tides.getByLabel("Add addresses").fill("carla@example.org");
  await page.keyboard.press("Enter");
  await hears(page, /^1 address added$/);
  await tides.getByText("Sent to 2 addresses").waitFor();
  assert.equal(await tides.getByLabel("Add addresses").inputValue(), "");
  await tides.getByRole("button", { name: "Run now: tides" }).click();
  await listed
    .filter({ hasText: "anna@example.org" })
    .getByText(/^Active; \d+ papers? not sent yet/)
    .waitFor();
  const [alert] = await alerts();
  assert.deepEqual(
    [alert?.since, alert?.to.map(({ address }) => address)],
    ["2026-11", ["anna@example.org", "carla@example.org"]],
  );
});

test("a webhook is added with a new alert and to one, shows its secret, and is removed", async (t) => {
  const page = await visit(t, browser, `${library.url}?q=tides&mode=lexical`, { expected: /400/ });
  await page.getByRole("button", { name: "Follow this search" }).click();
  const dialog = page.getByRole("dialog", { name: "Follow this search" });
  await dialog.getByText("More", { exact: true }).click();
  await dialog.getByLabel("Webhook").fill("https://example.org/new");
  await page.keyboard.press("Enter");
  await page.locator("a:focus", { hasText: "Following" }).press("Enter");
  const tides = one(page, "tides");
  await tides.getByText("Sent to 1 address").click();
  const listed = page.getByRole("list", { name: "Webhooks of tides" }).getByRole("listitem");
  await listed.getByText("https://example.org/new").waitFor();
  await listed.getByText("Secret").click();
  await listed.getByText(/^whsec_/).waitFor();
  const field = tides.getByLabel("Add a webhook");
  await field.fill("https://user:word@example.org/");
  await page.keyboard.press("Enter");
  await tides.getByRole("alert").filter({ hasText: "without a user and a password" }).waitFor();
  await field.fill("https://example.org/second");
  await page.keyboard.press("Enter");
  await hears(page, /^Webhook added$/);
  await listed.nth(1).waitFor();
  await tides.getByRole("button", { name: "Remove: https://example.org/new" }).click();
  await hears(page, /^Webhook removed$/);
  await page.locator("summary:focus", { hasText: "More" }).waitFor();
  assert.deepEqual(
    (await alerts())[0]?.webhooks.map(({ url }) => url),
    ["https://example.org/second"],
  );
});

test("where the server cannot send mail, the page says what is missing", async (t) => {
  await send("api/alerts", "POST", { ...TIDES, to: ["anna@example.org"] });
  const page = await open(t);
  await one(page, "tides").getByText("Sent to 1 address").click();
  await one(page, "tides").getByText("Whoever runs it sets KINDRED_SMTP").waitFor();
  await one(page, "tides").getByText("anna@example.org").waitFor();
  assert.equal(await page.getByLabel("Add addresses").count(), 0);
});

test("an author, a venue and a category of a paper are followed with one click", async (t) => {
  await send("api/alerts", "POST", { name: "physics", ask: { category: ["physics"] } });
  const record = { ...paper("physics"), id: "lovelace", authors: ["Ada Lovelace", "Mary Somerville"], venue: "Sea" };
  await brought(record);
  const page = await visit(t, browser, `${library.url}?paper=lovelace`);
  const menu = page.locator("summary", { hasText: "Follow" });
  await menu.click();
  await page.getByRole("link", { name: "physics category Following" }).waitFor();
  await page.getByRole("button", { name: "Follow Ada Lovelace author" }).focus();
  await page.keyboard.press("Enter");
  await hears(page, /^Following the author Ada Lovelace$/);
  await page.locator("a:focus", { hasText: "Ada Lovelace" }).waitFor();
  await page.getByRole("button", { name: "Follow Sea venue" }).click();
  await page.getByRole("link", { name: "Sea venue Following" }).waitFor();
  assert.deepEqual(
    (await alerts()).map(({ name, ask }) => [name, ask]),
    [
      ["Ada Lovelace", { author: ["Ada Lovelace"] }],
      ["Sea", { venue: ["Sea"] }],
      ["physics", { category: ["physics"] }],
    ],
  );
  await page.keyboard.press("Escape");
  await page.locator("summary:focus", { hasText: "Following" }).waitFor();
  await page.goto(`${library.url}?author=Mary+Somerville`);
  await page.getByRole("button", { name: "Follow this author" }).waitFor();
});

test("every view has its feed, in a dialog and in the head of the page", async (t) => {
  await send("api/alerts", "POST", TIDES);
  const page = await visit(t, browser, `${library.url}?q=tides&category=physics`);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const address = `${library.url}feeds/atom/search?q=tides&category=physics`;
  const inHead = page.locator('link[rel="alternate"][type="application/atom+xml"]');
  await page.locator(`link[rel="alternate"][href="${address}"]`).waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Feed" }).waitFor();
  await page.keyboard.press("f");
  const dialog = page.getByRole("dialog", { name: "Feed" });
  await dialog.getByText(address).waitFor();
  await page.locator("button:focus", { hasText: "Copy" }).press("Enter");
  await dialog.getByText("Copied.").waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), address);
  await dialog.getByLabel("JSON Feed").check();
  await dialog.getByText("/feeds/json/search").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("button:focus", { hasText: "Feed" }).waitFor();
  await inViews(page, /^Daily/).click();
  await page.locator(`link[rel="alternate"][href="${library.url}feeds/atom/daily"]`).waitFor({ state: "attached" });
  assert.equal(await inHead.count(), 1);
  await inViews(page, /^Alerts/).click();
  await one(page, "tides").getByRole("button", { name: "Feed: tides" }).click();
  await page.getByRole("dialog", { name: "Feed" }).getByText("/feeds/atom/alerts/tides").waitFor();
  await page.keyboard.press("Escape");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "All feeds (OPML)" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "kindred.opml");
  for (const path of ["atom/search?q=tides", "json/alerts/tides", "atom/daily", "opml"])
    assert.equal((await fetch(`${library.url}feeds/${path}`)).status, 200, path);
});

test("says what came since the last visit, and notifies of what alerts find meanwhile", async (t) => {
  await send("api/alerts", "POST", TIDES);
  await send("api/lists/likes/papers/tides-1", "PUT");
  const page = await open(t);
  // This browser has no desktop: it is given one, which notes what it is asked.
  await page.addInitScript(
    `window.asked = [];
     window.Notification = class extends EventTarget {
       static permission = "default";
       static async requestPermission() { asked.push("permission"); return (this.permission = "granted"); }
       constructor(title, { body }) { super(); asked.push(title + "; " + body); window.last = this; }
     };`,
  );
  await page.reload();
  await one(page, "tides").waitFor();
  assert.deepEqual(await page.evaluate("asked"), [], "permission is asked only by the button");
  await page.getByRole("button", { name: "Notify me while this page is open" }).click();
  await hears(page, /^Notifications are on/);
  await page.getByRole("button", { name: "Turn off notifications" }).waitFor();
  await brought(paper("physics"), paper("physics"));
  await send("api/alerts/tides/run", "POST");
  while ((await alerts())[0]?.found === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
  while ((await page.evaluate<number>("asked.length")) < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(await page.evaluate("asked"), ["permission", "2 new papers; tides: 2"]);
  await page.evaluate('last.dispatchEvent(new Event("click"))');
  await page.locator("h2:focus", { hasText: "tides" }).waitFor();
  await page.getByRole("button", { name: "Turn off notifications" }).click();
  await page.getByRole("button", { name: "Notify me while this page is open" }).waitFor();

  const { newest } = await answer<Status>("api/status");
  const yesterday = Date.now() - 86_400_000;
  const kept = JSON.stringify({ at: yesterday, newest: newest - 2, since: 0 });
  await page.evaluate(`localStorage.setItem("kindred.visit /", ${JSON.stringify(kept)})`);
  await page.goto(library.url);
  await page.getByRole("link", { name: "2 papers are new since your last visit yesterday" }).waitFor();
  await page.getByRole("link", { name: "Those for you first" }).waitFor();
  await page.getByRole("link", { name: "2 unread papers in Alerts" }).click();
  await one(page, "tides").waitFor();
});

for (const width of [1440, 320])
  test(`no violation, in both colour schemes, and nothing too wide at ${width} pixels`, async (t) => {
    const name = `a-${"very-".repeat(15)}long-name`;
    Object.assign(process.env, UNREACHABLE);
    await send("api/alerts", "POST", { ...TIDES, name, to: ["anna@example.org"] });
    await brought(paper("physics"), { ...paper("biology"), id: "lovelace", authors: ["Ada Lovelace"] });
    const page = await open(t, { viewport: { width, height: 844 } });
    const fits = async (what: string) =>
      assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true, what);
    await page.getByRole("button", { name: `Run now: ${name}` }).click();
    await hears(page, /: 1 new paper$/);
    await page.getByText("What it has found", { exact: true }).click();
    await page.getByRole("list", { name: `Runs of ${name}` }).waitFor();
    await page.getByText("Change", { exact: true }).click();
    await page.getByText("Preview", { exact: true }).click();
    await page.getByText("It would report nothing now").waitFor();
    await page.getByText("Sent to 1 address").click();
    await page.getByText("More", { exact: true }).click();
    await page.getByRole("button", { name: `Remove: ${name}` }).click();
    assert.deepEqual(await violations(page), []);
    await fits("the view");
    await page.getByRole("button", { name: `Feed: ${name}` }).click();
    await page.getByRole("dialog", { name: "Feed" }).getByText("/feeds/atom").waitFor();
    assert.deepEqual(await violations(page), []);
    await fits("the feed");
    await page.goto(`${library.url}?paper=lovelace`);
    await page.locator("summary", { hasText: "Follow" }).click();
    await page.getByRole("button", { name: "Follow Ada Lovelace author" }).waitFor();
    assert.deepEqual(await violations(page), []);
    await fits("the menu");
    await page.goto(library.url);
    await page.getByRole("link", { name: "1 unread paper in Alerts" }).waitFor();
    await fits("the first view");
    await page.goto(`${library.url}?q=tides`);
    await page.getByRole("button", { name: "Follow this search" }).click();
    await page.getByRole("dialog").getByLabel("Name").waitFor();
    await page.getByRole("dialog").getByText("More", { exact: true }).click();
    assert.deepEqual(await violations(page), []);
    await fits("the dialog");
  });
