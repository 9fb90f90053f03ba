import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { z } from "zod";
import { openKindred } from "../../src/kindred.js";
import { indexOf, placeOf, type Points, readPoints } from "../../src/web/map/points.js";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { closeBrowser, focused, GONE, hears, openBrowser, results, searchField, served, visit } from "./browser.js";

const browser = await openBrowser();
const sample = await served(sampleDirectory);
after(async () => {
  await closeBrowser();
  await sample.stop();
});

const stage = (page: Page) => page.getByRole("img", { name: /^Map of / });
const card = (page: Page) => page.locator("[data-card]");
const regions = (page: Page) => page.getByRole("region", { name: "Regions" }).getByRole("button");

/** Waits until the map has been drawn. */
async function drawn(page: Page): Promise<void> {
  await stage(page).waitFor();
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
}

/** The centre of the map, in page pixels. */
async function middle(page: Page): Promise<[x: number, y: number]> {
  const { x, y, width, height } = (await stage(page).boundingBox()) ?? assert.fail("no map");
  return [x + width / 2, y + height / 2];
}

/** Number of map pixels that fulfil a condition on red, green and blue. */
async function pixels(page: Page, condition: string): Promise<number> {
  const picture = (await stage(page).screenshot()).toString("base64");
  // A string, because tests are compiled without the browser's types.
  return page.evaluate(`(async () => {
    const picture = new Image();
    picture.src = "data:image/png;base64,${picture}";
    await picture.decode();
    const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    pen.drawImage(picture, 0, 0);
    const { data } = pen.getImageData(0, 0, picture.width, picture.height);
    let many = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [red, green, blue] = data.slice(i, i + 3);
      if (${condition}) many++;
    }
    return many;
  })()`);
}
/** Neither background nor text nor grey. */
const COLOURED = "Math.max(red, green, blue) - Math.min(red, green, blue) > 40";
/** Liked papers have the page's accent colour, which differs in dark mode. */
const ACCENT = {
  light: "Math.hypot(red - 0x0a, green - 0x6b, blue - 0x4c) < 30",
  dark: "Math.hypot(red - 0x72, green - 0xd8, blue - 0xaa) < 30",
};

const fetched = async (path: string) => (await fetch(sample.url + path)).json();
const pointsOfSample = async (): Promise<Points> =>
  readPoints(await (await fetch(`${sample.url}api/map/points`)).arrayBuffer());

/** A paper of the sample, its place on the map, and an address with it in the centre of the view. */
async function somePaper(id: string) {
  const points = await pointsOfSample();
  const labels = [...points.labels].map((label) => `label=${label}`);
  const schema = z.object({
    papers: z.array(z.object({ label: z.number(), paper: z.object({ id: z.string(), title: z.string() }) })),
  });
  for (let i = 0; i < labels.length; i += 50) {
    const { papers } = schema.parse(await fetched(`api/map/papers?${labels.slice(i, i + 50).join("&")}`));
    const found = papers.find(({ paper }) => paper.id === id);
    if (found === undefined) continue;
    const [x, y] = placeOf(points, indexOf(points, found.label));
    return { ...found.paper, address: `?view=map&at=${Number(x.toFixed(3))},${Number(y.toFixed(3))},4` };
  }
  throw new Error(`${id} has no place on the map`);
}
const PAPER = "shannon-1948-communication";

const at = (page: Page): string | null => new URL(page.url()).searchParams.get("at");
/** Waits until the address has another camera position. */
const looksFromElsewhere = (page: Page, before: string | null) =>
  page.waitForURL((url) => url.searchParams.get("at") !== before);

