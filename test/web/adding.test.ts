/** The dialog for adding papers: pasting, dropping files, and leaving it. */
import "../tiny.js";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { Everywhere, feedOf, pubmedOf } from "../sources/services.js";
import {
  closeBrowser,
  DIFFIE,
  drop,
  firstTitle,
  focused,
  GONE,
  hears,
  hearsOfImport,
  openBrowser,
  results,
  served,
  violations,
  visit,
} from "./browser.js";

const browser = await openBrowser();
const sample = await served(sampleDirectory);
after(async () => {
  await closeBrowser();
  await sample.stop();
});

const addButton = (page: Page) => page.getByRole("button", { name: "Add papers" });
const dialog = (page: Page) => page.getByRole("dialog", { name: "Add papers" });
const field = (page: Page) => page.getByLabel("Or paste");
const imports = (page: Page) => page.getByRole("region", { name: "Imports" });

async function open(page: Page): Promise<void> {
  await results(page).first().waitFor();
  await addButton(page).click();
  await dialog(page).waitFor();
}

const BIBTEX = "@article{bees2008, title = {Bees that count to four}, abstract = {They count landmarks.}, year = 2008}";

describe("pasted text", () => {
  test("is recognised before it is sent, and imported if it is BibTeX, by keyboard only", async (t) => {
    const permissions = ["clipboard-read", "clipboard-write"];
    const page = await visit(t, browser, sample.url, { permissions });
    await results(page).first().waitFor();
    await addButton(page).focus();
    await page.keyboard.press("Enter");
    await dialog(page).waitFor();
    assert.equal(await focused(page).innerText(), "Add papers", "the dialog says what it is");
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(BIBTEX)})`);
    await page.keyboard.press("Control+V");
    await dialog(page).getByText("Looks like BibTeX.").waitFor();
    assert.equal(await field(page).inputValue(), BIBTEX);
    assert.equal(await imports(page).count(), 0, "nothing is sent yet");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor({ state: "hidden" });
    await hearsOfImport(page, /^pasted: 1 added$/);
    assert.equal(await focused(page).getAttribute("aria-label"), "Add papers");
    await page.goto(`${sample.url}?paper=bees2008`);
    await page.getByRole("heading", { level: 1, name: "Bees that count to four" }).waitFor();
  });

  test("is looked up if it has identifiers, and the dialog says where to get unknown ones", async (t) => {
    const page = await visit(t, browser, sample.url);
    await open(page);
    const given = ["1706.03762, https://doi.org/10.1109/TIT.1976.1055638", "10.1000/a<1>c", "arXiv:hep-th/9901001v2"];
    await field(page).fill([...given, "https://example.org/paper?x=1", "my favourites"].join("\n"));
    await dialog(page).getByText("Looks like identifiers of papers.").waitFor();
    await page.getByRole("button", { name: "Look up 5 identifiers" }).click();
    await dialog(page).getByText("2 of 5 papers found here; 1 line holds no identifier").waitFor();
    const links = page.getByRole("region", { name: "Not here" }).getByRole("link");
    const attributes = (name: string) => Promise.all([0, 1, 2].map((nth) => links.nth(nth).getAttribute(name)));
    assert.deepEqual(await attributes("href"), [
      "https://doi.org/10.1000/a%3C1%3Ec",
      "https://arxiv.org/bibtex/hep-th/9901001",
      "https://example.org/paper?x=1",
    ]);
    assert.deepEqual(await attributes("target"), ["_blank", "_blank", "_blank"]);
    assert.deepEqual(await attributes("rel"), ["noreferrer", "noreferrer", "noreferrer"]);
    await dialog(page).getByRole("button", { name: "Get 2 papers" }).waitFor();
    assert.match(await page.getByRole("region", { name: "Not understood" }).innerText(), /my favourites/);
    await page.getByRole("region", { name: "Found here" }).getByRole("link", { name: DIFFIE }).click();
    await dialog(page).waitFor({ state: "hidden" });
    await page.getByRole("heading", { level: 1, name: DIFFIE }).waitFor();
    assert.equal(await focused(page).innerText(), DIFFIE);
  });

  test("with identifiers of unknown papers gets these from services, if asked to", async (t) => {
    const services = await Everywhere.start(t, {
      arxiv: () => ({ body: feedOf([{ id: "2401.01234", title: "Models of tides" }]) }),
      pubmed: () => ({ body: pubmedOf(123, "Otters", "10.1000/otters", "Of otters.") }),
    });
    const server = await served(sampleDirectory, {}, { services: services.bases });
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    await open(page);
    await field(page).fill("2401.01234v2\nPMID: 123\n10.1000/nowhere\nhttps://example.org/paper");
    await page.getByRole("button", { name: "Look up 4 identifiers" }).click();
    await dialog(page).getByText("0 of 4 papers found here").waitFor();
    assert.deepEqual(services.asked, [], "looking up asks nobody");
    await page.getByRole("button", { name: "Get 3 papers" }).click();
    await dialog(page).getByText("2 papers added, 1 not found").waitFor();
    assert.deepEqual(services.asked, ["arxiv", "pubmed", "crossref", "datacite"]);
    const unknown = page.getByRole("region", { name: "Not here" });
    assert.match(await unknown.innerText(), /10\.1000\/nowhere[^]*\(neither Crossref nor DataCite knows it\)/);
    assert.equal(
      await page.getByRole("button", { name: /^Get / }).count(),
      0,
      "services that do not know it know it no better",
    );
    assert.match(await focused(page).innerText(), /^2 papers added/);
    await unknown.getByRole("link", { name: "Models of tides" }).click();
    await page.getByRole("heading", { level: 1, name: "Models of tides" }).waitFor();
  });

  test("stops asking services when a person stops it, and adds nothing", async (t) => {
    let left!: () => void;
    const gone = new Promise<void>((resolve) => (left = resolve));
    const services = await Everywhere.start(t, { crossref: () => (response) => void response.once("close", left) });
    const server = await served(sampleDirectory, {}, { services: services.bases });
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    await open(page);
    await field(page).fill("10.1000/slow");
    await page.getByRole("button", { name: "Look up 1 identifier" }).click();
    await page.getByRole("button", { name: "Get 1 paper" }).click();
    await dialog(page).getByText("Asking…").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await gone;
    await page.getByRole("button", { name: "Get 1 paper" }).waitFor();
    assert.equal(await dialog(page).getByText("Asking…").count(), 0);
  });

  test("becomes one paper if it is plain text, which can be edited before it is sent", async (t) => {
    const page = await visit(t, browser, sample.url);
    await open(page);
    await field(page).fill("Wasps that count\n\nPaper wasps were shown one to\nfive dots.");
    await dialog(page).getByText("Looks like plain text.").waitFor();
    await page.getByRole("button", { name: "Add it as one paper" }).click();
    const title = dialog(page).getByLabel("Title");
    assert.equal(await title.inputValue(), "Wasps that count");
    assert.equal(await focused(page).inputValue(), "Wasps that count");
    await title.fill(" ");
    await page.getByRole("button", { name: "Add this paper" }).click();
    assert.equal(await dialog(page).isVisible(), true, "no paper is without a title");
    await title.fill("Wasps that count to five");
    await page.keyboard.press("Escape");
    await title.waitFor({ state: "detached" });
    await addButton(page).click();
    assert.equal(await title.inputValue(), "Wasps that count to five", "what was put right is not lost by Escape");
    await page.getByRole("button", { name: "Add this paper" }).click();
    await hearsOfImport(page, /^pasted: 1 added$/);
    await page.goto(`${sample.url}?q=wasps+that+count+to+five`);
    await firstTitle(page).filter({ hasText: "Wasps that count to five" }).waitFor();
    assert.match(await results(page).first().locator(".abstract").innerText(), /one to five dots\./);
  });

  test("outside the field is a new line in it, and earlier results are removed", async (t) => {
    const page = await visit(t, browser, sample.url, { permissions: ["clipboard-read", "clipboard-write"] });
    await open(page);
    await field(page).fill("1706.03762");
    await page.getByRole("button", { name: "Look up 1 identifier" }).click();
    await dialog(page).getByText("1 of 1 paper found here").waitFor();
    await page.evaluate('navigator.clipboard.writeText("10.1109/TIT.1976.1055638")');
    await dialog(page).getByRole("button", { name: "Close" }).focus();
    await page.keyboard.press("Control+V");
    await page.getByRole("button", { name: "Look up 2 identifiers" }).waitFor();
    assert.equal(await field(page).inputValue(), "1706.03762\n10.1109/TIT.1976.1055638");
    await dialog(page).getByText("Looks like identifiers of papers.").waitFor();
    assert.equal(await page.getByRole("region", { name: "Found here" }).count(), 0);
  });

  test("that is not recognised gives a message", async (t) => {
    const page = await visit(t, browser, sample.url);
    await open(page);
    await field(page).fill("  ");
    await dialog(page).getByRole("button", { name: "Add", exact: true }).click();
    await dialog(page).getByText("Nothing has been pasted yet.").waitFor();
    assert.equal(await focused(page).getAttribute("name"), "pasted");
  });

  test("is kept while the server is unreachable, and looked up when it is back", async (t) => {
    const server = await served(sampleDirectory);
    const page = await visit(t, browser, server.url, { expected: GONE });
    t.after(server.stop);
    await open(page);
    await server.crash();
    await field(page).fill("1706.03762");
    await page.getByRole("button", { name: "Look up 1 identifier" }).click();
    await dialog(page).getByRole("alert").getByText("Is it still running?").waitFor();
    await server.restart();
    await dialog(page).getByRole("button", { name: "Try again" }).click();
    await dialog(page).getByText("1 of 1 paper found here").waitFor();
    assert.equal(await dialog(page).getByRole("alert").count(), 0);
  });
});

describe("the dialog", () => {
  test("closes with Escape without losing the text, and the focus returns", async (t) => {
    const page = await visit(t, browser, sample.url);
    await open(page);
    await field(page).fill("Bees that");
    await page.keyboard.press("Escape");
    await field(page).waitFor({ state: "detached" });
    assert.equal(await focused(page).getAttribute("aria-label"), "Add papers");
    await page.keyboard.press("Enter");
    assert.equal(await field(page).inputValue(), "Bees that");
    await dialog(page).getByRole("button", { name: "Close" }).click();
    await page.locator("dialog textarea").waitFor({ state: "detached" });
  });

  test("accepts a file that is dropped on it or chosen in it", async (t) => {
    const page = await visit(t, browser, sample.url);
    await open(page);
    await drop(page, "moths.bib", "@article{moth, title = {Moths that count}}");
    await dialog(page).waitFor({ state: "hidden" });
    await imports(page).getByText("1 added").waitFor();
    await addButton(page).click();
    const buffer = Buffer.from("TY  - JOUR\nTI  - Gnats that count\nER  - \n");
    await page
      .getByLabel("Choose files of papers")
      .setInputFiles({ name: "gnats.ris", mimeType: "text/plain", buffer });
    await dialog(page).waitFor({ state: "hidden" });
    await hearsOfImport(page, /^gnats\.ris: 1 added$/);
  });

  for (const width of [320, 390, 1440])
    test(`fits ${width} pixels, whatever the results`, async (t) => {
      const page = await visit(t, browser, sample.url, { viewport: { width, height: 700 } });
      await open(page);
      await field(page).fill(`https://example.org/${"long".repeat(60)}\n1706.03762\n${"no-id-at-all".repeat(30)}`);
      await page.getByRole("button", { name: "Look up 2 identifiers" }).click();
      await page.getByRole("region", { name: "Not understood" }).waitFor();
      await dialog(page).getByText("Earlier imports").click();
      await dialog(page).locator(".earlier li").first().waitFor();
      const wide = "(one) => one.scrollWidth > one.clientWidth || one.clientWidth > innerWidth";
      assert.equal(await dialog(page).evaluate(`(${wide})(document.querySelector("dialog[open]"))`), false);
    });
});

