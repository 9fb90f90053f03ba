import "../tiny.js";
import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import {
  ask,
  closeBrowser,
  DIFFIE,
  drop,
  firstTitle,
  focused,
  forgetLists,
  hears,
  openBrowser,
  results,
  served,
  titles,
  visit,
} from "./browser.js";

const browser = await openBrowser();
const sample = await served(sampleDirectory);
after(async () => {
  await closeBrowser();
  await sample.stop();
});

describe("a paper", () => {
  test("has an address with all its fields, external links, and related papers", async (t) => {
    const page = await visit(t, browser, `${sample.url}?paper=diffie-1976-cryptography`);
    await page.getByRole("heading", { level: 1, name: DIFFIE }).waitFor();
    while ((await page.title()) !== `${DIFFIE} · Kindred`) await new Promise((resolve) => setTimeout(resolve, 20));
    const whole = await page.locator("[data-whole]").innerText();
    for (const fact of ["Whitfield Diffie", "November 1976", "IEEE Transactions on Information Theory", "Cryptography"])
      assert.ok(whole.includes(fact), fact);
    const doi = page.getByRole("list", { name: "Read it at" }).getByRole("link").first();
    assert.match((await doi.getAttribute("href")) ?? "", /^https:\/\/doi\.org\/10\.1109\//);
    assert.equal(await doi.getAttribute("rel"), "noreferrer");
    const related = page.getByRole("region", { name: "Related papers" });
    await related.getByRole("heading", { name: /public-key cryptosystems/ }).waitFor();
  });

  test("is opened from a list, announced, and left for the unchanged list", async (t) => {
    const page = await visit(t, browser, sample.url);
    await ask(page, "the brain and memory");
    const title = await results(page).nth(5).getByRole("heading").innerText();
    await results(page).nth(5).getByRole("link").first().click();
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    assert.equal(await focused(page).innerText(), title);
    assert.equal(await page.evaluate("scrollY"), 0);
    await page.getByRole("button", { name: "Back", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "the brain and memory" }).waitFor();
    await results(page).nth(5).waitFor();
    assert.equal(await focused(page).innerText(), title);
    assert.ok(Number(await page.evaluate("scrollY")) > 0, "scrolled to where it was");
  });

  test("shows its first authors, and all on demand", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=attention+is+all+you+need`);
    const authors = results(page).first().locator(".authors");
    await authors.getByRole("button", { name: "and 5 more" }).click();
    assert.equal(await authors.getByRole("link").count(), 8);
  });

  test("that does not exist gives a message", async (t) => {
    const page = await visit(t, browser, `${sample.url}?paper=nobody%2F1`, { expected: /404/ });
    await page.getByRole("heading", { name: "Paper not found" }).waitFor();
    assert.match(await page.locator("main").innerText(), /nobody\/1/);
  });
});

describe("likes", () => {
  // Stored by the server; each test starts without any.
  beforeEach(() => forgetLists(sample.url));

  test("lead to recommendations, each with the liked paper it is closest to, and are stored", async (t) => {
    const page = await visit(t, browser, sample.url);
    for (const [words, title] of [
      ["attention is all you need", "Attention Is All You Need"],
      ["gravitational waves from a binary black hole", "Observation of Gravitational Waves"],
    ] as const) {
      await ask(page, words);
      await firstTitle(page).filter({ hasText: title }).waitFor();
      await results(page).first().getByRole("button", { name: /^Like/ }).click();
    }
    await page.getByRole("link", { name: /^For you/ }).click();
    await page.locator(".because").first().waitFor();
    const reasons = await page.locator(".because").allInnerTexts();
    assert.equal(reasons.length, await results(page).count());
    for (const reason of reasons)
      assert.match(
        reason,
        /^Closest to (Attention Is All You Need|Observation of Gravitational Waves.*), which you liked$/,
      );
    assert.equal(new Set(reasons).size, 2, "both likes lead somewhere");
    await page.reload();
    await page.locator(".because").first().waitFor();
    await page.getByRole("link", { name: "2 papers you liked" }).click();
    await page.getByRole("heading", { level: 1, name: "Likes" }).waitFor();
    assert.deepEqual(await titles(page), [
      "Observation of Gravitational Waves from a Binary Black Hole Merger",
      "Attention Is All You Need",
    ]);
  });

  test("and dislikes can be set and removed", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=black+holes`);
    await results(page).first().getByRole("button", { name: /^Like/ }).click();
    await page.getByRole("link", { name: /^For you/ }).click();
    const unwanted = await firstTitle(page).innerText();
    await results(page)
      .first()
      .getByRole("button", { name: /^Not for me/ })
      .click();
    await hears(page, /^Marked as not for me$/);
    assert.equal(await results(page).first().locator(".abstract").isVisible(), false);
    await page.getByRole("button", { name: "Update recommendations" }).click();
    await firstTitle(page).filter({ hasNotText: unwanted }).waitFor();
    await page.getByRole("link", { name: /^Library/ }).click();
    await page.getByRole("link", { name: /^Not for me/ }).click();
    await firstTitle(page).filter({ hasText: unwanted }).waitFor();
    await results(page)
      .first()
      .getByRole("button", { name: /^Not for me/ })
      .click();
    await hears(page, /^Mark removed$/);
    await page.getByRole("link", { name: /^For you/ }).click();
    await firstTitle(page).filter({ hasText: unwanted }).waitFor();
  });

  test("are explained if there are none", async (t) => {
    const page = await visit(t, browser, `${sample.url}?view=for-you`);
    await page.getByText("kept with the papers, on this machine").waitFor();
    await page.getByRole("heading", { name: "New and noted" }).waitFor();
    await results(page).first().waitFor();
    const reasons = await page.locator(".because").allInnerTexts();
    assert.equal(reasons.length, await results(page).count());
    for (const reason of reasons) assert.match(reason, /^published \d{4}/);
  });
});

