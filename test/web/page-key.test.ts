/** The page of a server that requires a key. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { addKey } from "../../src/server/keys.js";
import { sampleDirectory } from "../sample.js";
import { pathProxy } from "../server/proxy.js";
import { ask, closeBrowser, hearsOfImport, openBrowser, results, served, visit } from "./browser.js";

const browser = await openBrowser();
after(closeBrowser);

for (const protects of ["all", "writes"] as const)
  test(`asks for a key if ${protects === "all" ? "everything is" : "writes are"} protected, keeps it, and forgets it`, async (t) => {
    let directory = "";
    const server = await served(async (cleanup) => (directory = await sampleDirectory(cleanup)), { protects });
    const page = await visit(t, browser, server.url, { expected: /401|500/ });
    t.after(server.stop);
    const dialog = page.getByRole("dialog", { name: "A key is required" });
    const like = async () => results(page).first().getByRole("button", { name: /^Like/ }).click();
    if (protects === "writes") {
      await results(page).first().waitFor();
      assert.equal(await dialog.isVisible(), false);
      await like();
    }
    await dialog.waitFor();
    if (protects === "all") {
      // After cancelling, the page does not ask again until the next request that needs a key.
      await page.clock.install();
      await page.reload();
      await dialog.waitFor();
      await page.waitForLoadState("networkidle");
      await dialog.getByRole("button", { name: "Not now" }).click();
      await dialog.waitFor({ state: "hidden" });
      const asked: string[] = [];
      page.on("request", (request) => void asked.push(new URL(request.url()).pathname));
      await page.clock.fastForward(60_000);
      await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
      await page.evaluate("fetch('api/health')");
      assert.deepEqual(asked, ["/api/health"]);
      assert.equal(await dialog.isVisible(), false);
      await page.getByRole("button", { name: "Try again" }).click();
      await dialog.waitFor();
    }
    const field = dialog.getByLabel("Key");
    await field.fill("no key");
    await field.press("Enter");
    await dialog.getByText("A key is “kindred_” followed by").waitFor();
    await field.fill("kindred_none");
    await field.press("Enter");
    await dialog.getByText("Unknown key.").waitFor();
    const again = page.waitForEvent("load");
    await field.fill(await addKey(directory, "Ada"));
    await field.press("Enter");
    await again;
    await results(page).first().waitFor();
    await like();
    await page.locator(".tally", { hasText: "1" }).waitFor();
    assert.equal(await page.evaluate("document.cookie"), "", "no script can read it");
    await page.getByRole("button", { name: "Feed", exact: true }).click();
    const feed = page.getByRole("dialog", { name: "Feed" });
    for (const format of ["Atom", "JSON Feed"]) {
      await feed.getByLabel(format).check();
      const address = await feed
        .locator("pre", { hasText: `/${format === "Atom" ? "atom" : "json"}/search` })
        .innerText();
      assert.equal(address.includes("?secret="), protects === "all");
      assert.equal((await fetch(address)).status, 200, "a feed reader has no key");
    }
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.route("**/api/session", (route) => route.fulfill({ status: 500, body: "no" }));
    await page.getByRole("button", { name: "Forget it" }).click();
    await page.getByText("The key could not be removed. The server answered with status 500").waitFor();
    await page.unroute("**/api/session");
    const anew = page.waitForEvent("load");
    await page.getByRole("button", { name: "Forget it" }).click();
    await anew;
    if (protects === "all") await dialog.waitFor();
    else {
      await results(page).first().waitFor();
      await results(page).nth(1).getByRole("button", { name: /^Like/ }).click();
      await dialog.waitFor();
      await dialog.getByRole("button", { name: "Not now" }).click();
      await dialog.waitFor({ state: "hidden" });
    }
  });

test("with a base path, a key, a search, a paper and an import work whether or not the proxy removes the path", async (t) => {
  let directory = "";
  const server = await served(async (cleanup) => (directory = await sampleDirectory(cleanup)), {
    protects: "all",
    basePath: "/papers/",
  });
  const key = await addKey(directory, "Ada");
  for (const removes of [true, false]) {
    const { url, close } = await pathProxy(server.url, "/papers/", removes);
    // Only a proxy that passes on the path can leave the slash to Kindred.
    const page = await visit(t, browser, removes ? url : url.slice(0, -1), { expected: /401/ });
    t.after(close);
    const signedIn = page.waitForEvent("load");
    await page.getByRole("textbox", { name: "Key" }).fill(key);
    await page.keyboard.press("Enter");
    await signedIn;
    await ask(page, "plate tectonics");
    await results(page).first().getByRole("link").first().click();
    await page.getByRole("region", { name: "Related papers" }).locator("[data-result]").first().waitFor();
    assert.ok(page.url().startsWith(`${url}?paper=`), page.url());
    await page.getByRole("button", { name: "Add papers" }).click();
    await page.getByLabel("Or paste").fill(`@article{a, title = {Otters number ${Number(removes)}}}`);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await hearsOfImport(page, /^pasted: 1 added$/);
    const cookies = await page.context().cookies();
    assert.deepEqual(
      cookies.map(({ path }) => path),
      ["/papers/"],
    );
  }
  t.after(server.stop);
});
