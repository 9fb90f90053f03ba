import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { sampleDirectory } from "../sample.js";
import { pathProxy } from "../server/proxy.js";
import {
  ask,
  closeBrowser,
  firstTitle,
  focused,
  GONE,
  hears,
  openBrowser,
  results,
  searchField,
  served,
  visit,
} from "./browser.js";

const browser = await openBrowser();
const sample = await served(sampleDirectory);
after(async () => {
  await closeBrowser();
  await sample.stop();
});

const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};

describe("the keyboard", () => {
  test("is sufficient: search, move through results, open, like, go back, leave", async (t) => {
    const page = await visit(t, browser, sample.url);
    await results(page).first().waitFor();
    await press(page, "/");
    await page.keyboard.type("deep learning for images");
    await press(page, "Enter");
    await page.getByRole("heading", { level: 1, name: "deep learning for images" }).waitFor();
    await page.locator(".listing:not(.stale)").waitFor();
    await press(page, "j", "j", "j", "k");
    const title = await results(page).nth(1).getByRole("heading").innerText();
    assert.equal(await focused(page).innerText(), title);
    await press(page, "x", "l");
    await results(page).nth(1).getByRole("button", { name: /^Like/, pressed: true }).waitFor();
    await press(page, "o");
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    await press(page, "l");
    await hears(page, /^Mark removed$/);
    await page.goBack();
    await results(page).nth(1).waitFor();
    assert.equal(await focused(page).innerText(), title);
    await press(page, "k", "Enter");
    await page.locator("[data-whole]").waitFor();
  });

  test("types letters into fields, and has a help page", async (t) => {
    const page = await visit(t, browser, sample.url);
    await results(page).first().waitFor();
    await press(page, "/");
    await page.keyboard.type("jklx?/");
    assert.equal(await searchField(page).inputValue(), "jklx?/");
    await press(page, "Enter");
    await page.getByRole("heading", { level: 1, name: "jklx?/" }).waitFor();
    await press(page, "?");
    const help = page.getByRole("dialog", { name: "Keyboard" });
    await help.waitFor();
    await press(page, "Escape");
    await help.waitFor({ state: "hidden" });
    await press(page, "?");
    await help.getByRole("checkbox").uncheck();
    await help.getByRole("button", { name: "Close" }).click();
    await press(page, "/");
    assert.equal(await page.evaluate("document.activeElement.id === 'q'"), false);
  });
});

describe("the page", () => {
  const VIEWS = [
    "",
    "?q=statistical+tests+and+experiments",
    "?paper=eht-2019-shadow",
    "?view=for-you",
    "?view=map",
    "?view=map&q=memory&category=Neuroscience",
    "?q=x&category=none",
  ];

  for (const view of VIEWS)
    test(`${view === "" ? "the first view" : view} fits any width, with one main element and one h1`, async (t) => {
      // The widest first: it loads all that narrower ones show.
      const page = await visit(t, browser, sample.url + view, { viewport: { width: 1440, height: 900 } });
      for (const [width, height] of [
        [1440, 900],
        [1024, 768],
        [768, 1024],
        [390, 844],
        [320, 640],
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.locator("h1").waitFor();
        await page.waitForLoadState("networkidle");
        assert.equal(
          await page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
          true,
          `overflows ${width} pixels`,
        );
        assert.equal(await page.locator("main").count(), 1, `${width} pixels`);
        assert.equal(await page.locator("h1").count(), 1, `${width} pixels`);
        assert.equal(await page.locator("button:not([aria-label]):empty, a:empty").count(), 0, `${width} pixels`);
      }
    });

  test("opens its filters on a narrow screen", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=memory`, { viewport: { width: 390, height: 844 } });
    assert.equal(await page.getByLabel("Category", { exact: true }).isVisible(), false);
    await page.getByRole("button", { name: "Filters and order" }).click();
    await page.getByLabel("Category", { exact: true }).fill("Psychology");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Filters and order (1)" }).waitFor();
    await page.getByLabel("Category", { exact: true }).fill("Neuroscience");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Filters and order (2)" }).waitFor();
  });

  test("says that the server is unreachable, and continues when it is back", async (t) => {
    const server = await served(sampleDirectory);
    const page = await visit(t, browser, server.url, { expected: GONE });
    t.after(server.stop);
    await results(page).first().waitFor();
    await server.crash();
    await searchField(page).fill("ozone");
    await page.locator("main").getByText("Kindred’s server does not answer. Is it still running?").waitFor();
    assert.equal(await results(page).count(), 0, "nothing stands there as if it were an answer");
    await server.restart();
    await page.getByRole("button", { name: "Try again" }).click();
    await firstTitle(page).filter({ hasText: /ozone/ }).waitFor();
  });

  for (const [what, address, path] of [
    ["a search", "?q=ozone", /\/api\/search\?/],
    ["a paper", "?paper=shannon-1948-communication", /\/api\/papers\/shannon-1948-communication$/],
    ["the map", "?view=map", /\/api\/map$/],
  ] as const)
    test(`says that ${what} is slow to load, and retries`, async (t) => {
      const page = await visit(t, browser, `${sample.url}?view=library`);
      let asked = 0;
      // The first request gets no answer.
      await page.route(path, (route) => (asked++ === 0 ? new Promise(() => {}) : route.continue()));
      await page.goto(sample.url + address);
      const slow = page.locator("main").getByText("This is taking a while");
      await hears(page, /^This is taking a while/);
      await slow.waitFor();
      await page.getByRole("button", { name: "Ask again" }).click();
      await slow.waitFor({ state: "detached" });
      // Not the heading of a search, which is shown before there are results.
      await page
        .locator("[data-result], [data-whole]")
        .or(page.getByText(/^Map of 154 papers/))
        .first()
        .waitFor();
      assert.equal(asked, 2);
    });

  test("can be read at twice the size without horizontal scrolling", async (t) => {
    // Twice the size leaves half the pixels of a laptop's 1,280.
    const viewport = { width: 640, height: 400 };
    const page = await visit(t, browser, sample.url, { viewport, deviceScaleFactor: 2 });
    for (const address of ["", "?q=memory", "?paper=shannon-1948-communication", "?view=library", "?view=map"]) {
      await page.goto(sample.url + address);
      await page.locator("main h1, main h2").first().waitFor();
      const [content, width] = await page.evaluate<[number, number]>(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
      );
      assert.ok(content <= width, `${address}: ${content} pixels wide, of ${width}`);
    }
  });

  test("works under a path prefix", async (t) => {
    const proxy = await pathProxy(sample.url, "/papers/here/", true);
    const page = await visit(t, browser, proxy.url);
    t.after(proxy.close);
    // Another Kindred may be under another path on the same host.
    while ((await page.evaluate("localStorage.getItem('kindred.visit /papers/here/')")) === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await ask(page, "plate tectonics");
    await results(page).first().getByRole("link").first().click();
    await page.getByRole("region", { name: "Related papers" }).locator("[data-result]").first().waitFor();
    assert.match(page.url(), /\/papers\/here\/\?paper=/);
  });
});
