import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cpuTime } from "../../scripts/common/numbers.js";
import { joinList, splitKeywords, splitList } from "../../src/formats/list.js";

describe("a list in one text", () => {
  const TABLE: [text: string, entries: string[]][] = [
    ["a; b;c", ["a", "b", "c"]],
    ["a", ["a"]],
    ["a, b;", ["a, b"]],
    [" ; a ;; ", ["a"]],
    ["", []],
    [String.raw`c\; d; e`, ["c; d", "e"]],
    [String.raw`c\\; d`, ["c\\", "d"]],
    [String.raw`c\\\; d`, [String.raw`c\; d`]],
    [String.raw`\alpha; C:\x`, [String.raw`\alpha`, String.raw`C:\x`]],
  ];
  for (const [text, entries] of TABLE) test(text, () => assert.deepEqual(splitList(text), entries));

  test("without semicolons, keywords are separated by commas", () => {
    assert.deepEqual(
      splitKeywords("a, b").map((keyword) => keyword.trim()),
      ["a", "b"],
    );
  });

  test("of any entries is read back as the same entries", () => {
    const entry = fc
      .array(fc.constantFrom("\\", ";", ",", " ", "a", "\\;", "é", "['", "']", "'", "[", "(", ")", "|"), {
        minLength: 1,
        maxLength: 8,
      })
      .map((parts) => parts.join("").trim())
      .filter((text) => text !== "");
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), (entries) => {
        for (const read of [splitList, splitKeywords]) assert.deepEqual(read(joinList(entries, read)), entries);
      }),
      { numRuns: 5000 },
    );
  });

  test("of only backslashes or semicolons is read in linear time", () => {
    const started = cpuTime();
    for (const part of ["\\", ";", "\\;", "\\\\;", "\\a"]) splitList(`${part.repeat(1_000_000 / part.length)}a`);
    assert.ok(cpuTime() - started < 10_000);
  });
});
