/** Lists, notes, daily papers and what is new, in a real browser. */
import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";
import type { ListsAnswer } from "../../src/api.js";
import { openKindred } from "../../src/kindred.js";
import { sampleDirectory } from "../sample.js";
import { bytesOf, jsonLines } from "../server/serving.js";
import {
  ask,
  firstTitle,
  focused,
  GONE,
  forgetLists,
  hears,
  openBrowser,
  results,
  served,
  titles,
  visit,
  closeBrowser,
} from "./browser.js";

const OWL = "Owls that read by moonlight";

/** The sample, and papers of daily lists. */
const sample = await served(async (t) => {
  const directory = await sampleDirectory(t);
  const kindred = await openKindred({ directory, workers: 1 });
  const day = (listed: string, title: string, upvotes: number) => ({
    id: title,
    title,
    listed,
    upvotes,
    published: listed,
  });
  await kindred.import(
    bytesOf(
      jsonLines(
        day("2024-04-29", OWL, 40),
        day("2024-05-01", "Owls that write", 3),
        day("2024-05-01", "Owls that count", 12),
        day("2024-03-08", "Owls in winter", 900),
      ),
    ),
  );
  await kindred.index();
  await kindred.close();
  return directory;
});
const browser = await openBrowser();
after(async () => {
  await closeBrowser();
  await sample.stop();
});
beforeEach(() => forgetLists(sample.url));

