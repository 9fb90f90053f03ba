import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { closeBrowser, firstTitle, openBrowser, results, served, visit } from "./browser.js";

const browser = await openBrowser();
const sample = await served(sampleDirectory);
const server = await served(temporaryDirectory);
after(async () => {
  await closeBrowser();
  await sample.stop();
  await server.stop();
});

const PAPERS = [
  {
    id: "sorting",
    title: String.raw`Sorting marbles in $O(n\log n)$ moves`,
    abstract:
      String.raw`Marbles are sorted by weight, $n$ of them in $O(n\log n)$ moves, each for $5 to $10. ` +
      String.raw`With $\mathcal{N}=4$ hands $$\sum_{i=1}^{n} \frac{1}{i^2} \le \frac{\pi^2}{6}$$ are saved. ` +
      String.raw`Wrong is $\frac{1}{$ and nobody knows $\marble{x}$, $\cancel{x}$ or $\def\a{aa}\a\a$.`,
  },
  {
    id: "odd",
    title: "What a policy forbids",
    abstract: String.raw`Policy: $\pmb{x}$, $\prescript{a}{b}{C}$, \[\begin{align} y \label{content} \end{align}\] and $\rule{900em}{900em}$, $\href{javascript:alert(1)}{l}$, $\includegraphics{http://127.0.0.1:9/x.png}$.`,
  },
  {
    id: "long",
    title: String.raw`Wide: $\sqrt{${"abcdefghij+".repeat(12)}z}$`,
    abstract: String.raw`Wide $${"a_1 + ".repeat(40)}z$ and $$\frac{${"x+".repeat(60)}y}{z}$$ formulas.`,
  },
  { id: "hebrew", title: "מיון גולות ב-$a+b$ צעדים", abstract: "$n$ גולות ממוינות לפי משקל." },
  { id: "chinese", title: "图神经网络，$k$ 步", abstract: "本文研究，图神经网络。" },
  {
    id: "joined",
    title: "Joined",
    abstract: Array.from({ length: 30 }, (_, nth) => `${"o".repeat(nth % 9)}r $k_n$-means`).join(" "),
  },
  { id: "plain", title: "Weighing marbles by hand", abstract: "No mathematics here, for $5 or for $6." },
];
await fetch(`${server.url}api/papers`, {
  method: "POST",
  body: PAPERS.map((paper) => JSON.stringify(paper)).join("\n"),
});

