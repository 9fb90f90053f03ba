/**
 * How smoothly the page's map moves: frames per second, and the time of the page's own code per frame, while the map is
 * dragged and zoomed, and while the pointer is over papers.
 *
 * The papers are made up, in clouds, and served by a real server. The tests' Chromium has no graphics card, so the frame
 * rate is low because the CPU draws; the time of the page's code does not depend on that.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import { describeModel } from "../../src/embedding/description.js";
import { openKindred } from "../../src/kindred.js";
import { Store } from "../../src/store/store.js";
import { VERSION } from "../../src/core/version.js";
import { readCommand } from "../common/command.js";
import { openBrowser } from "../../test/web/browser.js";
import { MeasuredServer } from "./load.js";
import { mulberry32 } from "../../src/map/random.js";

const { values } = readCommand("npm run bench -- map-page [--papers 100000] [--seconds 5]", 0, {
  papers: { type: "string", default: "100000" },
  seconds: { type: "string", default: "5" },
});
const size = Number(values.papers);
const milliseconds = 1_000 * Number(values.seconds);
/** Clouds of papers; below, their years and categories. */
const CLOUDS = 60;
const YEARS = 30;
const CATEGORIES = 18;
const random = mulberry32(7);
const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const directory = mkdtempSync(join(tmpdir(), "kindred-"));
try {
  await fill(directory);
  const server = await MeasuredServer.start(directory, "api/map");
  const browser = await openBrowser();
  try {
    await measure(await browser.newPage({ viewport: { width: 1440, height: 900 } }), server.url);
  } finally {
    await browser.close();
    await server.stop();
  }
} finally {
  rmSync(directory, { recursive: true });
}

/** Imports papers and gives them places on the map; nothing is embedded. */
async function fill(into: string): Promise<void> {
  const clouds = Array.from({ length: CLOUDS }, (_, i) => {
    const [angle, away] = [2.4 * i, 55 * Math.sqrt(i + 0.5)];
    return { x: away * Math.cos(angle) * 1.3, y: away * Math.sin(angle), wide: 14 + 22 * random() };
  });
  const places = new Float32Array(2 * size);
  const cloudOf = Array.from({ length: size }, (_, i) => {
    const cloud = Math.floor(CLOUDS * random() ** 1.5);
    const { x, y, wide } = clouds[cloud]!;
    places.set([x + wide * gauss(), y + wide * gauss()], 2 * i);
    return cloud;
  });
  const kindred = await openKindred({ directory: into });
  await kindred.import(lines(cloudOf), { name: "made-up.jsonl" });
  await kindred.close();
  const store = Store.open(into, await describeModel());
  const regions = clouds.map(({ x, y }, i) => ({
    name: `cloud ${i + 1}`,
    x,
    y,
    papers: cloudOf.filter((cloud) => cloud === i).length,
    level: i % 4 === 0 ? (0 as const) : (1 as const),
  }));
  const labels = Uint32Array.from({ length: size }, (_, i) => i + 1);
  const change = store.changes.latest();
  store.write(() =>
    store.map.put({ labels, places, replace: true, change, map: { laidOut: size, early: false, regions } }),
  );
  store.close();
}

async function* lines(cloudOf: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const [i, cloud] of cloudOf.entries()) {
    const paper = {
      id: `paper-${i + 1}`,
      title: `Made up paper ${i + 1} of cloud ${cloud + 1}`,
      authors: ["Ada Lovelace", "Emmy Noether"],
      published: String(2025 - Math.floor(YEARS * random() ** 3)),
      categories: [`category ${(cloud % CATEGORIES) + 1}`],
    };
    yield Buffer.from(`${JSON.stringify(paper)}\n`);
  }
}

async function measure(page: Page, url: string): Promise<void> {
  const scripts = new Map<string, number>();
  page.on("requestfinished", (request) => {
    if (request.resourceType() !== "script") return;
    void request.sizes().then(({ responseBodySize }) => scripts.set(request.url(), responseBodySize));
  });
  const kilobytes = () => ([...scripts.values()].reduce((sum, bytes) => sum + bytes, 0) / 1_000).toFixed(0);
  await page.goto(`${url}?view=library`);
  await page.waitForLoadState("networkidle");
  const before = kilobytes();
  const start = performance.now();
  await page.getByRole("link", { name: "Map", exact: true }).click();
  await page.locator(".map-names .shown").first().waitFor();
  const shown = performance.now() - start;
  await page.waitForLoadState("networkidle");
  // A string, because scripts are compiled without the browser's types.
  const card = await page.evaluate<string>(`(() => {
    const gl = document.createElement("canvas").getContext("webgl2");
    return gl.getParameter(gl.getExtension("WEBGL_debug_renderer_info").UNMASKED_RENDERER_WEBGL);
  })()`);
  console.log(`Kindred ${VERSION}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}; drawn by ${card}`);
  console.log(`${size} papers, 1440 x 900 pixels; the map is shown after ${shown.toFixed(0)} ms`);
  console.log(`scripts, compressed: ${before} kB before the map, ${kilobytes()} kB with it\n`);
  console.log("| while | frames per second | median ms per frame | 95th percentile ms | of which page code, ms |");
  console.log("|---|---|---|---|---|");
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const { mouse } = page;
  await mouse.move(900, 500);
  await row("dragging", page, session, async (i) => {
    if (i === 0) await mouse.down();
    await mouse.move(900 + 200 * Math.sin(i / 10), 500 + 150 * Math.cos(i / 10));
  });
  await mouse.up();
  await row("zooming", page, session, (i) => mouse.wheel(0, (i >> 5) % 2 === 0 ? -40 : 40));
  await row("pointing", page, session, (i) => mouse.move(900 + 300 * Math.sin(i / 40), 500 + 250 * Math.cos(i / 40)));
}

async function row(what: string, page: Page, session: CDPSession, move: (i: number) => Promise<void>): Promise<void> {
  await page.evaluate(`(() => {
    const frames = (window.frames_ = []);
    const next = (now) => { frames.push(now); window.asked_ = requestAnimationFrame(next); };
    window.asked_ = requestAnimationFrame(next);
  })()`);
  const before = await spent(session);
  const end = performance.now() + milliseconds;
  for (let i = 0; performance.now() < end; i++) await move(i);
  const frames = await page.evaluate<number[]>("cancelAnimationFrame(window.asked_), window.frames_");
  const code = (await spent(session)) - before;
  const each = frames.slice(1).map((now, i) => now - frames[i]!);
  const sorted = each.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * sorted.length)] ?? NaN).toFixed(1);
  const whole = (frames.at(-1) ?? 0) - (frames[0] ?? 0);
  console.log(
    `| ${what} | ${((1_000 * each.length) / whole).toFixed(0)} | ${at(0.5)} | ${at(0.95)} | ${(code / each.length).toFixed(2)} |`,
  );
}

/** Milliseconds spent on scripts, styles and layout so far. */
async function spent(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  const counted = ["ScriptDuration", "RecalcStyleDuration", "LayoutDuration"];
  return 1_000 * metrics.filter(({ name }) => counted.includes(name)).reduce((sum, { value }) => sum + value, 0);
}
