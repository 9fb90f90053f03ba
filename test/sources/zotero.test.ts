import assert from "node:assert/strict";
import { test } from "node:test";
import { mulberry32 } from "../../src/map/random.js";
import { zotero } from "../../src/sources/zotero.js";
import {
  complete, type Read, allCome, Service, Shelf, TestClock, textOf, withNetwork,
} from "./service.js"; // prettier-ignore
import { keyOf, Library } from "./zotero-library.js";

/** Papers by their key, of which each line has one. */
const read: Read = (page) => {
  const lines = textOf(page).split("\n").filter((line) => line !== ""); // prettier-ignore
  assert.equal(lines.length, page.count);
  return Promise.resolve(
    lines.map((line, i) => {
      const { key, data } = JSON.parse(line) as { key: string; data: { title: string } };
      assert.equal(page.keys![i], key);
      const names = page.collections![i]!.map((collection) => page.collectionNames![collection]);
      return [key, `${data.title} in ${names.join()}`];
    }),
  );
};
const options = { user: "475425" };

test("all items come, with their collections", async () => {
  await allCome({ kind: zotero, options, answers: () => new Library(330).answers, read, key: "k" }, 330);
});

test("attachments and notes are left out", async () => {
  const library = new Library(3);
  library.change("AAAAAAAA", { itemType: "attachment" });
  library.change("BBBBBBBB", { itemType: "note" });
  const { shelf } = await complete({ kind: zotero, options, answers: () => library.answers, read });
  assert.equal(shelf.papers.size, 3);
  assert.equal(shelf.papers.get(keyOf(37)), "Paper 1 in Topic 7 / Reading");
});

async function runs(
  library: Library,
  options: object,
  work: (run: (killAfter?: number) => Promise<string>, shelf: Shelf, service: Service) => Promise<void>,
): Promise<void> {
  const clock = new TestClock();
  const service = await Service.start(library.answers, clock);
  const shelf = new Shelf();
  try {
    await withNetwork({ clock }, (network) =>
      work(
        (killAfter) =>
          shelf.run(
            zotero,
            { options: { baseUrl: service.base, private: true, ...options }, network, key: "z-key" },
            read,
            killAfter,
          ),
        shelf,
        service,
      ),
    );
  } finally {
    await service.close();
  }
}

test("later runs ask for what has changed, and deleted and trashed items go", async () => {
  const library = new Library(120);
  await runs(library, { group: "77", user: undefined }, async (run, shelf, service) => {
    await run();
    const asked = service.asked.length;
    assert.equal(await run(), "done");
    assert.equal(service.asked.length, asked + 1, "nothing has changed: one request");
    library.change(keyOf(37), { title: "Renamed" });
    library.change(keyOf(74), { trashed: true });
    library.items.delete(keyOf(111));
    library.version++;
    await run();
    assert.equal(shelf.papers.size, 118);
    assert.match(shelf.papers.get(keyOf(37))!, /^Renamed/);
    const items = service.asked.slice(asked).filter(({ query }) => query.has("itemKey"));
    assert.deepEqual(items.map(({ query }) => query.get("itemKey")), [keyOf(37)]); // prettier-ignore
    library.change(keyOf(74), { trashed: false });
    await run();
    assert.equal(shelf.papers.size, 119);
    assert.equal(service.asked[0]!.headers["zotero-api-key"], "z-key");
    assert.ok(service.paths.every((path) => path.startsWith("/groups/77/") && !path.includes("z-key")));
  });
});

test("what changes while a library is read is in the next run, at any moment", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = mulberry32(seed);
    const library = new Library(200);
    await runs(library, options, async (run, shelf) => {
      for (let i = 0; i < 12; i++) {
        const key = keyOf(37 * Math.floor(random() * 220));
        library.change(key, { title: `Change ${i}`, trashed: random() < 0.2 });
        await run(random() < 0.5 ? Math.floor(random() * 5) : Infinity);
      }
      await run();
      const expected = [...library.items].filter(([, { trashed }]) => trashed !== true).map(([key, { title }]) => [key, title]); // prettier-ignore
      const found = [...shelf.papers].map(([key, paper]) => [key, paper.replace(/ in .*$/, "")]);
      assert.deepEqual(Object.fromEntries(found), Object.fromEntries(expected), `seed ${seed}`);
    });
  }
});

test("one collection: what leaves it goes", async () => {
  const library = new Library(100);
  await runs(library, { ...options, collection: "COLLAAAA" }, async (run, shelf) => {
    await run();
    assert.equal(shelf.papers.size, 50);
    library.change(keyOf(37), { collections: [] });
    await run();
    assert.equal(shelf.papers.size, 49);
  });
});

test("locally, another server is refused, and items that were never synchronised have none", async () => {
  const library = new Library(60);
  library.server = "one";
  library.items.set("NEWITEM1", { version: 0, title: "Never synchronised", collections: [] });
  await runs(library, { local: true }, async (run, shelf, service) => {
    await run();
    assert.equal(shelf.papers.size, 61);
    assert.ok(service.paths.every((path) => path.startsWith("/users/0/")));
    library.items.set("NEWITEM1", { version: 0, title: "Changed", collections: [] });
    await run();
    assert.match(shelf.papers.get("NEWITEM1")!, /^Changed/);
    // Another profile.
    library.server = "two";
    library.version = 5;
    for (const item of library.items.values()) [item.version, item.title] = [2, "Two"];
    await assert.rejects(run(), /another Zotero library than before/);
    assert.ok(![...shelf.papers.values()].some((paper) => paper.startsWith("Two")));
    library.server = "one";
    await run();
    assert.ok([...shelf.papers.values()].every((paper) => paper.startsWith("Two")));
  });
});

test("a library that was restored from a copy is read again", async () => {
  const library = new Library(60);
  await runs(library, { local: true }, async (run, shelf) => {
    await run();
    library.version = 50;
    for (const item of library.items.values()) [item.version, item.title] = [40, "Restored"];
    await run();
    assert.ok([...shelf.papers.values()].every((paper) => paper.startsWith("Restored")));
  });
});

test("refusals are told in the server's words", async () => {
  const refusing = (status: number, body: string) =>
    complete({ kind: zotero, options, answers: () => () => ({ status, body }), read, key: "z-key" });
  await assert.rejects(refusing(403, "Forbidden"), /127\.0\.0\.1 answered with status 403: Forbidden$/);
  await assert.rejects(refusing(403, "Local API is not enabled"), /Local API is not enabled$/);
  await withNetwork({}, async (network) => {
    for (const wrong of [{}, { user: "1", group: "2" }, { user: "ada" }])
      await assert.rejects(new Shelf().run(zotero, { options: wrong, network }, read), /user: expected/);
  });
});
