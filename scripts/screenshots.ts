/** Makes the picture of the README: the page on the sample, in the Chromium of the tests. `npm run screenshots` */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SAMPLE } from "../src/cli/serve.js";
import { openKindred } from "../src/kindred.js";
import { ROOT } from "../src/root.js";
import { serve } from "../src/server/serve.js";
import { openBrowser } from "../test/web/browser.js";

const SHOTS = [{ file: "page.png", query: "gravitational waves from black holes", width: 1280, height: 800 }];

const directory = mkdtempSync(join(tmpdir(), "kindred-"));
const kindred = await openKindred({ directory });
await kindred.import(SAMPLE);
await kindred.index();
const server = await serve(kindred, { host: "127.0.0.1", port: 0, log: console.error });
const browser = await openBrowser();
try {
  for (const { file, query, width, height } of SHOTS) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: "light" });
    await page.goto(`${server.url}?${new URLSearchParams({ q: query }).toString()}`);
    await page.locator("[data-result]").first().waitFor();
    await page.screenshot({ path: join(ROOT, "docs", file) });
    console.log(`docs/${file}`);
  }
} finally {
  await browser.close();
  await server.close();
  await kindred.close();
  rmSync(directory, { recursive: true });
}
