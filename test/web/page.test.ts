import assert from "node:assert/strict";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { drop, hears, openBrowser, served, visit } from "./browser.js";

const browser = await openBrowser();
const sample = await served(sampleDirectory);
after(async () => {
  await browser.close();
  await sample.stop();
});

const SECRET = "how can two strangers agree on a secret key over a line that anybody can tap";
const DIFFIE = "New directions in cryptography";

const results = (page: Page) => page.locator("[data-result]");
const firstTitle = (page: Page) => results(page).first().getByRole("heading");
const searchField = (page: Page) => page.getByRole("searchbox", { name: "Search papers" });
/** Waits until the address holds, or no longer holds, a parameter. */
const addressed = (page: Page, holds: (parameters: URLSearchParams) => boolean) =>
  page.waitForURL((url) => holds(url.searchParams));
const focused = (page: Page) => page.locator(":focus");
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};

/** Searches as a person does: into the field, word by word, and Enter. */
async function ask(page: Page, words: string): Promise<void> {
  await searchField(page).fill(words);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: words }).waitFor();
  await page.locator(".listing:not(.stale) [data-result]").first().waitFor();
}

describe("searching", () => {
  test("finds by meaning while one types, and marks the sentence that matched where it stands", async (t) => {
    const page = await visit(t, browser, sample.url);
    await searchField(page).pressSequentially(SECRET, { delay: 5 });
    await firstTitle(page).filter({ hasText: DIFFIE }).waitFor();
    const sentence = await results(page).first().locator("mark").allInnerTexts();
    assert.match(sentence.join(""), /^[A-Z].*\.$/s);
    const abstract = await results(page).first().locator(".abstract").innerText();
    assert.ok(abstract.includes(sentence.join("")), "the sentence stands in its abstract");
    assert.ok((await results(page).first().locator("mark b, .abstract b").count()) > 0, "its words are marked");
    assert.equal(new URL(page.url()).searchParams.get("q"), SECRET);
    await hears(page, /^20 papers, and more$/);
  });

  test("goes back to what was there before the first letter, and forward again", async (t) => {
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
    assert.deepEqual(dates, dates.toSorted().toReversed());
    assert.ok(dates.every((date) => date !== null && date < "1991"));
  });

  test("takes a whole abstract, and more, for a query", async (t) => {
    const page = await visit(t, browser, sample.url);
    await ask(page, `${SECRET} `.repeat(300).trim().slice(0, 20_000)).catch(() => undefined);
    await firstTitle(page).filter({ hasText: DIFFIE }).waitFor();
  });

  test("fetches more papers on demand, and hands the focus to the first of them", async (t) => {
    const page = await visit(t, browser, sample.url);
    await page.getByRole("button", { name: "More papers" }).focus();
    await page.keyboard.press("Enter");
    await results(page).nth(20).waitFor();
    assert.equal(await results(page).count(), 40);
    assert.equal(await focused(page).innerText(), await results(page).nth(20).getByRole("heading").innerText());
    await hears(page, /^40 of 154 papers$/);
  });

  test("says why there is nothing, and what to try", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=zqxjkv&mode=lexical&category=Physics`);
    await page.locator(".notice").waitFor();
    assert.match(await page.locator(".notice").innerText(), /zqxjkv/);
    await page.getByRole("button", { name: "Search by words and meaning" }).click();
    await results(page).first().waitFor();
  });
});

describe("filters", () => {
  test("narrow a search, are in its address, and are taken away again", async (t) => {
    const page = await visit(t, browser, sample.url);
    await ask(page, "how memory works");
    await page.getByLabel("Category", { exact: true }).fill("Neuroscience");
    await page.keyboard.press("Enter");
    await addressed(page, (parameters) => parameters.get("category") === "Neuroscience");
    await page.getByLabel("From", { exact: true }).fill("1960");
    await page.keyboard.press("Tab");
    await addressed(page, (parameters) => parameters.get("from") === "1960");
    await page.locator(".listing:not(.stale)").waitFor();
    for (const facts of await page.locator("[data-result] .facts").allInnerTexts()) assert.match(facts, /Neuroscience/);
    assert.doesNotMatch(await page.locator(".results").innerText(), /bilateral hippocampal lesions/);
    await page.getByRole("button", { name: "Remove filter: from 1960" }).click();
    await results(page).filter({ hasText: "bilateral hippocampal lesions" }).waitFor();
    await page.goBack();
    await page.getByRole("button", { name: "Remove filter: from 1960" }).waitFor();
  });

  test("are taken from a paper's category, venue and authors", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=prospect+theory`);
    await results(page).first().getByRole("link", { name: "Amos Tversky" }).click();
    await addressed(page, (parameters) => parameters.get("author") === "Amos Tversky" && parameters.get("q") !== null);
    await results(page).filter({ hasText: "Judgment under Uncertainty" }).waitFor();
    assert.equal(await results(page).count(), 2);
  });

  test("tell a date that is none from one that is", async (t) => {
    const page = await visit(t, browser, sample.url);
    await page.getByLabel("From", { exact: true }).fill("1960-13");
    await page.keyboard.press("Tab");
    await page.getByText("2017, 2017-06 or 2017-06-12").first().waitFor();
    assert.equal(new URL(page.url()).search, "");
  });
});