/** Lexical mode, so that nothing depends on embedding progress. */
const search = (words: string) => `${server.url}?${new URLSearchParams({ q: words, mode: "lexical" }).toString()}`;
const NOTHING = `${search("marbles")}&category=none`;
const paper = (page: Page, id: string) => page.locator(`[data-paper="${id}"]`);
const DRAWS = /\/draw-formula-\w+\.js$/;
const styleOf = (page: Page, selector: string, property: string) =>
  page.evaluate<string>(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).${property}`);
/** The requests for the code that renders formulas. */
const fetched = async (page: Page) =>
  (await page.evaluate<string[]>("performance.getEntriesByType('resource').map((entry) => entry.name)")).filter((url) =>
    DRAWS.test(url),
  );

describe("mathematics", () => {
  test("is rendered in titles and abstracts, and amounts of money are not", async (t) => {
    const page = await visit(t, browser, search("sorting marbles"));
    const sorting = paper(page, "sorting");
    await sorting.locator("math").first().waitFor();
    assert.equal(await sorting.locator(".title math").count(), 1);
    assert.equal(await sorting.locator(".abstract math").count(), 4);
    assert.equal(await sorting.locator(".abstract mfrac").count(), 2);
    assert.equal(await sorting.locator("math[display=block]").count(), 1);
    assert.match(await sorting.locator(".abstract").innerText(), /each for \$5 to \$10\./);
    assert.doesNotMatch(await sorting.locator(".title").innerText(), /[$\\]/);
  });

  test("that is invalid or unknown is shown as source", async (t) => {
    const page = await visit(t, browser, search("sorting marbles"));
    await paper(page, "sorting").locator("math").first().waitFor();
    const abstract = await paper(page, "sorting").locator(".abstract").innerText();
    const written = String.raw`Wrong is $\frac{1}{$ and nobody knows $\marble{x}$, $\cancel{x}$ or $\def\a{aa}\a\a$.`;
    assert.ok(abstract.includes(written), abstract);
  });

  test("is marked with its sentence, and never cut by a matching word", async (t) => {
    const page = await visit(t, browser, search("sorted log moves"));
    const sorting = paper(page, "sorting");
    await sorting.locator("mark math").first().waitFor();
    assert.equal(await sorting.locator("mark math").count(), 2);
    assert.deepEqual(await sorting.locator(".abstract b").allInnerTexts(), ["sorted", "moves"]);
  });

  test("respects the content security policy, ids and size limits", async (t) => {
    const page = await visit(t, browser, search("policy"));
    const odd = paper(page, "odd");
    await odd.locator("math").first().waitFor();
    assert.equal(await odd.locator("math").count(), 4);
    assert.equal(await odd.locator("math a, math img, math [href], math [src]").count(), 0);
    assert.match((await odd.locator(".abstract").textContent()) ?? "", /\\href\{javascript:alert\(1\)\}/);
    assert.equal(await styleOf(page, "[data-paper=odd] mstyle", "fontWeight"), "700");
    assert.equal(await page.locator("[id=content]").count(), 1);
    assert.ok(((await odd.boundingBox())?.height ?? 0) < 1_000);
  });

  test("that is wider than the page breaks or scrolls separately", async (t) => {
    const page = await visit(t, browser, search("wide formulas"), { viewport: { width: 320, height: 640 } });
    await paper(page, "long").locator("math").nth(2).waitFor();
    assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
    const lines = await paper(page, "long").locator(".abstract math").first().locator("> mrow").all();
    const tops = await Promise.all(lines.map(async (line) => (await line.boundingBox())?.y ?? 0));
    assert.ok(Math.max(...tops) > Math.min(...tops) + 10, "it goes on in the next line");
  });

  test("is not separated from the rest of its word", async (t) => {
    const page = await visit(t, browser, search("joined"));
    await paper(page, "joined").locator("math").nth(29).waitFor();
    for (let width = 320; width <= 420; width += 10) {
      await page.setViewportSize({ width, height: 900 });
      const parted = await page.evaluate<number>(`[...document.querySelectorAll("[data-paper=joined] .abstract math")]
        .filter((math) => {
          const behind = document.createRange();
          behind.setStart(math.parentNode.nextSibling, 0);
          behind.setEnd(math.parentNode.nextSibling, 1);
          return behind.getBoundingClientRect().left < math.getBoundingClientRect().left;
        }).length`);
      assert.equal(parted, 0, `${width} pixels`);
    }
  });

  test("is rendered on a paper's page and in the list of likes", async (t) => {
    const page = await visit(t, browser, `${server.url}?paper=sorting`);
    await page.locator("h1 math").waitFor();
    assert.equal(await page.locator("[data-whole] .abstract math").count(), 4);
    await page.locator("[data-whole]").getByRole("button", { name: /^Like/ }).click();
    await page.goto(`${server.url}?view=library`);
    await results(page).first().locator("math").first().waitFor();
  });

  test("is exposed to screen readers as mathematics, and is part of the names of headings and links", async (t) => {
    const page = await visit(t, browser, search("sorting marbles"));
    await paper(page, "sorting").locator("math").first().waitFor();
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send("Accessibility.getFullAXTree");
    const told = nodes.filter(({ ignored }) => !ignored);
    const named = (role: string) =>
      told.filter((node) => node.role?.value === role).map(({ name }) => String(name?.value));
    const title = String.raw`Sorting marbles in O(n\log n) moves`;
    for (const role of ["heading", "link"]) assert.ok(named(role).includes(title), named(role).join("; "));
    // Outside of names, the elements themselves are exposed.
    assert.deepEqual(named("MathMLMath").toSorted(), ["", "", "", "", String.raw`O(n\log n)`]);
  });
});

describe("the code that renders mathematics", () => {
  test("is not fetched if there is none", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=graph+algorithms`);
    await results(page).first().waitFor();
    await page.waitForLoadState("networkidle");
    assert.deepEqual(await fetched(page), []);
    await page.goto(search("weighing"));
    await results(page).filter({ hasText: "No mathematics here, for $5 or for $6." }).waitFor();
    await page.waitForLoadState("networkidle");
    assert.deepEqual(await fetched(page), []);
  });

  test("is fetched once, and then used at once", async (t) => {
    const page = await visit(t, browser, search("sorting"));
    await page.locator("math").first().waitFor();
    await page.getByRole("link", { name: /^Sorting/ }).click();
    await page.locator("h1 math").waitFor();
    assert.equal((await fetched(page)).length, 1);
  });

  test("leaves mathematics as source until it is loaded", async (t) => {
    const page = await visit(t, browser, NOTHING);
    const waiting: (() => void)[] = [];
    await page.route(DRAWS, async (route) => {
      await new Promise<void>((go) => waiting.push(go));
      await route.continue();
    });
    const asked = page.waitForRequest(DRAWS);
    await page.goto(search("sorting"));
    await asked;
    await firstTitle(page)
      .filter({ hasText: String.raw`in $O(n\log n)$ moves` })
      .waitFor();
    assert.equal(await page.locator("math").count(), 0);
    for (const go of waiting) go();
    await page.locator("math").first().waitFor();
    assert.doesNotMatch(await firstTitle(page).innerText(), /\$/);
  });

  test("leaves mathematics as source if it cannot be fetched", async (t) => {
    const page = await visit(t, browser, NOTHING, { expected: /ERR_FAILED/ });
    await page.route(DRAWS, (route) => route.abort());
    const failed = page.waitForEvent("requestfailed", (request) => DRAWS.test(request.url()));
    await page.goto(search("sorting"));
    await failed;
    await firstTitle(page)
      .filter({ hasText: String.raw`in $O(n\log n)$ moves` })
      .waitFor();
    await page.getByRole("link", { name: /^Sorting/ }).click();
    await page
      .getByRole("heading", { level: 1 })
      .filter({ hasText: String.raw`in $O(n\log n)$ moves` })
      .waitFor();
    assert.equal(await page.locator("math").count(), 0);
  });
});