describe("a list", () => {
  test("is created when saving a paper, and shows it to everyone", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=moonlight`);
    await results(page).first().locator("summary", { hasText: "Save" }).click();
    await page.getByLabel("New list").fill("Night birds");
    await page.keyboard.press("Enter");
    await hears(page, /^Added to Night birds$/);
    await page.keyboard.press("Escape");
    await results(page).first().locator("summary", { hasText: "Saved" }).waitFor();
    const other = await visit(t, browser, `${sample.url}?view=library&of=Night+birds`);
    await firstTitle(other).filter({ hasText: OWL }).waitFor();
  });

  test("can be left, renamed, and deleted after confirmation", async (t) => {
    const page = await visit(t, browser, `${sample.url}?view=library`);
    await page.getByLabel("New list").fill("Birds");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { level: 1, name: "Birds" }).waitFor();
    await page.getByText("Add papers with Save").waitFor();
    await ask(page, "owls that count");
    await results(page).first().locator("summary", { hasText: "Save" }).click();
    await page.getByRole("checkbox", { name: "Birds" }).check();
    await hears(page, /^Added to Birds$/);
    await page.getByRole("link", { name: /^Library/ }).click();
    await page.getByRole("link", { name: /^Birds/ }).click();
    await page.getByText("Rename or delete").click();
    await page.getByLabel("Name", { exact: true }).fill("Owls");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("heading", { level: 1, name: "Owls" }).waitFor();
    await page.locator("h1:focus").waitFor();
    await firstTitle(page).filter({ hasText: "Owls that count" }).waitFor();
    await page.getByText("Rename or delete").click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete it with 1 paper" }).click();
    await page.getByRole("heading", { level: 1, name: "Likes" }).waitFor();
    await page.getByText("Mark papers with Like while you read").waitFor();
    assert.equal(await page.getByRole("link", { name: /^Owls/ }).count(), 0);
  });

  test("leads to recommendations, and can be searched", async (t) => {
    for (const path of ["machines", "machines/papers/turing-1936-computable"])
      await fetch(`${sample.url}api/lists/${path}`, { method: "PUT" });
    const page = await visit(t, browser, `${sample.url}?view=library&of=machines`);
    await page.getByRole("link", { name: "Recommend more like these" }).click();
    await page.getByRole("combobox", { name: "Based on" }).waitFor();
    await page
      .locator(".because")
      .first()
      .filter({ hasText: /^Closest to On computable numbers.*, in machines$/i })
      .waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "Search among these" }).click();
    await page.getByRole("button", { name: "Remove filter: list machines" }).waitFor();
    assert.equal((await titles(page)).length, 1);
  });

  test("always shows its current papers, and so does a search in it", async (t) => {
    const page = await visit(t, browser, `${sample.url}?view=library`);
    await page.getByLabel("New list").fill("Birds");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("Add papers with Save").waitFor();
    for (const [words, many] of [
      ["owls that count", 1],
      ["owls that write", 2],
    ] as const) {
      await page.getByRole("link", { name: "Papers", exact: true }).click();
      await ask(page, words);
      await results(page).first().locator("summary", { hasText: "Save" }).click();
      await page.getByRole("checkbox", { name: "Birds" }).check();
      await page.getByRole("link", { name: /^Library/ }).click();
      await page.getByRole("link", { name: /^Birds/ }).click();
      await firstTitle(page)
        .filter({ hasText: new RegExp(words, "i") })
        .waitFor();
      assert.equal(await results(page).count(), many);
      await page.getByRole("link", { name: "Search among these" }).click();
      await page.getByRole("heading", { level: 1, name: new RegExp(`^${many} papers? match`) }).waitFor();
    }
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Birds" }).waitFor();
    // A paper that is removed while the list is shown stays in place.
    await results(page).first().locator("summary", { hasText: "Saved" }).click();
    await page.getByRole("checkbox", { name: "Birds" }).uncheck();
    await hears(page, /^Removed from Birds$/);
    assert.equal(await results(page).count(), 2);
    await page.getByRole("link", { name: /^Likes/ }).click();
    await page.getByText("Mark papers with Like while you read").waitFor();
    await page.getByRole("link", { name: /^Birds/ }).click();
    await firstTitle(page).filter({ hasText: "Owls that count" }).waitFor();
    assert.equal(await results(page).count(), 1);
  });

  test("is changed in the order of key presses, however long each request takes", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=moonlight`);
    await results(page).first().waitFor();
    await page.route(/\/lists\/dislikes\//, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    const answered = Promise.all(
      ["likes", "dislikes"].map((list) => page.waitForResponse(new RegExp(`/lists/${list}/`))),
    );
    for (const key of ["j", "x", "l"]) await page.keyboard.press(key);
    await answered;
    const { lists } = (await (await fetch(`${sample.url}api/lists`)).json()) as ListsAnswer;
    assert.deepEqual(
      lists.slice(0, 2).map(({ ids }) => ids),
      [[OWL], []],
    );
  });

  test("is found by any spelling of its name, and refuses names that an address cannot contain", async (t) => {
    await fetch(`${sample.url}api/lists/Caf%C3%A9`, { method: "PUT" });
    await fetch(`${sample.url}api/lists/Caf%C3%A9/papers/turing-1936-computable`, { method: "PUT" });
    const page = await visit(t, browser, `${sample.url}?view=library&of=cafe`);
    await page.getByRole("heading", { level: 1, name: "Café" }).waitFor();
    await page.getByRole("link", { name: "BibTeX" }).waitFor();
    await page.getByText("Rename or delete").waitFor();
    const make = async (name: string) => {
      await page.getByLabel("New list").fill(name);
      await page.getByRole("button", { name: "Create" }).click();
    };
    await make("Dislikes");
    await page.getByRole("heading", { level: 1, name: "Not for me" }).waitFor();
    assert.equal(await page.getByText("There is no list with this name").count(), 0);
    await make("CAFÉ");
    await page.waitForURL((url) => url.searchParams.get("of") === "Café");
    await firstTitle(page).waitFor();
    await make("..");
    await page.locator(".status").getByText("Not saved. A list cannot be called “..”.").waitFor();
    assert.equal(await page.getByLabel("New list").inputValue(), "..");
  });

  test("keeps its name if the new one exists, with a visible message", async (t) => {
    for (const name of ["Birds", "Owls"]) await fetch(`${sample.url}api/lists/${name}`, { method: "PUT" });
    const page = await visit(t, browser, `${sample.url}?view=library&of=Birds`, { expected: /400/ });
    await page.getByText("Rename or delete").click();
    await page.getByLabel("Name", { exact: true }).fill("Owls");
    await page.getByRole("button", { name: "Rename" }).click();
    const said = page.locator(".status").getByText(/^Not saved\. .*choose another name/);
    await said.waitFor();
    assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Owls", "what was typed can be repaired");
    await page.getByRole("button", { name: "Close" }).click();
    await said.waitFor({ state: "detached" });
    assert.equal(await focused(page).innerText(), "Birds");
  });

  test("reports when the server refuses a paper, and shows the actual state", async (t) => {
    const page = await visit(t, browser, `${sample.url}?q=moonlight`, { expected: /500|Failed to load/ });
    await results(page).first().waitFor();
    await page.route("**/api/lists/likes/**", (route) => route.fulfill({ status: 500, body: "no" }));
    const like = results(page).first().getByRole("button", { name: /^Like/ });
    await like.click();
    await hears(page, /^Not saved\./);
    await page.locator(".like[aria-pressed=true]").waitFor({ state: "detached" });
    assert.equal(await like.getAttribute("aria-pressed"), "false");
  });
});

