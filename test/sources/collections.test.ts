/** A Zotero library in Kindred: its collections are lists, and its items come and go, with the real store. */
import "../tiny.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { listNameOf } from "../../src/sources/collections.js";
import { temporaryDirectory } from "../sample.js";
import { Service } from "./service.js";
import { keyOf, Library } from "./zotero-library.js";

const CHILD = fileURLToPath(new URL("./update-child.js", import.meta.url));

type Zotero = {
  library: Library;
  kindred: Kindred;
  service: Service;
  update: () => Promise<string>;
  /** The lists that people or sources have made, with the titles of their papers, each sorted. */
  lists: () => Promise<Record<string, string[]>>;
  titles: () => Promise<string[]>;
};

async function titlesById(kindred: Kindred): Promise<Map<string, string>> {
  const { papers } = await kindred.browse({ limit: 500 });
  return new Map(papers.map(({ id, title }) => [id, title]));
}

async function listsOf(kindred: Kindred): Promise<Record<string, string[]>> {
  const titles = await titlesById(kindred);
  const { lists } = await kindred.lists();
  const shown = lists.map(({ name, ids }) => [name, ids.map((id) => titles.get(id) ?? `no paper ${id}`).toSorted()]);
  return Object.fromEntries(shown.filter(([name, ids]) => ids!.length > 0 || !["likes", "dislikes"].includes(String(name)))); // prettier-ignore
}

async function zotero(t: TestContext, count: number, more: { list?: string } = {}): Promise<Zotero> {
  const library = new Library();
  library.backoff = undefined;
  library.collections.clear();
  for (const [key, name, parent] of [
    ["OUTER001", "Physics", false],
    ["INNER001", "Tides", "OUTER001"],
    ["OTHER001", "Animals", false],
  ] as const)
    library.collections.set(key, { name, parent });
  for (let i = 0; i < count; i++)
    library.items.set(keyOf(i), {
      version: 1,
      title: `Paper ${i}`,
      collections: [["INNER001"], ["OTHER001"], [], ["INNER001", "OTHER001"]][i % 4]!,
    });
  const service = await Service.start((asked) => library.answers(asked));
  t.after(() => service.close());
  const kindred = await openKindred({ directory: temporaryDirectory(t), workers: 1 });
  t.after(() => kindred.close());
  await kindred.sources.add({
    kind: "zotero",
    options: { user: "475425", baseUrl: service.base, private: true },
    ...more,
  });
  return {
    library,
    kindred,
    service,
    update: () => kindred.sources.update("zotero"),
    lists: () => listsOf(kindred),
    titles: async () => [...(await titlesById(kindred)).values()].toSorted(),
  };
}

const stored = (kindred: Kindred, prefix: string) =>
  kindred.owned("sources", prefix).then((rows) => rows.map(({ key }) => key));

async function importOne(kindred: Kindred, paper: object): Promise<void> {
  await kindred.import((async function* () { yield await Promise.resolve(Buffer.from(JSON.stringify(paper))); })()); // prettier-ignore
}

test("collections are lists, within each other as outer / inner; what moves between them moves here", async (t) => {
  const { library, update, lists } = await zotero(t, 4);
  await update();
  assert.deepEqual(await lists(), { "Physics / Tides": ["Paper 0", "Paper 3"], Animals: ["Paper 1", "Paper 3"] });
  library.change(keyOf(0), { collections: ["OTHER001", "OUTER001"] });
  library.change(keyOf(3), { collections: [] });
  await update();
  assert.deepEqual(await lists(), { Animals: ["Paper 0", "Paper 1"], Physics: ["Paper 0"] }, "an empty list goes");
});

test("a collection with another name is another list, although its items have not changed", async (t) => {
  const { library, kindred, update, lists } = await zotero(t, 4);
  await update();
  await kindred.addToList("Animals", keyOf(2));
  library.collections.set("OUTER001", { name: "Oceans", parent: false });
  library.collections.set("OTHER001", { name: "Fauna", parent: false });
  library.version++;
  await update();
  assert.deepEqual(await lists(), {
    "Oceans / Tides": ["Paper 0", "Paper 3"],
    Fauna: ["Paper 1", "Paper 3"],
    // What a person has put there stays.
    Animals: ["Paper 2"],
  });
});

