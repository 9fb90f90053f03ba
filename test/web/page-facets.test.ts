import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import {
  ask,
  closeBrowser,
  firstTitle,
  focused,
  openBrowser,
  results,
  searchField,
  SECRET,
  served,
  visit,
} from "./browser.js";

const browser = await openBrowser();
const sample = await served(sampleDirectory);
after(async () => {
  await closeBrowser();
  await sample.stop();
});

/** Waits until the address has, or no longer has, a parameter. */
const addressed = (page: Page, holds: (parameters: URLSearchParams) => boolean) =>
  page.waitForURL((url) => holds(url.searchParams));
const settled = (page: Page) => page.locator(".listing:not(.stale)").waitFor();

/** The position of the bar for some years: its middle, above the axis. */
async function bar(page: Page, year: number): Promise<{ x: number; y: number }> {
  const one = await page.locator(`.histogram [data-year="${year}"]`).boundingBox();
  const all = await page.locator(".histogram .bars").boundingBox();
  assert.ok(one !== null && all !== null, `no bar of ${year}`);
  return { x: one.x + one.width / 2, y: all.y + all.height / 2 };
}

async function drag(page: Page, from: number, to: number): Promise<void> {
  const [begin, end] = [await bar(page, from), await bar(page, to)];
  await page.mouse.move(begin.x, begin.y);
  await page.mouse.down();
  await page.mouse.move((begin.x + end.x) / 2, begin.y, { steps: 3 });
  await page.mouse.move(end.x, end.y, { steps: 3 });
}

const shownYears = async (page: Page): Promise<number[]> =>
  (
    await page.locator("[data-result] time").evaluateAll((times) => times.map((time) => time.getAttribute("datetime")))
  ).map((date) => Number(date?.slice(0, 4)));
const chosenYears = (page: Page) => page.locator(".histogram rect.taken");
const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);

