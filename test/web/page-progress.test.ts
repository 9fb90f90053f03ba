/** Progress of an import while its papers are embedded, by the real model because another would have finished. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { temporaryDirectory } from "../sample.js";
import { closeBrowser, drop, openBrowser, served, visit } from "./browser.js";
import { ABSTRACT, imports, papers, sendAt } from "./importing.js";

const browser = await openBrowser();
after(closeBrowser);

describe("progress", () => {
  test("comes from events while papers are read and embedded, and no connection stays afterwards", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    let [streams, asked] = [0, 0];
    page.on("request", (request) => {
      if (request.url().endsWith("api/events")) streams++;
      if (request.url().endsWith("api/status")) asked++;
    });
    const ended = page.waitForEvent("requestfailed", (request) => request.url().endsWith("api/events"));
    await sendAt(page, 120_000);
    await drop(page, "bees.jsonl", papers("bees", 600, ABSTRACT));
    await imports(page)
      .getByText(/^\d+% sent, 256 papers read$/)
      .waitFor();
    await imports(page).getByText("600 added").waitFor();
    await page
      .getByText(
        /^\d+ of ([45]\d\d|600) papers embedded, \d+ a (second|minute), (a few seconds|half a minute|.*minutes?) left$/,
      )
      .waitFor();
    assert.ok(streams > 0);
    assert.ok(asked < 12, `${asked} times asked, though it is told`);
    await page.getByRole("button", { name: "Undo the import of bees.jsonl" }).click();
    await page.getByRole("button", { name: "Yes, undo the import of bees.jsonl" }).click();
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    await ended;
  });

  test("is polled if the server has no room for another listener", async (t) => {
    const server = await served(temporaryDirectory);
    const leave = new AbortController();
    await Promise.all(Array.from({ length: 100 }, () => fetch(`${server.url}api/events`, { signal: leave.signal })));
    const page = await visit(t, browser, server.url, { expected: /503/ });
    t.after(server.stop);
    t.after(() => leave.abort());
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    await sendAt(page, 120_000);
    await drop(page, "wasps.jsonl", papers("wasps", 500, ABSTRACT));
    await imports(page)
      .getByText(/^\d+% sent, 256 papers read$/)
      .waitFor();
    await page.getByText(/ of (4\d\d|500) papers embedded, \d+ a (second|minute)/).waitFor();
    await page.getByRole("button", { name: "Undo the import of wasps.jsonl" }).click();
    await page.getByRole("button", { name: "Yes, undo the import of wasps.jsonl" }).click();
    await imports(page).getByText("500 papers removed").waitFor();
  });
});
