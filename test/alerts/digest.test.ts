/** What a digest says; and what it looks like in a browser, in the light and in the dark, also on a phone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import axe, { type AxeResults } from "axe-core";
import type { Browser } from "playwright-core";
import { written, type Digest, type DigestAlert, type DigestPaper } from "../../src/alerts/digest.js";
import type { FoundPaper } from "../../src/api.js";
import type { Paper } from "../../src/core/paper.js";
import { paperOf } from "../formats/papers.js";
import { closeBrowser, openBrowser } from "../web/browser.js";

const EVIL =
  '<img src="https://evil.example/x.png" onerror="alert(1)"> $\\alpha$ & "quotes" </h3><script>alert(2)</script>';

const paper = (id: string, more: Partial<Paper> = {}): Paper => ({
  ...paperOf({
    id,
    title: `Paper ${id}`,
    authors: ["Ada Lovelace", "Grace Hopper"],
    venue: "Journal of Tides",
    published: "2026-11-29",
  }),
  ...more,
});
const why = (id: string, more: Partial<FoundPaper> = {}): FoundPaper => ({
  id,
  title: "",
  similarity: null,
  sentence: null,
  like: null,
  ...more,
});
const found = (one: Paper, ...alerts: (readonly [string, Partial<FoundPaper>?])[]): DigestPaper => ({
  paper: one,
  found: alerts.map(([alert, more]) => ({ alert, why: why(one.id, more) })),
});
const alert = (name: string, more: Partial<DigestAlert>): DigestAlert => ({
  name,
  ask: { q: name },
  papers: [],
  more: 0,
  after: 7,
  nothing: false,
  end: `https://lab.example/papers/mail/u.${name}`,
  ...more,
});
const digest = (alerts: DigestAlert[], more: Partial<Digest> = {}): Digest => ({
  alerts,
  url: "https://lab.example/papers/",
  end: "https://lab.example/papers/mail/u.all",
  ...more,
});

const FULL = digest([
  alert("tides", {
    papers: [
      found(paper("a", { title: EVIL, doi: "10.1000/a<b>", authors: ["A", "B", "C", "D", "E", "<F>"] }), [
        "tides",
        { sentence: "Tides are <b>measured</b> with a clock.", similarity: 0.713 },
      ]),
      found(
        paper("b", { title: "מדידת גאות ושפל בים", arxiv: "2401.00001" }),
        ["tides"],
        ["likes", { like: "The moon" }],
      ),
      found(
        paper("c/ä", { title: "W".repeat(300), url: "javascript:alert(1)", authors: [], published: null, venue: null }),
        ["tides"],
      ),
    ],
    more: 12,
    ask: { q: "tides & moons", category: ["physics"] },
  }),
  alert("likes", {
    ask: { basedOn: ["likes"] },
    papers: [found(paper("d", { notice: "retracted" }), ["likes", { like: "A <i>like</i>", similarity: 0.5 }])],
  }),
  alert("daily", { ask: { daily: true }, nothing: true }),
]);

test("the subject says what is in it, in one line", () => {
  assert.equal(
    written(digest([alert("tides", { papers: [found(paper("a", { title: "On tides" }), ["tides"])] })])).subject,
    "1 new paper (tides): On tides",
  );
  const long = digest([
    alert("tides", {
      papers: [
        found(paper("a", { title: `A\r\nBcc: eve@evil.example ${"very ".repeat(50)}` }), ["tides"], ["moons"]),
        found(paper("b"), ["tides"]),
      ],
    }),
  ]);
  const { subject } = written(long);
  assert.match(subject, /^2 new papers \(tides, moons\): A Bcc: eve@evil\.example very .*… and 1 more$/);
  assert.ok(subject.length <= 110, subject);
});

test("the text has everything: why, where, how to end it", () => {
  const { text } = written(FULL);
  assert.match(text, /^1\. <img .*<\/script>\n {3}A, B, C, 3 more · 2026-11-29 · Journal of Tides$/m);
  assert.match(
    text,
    /Tides are <b>measured<\/b> with a clock\.\n {3}Matches the search \(similarity 0\.71\)\n {3}https:\/\/doi\.org\/10\.1000\/a%3Cb%3E/,
  );
  assert.match(text, /Close to “The moon”\n {3}Also found by likes\n {3}https:\/\/arxiv\.org\/abs\/2401\.00001/);
  assert.match(text, /Close to “A <i>like<\/i>” \(similarity 0\.50\)/);
  assert.match(text, /In Kindred: https:\/\/lab\.example\/papers\/\?paper=c%2F%C3%A4/);
  assert.match(
    text,
    /12 more found by tides: https:\/\/lab\.example\/papers\/\?q=tides\+%26\+moons&category=physics&addedAfter=7/,
  );
  assert.match(text, /^4\. Paper d \[Retracted\]$/m);
  assert.match(text, /Nothing new today\./);
  assert.match(text, /No more mails about tides: https:\/\/lab\.example\/papers\/mail\/u\.tides/);
  assert.match(text, /No more mails at all: https:\/\/lab\.example\/papers\/mail\/u\.all/);
  assert.doesNotMatch(text, /javascript:/);
});

test("without a public address it says how to find a paper, and how to end the mails", () => {
  const alerts = FULL.alerts.map((one) => ({ ...one, end: null }));
  const { text, html } = written(digest(alerts, { url: null, end: null }));
  for (const one of [text, html]) {
    assert.match(one, /To see a paper in Kindred, search there for its title\./);
    assert.match(one, /kindred alert edit NAME --to none/);
    assert.doesNotMatch(one, /lab\.example/);
  }
});

test("of a thousand papers each is listed, and the first are described", () => {
  const papers = Array.from({ length: 1_000 }, (_, i) => found(paper(String(i), { doi: `10.1000/${i}` }), ["tides"]));
  const { html, text } = written(digest([alert("tides", { papers })]));
  assert.equal([...text.matchAll(/^\d+\. /gm)].length, 1_000);
  assert.equal([...html.matchAll(/In Kindred/g)].length, 40);
});

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(closeBrowser);

for (const width of [320, 1_000])
  test(`in a browser, ${width} pixels wide: readable in the light and in the dark, and nothing is loaded`, async () => {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    const page = await context.newPage();
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("dialog", (dialog) => requests.push(dialog.message()));
    await page.setContent(written(FULL).html);
    assert.equal(await page.locator("h3").first().textContent(), EVIL);
    const direction = await page.evaluate("getComputedStyle(document.querySelectorAll('h3')[1]).direction");
    assert.equal(direction, "rtl");
    assert.equal(await page.locator("img, script, iframe, link, form").count(), 0);
    assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
    await page.evaluate(axe.source);
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations }: AxeResults = await page.evaluate("axe.run({ resultTypes: ['violations'] })");
      assert.deepEqual(
        violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${colorScheme}: ${id}: ${html}`)),
        [],
      );
    }
    const dark = await page
      .emulateMedia({ colorScheme: "dark" })
      .then(() => page.evaluate("getComputedStyle(document.body).backgroundColor"));
    assert.equal(dark, "rgb(22, 22, 26)");
    assert.deepEqual(requests, []);
    await context.close();
  });