test("a person's own list is joined, and only what the source has put there is taken out of it", async (t) => {
  const { library, kindred, update, lists } = await zotero(t, 4);
  await importOne(kindred, { id: "mine", title: "Mine" });
  await importOne(kindred, { id: keyOf(1), title: "Paper 1" });
  await kindred.createList("ANIMALS");
  await kindred.addToList("ANIMALS", "mine");
  await kindred.addToList("ANIMALS", keyOf(1));
  await update();
  assert.deepEqual((await lists())["ANIMALS"], ["Mine", "Paper 1", "Paper 3"]);
  await kindred.removeFromList("Physics / Tides", keyOf(0));
  library.change(keyOf(0), {});
  library.change(keyOf(1), { collections: [] });
  library.change(keyOf(3), { collections: [] });
  await update();
  // What a person has taken out stays out, and what they had put in stays in.
  assert.deepEqual(await lists(), { ANIMALS: ["Mine", "Paper 1"] });
});

test("items that are trashed or deleted go, with their places in lists, and come back when they are restored", async (t) => {
  const { library, kindred, update, lists, titles } = await zotero(t, 4, { list: "from Zotero" });
  await update();
  assert.equal((await lists())["from Zotero"]?.length, 4);
  library.change(keyOf(0), { trashed: true });
  library.items.delete(keyOf(1));
  assert.match(await update(), /no longer in the library: 2 removed here$/);
  assert.deepEqual(await titles(), ["Paper 2", "Paper 3"]);
  assert.deepEqual(await lists(), {
    "Physics / Tides": ["Paper 3"],
    Animals: ["Paper 3"],
    "from Zotero": ["Paper 2", "Paper 3"],
  });
  assert.equal((await kindred.sources.get("zotero")).source.papers, 2);
  library.change(keyOf(0), { trashed: false });
  assert.match(await update(), /^1 added/);
  assert.deepEqual((await lists())["Physics / Tides"], ["Paper 0", "Paper 3"]);
});

test("what a person keeps, or had before, or another source brings, stays when its item goes", async (t) => {
  const { library, kindred, service, update, titles } = await zotero(t, 6);
  await importOne(kindred, { id: keyOf(0), title: "Paper 0" });
  const other = { user: "475425", baseUrl: service.base, private: true };
  await update();
  await kindred.addToList("likes", keyOf(1));
  await kindred.note(keyOf(2), "read this");
  await kindred.createList("My list");
  await kindred.addToList("My list", keyOf(3));
  for (let i = 0; i < 6; i++) if (i !== 4) library.change(keyOf(i), { trashed: true });
  await kindred.sources.add({ name: "second", kind: "zotero", options: other });
  await kindred.sources.update("second");
  library.change(keyOf(4), { trashed: true });
  library.change(keyOf(9), { title: "Another" });
  assert.match(await update(), /no longer in the library: 1 removed here, 5 kept because of a list, a note, or /);
  assert.deepEqual(await titles(), ["Another", "Paper 0", "Paper 1", "Paper 2", "Paper 3", "Paper 4"]);
  assert.deepEqual(await stored(kindred, "paper/zotero/"), [`paper/zotero/${keyOf(9)}`], "nothing else is remembered");
});

test("items that are one paper: it stays as long as one of them, in the lists of those that are left", async (t) => {
  const { library, kindred, update, lists, titles } = await zotero(t, 0);
  library.change("AAAAAAAA", { title: "Twice", DOI: "10.1000/twice", collections: ["INNER001"] });
  library.change("BBBBBBBB", { title: "Twice", DOI: "10.1000/twice", collections: ["OTHER001"] });
  library.change("CCCCCCCC", { title: "A third", DOI: "10.1000/third" });
  await update();
  assert.deepEqual(await lists(), { "Physics / Tides": ["Twice"], Animals: ["Twice"] });
  // Merged, as Zotero does it.
  library.items.delete("AAAAAAAA");
  library.change("BBBBBBBB", { collections: ["OTHER001", "OUTER001"] });
  await update();
  assert.deepEqual(await lists(), { Physics: ["Twice"], Animals: ["Twice"] });
  // The item now describes another paper.
  library.change("CCCCCCCC", { title: "Something else", DOI: "10.1000/else" });
  await update();
  assert.deepEqual(await titles(), ["Something else", "Twice"]);
  assert.equal((await kindred.sources.get("zotero")).source.papers, 2);
});

test("an import that is undone stays undone, until an item changes", async (t) => {
  const { library, kindred, update, lists, titles } = await zotero(t, 4);
  await update();
  await kindred.undo((await kindred.imports()).imports[0]!.import);
  assert.deepEqual(await titles(), []);
  library.change(keyOf(0), { title: "Paper 0, again" });
  library.change(keyOf(1), { trashed: true });
  await update();
  assert.deepEqual(await titles(), ["Paper 0, again"]);
  assert.deepEqual((await lists())["Physics / Tides"], ["Paper 0, again", `no paper ${keyOf(3)}`].toSorted());
});

