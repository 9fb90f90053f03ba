import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ListsAnswer } from "../../src/api.js";
import { DISLIKES, LIKES } from "../../src/core/list.js";
import {
  holds,
  idsIn,
  nameIn,
  noteOn,
  ownLists,
  titleOfList,
  withList,
  withNote,
  withPaper,
} from "../../src/web/lists/lists.js";

const list = (name: string, ...ids: string[]) => ({ name, created: "", papers: ids.length, ids });
const kept: ListsAnswer = { lists: [list(LIKES, "a"), list(DISLIKES, "b"), list("birds", "a", "c")], notes: [] };

test("a paper added again becomes the last", () => {
  assert.deepEqual(idsIn(withPaper(kept, "birds", "a", true), "birds"), ["c", "a"]);
});

test("liking a disliked paper, or the other way round, moves it", () => {
  const liked = withPaper(kept, LIKES, "b", true);
  assert.deepEqual([idsIn(liked, LIKES), idsIn(liked, DISLIKES)], [["a", "b"], []]);
  assert.deepEqual(idsIn(withPaper(kept, DISLIKES, "a", true), LIKES), []);
  assert.deepEqual(idsIn(withPaper(kept, LIKES, "b", false), DISLIKES), ["b"], "taking back says nothing else");
});

test("lists are sorted by name after likes and dislikes, each once", () => {
  const more = withList(withList(withList(kept, "Ants"), "ANTS"), "Zebras");
  assert.deepEqual(
    more.lists.map(({ name }) => titleOfList(name)),
    ["Likes", "Not for me", "Ants", "birds", "Zebras"],
  );
  assert.deepEqual(ownLists(more), ["Ants", "birds", "Zebras"]);
});

test("spellings of a name that fold to the same are one list, as on the server", () => {
  const accented = withList(kept, "Café");
  assert.equal(nameIn(accented, " cafe "), "Café");
  assert.equal(nameIn(accented, "tea"), "tea");
  assert.equal(nameIn(kept, "Dislikes"), DISLIKES);
  assert.equal(titleOfList("Dislikes"), "Not for me");
  assert.deepEqual(idsIn(withPaper(kept, "BIRDS", "d", true), "Birds"), ["a", "c", "d"]);
  assert.equal(withList(accented, "CAFE"), accented);
});

test("a note replaces the previous one, and an empty one removes it", () => {
  const noted = withNote(withNote(kept, "a", "first"), "a", "second");
  assert.equal(noteOn(noted, "a"), "second");
  assert.deepEqual(withNote(noted, "a", " ").notes, []);
});

test("after any additions and removals, the last one decides whether a paper is in a list", () => {
  const step = fc.tuple(fc.constantFrom(LIKES, DISLIKES, "birds"), fc.constantFrom("a", "b", "c", "d"), fc.boolean());
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let now = kept;
      for (const [name, id, inside] of steps) {
        now = withPaper(now, name, id, inside);
        assert.equal(holds(now, name, id), inside);
        assert.ok(!(holds(now, LIKES, id) && holds(now, DISLIKES, id)));
        for (const { ids, papers } of now.lists) assert.equal(new Set(ids).size, papers);
      }
    }),
  );
});
