/** A paper's page: sentences, related papers, neighbourhood, moving through a list, citing. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { openKindred } from "../../src/kindred.js";
import { bytesOf, jsonLines } from "../server/serving.js";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { ask, focused, openBrowser, results, searchField, served, visit, violations, closeBrowser } from "./browser.js";

const browser = await openBrowser();
const sample = await served(sampleDirectory);
after(async () => {
  await closeBrowser();
  await sample.stop();
});

const LURIA = `${sample.url}?paper=luria-1943-mutations`;
const ATTENTION = `${sample.url}?paper=vaswani-2017-attention`;
const kin = (page: Page) => page.getByRole("region", { name: "Related papers" });
const sentences = (page: Page) => page.locator("[data-whole] .sentence");
const title = (page: Page) => page.getByRole("heading", { level: 1 });
const around = (page: Page) => page.getByRole("group", { name: /^This paper and its neighbours/ });

describe("an abstract", () => {
  test("is its sentences, each a link to similar papers", async (t) => {
    const page = await visit(t, browser, LURIA);
    await sentences(page).nth(2).waitFor();
    const texts = await sentences(page).allInnerTexts();
    const whole = (await page.locator("[data-whole] .abstract").innerText()).replaceAll(/\s+/g, " ").trim();
    assert.equal(texts.join(" ").replaceAll(/\s+/g, " "), whole, "nothing stands outside of them");
    const last = texts.at(-1)?.replaceAll(/\s+/g, " ") ?? "";
    await sentences(page).last().click();
    await page.locator(".listing:not(.stale) [data-result]").first().waitFor();
    assert.equal(await searchField(page).inputValue(), last);
    await page.goBack();
    await sentences(page).nth(2).waitFor();
    assert.equal(await page.locator("[data-whole] mark").count(), 0);
  });
});

describe("the text of an abstract", () => {
  test("can be selected by dragging, despite its links", async (t) => {
    const page = await visit(t, browser, ATTENTION);
    await sentences(page).nth(1).waitFor();
    // Its second line, which belongs to it alone.
    const { x, y, height } = await page.evaluate<{ x: number; y: number; height: number }>(
      "document.querySelectorAll('.sentence')[1].getClientRects()[1].toJSON()",
    );
    await page.mouse.move(x + 20, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + 260, y + height / 2, { steps: 8 });
    await page.mouse.up();
    const selected = String(await page.evaluate("getSelection().toString()"));
    assert.ok(selected.length > 10, selected);
    assert.ok((await page.locator("[data-whole] .abstract").innerText()).includes(selected.trim()));
    assert.equal(await page.evaluate("location.search"), "?paper=vaswani-2017-attention");
    // Outside of the selection: a click on it would clear it.
    await page.mouse.click(x + 400, y + height / 2);
    await page.waitForURL(/\?q=The\+Transformer\+does/);
  });
});

describe("related papers", () => {
  test("by background, method or result show the two sentences side by side", async (t) => {
    const page = await visit(t, browser, LURIA);
    await kin(page).getByRole("radio", { name: "What it asks" }).check();
    const first = results(page).first();
    const HERE = /^Bacteria that survive attack by a bacteriophage give rise to/;
    const THERE = "When DNA is copied, how are the parental strands shared among the daughter molecules?";
    await first.getByText(HERE).waitFor();
    const pair = first.locator(".pair");
    assert.deepEqual(await pair.getByRole("term").allInnerTexts(), ["This paper", "That paper"]);
    const [here, there] = await pair.getByRole("definition").all();
    assert.match((await here?.innerText()) ?? "", HERE);
    assert.equal(await there?.innerText(), THERE);
    const [left, right] = [await here?.boundingBox(), await there?.boundingBox()];
    assert.ok(left!.x + left!.width <= right!.x && left!.y === right!.y, "side by side");
    await page.setViewportSize({ width: 390, height: 844 });
    const [upper, lower] = [await here?.boundingBox(), await there?.boundingBox()];
    assert.ok(upper!.y + upper!.height <= lower!.y && upper!.x === lower!.x, "one below the other");

    await first.getByRole("button", { name: "Whole abstract" }).click();
    assert.equal(await first.locator("mark").innerText(), THERE);
    assert.match(page.url(), /\?paper=luria-1943-mutations&aspect=background$/);
    await page.reload();
    await first.getByText(HERE).waitFor();
    await kin(page).getByRole("radio", { name: "Everything" }).check();
    await page.waitForURL((url) => !url.search.includes("aspect"));
  });

  test("highlight the sentence they match on hover and focus", async (t) => {
    const page = await visit(t, browser, ATTENTION);
    await results(page).nth(4).waitFor();
    await sentences(page).first().waitFor();
    const lit = page.locator("[data-whole] mark");
    const pairs = results(page).locator(".pair");
    const here = (place: number) => pairs.nth(place).getByRole("definition").first().innerText();
    assert.notEqual(await here(0), await here(4));
    for (const place of [0, 4]) {
      await pairs.nth(place).hover();
      await lit.filter({ hasText: await here(place) }).waitFor();
    }
    await title(page).hover();
    await lit.waitFor({ state: "detached" });
    await results(page).nth(1).getByRole("link").first().focus();
    await lit.filter({ hasText: await here(1) }).waitFor();
    await title(page).hover();
    await page.keyboard.press("/");
    await lit.waitFor({ state: "detached" });
  });
});

describe("a neighbourhood", () => {
  test("is drawn with the paper and 24 others, each a link with its name, and as a list", async (t) => {
    const page = await visit(t, browser, ATTENTION);
    await around(page).waitFor();
    const nodes = around(page).getByRole("link");
    assert.equal(await nodes.count(), 25);
    assert.equal(
      await around(page).locator("a[aria-current=page]").getAttribute("aria-label"),
      "Attention Is All You Need, Vaswani 2017",
    );
    assert.ok((await around(page).locator("line").count()) >= 36);
    const names = await nodes.evaluateAll((links) => links.map((link) => link.getAttribute("aria-label")));
    await page.getByRole("button", { name: "More papers" }).click();
    await results(page).nth(19).waitFor();
    const listed = await results(page).getByRole("heading").allInnerTexts();
    for (const [i, title] of listed.entries())
      assert.ok(names[i + 1]?.startsWith(`${title}, `), `${names[i + 1]}: ${title}`);
    const { x, y, width, height } = (await page.locator(".frame").boundingBox())!;
    for (const label of await around(page).locator("text").all()) {
      const box = (await label.boundingBox())!;
      assert.ok(box.x >= x && box.x + box.width <= x + width && box.y >= y - 2 && box.y + box.height <= y + height + 2);
    }
  });

  test("describes the paper under the pointer or with focus, and leads to it without reloading the page", async (t) => {
    const page = await visit(t, browser, ATTENTION);
    const bert = around(page).getByRole("link", { name: /^BERT/ });
    await bert.focus();
    const card = page.locator(".card");
    await card.filter({ hasText: /^BERT: Pre-training.*Jacob Devlin · 2019 · / }).waitFor();
    await page.keyboard.press("Tab");
    await card.filter({ hasNotText: "BERT" }).waitFor();
    await around(page).getByRole("link", { name: "Long Short-Term Memory" }).locator(".dot").hover();
    await card.filter({ hasText: "Long Short-Term Memory" }).waitFor();
    await page.evaluate("window.same = true");
    await bert.focus();
    await page.keyboard.press("Enter");
    await title(page).filter({ hasText: /^BERT/ }).waitFor();
    assert.equal(await page.evaluate("window.same"), true);
    assert.equal(await focused(page).innerText(), await title(page).innerText());
    await page.goBack();
    await title(page).filter({ hasText: "Attention" }).waitFor();
  });

  test("can be skipped", async (t) => {
    const page = await visit(t, browser, ATTENTION);
    await around(page).waitFor();
    await sentences(page).last().getByRole("link").focus();
    const skip = page.getByRole("button", { name: "Skip the drawing" });
    for (let i = 0; i < 20 && !(await skip.evaluate((button) => button.matches(":focus"))); i++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await focused(page).innerText(), "Related papers");
  });

  test("of a paper that is not yet embedded is drawn as soon as it is", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    const papers = ["count to four", "dance on a comb", "sleep at night", "know a face"].map((what, i) =>
      JSON.stringify({ id: `bee-${i}`, title: `Bees that ${what}`, abstract: `We watched bees that ${what}.` }),
    );
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    await fetch(`${server.url}api/papers`, { method: "POST", body: papers.join("\n") });
    await page.goto(`${server.url}?paper=bee-0`);
    await around(page).getByRole("link").nth(3).waitFor();
    assert.equal(await around(page).getByRole("link").count(), 4);
  });
});

describe("from one paper to the next", () => {
  test("n and p move along the list, and going back returns to it in one step", async (t) => {
    const page = await visit(t, browser, sample.url);
    await ask(page, "the brain and memory");
    const titles = await results(page).getByRole("heading").allInnerTexts();
    await results(page).nth(1).getByRole("link").first().click();
    const way = page.getByRole("navigation", { name: "The list you came from" });
    await title(page).filter({ hasText: titles[1]! }).waitFor();
    assert.match(await way.innerText(), /^2 of the first 20/);
    await way.getByRole("link", { name: "Next" }).click();
    await title(page).filter({ hasText: titles[2]! }).waitFor();
    assert.equal(await focused(page).innerText(), titles[2]);
    await page.keyboard.press("n");
    await title(page).filter({ hasText: titles[3]! }).waitFor();
    await page.reload();
    await title(page).filter({ hasText: titles[3]! }).waitFor();
    assert.match(await way.innerText(), /^4 of the first 20/);
    await page.keyboard.press("p");
    await title(page).filter({ hasText: titles[2]! }).waitFor();
    // Changing the aspect of related papers adds no history entry.
    await kin(page).getByRole("radio", { name: "What it finds" }).check();
    await page.waitForURL(/aspect=result/);
    await title(page).focus();
    await page.keyboard.press("n");
    await page.keyboard.press("n");
    await title(page).filter({ hasText: titles[4]! }).waitFor();
    await page.goBack();
    await page.locator(".listing:not(.stale) [data-result]").first().waitFor();
    assert.equal(await searchField(page).inputValue(), "the brain and memory");
  });

  test("going back shows the last opened paper in view", async (t) => {
    const page = await visit(t, browser, sample.url, { viewport: { width: 1024, height: 500 } });
    await ask(page, "the brain and memory");
    const titles = await results(page).getByRole("heading").allInnerTexts();
    await results(page).first().getByRole("link").first().click();
    for (const wanted of titles.slice(1, 7)) {
      await title(page).waitFor();
      await page.keyboard.press("n");
      await title(page).filter({ hasText: wanted }).waitFor();
    }
    await page.getByRole("button", { name: "Back", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "the brain and memory" }).waitFor();
    await results(page).nth(6).waitFor();
    assert.equal(await focused(page).innerText(), titles[6]);
    const { y } = (await focused(page).boundingBox())!;
    assert.ok(y > 0 && y < 500, `at ${y}`);
  });

  test("the ends of the list have no next or previous, and a paper not opened from a list has neither", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=author%3ATversky`);
    await results(page).nth(1).waitFor();
    assert.equal(await results(page).count(), 2);
    await results(page).first().getByRole("link").first().click();
    const way = page.getByRole("navigation", { name: "The list you came from" });
    assert.match(await way.innerText(), /^1 of 2/);
    assert.deepEqual(await way.getByRole("link").allInnerTexts(), ["Next"]);
    // Related papers are also a list: j and k move in it, and papers opened from it continue along it.
    await results(page).nth(1).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const second = await results(page).nth(1).getByRole("heading").innerText();
    assert.equal(await focused(page).innerText(), second);
    await page.keyboard.press("o");
    await title(page).filter({ hasText: second }).waitFor();
    assert.match(await way.innerText(), /^2 of the first 10/);
    await kin(page).getByRole("radio", { name: "What it finds" }).check();
    await page.waitForURL(/aspect=result/);
    assert.match(await way.innerText(), /^2 of the first 10/);
    await around(page).getByRole("link").nth(3).click();
    await title(page).filter({ hasNotText: second }).waitFor();
    await way.waitFor({ state: "detached" });
    await page.goto(ATTENTION);
    await title(page).waitFor();
    assert.equal(await way.count(), 0);
  });
});

describe("citing", () => {
  const open = async (page: Page) => {
    await title(page).waitFor();
    await page.keyboard.press("c");
    const dialog = page.getByRole("dialog", { name: "Cite" });
    await dialog.waitFor();
    return dialog;
  };
  const FORMATS = [
    ["BibTeX", /^@\w+\{[^]*Attention/],
    ["BibLaTeX", /^@\w+\{[^]*Attention[^]*date = \{2017/],
    ["RIS", /^TY {2}- [^]*Attention[^]*ER {2}-/],
    ["CSL-JSON", /^[[{][^]*"title": ?"Attention/],
    ["Markdown", /^- Ashish Vaswani.*\[@vaswani-2017-attention\]/],
    ["Plain text", /Vaswani[^]*2017[^]*Attention|Vaswani[^]*Attention[^]*2017/],
  ] as const;

  test("offers six formats, each copied with one click and confirmed", async (t) => {
    const page = await visit(t, browser, ATTENTION, { permissions: ["clipboard-read", "clipboard-write"] });
    const dialog = await open(page);
    for (const [name, looks] of FORMATS) {
      await dialog.getByRole("radio", { name }).check();
      const text = dialog.locator("pre");
      await text.filter({ hasText: looks }).waitFor();
      await dialog.getByRole("button", { name: "Copy" }).click();
      await dialog.getByRole("status").filter({ hasText: "Copied." }).waitFor();
      assert.equal(await page.evaluate("navigator.clipboard.readText()"), await text.textContent());
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    // The browser restores the focus a moment later.
    await page.locator("h1:focus, body:focus, [data-action=cite]:focus, body:not(:has(:focus))").first().waitFor();
  });

  test("selects the text if the browser does not allow copying, and says so", async (t) => {
    const page = await visit(t, browser, ATTENTION, { permissions: [] });
    const dialog = await open(page);
    const text = dialog.locator("pre");
    await text.filter({ hasText: /Attention/ }).waitFor();
    await dialog.getByRole("button", { name: "Copy" }).click();
    await dialog.getByRole("status").filter({ hasText: "The text is selected" }).waitFor();
    const selected = String(await page.evaluate("getSelection().toString()"));
    assert.equal(selected.trim(), (await text.textContent())?.trim());
  });
});

describe("a citation key", () => {
  test("is copied with one key, in the form that was chosen", async (t) => {
    const page = await visit(t, browser, ATTENTION, { permissions: ["clipboard-read", "clipboard-write"] });
    const copied = async (text: string): Promise<void> => {
      await page.keyboard.press("y");
      await page
        .locator(".acts [role=status]")
        .filter({ hasText: `Copied ${text}` })
        .waitFor();
      assert.equal(await page.evaluate("navigator.clipboard.readText()"), text);
    };
    await page.locator("[data-action=key]:not([aria-disabled=true])").waitFor();
    await copied("\\cite{vaswani-2017-attention}");
    for (const [form, text] of [
      ["[@key]", "[@vaswani-2017-attention]"],
      ["@key", "@vaswani-2017-attention"],
    ] as const) {
      await page.keyboard.press("c");
      await page.getByRole("radio", { name: form, exact: true }).check();
      await page.keyboard.press("Escape");
      // The browser restores the focus a moment later; a key in a field does nothing.
      await page.locator("h1:focus, [data-action]:focus, body:not(:has(:focus))").first().waitFor();
      await copied(text);
    }
    await page.reload();
    await page.locator("[data-action=key]:not([aria-disabled=true])").waitFor();
    await copied("@vaswani-2017-attention");
  });

  test("is selected if the browser does not allow copying", async (t) => {
    const page = await visit(t, browser, ATTENTION, { permissions: [] });
    await page.locator("[data-action=key]:not([aria-disabled=true])").waitFor();
    await page.getByRole("button", { name: "Copy key" }).click();
    await page.getByText("does not let this page copy").waitFor();
    // The text is selected a moment after it is shown.
    await page.waitForFunction("getSelection().toString() !== ''");
    assert.equal(await page.evaluate("getSelection().toString()"), "\\cite{vaswani-2017-attention}");
  });
});

describe("a reference manager", () => {
  test("finds the paper in the metadata, as a COinS and by unAPI, and is told of changes", async (t) => {
    const page = await visit(t, browser, sample.url);
    await results(page).first().waitFor();
    assert.equal(await page.locator("abbr.unapi-id").count(), await results(page).count());
    await page.evaluate("document.addEventListener('ZoteroItemUpdated', () => (window.told = document.title))");
    await ask(page, "attention is all you need");
    await results(page).first().getByRole("link").first().click();
    await page.waitForFunction("window.told?.startsWith('Attention')");
    const metadata = () =>
      page
        .locator("head meta[name^=citation_]")
        .evaluateAll((all) => all.map((one) => [one.getAttribute("name"), one.getAttribute("content")]));
    const found = await metadata();
    const of = (name: string) => found.filter(([one]) => one === name).map(([, content]) => content);
    assert.deepEqual(of("citation_title"), ["Attention Is All You Need"]);
    assert.equal(of("citation_author")[0], "Ashish Vaswani");
    assert.deepEqual(of("citation_arxiv_id"), ["1706.03762"]);
    assert.match(of("citation_publication_date")[0] ?? "", /^2017(\/\d\d){0,2}$/);

    const coins = new URLSearchParams((await page.locator("span.Z3988").getAttribute("title")) ?? "");
    assert.equal(coins.get("ctx_ver"), "Z39.88-2004");
    assert.equal(coins.get("rft.atitle"), "Attention Is All You Need");
    assert.ok(coins.getAll("rft_id").includes("info:arxiv/1706.03762"));

    // As Zotero's translator for unAPI asks.
    const server = await page
      .locator("link[rel=unapi-server]")
      .evaluate((link) => (link as unknown as { href: string }).href);
    const id = await page.locator("[data-whole] abbr.unapi-id").getAttribute("title");
    const reply = await fetch(`${server}?${new URLSearchParams({ id: id!, format: "ris" }).toString()}`);
    assert.match(await reply.text(), /^TI {2}- Attention Is All You Need\r$/m);

    await page.goBack();
    await results(page).first().waitFor();
    assert.deepEqual(await metadata(), [], "a list is not a paper");
  });
});

describe("a paper that was retracted", () => {
  const abstract = "Otters keep one stone for life, and juggle it when they are hungry.";
  const RECORDS = [
    { id: "otters", title: "Stones of otters", abstract, authors: ["Ada Smith"], notice: "retracted" },
    {
      id: "preprint",
      title: "Stones of otters",
      abstract,
      authors: ["Ada Smith"],
      source: "arXiv",
      notice: "withdrawn",
    },
    { id: "seals", title: "Stones of seals", abstract: "Seals keep none.", notice: "concern" },
    { id: "eels", title: "Stones of eels", abstract: "Eels hide under them." },
  ];
  const make = async (cleanup: { after(work: () => unknown): void }) => {
    const directory = temporaryDirectory(cleanup);
    const kindred = await openKindred({ directory, workers: 1 });
    await kindred.import(bytesOf(jsonLines(...RECORDS)));
    await kindred.index();
    await kindred.close();
    return directory;
  };

  test("is called that in lists, with its copies, and on its page", async (t) => {
    const server = await served(make);
    t.after(() => server.stop());
    const page = await visit(t, browser, `${server.url}?q=stones`);
    await results(page).nth(2).waitFor();
    // Screen readers read it with the title.
    const names = (level: number) => page.getByRole("heading", { level }).allInnerTexts();
    assert.deepEqual((await names(2)).filter((name) => name.startsWith("Stones")).toSorted(), [
      "Stones of eels",
      "Stones of otters Retracted",
      "Stones of seals Expression of concern",
    ]);
    assert.match(await page.locator(".versions").innerText(), /^Also here: arXiv Withdrawn$/);
    assert.equal(await page.getByRole("link", { name: "Stones of otters", exact: true }).count(), 1);
    assert.deepEqual(await violations(page), []);
    await page.getByRole("link", { name: "Stones of otters", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Stones of otters Retracted", exact: true }).waitFor();
    await kin(page).locator("[data-notice=concern]").waitFor();
    assert.equal(await page.title(), "Stones of otters · Kindred");
    assert.deepEqual(await violations(page), []);
    await page.goto(`${server.url}?paper=eels`);
    await page.getByRole("heading", { level: 1, name: "Stones of eels", exact: true }).waitFor();
  });
});
