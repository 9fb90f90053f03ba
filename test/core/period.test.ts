import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { daysOf, PERIOD, weekOf } from "../../src/core/period.js";

// From calendars: years that begin on each day of the week, a leap year, and a year with 53 weeks.
const WEEKS: [week: string, monday: string, sunday: string][] = [
  ["2024-W01", "2024-01-01", "2024-01-07"],
  ["2024-W18", "2024-04-29", "2024-05-05"],
  ["2019-W01", "2018-12-31", "2019-01-06"],
  ["2020-W53", "2020-12-28", "2021-01-03"],
  ["2021-W01", "2021-01-04", "2021-01-10"],
  ["2022-W52", "2022-12-26", "2023-01-01"],
  ["2017-W24", "2017-06-12", "2017-06-18"],
];

for (const [week, monday, sunday] of WEEKS)
  test(`${week} is from ${monday} to ${sunday}`, () => {
    assert.deepEqual(daysOf(week), { first: monday, last: sunday });
    assert.equal(weekOf(monday), week);
    assert.equal(weekOf(sunday), week);
  });

test("every day is in its week, and a week has seven days", () => {
  const day = fc.date({ min: new Date("1950-01-01"), max: new Date("2099-12-31"), noInvalidDate: true });
  fc.assert(
    fc.property(day, (date) => {
      const text = date.toISOString().slice(0, 10);
      const week = weekOf(text);
      assert.match(week, PERIOD);
      const { first, last } = daysOf(week);
      assert.ok(first <= text && text <= last, `${text} in ${week}`);
      assert.equal((Date.parse(last) - Date.parse(first)) / 86_400_000, 6);
    }),
  );
});

test("a period is a day, a week, a month or a year", () => {
  for (const period of ["2024-05-01", "2024-W18", "2024-05", "2024"]) assert.match(period, PERIOD);
  for (const none of ["", "24", "2024-W00", "2024-W54", "2024-W1", "2024-13", "2024-05-32", "2024-5", "2024-W18-1"])
    assert.doesNotMatch(none, PERIOD);
});