test("the first papers can be pasted into an empty library", async (t) => {
  const server = await served(temporaryDirectory);
  const page = await visit(t, browser, server.url);
  t.after(server.stop);
  await page.getByRole("heading", { name: "No papers yet" }).waitFor();
  await field(page).fill(BIBTEX);
  await page.getByText("Looks like BibTeX.").waitFor();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await firstTitle(page).filter({ hasText: "Bees that count to four" }).waitFor();
  await page.locator("h1:focus").waitFor();
  await page.getByRole("heading", { level: 1, name: "1 paper, newest first" }).waitFor();
  await hears(page, /embedded$/);
});

describe("from the page of a paper elsewhere", () => {
  /** A page of another site that describes its paper as arXiv's do. */
  async function pageOf(t: TestContext, id: string, title: string): Promise<string> {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(
        `<!doctype html><title>[${id}] ${title}</title><link rel="icon" href="data:,">` +
          `<meta name="citation_title" content="${title}"><meta name="citation_arxiv_id" content="${id}">` +
          `<meta name="citation_doi" content="10.48550/arXiv.${id}"><h1>${title}</h1>`,
      );
    });
    await new Promise<void>((resolve) => void server.listen(0, "localhost", resolve));
    t.after(() => server.close());
    return `http://localhost:${(server.address() as AddressInfo).port}/abs/${id}`;
  }

  /** The page that the bookmarklet opens from another page. */
  async function clicked(page: Page, bookmarklet: string): Promise<Page> {
    const opened = page.context().waitForEvent("page");
    await page.evaluate(decodeURIComponent(bookmarklet.replace(/^javascript:/, "")));
    return opened;
  }

  test("a bookmarklet shows a paper that is here, and gets another one, with related papers, if asked to", async (t) => {
    const services = await Everywhere.start(t, {
      arxiv: () => ({ body: feedOf([{ id: "2401.01234", title: "Models of tides" }]) }),
    });
    const server = await served(sampleDirectory, {}, { services: services.bases });
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    await open(page);
    await dialog(page).getByRole("link", { name: "Add from the pages of arXiv" }).click();
    await page.getByRole("heading", { level: 1, name: "Add from other pages" }).waitFor();
    const link = page.getByRole("link", { name: "In Kindred?" });
    const bookmarklet = (await link.getAttribute("href")) ?? "";
    assert.match(bookmarklet, /^javascript:[^"<>\s]+$/);
    await link.click();
    await page.getByText("drag it to the bookmarks bar").waitFor();
    assert.deepEqual(await violations(page), []);

    await page.goto(await pageOf(t, "1706.03762", "Attention Is All You Need"));
    const here = await clicked(page, bookmarklet);
    await here.waitForURL(/\?paper=vaswani-2017-attention$/);
    await here.getByRole("heading", { level: 1, name: "Attention Is All You Need" }).waitFor();

    await page.goto(await pageOf(t, "2401.01234", 'Models of tides & "moons"'.replaceAll('"', "&quot;")));
    const other = await clicked(page, bookmarklet);
    await other.getByRole("heading", { level: 1, name: 'Models of tides & "moons"' }).waitFor();
    await other.getByText("This paper is not in your library.").waitFor();
    await results(other).first().waitFor();
    assert.deepEqual(services.asked, [], "opening asks nobody");
    assert.deepEqual(await violations(other), []);
    await other.getByRole("button", { name: "Get 1 paper" }).click();
    await other.getByRole("link", { name: "Models of tides" }).click();
    await other.getByRole("heading", { level: 1, name: "Models of tides" }).waitFor();
    assert.equal(services.asked[0], "arxiv");
  });

  test("a share opens what the manifest says; a page without identifiers says what to do", async (t) => {
    const page = await visit(t, browser, `${sample.url}?open=`);
    const manifest = new URL((await page.locator("link[rel=manifest]").getAttribute("href")) ?? "", page.url());
    const response = await fetch(manifest);
    assert.match(response.headers.get("content-type") ?? "", /^application\/manifest\+json/);
    const { share_target, icons } = (await response.json()) as {
      share_target: { action: string; method: string; params: { title: string; text: string; url: string } };
      icons: { src: string }[];
    };
    assert.equal((await fetch(new URL(icons[0]!.src, manifest))).status, 200);
    assert.equal(share_target.method, "GET");
    const shared = (title: string, text: string): string => {
      const to = new URL(share_target.action, manifest);
      to.searchParams.append(share_target.params.title, title);
      to.searchParams.append(share_target.params.text, text);
      return to.href;
    };
    // Phones put the address into the text.
    await page.goto(shared(DIFFIE, "New directions https://doi.org/10.1109/TIT.1976.1055638"));
    await page.locator("[data-whole]").getByRole("heading", { level: 1, name: DIFFIE }).waitFor();
    await page.goto(shared("Tides", "https://example.org/tides"));
    await page.getByText("names no DOI, arXiv id or PMID").waitFor();
    await page.getByRole("heading", { level: 2, name: "Related papers here" }).waitFor();
    // Some programs share a title only. It is text, whatever it looks like.
    const title = "<img src=x onerror=alert(1)> javascript:alert(1)";
    await page.goto(`${sample.url}?${new URLSearchParams({ title }).toString()}`);
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    await page.getByText("names no DOI, arXiv id or PMID").waitFor();
  });

  test("addresses that are none of the web are text, not links", async (t) => {
    const page = await visit(t, browser, sample.url);
    const odd = [
      "javascript:alert(document.domain)//10.9999/odd",
      "data:text/html,<p>10.9999/odd",
      "file:///etc/passwd",
    ];
    await page.goto(
      `${sample.url}?${new URLSearchParams(odd.map((one): [string, string] => ["open", one])).toString()}`,
    );
    await page.getByText("This paper is not in your library.").waitFor();
    for (const link of await page.locator("main a[href]").all())
      assert.match((await link.getAttribute("href")) ?? "", /^(?:https:\/\/|\.\/)/);
  });
});
