/** Takes the screenshots for the documents: the page with the sample, in the tests' Chromium. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SAMPLE } from "../../src/cli/serve.js";
import { openKindred } from "../../src/kindred.js";
import { ROOT } from "../../src/core/root.js";
import { serve } from "../../src/server/serve.js";
import { openBrowser } from "../../test/web/browser.js";

/** For each picture, the address, and the element to wait for. */
const SHOTS = [
  { file: "page.png", address: "?q=gravitational+waves+from+black+holes", ready: "[data-result]" },
  { file: "map.png", address: "?view=map&q=genes", ready: "canvas" },
];
const VIEWPORT = { width: 1280, height: 800 };

const directory = mkdtempSync(join(tmpdir(), "kindred-"));
const kindred = await openKindred({ directory });
await kindred.import(SAMPLE);
await kindred.index();
const server = await serve(kindred, { host: "127.0.0.1", port: 0 });
const browser = await openBrowser();
try {
  for (const { file, address, ready } of SHOTS) {
    const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: "light" });
    await page.goto(server.url + address);
    await page.locator(ready).first().waitFor();
    // The map is drawn some time after the layout.
    await page.waitForLoadState("networkidle");
    await page.waitForTimeout(1_000);
    await page.screenshot({ path: join(ROOT, "docs", file) });
    console.log(`docs/${file}`);
  }
} finally {
  await browser.close();
  await server.close();
  await kindred.close();
  rmSync(directory, { recursive: true });
}