describe("stored likes and lists", () => {
  test("are loaded before anything is shown about them", async (t) => {
    await fetch(`${sample.url}api/lists/likes/papers/turing-1936-computable`, { method: "PUT" });
    const page = await visit(t, browser, `${sample.url}?view=library`);
    let tell = (): void => {};
    const told = new Promise<void>((resolve) => (tell = resolve));
    await page.route("**/api/lists", async (route) => {
      await told;
      await route.continue();
    });
    const asked: string[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/api/recommend")) asked.push(request.postData() ?? "");
    });
    await page.goto(`${sample.url}?view=for-you`);
    await page.locator("main .waiting").waitFor();
    assert.equal(await page.getByText("New and noted").count(), 0);
    tell();
    await page.locator(".because").first().waitFor();
    assert.ok(asked.length > 0);
    for (const body of asked) assert.match(body, /"positive":\[\{"id":"turing-1936-computable"\}\]/);
  });

  test("are requested again after a failure, and no list is reported as missing meanwhile", async (t) => {
    await fetch(`${sample.url}api/lists/Birds`, { method: "PUT" });
    const page = await visit(t, browser, `${sample.url}?view=daily`, { expected: /500|Failed to load/ });
    let fails = true;
    await page.route("**/api/lists", (route) =>
      fails ? route.fulfill({ status: 500, body: "no" }) : route.continue(),
    );
    await page.goto(`${sample.url}?view=library&of=Birds`);
    await page.locator("main .failure").waitFor();
    fails = false;
    assert.equal(await page.getByText("There is no list with this name").count(), 0);
    await page.getByText("Add papers with Save").waitFor();
    await page.goto(`${sample.url}?view=library&of=nowhere`);
    await page.getByText("There is no list with this name").waitFor();
  });
});