describe("the histogram of years", () => {
  test("selects years by dragging, which appear in the address, and can be undone", async (t) => {
    const page = await visit(t, browser, sample.url);
    const bars = page.getByRole("img", { name: /^Papers of the years 1763 to 2025, the most in / });
    await bars.waitFor();
    const all = await page.locator(".histogram [data-year]").count();
    await drag(page, 1950, 1965);
    assert.match(await page.locator(".histogram .told").innerText(), /^1950–1969 \d+$/);
    assert.equal(new URL(page.url()).search, "", "nothing is asked for before the button is let go");
    await page.mouse.up();
    await addressed(page, (parameters) => parameters.get("from") === "1950" && parameters.get("to") === "1969");
    await settled(page);
    await page.mouse.move(0, 0);
    const chosen = page.locator(".histogram .told").filter({ hasText: /^1950–1969 \d+$/ });
    const told = Number(/ (\d+)$/.exec(await chosen.innerText())?.[1]);
    await page.getByRole("heading", { level: 1, name: `${told} papers match, newest first` }).waitFor();
    for (const year of await shownYears(page)) assert.ok(year >= 1950 && year <= 1969, `${year}`);
    assert.equal(await page.locator(".histogram [data-year]").count(), all, "the other years can still be chosen");
    assert.equal(await chosenYears(page).count(), 4);
    assert.equal(await page.getByLabel("From", { exact: true }).inputValue(), "1950");
    await drag(page, 2020, 2015);
    await page.mouse.up();
    await addressed(page, (parameters) => parameters.get("from") === "2015" && parameters.get("to") === "2024");
    await page.goBack();
    await addressed(page, (parameters) => parameters.get("from") === "1950");
    await page.goBack();
    await addressed(page, (parameters) => !parameters.has("from"));
    assert.equal(await chosenYears(page).count(), 0);
  });

  test("cancels dragging with Escape, and a click on the selected bar deselects it", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=memory`);
    await page.locator(".histogram").waitFor();
    await drag(page, 1950, 1970);
    await page.keyboard.press("Escape");
    await page.mouse.up();
    assert.equal(await chosenYears(page).count(), 0);
    assert.equal(parameter(page, "from"), null);
    const one = await bar(page, 1950);
    await page.mouse.click(one.x, one.y);
    await addressed(page, (parameters) => parameters.get("from") === "1950" && parameters.get("to") === "1954");
    await settled(page);
    await page.mouse.click(one.x, one.y);
    await addressed(page, (parameters) => !parameters.has("from") && parameters.get("q") === "memory");
  });

  test("has two handles for the keyboard, which give the year and the number of papers", async (t) => {
    const page = await visit(t, browser, sample.url);
    const [first, last] = [
      page.getByRole("slider", { name: "First year" }),
      page.getByRole("slider", { name: "Last year" }),
    ];
    await first.focus();
    assert.equal(await first.getAttribute("aria-valuetext"), "1763, 154 papers");
    for (let i = 0; i < 40; i++) await page.keyboard.press("ArrowRight");
    await addressed(page, (parameters) => parameters.get("from") === "1960" && parameters.get("to") === "2025");
    await settled(page);
    assert.match((await first.getAttribute("aria-valuetext")) ?? "", /^1960, \d+ papers$/);
    assert.ok(await first.evaluate((handle) => handle === handle.ownerDocument.activeElement), "keeps the focus");
    await last.focus();
    await page.keyboard.press("Home");
    await addressed(page, (parameters) => parameters.get("to") === "1964");
    assert.match((await last.getAttribute("aria-valuetext")) ?? "", /^1964, \d+ papers$/);
    await settled(page);
    for (const year of await shownYears(page)) assert.ok(year >= 1960 && year <= 1964, `${year}`);
    await page.goBack();
    await addressed(page, (parameters) => parameters.get("to") === "2025");
    await page.getByRole("button", { name: "Remove all" }).click();
    await addressed(page, (parameters) => !parameters.has("from"));
    assert.equal(await first.inputValue(), "0");
  });

  test("works with touch", async (t) => {
    const page = await visit(t, browser, sample.url, { viewport: { width: 390, height: 844 }, hasTouch: true });
    await page.getByRole("button", { name: "Filters and order" }).tap();
    await page.locator(".histogram").waitFor();
    await page.locator(".histogram").scrollIntoViewIfNeeded();
    const [begin, end] = [await bar(page, 1980), await bar(page, 2000)];
    const finger = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) =>
      finger.send("Input.dispatchTouchEvent", { type, touchPoints: points });
    await touch("touchStart", [begin]);
    for (const part of [0.25, 0.5, 0.75, 1])
      await touch("touchMove", [{ x: begin.x + (end.x - begin.x) * part, y: begin.y }]);
    await touch("touchEnd", []);
    await addressed(page, (parameters) => parameters.get("from") === "1980" && parameters.get("to") === "2004");
  });

  test("describes the bar under the pointer", async (t) => {
    const page = await visit(t, browser, sample.url);
    await page.locator(".histogram").waitFor();
    const { x, y } = await bar(page, 1960);
    await page.mouse.move(x, y);
    await page
      .locator(".histogram .told")
      .filter({ hasText: /^1960–1964 \d+$/ })
      .waitFor();
    await page.mouse.move(x, y + 300);
    await page.locator(".histogram .told").filter({ hasText: /^$/ }).waitFor({ state: "attached" });
  });
});

describe("facets", () => {
  const category = (page: Page) => page.getByRole("group", { name: "Category", exact: true });

  test("can be ticked, several values, and keep the counts of the others", async (t) => {
    const page = await visit(t, browser, sample.url);
    const physics = category(page).getByRole("checkbox", { name: "Physics 26 papers" });
    await physics.check();
    await addressed(page, (parameters) => parameters.get("category") === "Physics");
    await page.getByRole("heading", { level: 1, name: "26 papers match, newest first" }).waitFor();
    assert.ok(await physics.evaluate((box) => box === box.ownerDocument.activeElement), "keeps the focus");
    await category(page).getByRole("checkbox", { name: "Mathematics 18 papers" }).check();
    await addressed(page, (parameters) => parameters.getAll("category").join() === "Physics,Mathematics");
    await settled(page);
    assert.ok(await physics.isChecked());
    // Venues are those of the remaining papers.
    await page.getByRole("checkbox", { name: /^Annals of Mathematics/ }).waitFor();
    await physics.uncheck();
    await addressed(page, (parameters) => parameters.getAll("category").join() === "Mathematics");
    await page.goBack();
    await page.goBack();
    await addressed(page, (parameters) => parameters.get("category") === "Physics");
    assert.ok(await physics.isChecked());
  });

  test("match a venue exactly, even if its name is part of another's", async (t) => {
    const page = await visit(t, browser, sample.url);
    await page.getByRole("checkbox", { name: "Nature 17 papers" }).check();
    await page.getByRole("heading", { level: 1, name: "17 papers match, newest first" }).waitFor();
  });

  test("show the eight most frequent values, more on demand, typed ones, and always the selected ones", async (t) => {
    const page = await visit(t, browser, `${sample.url}?category=Astronomy&category=No+such+thing`);
    const boxes = category(page).getByRole("checkbox");
    await category(page).getByRole("checkbox", { name: "Physics 26 papers" }).waitFor();
    const chosen = category(page).getByRole("checkbox", { checked: true });
    assert.deepEqual(await chosen.count(), 2);
    assert.equal(await boxes.count(), 10);
    await category(page)
      .getByRole("button", { name: /^\d+ more$/ })
      .click();
    assert.ok((await boxes.count()) > 20);
    await category(page).getByRole("button", { name: "fewer" }).click();
    assert.equal(await boxes.count(), 10);
    await page.getByLabel("Category", { exact: true }).fill("stat");
    await category(page)
      .getByRole("checkbox", { name: /^Statistics/ })
      .check();
    await addressed(page, (parameters) => parameters.getAll("category").at(-1) === "Statistics");
    await page.getByLabel("Category", { exact: true }).press("Escape");
    assert.equal(await page.getByLabel("Category", { exact: true }).inputValue(), "");
    assert.equal(await boxes.count(), 11, "also what is behind the first eight");
  });

  test("are only fetched with the first page, and on a narrow screen when opened", async (t) => {
    const asked: string[] = [];
    const wide = await visit(t, browser, "about:blank");
    wide.on("request", (request) => void asked.push(request.url()));
    await wide.goto(`${sample.url}?q=memory`);
    await wide.locator(".histogram").waitFor();
    await wide.getByRole("button", { name: "More papers" }).click();
    await results(wide).nth(20).waitFor();
    const searches = asked.filter((url) => url.includes("api/search")).map((url) => new URL(url).searchParams);
    assert.deepEqual(
      searches.map((parameters) => parameters.get("facets")),
      ["true", null],
    );
    asked.length = 0;
    const narrow = await visit(t, browser, "about:blank", { viewport: { width: 390, height: 844 } });
    narrow.on("request", (request) => void asked.push(request.url()));
    await narrow.goto(`${sample.url}?q=memory`);
    await results(narrow).first().waitFor();
    await narrow.waitForLoadState("networkidle");
    assert.equal(asked.filter((url) => url.includes("facets")).length, 0);
    await narrow.getByRole("button", { name: "Filters and order" }).click();
    await narrow.locator(".histogram").waitFor();
    assert.equal(asked.filter((url) => url.includes("facets")).length, 1);
  });

  test("stay while the next ones are fetched, whatever is typed", async (t) => {
    const page = await visit(t, browser, sample.url);
    await page.locator(".histogram").waitFor();
    await page.evaluate(`
      globalThis.gone = 0;
      new MutationObserver(() => {
        if (document.querySelector(".histogram") === null || document.querySelector(".facet li") === null) globalThis.gone++;
      }).observe(document.body, { childList: true, subtree: true });
    `);
    await searchField(page).pressSequentially(SECRET, { delay: 30 });
    await addressed(page, (parameters) => parameters.get("q") === SECRET);
    await settled(page);
    await page.locator(".counted:not(.stale)").waitFor();
    assert.equal(await page.evaluate("globalThis.gone"), 0);
  });

  test("also work for recommendations", async (t) => {
    const page = await visit(t, browser, `${sample.url}?paper=vaswani-2017-attention`);
    await page.getByRole("button", { name: /^Like/ }).first().click();
    await page.getByRole("link", { name: /^For you/ }).click();
    await category(page)
      .getByRole("checkbox", { name: /^Physics \d+ papers$/ })
      .check();
    await addressed(page, (parameters) => parameters.get("category") === "Physics");
    await settled(page);
    for (const facts of await page.locator("[data-result] .facts").allInnerTexts()) assert.match(facts, /Physics/);
    await page.locator(".histogram").waitFor();
  });

  test("do not offer values without papers", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    const papers = [1, 2].map((i) => JSON.stringify({ id: `p${i}`, title: `Untold ${i}`, published: "2020" }));
    await fetch(`${server.url}api/papers`, { method: "POST", body: papers.join("\n") });
    await page.goto(server.url);
    await results(page).nth(1).waitFor();
    await page.getByLabel("Category", { exact: true }).waitFor();
    assert.equal(await page.locator(".histogram").count(), 0, "there is one year");
    assert.equal(await page.getByRole("checkbox").count(), 0);
    assert.equal(await page.getByRole("group", { name: "Source" }).count(), 0);
  });
});

describe("the explanation of a hit", () => {
  test("shows what each signal added to the score, and the weight of each word", async (t) => {
    const page = await visit(t, browser, sample.url);
    await ask(page, "genes in bacteria and peas");
    const second = results(page).nth(1);
    await second.getByRole("button", { name: /^Why this\?/ }).click();
    const why = second.getByRole("group", { name: "Why this paper" });
    const parts = why.getByRole("table", { name: "What adds up to its score" });
    await parts.waitFor();
    assert.match(await why.locator("p").innerText(), /^It is hit 2 of \d+\. .*\b(nearest of all|occurs? in it)/);
    const figures = (await parts.locator("tbody .figure").allInnerTexts()).map(Number);
    const score = Number(await parts.locator("tfoot .figure").innerText());
    assert.ok(figures.length >= 3, "words, abstract, sentence");
    assert.ok(Math.abs(figures.reduce((sum, one) => sum + one, 0) - score) < 0.003);
    const words = why.getByRole("table", { name: "What each word adds to the weight of its words" });
    await words.getByRole("rowheader", { name: "bacteria" }).waitFor();
    await second.getByRole("button", { name: /^Why this\?/ }).click();
    await why.waitFor({ state: "detached" });
  });

  test("has a key, and closes with another query", async (t) => {
    const page = await visit(t, browser, sample.url);
    await ask(page, "genes in bacteria and peas");
    await page.keyboard.press("j");
    await page.keyboard.press("w");
    await page.locator(".why table").first().waitFor();
    assert.equal(await focused(page).innerText(), await firstTitle(page).innerText());
    await page.keyboard.press("w");
    await page.locator(".why").waitFor({ state: "detached" });
    await page.keyboard.press("w");
    await page.locator(".why table").first().waitFor();
    await ask(page, "genes in bacteria and peas and people");
    await page.locator(".why").waitFor({ state: "detached" });
  });

  test("needs no request for related and recommended papers", async (t) => {
    const page = await visit(t, browser, `${sample.url}?paper=diffie-1976-cryptography`);
    const related = page.getByRole("region", { name: "Related papers" });
    await related
      .getByRole("button", { name: /^Why this\?/ })
      .first()
      .click();
    await related
      .getByRole("table", { name: "What adds up to its score" })
      .getByRole("rowheader", { name: "Title" })
      .waitFor();
    await page.keyboard.press("l");
    await page.getByRole("link", { name: /^For you/ }).click();
    await page
      .getByRole("button", { name: /^Why this\?/ })
      .first()
      .click();
    await page.getByRole("table").getByRole("rowheader", { name: "What you like" }).waitFor();
  });

  test("is not offered without a query", async (t) => {
    const page = await visit(t, browser, sample.url);
    await results(page).first().waitFor();
    assert.equal(await page.getByRole("button", { name: /^Why this\?/ }).count(), 0);
  });
});

describe("details and order of papers", () => {
  const PAPERS = [
    { id: "old", title: "Old and praised", published: "2001", upvotes: 900, comments: 1 },
    { id: "new", title: "New and unknown", published: "2024-05-01", doi: "10.1234/ab.c" },
    {
      id: "hot",
      title: "Recent and praised",
      published: "2024-04-01",
      upvotes: 300,
      comments: 42,
      arxiv: "2404.00001",
      url: "https://example.org/hot",
      venue: "Letters",
      categories: ["cs.XY"],
      authors: ["Ada A", "Bo B", "Cy C", "Di D", "Ed E"],
    },
  ];

  test("show facts, comments and external links, and the chosen order", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    const body = PAPERS.map((paper) => JSON.stringify(paper)).join("\n");
    await fetch(`${server.url}api/papers`, { method: "POST", body });
    await page.goto(server.url);
    await firstTitle(page).filter({ hasText: "New and unknown" }).waitFor();
    const hot = results(page).filter({ hasText: "Recent and praised" });
    assert.equal(
      (await hot.locator(".facts li").allInnerTexts()).join("|"),
      "1 April 2024|Letters|cs.XY|300 upvotes|42 comments|arXiv|example.org",
    );
    const arxiv = hot.getByRole("link", { name: "arXiv" });
    assert.equal(await arxiv.getAttribute("href"), "https://arxiv.org/abs/2404.00001");
    assert.equal(await arxiv.getAttribute("rel"), "noreferrer");
    await hot.getByRole("button", { name: "and 2 more" }).click();
    await hot.getByRole("link", { name: "Ed E" }).waitFor();
    assert.equal(await results(page).filter({ hasText: "New and" }).getByRole("link", { name: "DOI" }).count(), 1);

    const order = page.getByLabel("Order", { exact: true });
    for (const [name, sort, first, heading] of [
      ["Most upvotes", "upvotes", "Old and praised", "3 papers, most upvotes first"],
      ["Trending", "trending", "Recent and praised", "3 papers, trending first"],
      ["Last added", "added", "Recent and praised", "3 papers, last added first"],
      ["Newest", null, "New and unknown", "3 papers, newest first"],
    ] as const) {
      await order.selectOption({ label: name });
      await addressed(page, (parameters) => parameters.get("sort") === sort);
      await firstTitle(page).filter({ hasText: first }).waitFor();
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    }
    await page.goBack();
    assert.equal(await order.inputValue(), "added");
    await page.reload();
    await firstTitle(page).filter({ hasText: "Recent and praised" }).waitFor();
    assert.equal(await order.inputValue(), "added");
    await ask(page, "praised");
    assert.equal(await order.inputValue(), "relevance", "what is found is not listed by when it was added");
  });
});
