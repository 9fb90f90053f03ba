import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dateSchema, LIMITS, recordSchema } from "../../src/core/paper.js";

const isDate = (text: string) => dateSchema.safeParse(text).success;

test("a date is an existing year, month or day", () => {
  for (const date of ["2017", "2017-06", "2017-06-12", "2024-02-29", "2000-02-29", "0000", "0000-02-29", "9999-12-31"])
    assert.ok(isDate(date), date);
  for (const date of ["2023-02-29", "1900-02-29", "2017-04-31", "2017-13", "2017-00", "2017-06-00", "2017-06-32"])
    assert.ok(!isDate(date), date);
});

test("anything else is not a date", () => {
  for (const text of [
    "",
    "17",
    "20170612",
    "2017/06/12",
    "2017-6-1",
    " 2017",
    "2017\n",
    "2017-06-12T00:00:00Z",
    "٢٠١٧",
  ])
    assert.ok(!isDate(text), JSON.stringify(text));
});

test("every day of every year is a date, and no other day is", () => {
  const february = (year: number) => ((year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28);
  const digits = (number: number, length: number) => String(number).padStart(length, "0");
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
      (year, month, day) => {
        const last = month === 2 ? february(year) : [4, 6, 9, 11].includes(month) ? 30 : 31;
        const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
        assert.equal(isDate(date), day <= last, date);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("a record needs a title, is trimmed, and has no unknown fields", () => {
  assert.deepEqual(recordSchema.parse({ id: " a/b c ", title: " T ", authors: [" É "] }), {
    id: "a/b c",
    title: "T",
    authors: ["É"],
  });
  for (const record of [
    {},
    { title: " " },
    { title: "T", id: "" },
    { title: "T", name: "n" },
    { title: "T", doi: null },
  ])
    assert.ok(!recordSchema.safeParse(record).success, JSON.stringify(record));
});

test("a record over a limit is rejected, one at the limit is accepted", () => {
  for (const field of ["title", "abstract"] as const) {
    const record = { title: "T", [field]: "x".repeat(LIMITS[field]) };
    assert.ok(recordSchema.safeParse(record).success);
    assert.ok(!recordSchema.safeParse({ ...record, [field]: `${record[field]}x` }).success);
  }
  assert.ok(!recordSchema.safeParse({ title: "T", venue: "x".repeat(LIMITS.name + 1) }).success);
  assert.ok(
    !recordSchema.safeParse({ title: "T", authors: Array.from({ length: LIMITS.list + 1 }, () => "A") }).success,
  );
  for (const upvotes of [-1, 0.5, 2 ** 53]) assert.ok(!recordSchema.safeParse({ title: "T", upvotes }).success);
});
