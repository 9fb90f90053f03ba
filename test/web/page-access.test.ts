/** Every view checked by axe-core, in both colour schemes, on a wide and a narrow screen. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { openBrowser, results, served, visit, violations, closeBrowser } from "./browser.js";

const browser = await openBrowser();
const sample = await served(sampleDirectory);
const empty = await served(temporaryDirectory);
after(async () => {
  await closeBrowser();
  await sample.stop();
  await empty.stop();
});

const first = (page: Page) => results(page).first().waitFor();
const heading = (page: Page) => page.locator("h1").waitFor();

/** With its neighbourhood and its related papers. */
const paperReady = async (page: Page) => {
  await first(page);
  await page.locator(".drawing").waitFor();
};

const VIEWS: [what: string, address: string, ready: (page: Page) => Promise<unknown>][] = [
  ["all papers", "", first],
  ["a search", "?q=how+do+we+judge+chances", first],
  ["a search to which nothing is close", "?q=guitar+chords+for+beginners", (page) => page.locator(".notice").waitFor()],
  ["a search with filters", "?q=black+holes&from=1950&category=Physics", first],
  ["a search without hits", "?q=black+holes&from=2090", heading],
  ["a paper", "?paper=shannon-1948-communication", paperReady],
  ["a paper with sentences on its method", "?paper=luria-1943-mutations&aspect=method", paperReady],
  ["a paper that is not there", "?paper=nobody", heading],
  ["daily papers, of which there are none", "?view=daily", (page) => page.getByText("daily list").first().waitFor()],
  ["what is trending", "?view=daily&by=trending", first],
  ["recommendations", "?view=for-you", first],
  ["the library", "?view=library", heading],
  ["the alerts, of which there are none", "?view=alerts", heading],
  ["the map", "?view=map", (page) => page.locator(".map-names .shown").first().waitFor()],
  [
    "the map with a search on it, by year",
    "?view=map&q=memory&colour=year",
    (page) => page.getByRole("heading", { name: /highlighted$/ }).waitFor(),
  ],
  [
    "a list that is not there",
    "?view=library&of=nowhere",
    (page) => page.getByText("no list with this name").waitFor(),
  ],
];

const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };

describe("in both colour schemes at 1440 and at 390 pixels", () => {
  const audited = async (page: Page, ready: (page: Page) => Promise<unknown>) => {
    await ready(page);
    assert.deepEqual(await violations(page), [], "wide");
    await page.setViewportSize(NARROW);
    await ready(page);
    assert.deepEqual(await violations(page), [], "narrow");
  };

  for (const [what, address, ready] of VIEWS)
    test(`${what}: no violation`, async (t) => {
      await audited(await visit(t, browser, sample.url + address, { viewport: WIDE, expected: /404/ }), ready);
    });

  test("empty library: no violation", async (t) => {
    const page = await visit(t, browser, empty.url, { viewport: WIDE });
    await audited(page, () => page.getByRole("heading", { name: "No papers yet" }).waitFor());
  });
});

for (const screen of [{ viewport: WIDE }, { viewport: NARROW }])
  describe(`in both colour schemes at ${screen.viewport.width} pixels`, () => {
    test("menus and panels of a page: no violation", async (t) => {
      const page = await visit(t, browser, `${sample.url}?q=entropy`, screen);
      await first(page);
      await page.keyboard.press("j");
      await page.keyboard.press("w");
      await page.getByLabel("Why this paper").first().waitFor();
      assert.deepEqual(await violations(page), [], "why a paper stands there");
      await page.getByRole("button", { name: "Add papers" }).click();
      await page.getByRole("dialog").waitFor();
      assert.deepEqual(await violations(page), [], "adding papers");
      await page.getByRole("button", { name: "Close" }).first().click();
      await page.evaluate('window.dispatchEvent(new Event("keywanted"))');
      await page.getByRole("dialog", { name: "A key is required" }).waitFor();
      assert.deepEqual(await violations(page), [], "a key is asked for");
    });

    test("a paper at either end of its list, and citing it: no violation", async (t) => {
      const page = await visit(t, browser, `${sample.url}?q=author%3ATversky`, screen);
      for (const end of [results(page).first(), results(page).last()]) {
        await end.getByRole("heading").getByRole("link").click();
        await page.locator(".steps .end").waitFor();
        await paperReady(page);
        assert.deepEqual(await violations(page), []);
        await page.goBack();
        await page.getByRole("heading", { level: 1, name: /Tversky/ }).waitFor();
        await first(page);
      }
      await page.goto(`${sample.url}?paper=shannon-1948-communication`);
      await paperReady(page);
      await page.getByRole("button", { name: /^Cite/ }).click();
      await page.getByRole("dialog").waitFor();
      assert.deepEqual(await violations(page), []);
    });

    test("the help, and a menu of lists: no violation", async (t) => {
      const page = await visit(t, browser, `${sample.url}?q=entropy`, screen);
      await first(page);
      await results(page).first().locator("summary", { hasText: "Save" }).click();
      assert.deepEqual(await violations(page), []);
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
      assert.deepEqual(await violations(page), []);
    });
  });