describe("importing", () => {
  const FILE = [
    {
      title: "Bees that count to four",
      abstract: "Honeybees were trained to fly past a fixed number of landmarks.",
      published: "2008",
    },
    "this line is no paper",
    {
      title: "<svg onload=alert(1)>",
      abstract: "A title from the internet is text.",
      url: "javascript:alert(1)",
      authors: ["<b>A</b>"],
    },
  ]
    .map((line) => (typeof line === "string" ? line : JSON.stringify(line)))
    .join("\n");

  test("accepts a file dropped anywhere, reports problems by line, and finds its papers by meaning", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    await drop(page, "bees.jsonl", FILE);
    const imports = page.getByRole("region", { name: "Imports" });
    await imports.getByText("2 added, 1 problem").waitFor();
    assert.match(await imports.innerText(), /bees\.jsonl[\s\S]*Line 2/);
    await results(page).filter({ hasText: "Bees that count" }).waitFor();
    await hears(page, /embedded$/);
    await ask(page, "can insects do arithmetic");
    await firstTitle(page).filter({ hasText: "Bees" }).waitFor();
    await page.locator("mark").first().waitFor();
    await imports.getByRole("button", { name: "Close: bees.jsonl" }).click();
    await imports.waitFor({ state: "detached" });
    await ask(page, "title from the internet");
    await firstTitle(page).getByRole("link", { name: "<svg onload=alert(1)>" }).click();
    await page.getByRole("heading", { level: 1, name: "<svg onload" }).waitFor();
    assert.equal(await page.locator("a[href^='javascript:']").count(), 0);
    assert.equal(await page.locator("main img, main b").count(), 0);
  });

  test("shows copies of a paper once, with the others under it", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    const copies = ["Hive Letters", "Proceedings of the Meadow"].map((venue, i) =>
      JSON.stringify({
        id: `bee-${i}`,
        title: "Bees that count",
        authors: ["Ada Hive"],
        venue,
        published: `${2020 + i}`,
      }),
    );
    await fetch(`${server.url}api/papers`, { method: "POST", body: copies.join("\n") });
    await page.goto(`${server.url}?q=counting+bees`);
    await results(page).first().waitFor();
    assert.equal(await results(page).count(), 1);
    const others = results(page).first().locator(".versions");
    assert.match(await others.innerText(), /^Also here: (Hive Letters|Proceedings of the Meadow) \(202[01]\)$/);
    await others.getByRole("link").click();
    await page.getByRole("heading", { level: 1, name: "Bees that count" }).waitFor();
  });

  test("accepts a chosen file, and says what is wrong with one without papers", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url, { expected: /400/ });
    t.after(server.stop);
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    const file = (name: string, text: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
    const files = [file("letter.txt", "Dear Ada, how are you?"), file("bees.jsonl", FILE)];
    await page.getByLabel("Choose files of papers").first().setInputFiles(files);
    const imports = page.getByRole("region", { name: "Imports" });
    await imports.getByText("2 added, 1 problem").waitFor();
    assert.match(await imports.innerText(), /letter\.txt\s+was not imported\. \S+/);
    await hears(page, /embedded$/);
  });
});
