import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cpuTime } from "../../scripts/common/numbers.js";
import { parseDate } from "../../src/formats/dates.js";
import { dateSchema } from "../../src/core/paper.js";

const dates: [text: string, date: string][] = [
  ["2017", "2017"],
  ["2017-06", "2017-06"],
  ["2017/6", "2017-06"],
  ["2017/06/12", "2017-06-12"],
  ["2017.06.12", "2017-06-12"],
  ["20170612", "2017-06-12"],
  ["2017-06-12T10:00:00Z", "2017-06-12"],
  ["2017-06-12 10:00:00", "2017-06-12"],
  ["2014//", "2014"],
  ["1948/07//", "1948-07"],
  ["2017/06/12/Epub", "2017-06-12"],
  ["2019-03-04/2019-05", "2019-03-04"],
  ["2017-00-00", "2017"],
  ["2017-06-00", "2017-06"],
  ["Jun 2017", "2017-06"],
  ["June, 2017", "2017-06"],
  ["Sept. 2017", "2017-09"],
  ["Jun-Jul 2017", "2017-06"],
  ["2017 Jun", "2017-06"],
  ["2017 Jun 12", "2017-06-12"],
  ["2017 Jun-Jul", "2017-06"],
  ["12 June 2017", "2017-06-12"],
  ["12-Jun-2017", "2017-06-12"],
  ["June 12, 2017", "2017-06-12"],
  ["12th June 2017", "2017-06-12"],
  ["Mon, 2 Apr 2007 19:18:42 GMT", "2007-04-02"],
  ["Spring 2017", "2017"],
  ["13/06/2017", "2017-06-13"],
  ["06/13/2017", "2017-06-13"],
  ["05/06/2017", "2017"],
  ["06/2017", "2017-06"],
  ["2017-06-12Z", "2017-06-12"],
  ["2017-06-12+02:00", "2017-06-12"],
  ["2017-06-12~", "2017-06-12"],
  ["June 12-18, 2017", "2017-06-12"],
  ["12-18 June 2017", "2017-06-12"],
  ["25--28 Jun 2019", "2019-06-25"],
  ["2017-13-45", "2017"],
  ["2017-02-30", "2017-02"],
  ["2017-06-31", "2017-06"],
  ["31 June 2017", "2017-06"],
  ["2017-21", "2017"],
  ["2016-17", "2016"],
  ["2016--2017", "2016"],
  ["Winter 2016/2017", "2016"],
  ["Q3 2017", "2017"],
  ["Smarch 2017", "2017"],
  ["2017a", "2017"],
  ["c2017", "2017"],
  ["[2017]", "2017"],
  ["2017~", "2017"],
];
const noDates = [
  "n.d.",
  "in press",
  "forthcoming",
  "17",
  "20178",
  "0000",
  "",
  "Year",
  "201",
  "Volume 1234",
  "x2017y",
  "an abstract that is longer than any date, in which 2017 is named",
];

describe("dates", () => {
  for (const [text, date] of dates) test(`${text} is ${date}`, () => assert.equal(parseDate(text), date));
  for (const text of noDates) test(`"${text}" is not a date`, () => assert.equal(parseDate(text), undefined));

  test("a text of any length is parsed in linear time, whatever it contains", () => {
    for (const part of [" ", "-", "2017", "Jun", "1", ",", "12 ", "Jun ", "c"])
      for (const start of ["", "2017", "2017 Jun", "Jun", "Mon,", "12"]) {
        const begin = cpuTime();
        parseDate(`${start}${part.repeat(100_000)}!`);
        assert.ok(cpuTime() - begin < 1_000, `${start}${part}: ${cpuTime() - begin} ms`);
      }
  });

  test("every parsed date is valid, and parsing it again gives the same", () => {
    const piece = fc.oneof(
      fc.constantFrom("2017", "06", "12", "0", "-", "/", " ", "Jun", "May ", ",", "T"),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const date = parseDate(pieces.join(""));
        if (date === undefined) return;
        assert.ok(dateSchema.safeParse(date).success);
        assert.equal(parseDate(date), date);
      }),
      { numRuns: 3000 },
    );
  });
});