describe("the map", () => {
  test("is loaded on demand, and shows every paper and the names of regions", async (t) => {
    const page = await visit(t, browser, sample.url);
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(new URL(request.url()).pathname));
    await results(page).first().waitFor();
    await page.waitForLoadState("networkidle");
    assert.deepEqual(
      asked.filter((path) => path.startsWith("/api/map")),
      [],
    );
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await drawn(page);
    await page.locator(".map-names .shown").first().waitFor();
    assert.ok(
      asked.some((path) => /^\/chunks\/page-\w+\.js$/.test(path)),
      asked.join("\n"),
    );
    await page.getByRole("heading", { level: 1, name: "Map of 154 papers" }).waitFor();
    assert.ok((await regions(page).count()) > 0);
    assert.ok((await pixels(page, COLOURED)) > 1_000, "points are drawn");
    assert.match(await page.locator(".map-legend button").first().innerText(), /\w+\s+\d+/);
  });

  test("describes the paper under the pointer, opens it, and is unchanged on return", async (t) => {
    const { title, id, address } = await somePaper(PAPER);
    const page = await visit(t, browser, sample.url + address);
    await drawn(page);
    await page.mouse.move(...(await middle(page)), { steps: 3 });
    await card(page).filter({ hasText: title }).waitFor();
    await page.mouse.move(0, 0);
    await card(page).waitFor({ state: "detached" });
    const before = page.url();
    await page.mouse.click(...(await middle(page)));
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get("paper"), id);
    await page.goBack();
    await drawn(page);
    assert.equal(page.url(), before);
    await page.mouse.move(...(await middle(page)), { steps: 3 });
    await card(page).filter({ hasText: title }).waitFor();
  });

  test("keeps the camera position in the address, without a history entry for each movement", async (t) => {
    const page = await visit(t, browser, sample.url);
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await drawn(page);
    const [x, y] = await middle(page);
    await page.mouse.move(x, y);
    for (let i = 0; i < 3; i++) await page.mouse.wheel(0, -240);
    await looksFromElsewhere(page, null);
    const near = at(page);
    await page.mouse.down();
    await page.mouse.move(x + 150, y + 40, { steps: 4 });
    await page.mouse.up();
    await looksFromElsewhere(page, near);
    const moved = at(page);
    await page.reload();
    await drawn(page);
    assert.equal(at(page), moved);
    await page.goBack();
    await results(page).first().waitFor();
    assert.equal(new URL(page.url()).search, "");
  });

  test("highlights the matches of a search without moving", async (t) => {
    const page = await visit(t, browser, `${sample.url}?view=map`);
    await drawn(page);
    await searchField(page).fill("gravitational waves");
    await page.waitForURL((url) => url.searchParams.get("q") === "gravitational waves");
    await hears(page, /^The best 20 of 154 papers highlighted$/);
    await page.getByRole("heading", { level: 1, name: /^The best 20 of 154 papers highlighted$/ }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get("view"), "map");
    await page.getByRole("link", { name: "Papers", exact: true }).first().waitFor();
    await page.getByRole("link", { name: "Search in this view" }).click();
    await results(page).first().waitFor();
    assert.equal(await searchField(page).inputValue(), "gravitational waves");
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: /highlighted$/ }).waitFor();
  });

  test("moves to a hit only if none is in view", async (t) => {
    const { title, address } = await somePaper(PAPER);
    const page = await visit(t, browser, `${sample.url}?view=map&at=4000,4000,4`);
    await stage(page).waitFor();
    await searchField(page).fill(title);
    await looksFromElsewhere(page, "4000,4000,4");
    await page.goto(sample.url + address);
    await drawn(page);
    const before = at(page);
    await searchField(page).fill(title);
    await hears(page, /highlighted$/);
    await page.waitForTimeout(1_000);
    assert.equal(at(page), before);
  });

  test("searches in a drawn area", async (t) => {
    const page = await visit(t, browser, `${sample.url}?view=map`);
    await drawn(page);
    const [x, y] = await middle(page);
    await page.getByRole("button", { name: "Select an area" }).click();
    await page.getByRole("button", { name: "Select an area", pressed: true }).waitFor();
    await drawn(page);
    await page.mouse.move(x - 200, y - 150);
    await page.mouse.down();
    await page.mouse.move(x + 100, y + 150, { steps: 4 });
    await page.mouse.up();
    await hears(page, /^\d+ of 154 papers in the area$/);
    const inside = Number(/\d+/.exec((await page.locator("#announcer").textContent()) ?? "")?.[0]);
    const area = new URL(page.url()).searchParams.get("area")?.split(",").map(Number) ?? [];
    const points = await pointsOfSample();
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = area;
    const expectedInside = [...points.labels.keys()].filter((i) => {
      const [px, py] = placeOf(points, i);
      return px >= x0 && px <= x1 && py >= y0 && py <= y1;
    });
    assert.ok(inside > 0 && inside < 154);
    assert.equal(inside, expectedInside.length);
    await page.getByRole("button", { name: "Follow this area" }).waitFor();
    await page.getByRole("link", { name: "Search in this area" }).click();
    await page.getByRole("heading", { level: 1, name: `${inside} papers match` }).waitFor();
    assert.equal(new URL(page.url()).searchParams.has("sort"), false, "what is typed next goes by relevance");
    await page.getByRole("button", { name: "Remove filter: in an area of the map" }).click();
    await page.getByRole("heading", { level: 1, name: "154 papers" }).waitFor();
  });

  test("can be coloured by year and by likes", async (t) => {
    const { address } = await somePaper(PAPER);
    const page = await visit(t, browser, sample.url + `?paper=${PAPER}`);
    await page.locator("[data-whole]").getByRole("button", { name: /^Like/ }).click();
    await hears(page, /^Liked$/);
    await page.goto(sample.url + address);
    await drawn(page);
    await page.getByLabel("Colours").selectOption("year");
    await page.getByRole("list", { name: /^Years/ }).waitFor();
    await page.waitForURL((url) => url.searchParams.get("colour") === "year");
    await page.getByLabel("Colours").selectOption({ label: "List: Likes" });
    await page
      .locator(".map-legend li")
      .filter({ hasText: /^Likes\s*1$/ })
      .waitFor();
    await drawn(page);
    assert.ok((await pixels(page, ACCENT.light)) > 30, "the liked paper is green");
    assert.equal(await pixels(page, ACCENT.dark), 0);
    await page.emulateMedia({ colorScheme: "dark" });
    await drawn(page);
    assert.ok((await pixels(page, ACCENT.dark)) > 30, "and brighter in the dark");
    assert.equal(await pixels(page, ACCENT.light), 0);
  });
});