test("a library without any item takes nothing away", async (t) => {
  const { library, kindred, update, titles } = await zotero(t, 4);
  await update();
  const items = [...library.items];
  library.items.clear();
  library.version++;
  assert.match(await update(), /has no items any more: nothing was removed here/);
  assert.equal((await titles()).length, 4);
  for (const [key, item] of items) library.items.set(key, item);
  library.change(keyOf(0), { trashed: true });
  await update();
  assert.equal((await titles()).length, 3);
  assert.equal(await kindred.sources.remove("zotero", true), 3);
  assert.deepEqual([await titles(), await listsOf(kindred), await stored(kindred, "")], [[], {}, []]);
});

test("another library with items of its own takes nothing away and brings nothing, whatever its versions are", async (t) => {
  const { library, service, kindred, titles } = await zotero(t, 3);
  await kindred.sources.add({ name: "here", kind: "zotero", options: { local: true, baseUrl: service.base } });
  await kindred.sources.update("here");
  const items = [...library.items];
  library.items.clear();
  library.change("OTHER999", { title: "Of another profile" });
  for (let i = 0; i < 2; i++)
    await assert.rejects(
      kindred.sources.update("here"),
      /another Zotero library than before.*: if that is meant, remove/,
    );
  library.items.get("OTHER999")!.version = 1;
  assert.match(await kindred.sources.update("here"), /has none of its items any more: nothing was removed here/);
  assert.deepEqual(await titles(), ["Paper 0", "Paper 1", "Paper 2"]);
  library.items.clear();
  for (const [key, item] of items.slice(1)) library.items.set(key, item);
  library.version++;
  await kindred.sources.update("here");
  assert.deepEqual(await titles(), ["Paper 1", "Paper 2"]);
});

test("one collection alone is one list", async (t) => {
  const { kindred, service, lists } = await zotero(t, 4);
  await kindred.sources.add({
    name: "tides",
    kind: "zotero",
    options: { user: "475425", baseUrl: service.base, private: true, collection: "INNER001" },
  });
  await kindred.sources.update("tides");
  assert.deepEqual(await lists(), { "Physics / Tides": ["Paper 0", "Paper 3"] });
});

test("a collection's name becomes one that a list may have, and never that of the likes", () => {
  assert.equal(listNameOf("Physics / Tides", "zotero"), "Physics / Tides");
  assert.equal(listNameOf(" A\tB\u202e ", "zotero"), "A B");
  for (const [name, list] of [
    ["..", ".. (zotero)"],
    ["Likes", "Likes (zotero)"],
    ["", "(zotero)"],
  ] as const)
    assert.equal(listNameOf(name, "zotero"), list);
  assert.equal(listNameOf("😀".repeat(150), "zotero"), "😀".repeat(100));
  assert.equal(listNameOf(`a${"😀".repeat(150)}`, "zotero"), `a${"😀".repeat(99)}`);
});

test("whenever a run is killed, the next completes papers and lists", async (t) => {
  const { library, kindred, service } = await zotero(t, 330);
  const directory = kindred.directory;
  await kindred.close();
  const killed = async (after: number, delay: number): Promise<void> => {
    const before = service.asked.length;
    const child = spawn(process.execPath, [CHILD, directory, "zotero"], { stdio: ["ignore", "ignore", "inherit"] });
    const exited = once(child, "exit");
    while (service.asked.length < before + after && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 2));
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill("SIGKILL");
    await exited;
  };
  for (const [after, delay] of [[4, 0], [6, 11], [4, 40]] as const) await killed(after, delay); // prettier-ignore
  for (let i = 0; i < 330; i += 3) library.change(keyOf(i), i % 2 ? { trashed: true } : { collections: ["OUTER001"] });
  library.collections.set("OTHER001", { name: "Fauna", parent: false });
  // Also when no page is left, but the lists are.
  for (const [after, delay] of [[3, 5], [5, 60], [3, 90]] as const) await killed(after, delay); // prettier-ignore
  const again = await openKindred({ directory, workers: 1 });
  t.after(() => again.close());
  await again.jobs.remove("source zotero");
  await again.sources.update("zotero");
  const left = [...library.items].filter(([, { trashed }]) => trashed !== true);
  const within = (key: string) =>
    left.filter(([, { collections }]) => collections.includes(key)).map(([, { title }]) => title);
  assert.deepEqual(await listsOf(again), {
    Physics: within("OUTER001").toSorted(),
    "Physics / Tides": within("INNER001").toSorted(),
    Fauna: within("OTHER001").toSorted(),
  });
  const found = await titlesById(again);
  assert.deepEqual([...found.values()].toSorted(), left.map(([, { title }]) => title).toSorted());
});
