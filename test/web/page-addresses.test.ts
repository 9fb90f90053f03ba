/** Ids and names with any characters on the page, in a real browser, also through a proxy that decodes addresses. */
import "../tiny.js";
import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import type { ListsAnswer, Status } from "../../src/api.js";
import { openKindred } from "../../src/kindred.js";
import { openDatabase } from "../../src/store/database.js";
import { Lists } from "../../src/store/lists.js";
import { addKey } from "../../src/server/keys.js";
import { sampleDirectory } from "../sample.js";
import { HARD } from "../../scripts/fuzz/hard.js";
import { decodingProxy } from "../server/proxy.js";
import { bytesOf, jsonLines } from "../server/serving.js";
import { closeBrowser, hears, openBrowser, results, served, visit } from "./browser.js";

let ids: string[] = [];
const make = async (cleanup: { after(work: () => unknown): void }) => {
  const directory = await sampleDirectory(cleanup);
  const kindred = await openKindred({ directory, workers: 1 });
  const records = HARD.map((id, i) => ({ id, title: `Address ${i}`, source: "hard" }));
  await kindred.import(bytesOf(jsonLines(...records)));
  ids = (await kindred.browse({ source: ["hard"], limit: 200 })).papers.map(({ id }) => id);
  await kindred.index();
  await kindred.close();
  return directory;
};
/** A name that a library of an earlier version may have. */
const OLD = "..";
const sample = await served(
  async (cleanup) => {
    const directory = await make(cleanup);
    const database = openDatabase(directory);
    new Lists(database).create(OLD);
    database.close();
    return directory;
  },
  // The proxy's page has another port than the Host that it sends.
  { allowedHosts: ["127.0.0.1"] },
);
const browser = await openBrowser();
after(async () => {
  await closeBrowser();
  await sample.stop();
});

const json = async <T>(path: string): Promise<T> => (await (await fetch(sample.url + path)).json()) as T;
const kept = async () => (await json<ListsAnswer>("api/lists")).lists;
const notes = async () => (await json<ListsAnswer>("api/lists")).notes;

before(async () => {
  for (const path of ["mine", "mine/papers/turing-1936-computable", "mine/papers/shannon-1948-communication"])
    await fetch(`${sample.url}api/lists/${path}`, { method: "PUT" });
});

async function likesAndNotes(t: TestContext, url: string, some: readonly string[]): Promise<void> {
  const { papers } = await json<Status>("api/status");
  const before = await kept();
  const page = await visit(t, browser, url);
  for (const [i, id] of some.entries()) {
    await page.goto(`${url}?${new URLSearchParams({ paper: id }).toString()}`);
    const like = page.getByRole("button", { name: /^Like: Address/ }).first();
    await like.click();
    await hears(page, /^Liked$/);
    assert.deepEqual((await kept())[0]!.ids, [id]);
    if (i % 4 === 0) {
      await page.getByRole("button", { name: "Add a note" }).click();
      await page.getByLabel("Your note").fill("seen");
      await page.getByLabel("Your note").blur();
      await hears(page, /^Note saved$/);
      assert.deepEqual(
        (await notes()).map((one) => one.id),
        [id],
      );
      await page.getByLabel("Your note").fill("");
      await page.getByLabel("Your note").blur();
      await hears(page, /^Note removed$/);
    }
    await like.click();
    await hears(page, /^Mark removed$/);
    assert.deepEqual(await kept(), before, id);
  }
  assert.equal((await json<Status>("api/status")).papers, papers);
}

test("a paper with any id can be shown, liked and noted, and nothing else changes", async (t) => {
  await likesAndNotes(t, sample.url, [".", "..", "../..", "a/", "a%2Fb", "é".repeat(2_000)]);
});

test("also through a proxy that decodes and resolves addresses", async (t) => {
  const proxy = await decodingProxy(t, sample.url);
  assert.ok(ids.length > 40);
  await likesAndNotes(t, proxy.url, ids);
});

test("a paper with the id .. can be added to and removed from a list, and the list stays", async (t) => {
  const page = await visit(t, browser, `${sample.url}?paper=..`);
  await page.locator("main summary", { hasText: "Save" }).first().click();
  const box = page.getByRole("checkbox", { name: "mine" });
  await box.check();
  await hears(page, /^Added to mine$/);
  await box.uncheck();
  await hears(page, /^Removed from mine$/);
  const mine = (await kept()).find(({ name }) => name === "mine");
  assert.deepEqual(mine?.ids, ["turing-1936-computable", "shannon-1948-communication"]);
});

test("a list of an earlier version with the name .. loses no paper, and can be renamed", async (t) => {
  const { papers } = await json<Status>("api/status");
  const page = await visit(t, browser, `${sample.url}?paper=turing-1936-computable`);
  await page.locator("main summary", { hasText: /^Save/ }).first().click();
  const box = page.getByRole("checkbox", { name: OLD, exact: true });
  await box.check();
  await hears(page, /^Added to \.\.$/);
  await box.uncheck();
  await hears(page, /^Removed from \.\.$/);
  assert.equal((await json<Status>("api/status")).papers, papers);
  await page.goto(`${sample.url}?${new URLSearchParams({ view: "library", of: OLD }).toString()}`);
  await page.getByText("Rename or delete").click();
  await page.getByLabel("Name", { exact: true }).fill("Two dots");
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("heading", { level: 1, name: "Two dots" }).waitFor();
  assert.ok((await kept()).some(({ name }) => name === "Two dots"));
});

test("two Kindreds on one host have separate sessions, also behind a proxy under a path", async (t) => {
  const both = await Promise.all(
    [1, 2].map(async () => {
      let directory = "";
      const server = await served(async (cleanup) => (directory = await sampleDirectory(cleanup)), {
        protects: "all",
        allowedHosts: ["127.0.0.1"],
      });
      t.after(server.stop);
      return { server, key: await addKey(directory, "Ada") };
    }),
  );
  const proxied = await decodingProxy(t, both[1]!.server.url);
  const urls = [both[0]!.server.url, proxied.url];
  const page = await visit(t, browser, urls[0]!, { expected: /401/ });
  for (const [i, url] of urls.entries()) {
    await page.goto(url);
    await page.getByRole("textbox", { name: "Key" }).fill(both[i]!.key);
    const anew = page.waitForEvent("load");
    await page.keyboard.press("Enter");
    await anew;
    await results(page).first().waitFor();
  }
  const cookies = await page.context().cookies();
  assert.deepEqual(
    cookies.map(({ path }) => path).toSorted((a, b) => a.length - b.length),
    ["/", "/kindred/"],
  );
  assert.ok(cookies.every(({ httpOnly, sameSite }) => httpOnly && sameSite === "Strict"));
  assert.ok(cookies.every(({ value }) => both.every(({ key }) => !value.includes(key))));
  for (const url of urls) {
    await page.goto(url);
    await results(page).first().waitFor();
  }
  // Signing out of one keeps the other.
  await page.keyboard.press("?");
  const anew = page.waitForEvent("load");
  await page.getByRole("button", { name: "Forget it" }).click();
  await anew;
  await page.getByRole("dialog", { name: "A key is required" }).waitFor();
  await page.goto(urls[0]!);
  await results(page).first().waitFor();
});