describe("texts in other scripts", () => {
  test("run from right to left where appropriate, with formulas from left to right", async (t) => {
    const page = await visit(t, browser, search("גולות"));
    const hebrew = paper(page, "hebrew");
    await hebrew.locator(".title math").waitFor();
    for (const part of [".title", ".abstract"])
      assert.equal(await styleOf(page, `[data-paper=hebrew] ${part}`, "direction"), "rtl");
    const title = await hebrew.locator(".title").boundingBox();
    const marked = await hebrew.locator(".title b").boundingBox();
    const formula = await hebrew.locator(".title math").boundingBox();
    assert.ok(title !== null && marked !== null && formula !== null);
    assert.ok(formula.x + formula.width <= marked.x, "what comes first stands to the right");
    assert.ok(marked.x > title.x + title.width / 2, "the title begins at the right");
    const [a, b] = await hebrew.locator(".title mi").all();
    assert.ok(((await a?.boundingBox())?.x ?? Infinity) < ((await b?.boundingBox())?.x ?? 0));
  });

  test("have matching words marked", async (t) => {
    const page = await visit(t, browser, search("图神经网络"));
    await paper(page, "chinese").locator(".title math").waitFor();
    assert.deepEqual(await paper(page, "chinese").locator("b").allInnerTexts(), ["图神经网络", "图神经网络"]);
  });
});
