/** Results and undoing of imports. */
import "../tiny.js";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, describe, test } from "node:test";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { closeBrowser, drop, focused, GONE, hears, openBrowser, results, served, visit } from "./browser.js";
import { ABSTRACT, imports, papers, sendAt } from "./importing.js";

const browser = await openBrowser();
after(closeBrowser);

describe("progress", () => {
  test("is not requested while the page is hidden", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    // Slow, so that the import does not end before it is stopped.
    await sendAt(page, 10_000);
    const listening = page.waitForRequest(/api\/events$/);
    const ended = page.waitForEvent("requestfailed", (request) => request.url().endsWith("api/events"));
    await drop(page, "moths.jsonl", papers("moths", 600, ABSTRACT));
    await listening;
    const look = async (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
         document.dispatchEvent(new Event("visibilitychange"))`,
      );
    await look(true);
    await ended;
    const again = page.waitForRequest(/api\/events$/);
    await look(false);
    await again;
    await page.getByRole("button", { name: "Stop: moths.jsonl" }).click();
    await imports(page).getByText("was stopped. What had been read by then was kept.").waitFor();
    await page.getByRole("button", { name: "Close: moths.jsonl" }).click();
    await imports(page).waitFor({ state: "detached" });
  });
});

describe("problems", () => {
  test("of many records are shown once per reason, and can be saved in full", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    const untitled = Array.from({ length: 900 }, () => '{"doi": "10.1000/x"}');
    const broken = Array.from({ length: 300 }, (_, i) => `{broken ${i}`);
    const odd = '{"title": "Bees that count", "published": "lately"}';
    await drop(page, "bees.jsonl", [odd, ...untitled, ...broken].join("\n"));
    await imports(page).getByText("1 added, 1,200 problems, 1 remark").waitFor();
    const problems = imports(page).getByRole("group").first();
    await problems.getByText("1,200 records could not be imported").click();
    await problems.getByText("Lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 888 more").waitFor();
    await problems.getByText("and 1 other reason").waitFor();
    await problems.getByText("and 200 more, not listed").waitFor();
    assert.equal(await problems.getByRole("listitem").count(), 100);
    assert.ok(Number(await page.evaluate("document.querySelectorAll('.imports *').length")) < 400);
    assert.match(await imports(page).innerText(), /1 paper was imported with changes\s+Line 1/);
    const saving = page.waitForEvent("download");
    await problems.getByRole("link", { name: "Save the list" }).click();
    const saved = await saving;
    assert.equal(saved.suggestedFilename(), "bees.jsonl problems.txt");
    const lines = (await readFile(await saved.path(), "utf8")).split("\n");
    assert.equal(lines.length, 1_002);
    assert.match(lines[0] ?? "", /^bees\.jsonl:2: no title/);
    assert.match(lines[999] ?? "", /^bees\.jsonl:1001: .*broken 99/);
    assert.equal(lines[1_000], "and 200 more");
    await hears(page, /embedded$/);
  });
});

describe("an import is undone", () => {
  test("at once if it added few papers, which then leave the list", async (t) => {
    const server = await served(sampleDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    await results(page).first().waitFor();
    await drop(page, "bees.jsonl", papers("bees", 3));
    await page.getByRole("heading", { name: "157 papers" }).waitFor();
    await page.getByRole("button", { name: "Undo the import of bees.jsonl" }).click();
    await imports(page).getByText("3 papers removed").waitFor();
    assert.equal(await focused(page).innerText(), "3 papers removed");
    await page.getByRole("heading", { name: "154 papers" }).waitFor();
    assert.equal(await page.getByRole("button", { name: /^Undo/ }).count(), 0);
    // The import added nothing.
    await drop(page, "none.jsonl", '{"id": "diffie-1976-cryptography", "title": "New directions in cryptography"}');
    await imports(page).getByText("0 added, 1 already here").waitFor();
    assert.equal(await page.getByRole("button", { name: /^Undo/ }).count(), 0);
  });

  test("after confirmation if it added many, in the same place, by keyboard only", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    await drop(page, "bees.jsonl", papers("bees", 21));
    await imports(page).getByText("21 added").waitFor();
    await page.getByRole("button", { name: /^Undo/ }).focus();
    await page.keyboard.press("Enter");
    await imports(page).getByText("Undo the import of 21 papers?").waitFor();
    assert.equal(await focused(page).innerText(), "Yes, undo");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await focused(page).innerText(), "Undo", "kept, and nothing was sent");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await imports(page).getByText("21 papers removed").waitFor();
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
  });

  test("later, from the dialog, except for papers that a later import also contained", async (t) => {
    const server = await served(sampleDirectory);
    const page = await visit(t, browser, server.url);
    t.after(server.stop);
    await results(page).first().waitFor();
    const changed = '{"id": "diffie-1976-cryptography", "title": "New directions in cryptography", "venue": "Hive"}';
    await drop(page, "bees.jsonl", `${papers("bees", 3)}\n${changed}`);
    await imports(page).getByText("3 added, 1 updated").waitFor();
    await drop(page, "more.jsonl", papers("bees", 1, ABSTRACT));
    await imports(page).getByText("0 added, 1 updated").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Add papers" }).click();
    const dialog = page.getByRole("dialog", { name: "Add papers" });
    await dialog.getByText("Earlier imports").click();
    const earlier = dialog.getByRole("list", { name: "Earlier imports" }).getByRole("listitem");
    assert.match(await earlier.nth(0).innerText(), /more\.jsonl \d+ \w+ at \d\d:\d\d: 1 updated\s+Undo$/);
    await dialog.getByRole("button", { name: "Undo the import of bees.jsonl" }).click();
    const done = "2 papers removed, 1 restored; 1 kept, because a later import has it too";
    await earlier.nth(1).getByText(done).waitFor();
    assert.equal(await focused(page).innerText(), done);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "155 papers" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Add papers" }).click();
    await dialog.getByText("Earlier imports").click();
    assert.match(await earlier.nth(1).innerText(), /: 1 added\s+Undo$/, "what is left of it");
    await dialog.getByRole("button", { name: "Undo the import of bees.jsonl" }).click();
    await earlier.nth(1).getByText("1 kept, because a later import has it too").waitFor();
    await dialog.getByRole("button", { name: "Undo the import of more.jsonl" }).click();
    await earlier.nth(0).getByText("1 paper restored").waitFor();
    await dialog.getByRole("button", { name: "Undo what is left of the import of bees.jsonl" }).click();
    await earlier.nth(1).getByText("1 paper removed").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "154 papers" }).waitFor();
  });

  test("unless the server is unreachable, which is reported", async (t) => {
    const server = await served(temporaryDirectory);
    const page = await visit(t, browser, server.url, { expected: GONE });
    t.after(server.stop);
    await page.getByRole("heading", { name: "No papers yet" }).waitFor();
    await drop(page, "bees.jsonl", papers("bees", 2));
    await hears(page, /embedded$/);
    await server.crash();
    await page.getByRole("button", { name: "Undo the import of bees.jsonl" }).click();
    await imports(page).getByText("Could not be undone. Kindred’s server does not answer.").waitFor();
    await server.restart();
    await page.getByRole("button", { name: "Undo the import of bees.jsonl" }).click();
    await imports(page).getByText("2 papers removed").waitFor();
  });
});

test("an import interrupted by a server stop is reported, offers undo, and can be sent again", async (t) => {
  const server = await served(temporaryDirectory);
  const page = await visit(t, browser, server.url, { expected: GONE });
  t.after(server.stop);
  await page.getByRole("heading", { name: "No papers yet" }).waitFor();
  await sendAt(page, 40_000);
  // Large enough that a server that is shutting down does not wait for the rest.
  await drop(page, "bees.jsonl", papers("bees", 1_000, ABSTRACT));
  await imports(page)
    .getByText(/^\d+% sent, 256 papers read$/)
    .waitFor();
  await server.crash();
  await imports(page)
    .getByText(/was not fully imported\. .* What had been read by then was kept\./)
    .waitFor();
  await server.restart();
  await page.getByRole("button", { name: "Earlier imports" }).click();
  const dialog = page.getByRole("dialog", { name: "Add papers" });
  await dialog.getByText(/\d+ added$/).waitFor();
  assert.equal(await focused(page).innerText(), "Earlier imports");
  await page.keyboard.press("Escape");
  assert.equal(await focused(page).innerText(), "Earlier imports");
  await sendAt(page, -1);
  await page.getByRole("button", { name: "Send again: bees.jsonl" }).click();
  await imports(page)
    .getByText(/\d+ added, \d+ already here/)
    .waitFor();
  await page.getByRole("button", { name: "Undo the import of bees.jsonl" }).click();
  await page.getByRole("button", { name: /^Yes/ }).click();
  await imports(page)
    .getByText(/papers removed/)
    .waitFor();
});