test("is coloured by year if papers have no categories", async (t) => {
  const server = await served(async (cleanup) => {
    const directory = temporaryDirectory(cleanup);
    const kindred = await openKindred({ directory });
    const papers = [1998, 2005, 2021].map((year) => ({
      id: `p${year}`,
      title: `Otters of ${year}`,
      published: `${year}`,
    }));
    await kindred.import(
      (async function* () {
        yield Buffer.from(papers.map((paper) => JSON.stringify(paper)).join("\n"));
      })(),
    );
    await kindred.index();
    await kindred.close();
    return directory;
  });
  const page = await visit(t, browser, `${server.url}?view=map`);
  t.after(server.stop);
  await page.getByRole("list", { name: /^Years/ }).waitFor();
  assert.equal(await page.getByLabel("Colours").inputValue(), "year");
  await page.getByLabel("Colours").selectOption("category");
  await page.getByText("No categories").waitFor();
});

describe("without a mouse", () => {
  test("the map can be moved by keys, and regions and papers are also lists", async (t) => {
    const page = await visit(t, browser, `${sample.url}?view=map`);
    await drawn(page);
    await stage(page).focus();
    await page.keyboard.press("+");
    await looksFromElsewhere(page, null);
    const near = at(page);
    await page.keyboard.press("ArrowRight");
    await looksFromElsewhere(page, near);
    await page.keyboard.press("0");
    await page.waitForURL((url) => !url.searchParams.has("at"));

    const region = regions(page).first();
    const name = (await region.locator("bdi").innerText()).trim();
    await region.focus();
    await page.keyboard.press("Enter");
    await hears(page, new RegExp(`^${name.replaceAll(/[.*+?^$()|[\]{}\\]/g, "\\$&")}, \\d+ papers?$`));
    await looksFromElsewhere(page, null);
    await page.getByRole("button", { name: "Follow this part of the map" }).click();
    const called = await page.getByRole("dialog").getByLabel("Name").inputValue();
    assert.equal(called, name.replaceAll(/[^\p{L}\p{N} ._-]+/gu, " ").replaceAll(/ +/g, " "));
    await page.keyboard.press("Escape");
    const list = page.getByRole("region", { name: "Papers in view" });
    await list.getByRole("button", { name: "List them" }).click();
    await hears(page, /^\d+ papers? in view$/);
    const first = list.getByRole("listitem").first().getByRole("link");
    const title = await first.innerText();
    await first.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    assert.equal(await focused(page).innerText(), title);
  });

  test("touch opens a card that can be tapped", async (t) => {
    const { title, address } = await somePaper(PAPER);
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    const page = await visit(t, browser, sample.url + address, phone);
    await drawn(page);
    await page.touchscreen.tap(...(await middle(page)));
    await card(page).getByRole("link", { name: title }).tap();
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
  });

  test("with reduced motion the camera jumps", async (t) => {
    const moves = async (reducedMotion: "reduce" | "no-preference") => {
      const page = await visit(t, browser, `${sample.url}?view=map`, { reducedMotion });
      await drawn(page);
      // The zoom before and just after pressing the button.
      return page.evaluate(`(() => {
        const near = () => document.querySelector("canvas").__zoom.k;
        const before = near();
        document.querySelector(".map-regions button").click();
        return near() > 1.5 * before;
      })()`);
    };
    assert.equal(await moves("reduce"), true);
    assert.equal(await moves("no-preference"), false);
  });
});

describe("when something is missing", () => {
  test("says so if the browser cannot draw points, and still lists regions and papers", async (t) => {
    const plain = await openBrowser(["--disable-3d-apis"]);
    t.after(() => plain.close());
    const page = await visit(t, plain, `${sample.url}?view=map`);
    await page.getByText("This browser cannot draw the points").waitFor();
    await regions(page).first().click();
    await looksFromElsewhere(page, null);
    await page.getByRole("button", { name: "List them" }).click();
    await hears(page, /^\d+ papers? in view$/);
  });

  test("says when there will be a map if there is none yet", async (t) => {
    const empty = await served(temporaryDirectory);
    const page = await visit(t, browser, `${empty.url}?view=map`);
    t.after(empty.stop);
    await page.getByRole("heading", { level: 1, name: "No map yet" }).waitFor();
    await page.getByText("there are none yet").waitFor();
  });

  test("says that the server is unreachable, and continues when it is back", async (t) => {
    const server = await served(sampleDirectory);
    const page = await visit(t, browser, server.url, { expected: GONE });
    t.after(server.stop);
    await results(page).first().waitFor();
    await server.crash();
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await page.locator("main").getByText("Kindred’s server does not answer. Is it still running?").waitFor();
    await server.restart();
    await page.getByRole("button", { name: "Try again" }).click();
    await drawn(page);
  });
});