describe("a paper", () => {
  test("has an address with all that is known of it, where to read it, and its kin", async (t) => {
    const page = await visit(t, browser, `${sample.url}?paper=diffie-1976-cryptography`);
    await page.getByRole("heading", { level: 1, name: DIFFIE }).waitFor();
    assert.equal(await page.title(), `${DIFFIE} · Kindred`);
    const whole = await page.locator("[data-whole]").innerText();
    for (const fact of ["Whitfield Diffie", "November 1976", "IEEE Transactions on Information Theory", "Cryptography"])
      assert.ok(whole.includes(fact), fact);
    const doi = page.getByRole("list", { name: "Read it at" }).getByRole("link").first();
    assert.match((await doi.getAttribute("href")) ?? "", /^https:\/\/doi\.org\/10\.1109\//);
    assert.equal(await doi.getAttribute("rel"), "noreferrer");
    const related = page.getByRole("region", { name: "Related papers" });
    await related.getByRole("heading", { name: /public-key cryptosystems/ }).waitFor();
  });

  test("is opened from a list, read out, and left for the list as it was", async (t) => {
    const page = await visit(t, browser, sample.url);
    await ask(page, "the brain and memory");
    const title = await results(page).nth(5).getByRole("heading").innerText();
    await results(page).nth(5).getByRole("link").first().click();
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    assert.equal(await focused(page).innerText(), title);
    assert.equal(await page.evaluate("scrollY"), 0);
    await page.getByRole("button", { name: "Back", exact: true }).click();
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

  test("that is not there is said not to be", async (t) => {
    const page = await visit(t, browser, `${sample.url}?paper=nobody%2F1`, { expected: /404/ });
    await page.getByRole("heading", { name: "There is no such paper" }).waitFor();
    assert.match(await page.locator("main").innerText(), /nobody\/1/);
  });
});

describe("likes", () => {
  test("lead to recommendations, each with the liked paper it is closest to, and are kept", async (t) => {
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
    await page.locator(".closest").first().waitFor();
    const reasons = await page.locator(".closest").allInnerTexts();
    assert.equal(reasons.length, await results(page).count());
    for (const reason of reasons)
      assert.match(
        reason,
        /^Closest to (Attention Is All You Need|Observation of Gravitational Waves.*), which you liked$/,
      );
    assert.equal(new Set(reasons).size, 2, "both likes lead somewhere");
    await page.reload();
    await page.locator(".closest").first().waitFor();
    assert.match(await page.locator(".opinions").innerText(), /2 papers you liked/);
  });

  test("and their opposite can be said and taken back", async (t) => {
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
    await page.getByRole("button", { name: "Recommend anew" }).click();
    await firstTitle(page).filter({ hasNotText: unwanted }).waitFor();
    await page.locator(".opinions summary").click();
    await page.getByRole("button", { name: `Remove: ${unwanted}` }).click();
    await page.getByRole("button", { name: "Recommend anew" }).click();
    await firstTitle(page).filter({ hasText: unwanted }).waitFor();
  });

  test("are explained to whom has none", async (t) => {
    const page = await visit(t, browser, `${sample.url}?view=for-you`);
    await page.getByText("kept in this browser").waitFor();
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
      title: "<img src=x onerror=alert(1)>",
      abstract: "A title from the internet is text.",
      url: "javascript:alert(1)",
      authors: ["<b>A</b>"],
    },
  ]
    .map((line) => (typeof line === "string" ? line : JSON.stringify(line)))
    .join("\n");

  test("takes a file dropped anywhere, reports on it line by line, and finds it by its meaning", async (t) => {
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
    await firstTitle(page).getByRole("link", { name: "<img src=x onerror=alert(1)>" }).click();
    await page.getByRole("heading", { level: 1, name: "<img src=x" }).waitFor();
    assert.equal(await page.locator("a[href^='javascript:']").count(), 0);
    assert.equal(await page.locator("main img, main b").count(), 0);
  });

  test("takes a file that is picked, and says what is wrong with one that holds no papers", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url, { expected: /400/ });
    t.after(server.stop);
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    const file = (name: string, text: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
    const files = [file("letter.txt", "Dear Ada, how are you?"), file("bees.jsonl", FILE)];
    await page.getByLabel("Import files of papers").first().setInputFiles(files);
    const imports = page.getByRole("region", { name: "Imports" });
    await imports.getByText("2 added, 1 problem").waitFor();
    assert.match(await imports.innerText(), /letter\.txt\s+was not imported\. \S+/);
    await hears(page, /embedded$/);
  });
});

describe("the keyboard", () => {
  test("is enough: search, walk through, open, like, go back, leave", async (t) => {
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
    assert.equal(
      await results(page).nth(1).getByRole("button", { name: /^Like/ }).getAttribute("aria-pressed"),
      "true",
    );
    await press(page, "o");
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    await press(page, "l");
    await hears(page, /^Taken back$/);
    await page.goBack();
    await results(page).nth(1).waitFor();
    assert.equal(await focused(page).innerText(), title);
    await press(page, "k", "Enter");
    await page.locator("[data-whole]").waitFor();
  });

  test("types letters into fields, and explains itself", async (t) => {
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
    "?q=x&category=none",
  ];

  for (const [width, height] of [
    [390, 844],
    [768, 1024],
    [1440, 900],
  ] as const)
    test(`fits ${width} pixels, with one main part and one first heading in every view`, async (t) => {
      const page = await visit(t, browser, sample.url, { viewport: { width, height } });
      for (const view of VIEWS) {
        await page.goto(sample.url + view);
        await page.locator("h1").waitFor();
        await page.waitForLoadState("networkidle");
        assert.equal(
          await page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
          true,
          `${view} overflows`,
        );
        assert.equal(await page.locator("main").count(), 1, view);
        assert.equal(await page.locator("h1").count(), 1, view);
        assert.equal(await page.locator("button:not([aria-label]):empty, a:empty").count(), 0, view);
      }
    });

  test("opens its filters on a narrow screen", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=memory`, { viewport: { width: 390, height: 844 } });
    assert.equal(await page.getByLabel("Category", { exact: true }).isVisible(), false);
    await page.getByRole("button", { name: "Filters and order" }).click();
    await page.getByLabel("Category", { exact: true }).fill("Psychology");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Filters and order (1)" }).waitFor();
  });

  test("says that the server is gone, and goes on when it is back", async (t) => {
    const server = await served(sampleDirectory);
    const page = await visit(t, browser, server.url, {
      expected: /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/,
    });
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

  test("works behind a prefix of its path", async (t) => {
    const behind = new URL(sample.url);
    const proxy = createServer((incoming, outgoing) => {
      const { pathname, search } = new URL(incoming.url ?? "/", sample.url);
      if (!pathname.startsWith("/papers/here/")) return void outgoing.writeHead(404).end();
      const path = pathname.slice("/papers/here".length) + search;
      const options = {
        host: behind.hostname,
        port: behind.port,
        path,
        method: incoming.method,
        headers: incoming.headers,
      };
      incoming.pipe(
        forward(options, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        }),
      );
    });
    await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
    const { port } = proxy.address() as AddressInfo;
    const page = await visit(t, browser, `http://127.0.0.1:${port}/papers/here/`);
    t.after(() => void proxy.close());
    await ask(page, "plate tectonics");
    await results(page).first().getByRole("link").first().click();
    await page.getByRole("region", { name: "Related papers" }).locator("[data-result]").first().waitFor();
    assert.match(page.url(), /\/papers\/here\/\?paper=/);
  });
});
