import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { sampleDirectory } from "../sample.js";
import {
  ask,
  closeBrowser,
  DIFFIE,
  firstTitle,
  focused,
  hears,
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

describe("searching", () => {
  test("finds by meaning while typing, and marks the matching sentence in place", async (t) => {
    const page = await visit(t, browser, sample.url);
    await searchField(page).pressSequentially(SECRET, { delay: 5 });
    await addressed(page, (parameters) => parameters.get("q") === SECRET);
    await page.locator(".listing:not(.stale)").waitFor();
    await firstTitle(page).filter({ hasText: DIFFIE }).waitFor();
    const sentence = await results(page).first().locator("mark").allInnerTexts();
    assert.match(sentence.join(""), /^[A-Z].*\.$/s);
    const abstract = await results(page).first().locator(".abstract").innerText();
    assert.ok(abstract.includes(sentence.join("")), "the sentence stands in its abstract");
    assert.ok((await results(page).first().locator("mark b, .abstract b").count()) > 0, "its words are marked");
    await hears(page, /^20 papers, and more$/);
  });

  test("says that nothing is close to a question, and shows the nearest papers", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=guitar+chords+for+beginners`);
    const said = "Nothing here is close to this question: these are only the nearest papers.";
    await page.locator("main").getByText(said, { exact: true }).waitFor();
    await hears(page, /^20 papers, and more\. Nothing here is close to this question/);
    assert.equal(await results(page).count(), 20);
    await ask(page, "does smoking cause lung cancer");
    assert.equal(await page.getByText(said).count(), 0);
  });

  test("offers a corrected query, and says how conditions were understood", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=gravitatonal+waves+year%3A2010..`);
    await page.getByText("Understood as gravitatonal waves year:2010..").waitFor();
    const suggestion = page.getByRole("link", { name: "gravitational waves year:2010.." });
    assert.match(await suggestion.locator("..").innerText(), /^Did you mean gravitational waves year:2010\.\.\s*\?$/);
    await suggestion.click();
    await addressed(page, (parameters) => parameters.get("q") === "gravitational waves year:2010..");
    await suggestion.waitFor({ state: "detached" });
    await page.locator("h1:focus").waitFor();
    await firstTitle(page)
      .filter({ hasText: /gravitational/i })
      .waitFor();
    assert.equal(await searchField(page).inputValue(), "gravitational waves year:2010..");
  });

  test("goes back to the view before the first letter, and forward again", async (t) => {
    const page = await visit(t, browser, sample.url);
    await results(page).first().waitFor();
    const browsed = await firstTitle(page).innerText();
    await searchField(page).pressSequentially("gravitational waves", { delay: 40 });
    await addressed(page, (parameters) => parameters.get("q") === "gravitational waves");
    await firstTitle(page)
      .filter({ hasText: /gravitational/i })
      .waitFor();
    await page.goBack();
    await firstTitle(page).filter({ hasText: browsed }).waitFor();
    assert.equal(await searchField(page).inputValue(), "");
    await page.goForward();
    await firstTitle(page)
      .filter({ hasText: /gravitational/i })
      .waitFor();
    assert.equal(await searchField(page).inputValue(), "gravitational waves");
  });

  test("shows the same search at the same address", async (t) => {
    const page = await visit(
      t,
      browser,
      `${sample.url}?q=memory&mode=semantic&sort=date&category=Neuroscience&to=1990`,
    );
    await results(page).first().waitFor();
    assert.equal(await searchField(page).inputValue(), "memory");
    assert.ok(await page.getByRole("radio", { name: "Meaning only" }).isChecked());
    assert.equal(await page.getByLabel("Order", { exact: true }).inputValue(), "date");
    assert.equal(await page.getByLabel("To", { exact: true }).inputValue(), "1990");
    const dates = await page
      .locator("[data-result] time")
      .evaluateAll((times) => times.map((time) => time.getAttribute("datetime")));
    assert.deepEqual(
      dates,
      dates.toSorted((a, b) => (b ?? "").localeCompare(a ?? "")),
    );
    assert.ok(dates.every((date) => date !== null && date < "1991"));
  });

  test("accepts a whole abstract, and more, as a query", async (t) => {
    const page = await visit(t, browser, sample.url);
    await ask(page, `${SECRET} `.repeat(300).slice(0, 20_000));
    await firstTitle(page).filter({ hasText: DIFFIE }).waitFor();
  });

  test("loads more papers on demand, and moves the focus to the first of them", async (t) => {
    const page = await visit(t, browser, sample.url);
    await page.getByRole("button", { name: "More papers" }).focus();
    await page.keyboard.press("Enter");
    await results(page).nth(20).waitFor();
    assert.equal(await results(page).count(), 40);
    assert.equal(await focused(page).innerText(), await results(page).nth(20).getByRole("heading").innerText());
    await hears(page, /^40 of 154 papers$/);
  });

  test("says why nothing was found, and what to try", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=zqxjkv&mode=lexical&category=Physics`);
    await page.locator(".notice").waitFor();
    assert.match(await page.locator(".notice").innerText(), /zqxjkv/);
    await page.getByRole("button", { name: "Search by words and meaning" }).click();
    await results(page).first().waitFor();
    await page.locator("h1:focus").waitFor();
  });
});

describe("filters", () => {
  test("narrow a search, are in its address, and can be removed", async (t) => {
    const page = await visit(t, browser, sample.url);
    await ask(page, "how memory works");
    await page.getByLabel("Category", { exact: true }).fill("Neuroscience");
    await page.keyboard.press("Enter");
    await addressed(page, (parameters) => parameters.get("category") === "Neuroscience");
    await page.getByLabel("From", { exact: true }).fill("1960");
    await page.keyboard.press("Tab");
    await addressed(page, (parameters) => parameters.get("from") === "1960");
    await results(page).filter({ hasText: "bilateral hippocampal lesions" }).waitFor({ state: "detached" });
    for (const facts of await page.locator("[data-result] .facts").allInnerTexts()) assert.match(facts, /Neuroscience/);
    await page.getByRole("button", { name: "Remove filter: from 1960" }).click();
    await results(page).filter({ hasText: "bilateral hippocampal lesions" }).waitFor();
    await page.goBack();
    await page.getByRole("button", { name: "Remove filter: from 1960" }).waitFor();
  });

  test("can be set from a paper's category, venue and authors", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=prospect+theory`);
    await results(page).first().getByRole("link", { name: "Amos Tversky" }).click();
    await addressed(page, (parameters) => parameters.get("author") === "Amos Tversky" && parameters.get("q") !== null);
    await results(page).nth(2).waitFor({ state: "detached" });
    await results(page).filter({ hasText: "Judgment under Uncertainty" }).waitFor();
    assert.equal(await results(page).count(), 2);
  });

  test("distinguish invalid from valid dates", async (t) => {
    const page = await visit(t, browser, sample.url);
    await page.getByLabel("From", { exact: true }).fill("1960-13");
    await page.keyboard.press("Tab");
    await page.getByText("2017, 2017-06 or 2017-06-12").first().waitFor();
    assert.equal(new URL(page.url()).search, "");
  });
});
