import assert from "node:assert/strict";
import { test } from "node:test";
import Sqlite from "better-sqlite3";
import { KindredError } from "../../src/core/errors.js";
import { databasePath } from "../../src/store/database.js";
import { temporaryDirectory } from "../sample.js";
import { openStore } from "./store.js";

const refused = (code: string, words: RegExp) => (thrown: unknown) =>
  thrown instanceof KindredError && thrown.code === code && words.test(thrown.message);

test("likes and dislikes exist from the start, and other lists follow by name", (t) => {
  const { lists } = openStore(t);
  for (const name of ["Zebras", "apes", "Éclairs"]) lists.create(name);
  assert.deepEqual(
    lists.all().lists.map(({ name }) => name),
    ["likes", "dislikes", "apes", "Éclairs", "Zebras"],
  );
});

test("spellings of a name that fold to the same are one list", (t) => {
  const { lists } = openStore(t);
  lists.create("To Read");
  lists.create(" to read ");
  lists.add("TO READ", "a");
  assert.deepEqual(lists.ids("to read"), ["a"]);
  assert.equal(lists.all().lists.length, 3);
});

test("liking a paper removes it from the dislikes, and the other way round", (t) => {
  const { lists } = openStore(t);
  lists.add("likes", "a");
  lists.add("dislikes", "a");
  assert.deepEqual([lists.ids("likes"), lists.ids("dislikes")], [[], ["a"]]);
  lists.add("likes", "a");
  assert.deepEqual([lists.ids("likes"), lists.ids("dislikes")], [["a"], []]);
});

test("a paper added twice is in a list once, and removing it removes it", (t) => {
  const { lists } = openStore(t);
  lists.add("likes", "a");
  lists.add("likes", "a");
  assert.deepEqual(lists.ids("likes"), ["a"]);
  lists.remove("likes", "a");
  lists.remove("likes", "a");
  assert.deepEqual(lists.ids("likes"), []);
});

test("a renamed list keeps its papers, and a deleted one loses its entries", (t) => {
  const { lists } = openStore(t);
  lists.create("birds");
  lists.add("birds", "a");
  lists.rename("birds", "Birds and bats");
  assert.deepEqual(lists.ids("birds and bats"), ["a"]);
  lists.rename("Birds and bats", "BIRDS AND BATS");
  lists.delete("birds and bats");
  assert.throws(() => lists.ids("birds and bats"), refused("not-found", /no list "birds and bats"/));
  lists.create("birds and bats");
  assert.deepEqual(lists.ids("birds and bats"), []);
});

test("likes cannot be renamed or deleted, and names are unique", (t) => {
  const { lists } = openStore(t);
  lists.create("one");
  assert.throws(() => lists.rename("Likes", "loves"), refused("invalid", /is built in/));
  assert.throws(() => lists.delete("dislikes"), refused("invalid", /is built in/));
  assert.throws(() => lists.rename("one", "LIKES"), refused("invalid", /already/));
  assert.throws(() => lists.rename("two", "three"), refused("not-found", /two/));
});

test("the size and the number of lists are limited", (t) => {
  const store = openStore(t);
  store.write(() => {
    for (let i = 0; i < 10_000; i++) store.lists.add("likes", `p${i}`);
    for (let i = 2; i < 1_000; i++) store.lists.create(`list ${i}`);
  });
  assert.throws(() => store.lists.add("likes", "one more"), refused("too-large", /10000/));
  store.lists.add("likes", "p7");
  assert.throws(() => store.lists.create("one more"), refused("too-large", /1000/));
});

test("likes and notes outlive the paper, and apply again when it returns", (t) => {
  const store = openStore(t);
  const put = () => store.write(() => store.papers.put({ id: "a", title: "Knots" }));
  put();
  store.lists.add("likes", "a");
  store.lists.note("a", "read the proof again");
  store.write(() => store.papers.remove("a"));
  assert.equal(store.papers.count({ list: ["likes"] }), 0);
  put();
  assert.equal(store.papers.count({ list: ["likes"] }), 1);
  assert.equal(store.lists.all().notes[0]?.note, "read the proof again");
});

test("a note replaces the previous one, and an empty one deletes it", (t) => {
  const { lists } = openStore(t);
  lists.note("a", "first");
  lists.note("a", "second");
  lists.note("b", "other");
  assert.deepEqual(
    lists.all().notes.map(({ id, note }) => [id, note]),
    [
      ["a", "second"],
      ["b", "other"],
    ],
  );
  lists.note("a", "  ");
  assert.deepEqual(
    lists.all().notes.map(({ id }) => id),
    ["b"],
  );
});

test("a list is browsed from the paper added last", async (t) => {
  const store = openStore(t);
  store.write(() => {
    for (const id of ["a", "b", "c"]) store.papers.put({ id, title: `About ${id}` });
  });
  store.lists.create("mine");
  for (const id of ["b", "c", "a"]) {
    store.lists.add("mine", id);
    // The clock must advance.
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  const page = store.papers.browse({ list: ["Mine"] }, "added", 2);
  assert.deepEqual(
    page.map(({ paper }) => paper.id),
    ["a", "c"],
  );
  const rest = store.papers.browse({ list: ["mine"] }, "added", 2, page.at(-1));
  assert.deepEqual(
    rest.map(({ paper }) => paper.id),
    ["b"],
  );
});

test("a list with a damaged time still accepts papers, and lists them after those with valid times", (t) => {
  const directory = temporaryDirectory(t);
  const store = openStore(t, directory);
  for (const id of ["a", "b"]) store.write(() => store.lists.add("likes", id));
  const database = new Sqlite(databasePath(directory));
  database.exec("UPDATE entries SET added = 'x' || substr(added, 2) WHERE id = 'a'");
  database.close();
  store.write(() => store.lists.add("likes", "c"));
  assert.deepEqual(store.lists.ids("likes"), ["b", "c", "a"]);
});
