import assert from "node:assert/strict";
import { test } from "node:test";
import { groupsOf, linesInWords, listOf } from "../../src/web/add/import-problems.js";

const told = (line: number, reason: string) => ({ file: "bees.jsonl", line, reason });

test("each reason is given once, in the order of first lines", () => {
  assert.deepEqual(groupsOf([told(2, "no title"), told(3, "no JSON"), told(7, "no title")]), [
    { reason: "no title", lines: [2, 7] },
    { reason: "no JSON", lines: [3] },
  ]);
});

test("lines are listed, of many only the first", () => {
  assert.equal(linesInWords([2]), "Line 2");
  assert.equal(linesInWords([2, 1_005]), "Lines 2 and 1,005");
  assert.equal(linesInWords([1, 2, 3]), "Lines 1, 2 and 3");
  const many = Array.from({ length: 40 }, (_, i) => i + 1);
  assert.equal(linesInWords(many.slice(0, 12)), "Lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 12");
  assert.equal(linesInWords(many), "Lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 28 more");
});

test("the saved list has one problem per line, and says how many are left out", () => {
  assert.equal(
    listOf([told(2, "no\ntitle"), told(3, "no JSON")], 2),
    "bees.jsonl:2: no title\nbees.jsonl:3: no JSON\n",
  );
  assert.equal(listOf([told(2, "no title")], 1_001), "bees.jsonl:2: no title\nand 1,000 more\n");
});