describe("daily papers", () => {
  test("are those of the newest day, most upvoted first, with links to earlier days", async (t) => {
    const page = await visit(t, browser, sample.url);
    await page.getByRole("link", { name: "Daily", exact: true }).click();
    await page.getByRole("heading", { level: 2, name: "1 May 2024" }).waitFor();
    await results(page).first().waitFor();
    assert.deepEqual(await titles(page), ["Owls that count", "Owls that write"]);
    await page.getByRole("link", { name: "29 April 2024" }).click();
    await firstTitle(page).filter({ hasText: OWL }).waitFor();
    await page.getByRole("link", { name: "Next: 1 May 2024" }).click();
    await firstTitle(page).filter({ hasText: "Owls that count" }).waitFor();
    await page.locator("h1:focus").waitFor();
    await page.goBack();
    await firstTitle(page).filter({ hasText: OWL }).waitFor();
    await page.goBack();
    await firstTitle(page).filter({ hasText: "Owls that count" }).waitFor();
  });

  test("are unchanged when going back from one of them", async (t) => {
    const page = await visit(t, browser, `${sample.url}?view=daily`, { viewport: { width: 1024, height: 300 } });
    await results(page).nth(1).getByRole("link", { name: "Owls that write" }).click();
    await page.getByRole("heading", { level: 1, name: "Owls that write" }).waitFor();
    await page.getByRole("button", { name: "Back", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Daily papers" }).waitFor();
    await results(page).nth(1).waitFor();
    assert.equal(await focused(page).innerText(), "Owls that write");
    assert.ok(Number(await page.evaluate("scrollY")) > 0, "scrolled to where it was");
  });

  test("can be shown by week and by month, at their own addresses", async (t) => {
    const page = await visit(t, browser, `${sample.url}?view=daily`);
    await page.getByRole("link", { name: "Week" }).click();
    await page.getByRole("heading", { level: 2, name: "29 April to 5 May 2024" }).waitFor();
    await firstTitle(page).filter({ hasText: OWL }).waitFor();
    assert.deepEqual(await titles(page), [OWL, "Owls that count", "Owls that write"]);
    await page.getByRole("link", { name: "Month" }).click();
    await page.getByRole("combobox", { name: "Go to" }).selectOption("2024-03");
    await firstTitle(page).filter({ hasText: "Owls in winter" }).waitFor();
    assert.match(page.url(), /view=daily&by=month&period=2024-03$/);
    await page.reload();
    await firstTitle(page).filter({ hasText: "Owls in winter" }).waitFor();
  });

  test("and all others can be sorted by trending", async (t) => {
    const page = await visit(t, browser, `${sample.url}?view=daily&by=trending`);
    await results(page).first().waitFor();
    const owls = (await titles(page)).filter((title) => title.startsWith("Owls"));
    // 900 votes 54 days earlier count as 13 of the newest day, 40 votes two days earlier as 34.
    assert.deepEqual(owls, [OWL, "Owls in winter", "Owls that count", "Owls that write"]);
  });
});

test("a note is written on a paper's page, and shown in lists", async (t) => {
  const page = await visit(t, browser, `${sample.url}?paper=shannon-1948-communication`);
  await page.getByRole("button", { name: "Add a note" }).click();
  await page.getByLabel("Your note").fill("Entropy: section 6");
  await page.getByLabel("Your note").blur();
  await hears(page, /^Note saved$/);
  await ask(page, "mathematical theory of communication");
  await results(page).first().getByText("Entropy: section 6").waitFor();
  await page.goto(`${sample.url}?paper=shannon-1948-communication`);
  await page.getByLabel("Your note").fill("");
  await page.getByLabel("Your note").blur();
  await hears(page, /^Note removed$/);
});

test("the last change is saved, however quickly the page is left", async (t) => {
  const page = await visit(t, browser, `${sample.url}?paper=shannon-1948-communication`);
  await page.getByRole("button", { name: "Add a note" }).click();
  await page.getByLabel("Your note").fill("Read before the talk");
  await page.evaluate(`document.querySelector("[data-whole] .like").click(), location.reload()`);
  // The server may be slower than reloading the page.
  for (let kept = false; !kept;) {
    const { lists, notes } = (await (await fetch(`${sample.url}api/lists`)).json()) as ListsAnswer;
    kept = lists[0]?.papers === 1 && notes.length === 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await page.reload();
  await page.locator("[data-whole] .like[aria-pressed=true]").waitFor();
  await page.getByLabel("Your note").waitFor();
  assert.equal(await page.getByLabel("Your note").inputValue(), "Read before the talk");
  await page.getByLabel("Your note").fill("");
  await page.getByLabel("Your note").blur();
  await hears(page, /^Note removed$/);
});

test("changes that an unreachable server did not get are not shown as saved, and a note is sent when it is back", async (t) => {
  const server = await served(sampleDirectory);
  const page = await visit(t, browser, `${server.url}?paper=shannon-1948-communication`, { expected: GONE });
  t.after(server.stop);
  await page.getByRole("region", { name: "Related papers" }).locator("[data-result]").first().waitFor();
  await server.crash();
  const like = page.locator("[data-whole]").getByRole("button", { name: /^Like/ });
  await like.click();
  const said = page.locator(".status").getByText("Not saved. Kindred’s server does not answer.");
  await said.waitFor();
  await page.locator("[data-whole] .like[aria-pressed=false]").waitFor();
  const note = page.getByLabel("Your note");
  await page.getByRole("button", { name: "Add a note" }).click();
  await note.fill("Entropy: section 6");
  await said.waitFor();
  await note.blur();
  await said.waitFor();
  await server.restart();
  // Leaving the view and returning loses nothing, and the note is sent again.
  for (const hidden of [true, false])
    await page.evaluate(
      `Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
       document.dispatchEvent(new Event("visibilitychange"))`,
    );
  await hears(page, /^Note saved$/);
  await said.waitFor({ state: "detached" });
  assert.equal(await note.inputValue(), "Entropy: section 6");
  await page.reload();
  await note.waitFor();
  assert.equal(await note.inputValue(), "Entropy: section 6");
  await page.locator("[data-whole] .like[aria-pressed=false]").waitFor();
});

test("a note being sent is kept when the view changes and the server then refuses it", async (t) => {
  const page = await visit(t, browser, `${sample.url}?paper=shannon-1948-communication`, { expected: /500/ });
  let answer = (): void => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await page.route("**/note", async (route) => {
    await asked;
    await route.fulfill({ status: 500, body: "no" });
  });
  const note = page.getByLabel("Your note");
  await page.getByRole("button", { name: "Add a note" }).click();
  const sent = page.waitForRequest(/\/note$/);
  await note.fill("Entropy: section 6");
  await note.blur();
  await sent;
  await page.evaluate(
    `Object.defineProperty(document, "hidden", { value: true, configurable: true });
     document.dispatchEvent(new Event("visibilitychange"))`,
  );
  answer();
  await page.locator(".status").getByText("Not saved.").waitFor();
  assert.equal(await note.inputValue(), "Entropy: section 6");
});

test("papers added since the last visit are announced and listed", async (t) => {
  const page = await visit(t, browser, sample.url);
  await results(page).first().waitFor();
  while ((await page.evaluate("localStorage.getItem('kindred.visit /')")) === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await page.getByText("since your last visit").count(), 0);
  // Simulates a visit two hours ago, with two papers fewer.
  await page.evaluate(`(() => {
    const visit = JSON.parse(localStorage.getItem("kindred.visit /"));
    localStorage.setItem("kindred.visit /", JSON.stringify({ ...visit, at: visit.at - 7200000, newest: visit.newest - 2 }));
  })()`);
  await page.reload();
  await page.getByRole("link", { name: "2 papers are new since your last visit" }).click();
  await page.getByRole("button", { name: "Remove filter: imported since an earlier visit" }).waitFor();
  assert.deepEqual((await titles(page)).toSorted(), ["Owls in winter", "Owls that count"]);
  assert.equal(new URL(page.url()).searchParams.has("sort"), false, "what is typed next goes by relevance");
});
