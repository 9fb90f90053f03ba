/**
 * Dates as sources write them, read to the precision that is certain.
 */
import { dateSchema } from "../core/paper.js";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH = `(${MONTHS.join("|")})[a-z]*\\.?`;
const DAY = "(\\d{1,2})(?:st|nd|rd|th)?";
/** A range of days counts as its first day. */
const DAYS = `${DAY}(?:\\s?[-–/]{1,2}\\s?\\d{1,2}(?:st|nd|rd|th)?)?`;
/** What may follow a date: a time, a zone, a mark of doubt, the end of a range, or the rest of a RIS date. */
const REST = "(?:[TZ\\s/,;~?%+-].*)?$";

type Parts = [year: string | undefined, month?: string | undefined, day?: string | undefined];
const SHAPES: [RegExp, (match: RegExpExecArray) => Parts][] = [
  // 2017, 2017-06, 2017/06/12, 2017.6.12, 2017-06-12T10:00:00Z, 2014//, 2019-03-04/2019-05
  [new RegExp(`^(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})${REST}`), (m) => [m[1], m[2], m[3]]],
  [/^(\d{4})[-/.](\d{1,2})(?:[/].*)?$/, (m) => [m[1], m[2]]],
  [/^(\d{4})(?:\/.*)?$/, (m) => [m[1]]],
  [/^(\d{4})(\d{2})(\d{2})(?:T.*)?$/, (m) => [m[1], m[2], m[3]]],
  // 2017 Jun 12, 2017 Jun-Jul, 2017 June
  [new RegExp(`^(\\d{4})[\\s,-]+${MONTH}[\\s-]+${DAY}${REST}`, "i"), (m) => [m[1], m[2], m[3]]],
  [new RegExp(`^(\\d{4})[\\s,-]+${MONTH}(?:\\s?[-–/].*)?$`, "i"), (m) => [m[1], m[2]]],
  // 12 June 2017; Mon, 2 Apr 2007 19:18:42 GMT; 25--28 Jun 2019
  [new RegExp(`^(?:[a-z]{3,9},\\s*)?${DAYS}[\\s-]+${MONTH},?[\\s-]+(\\d{4})${REST}`, "i"), (m) => [m[3], m[2], m[1]]],
  // June 12, 2017; June 12-18, 2017
  [new RegExp(`^(?:[a-z]{3,9},\\s*)?${MONTH}\\s*${DAYS},?\\s+(\\d{4})${REST}`, "i"), (m) => [m[3], m[1], m[2]]],
  // Jun 2017, Jun-Jul 2017
  [new RegExp(`^${MONTH}(?:\\s?[-–/]\\s?[a-z]+\\.?)?[\\s,-]+(\\d{4})$`, "i"), (m) => [m[2], m[1]]],
  // 06/2017
  [/^(\d{1,2})[/.-](\d{4})$/, (m) => [m[2], m[1]]],
  // 13/06/2017 and 06/13/2017 show which number is the month; of 05/06/2017 only the year is certain.
  [/^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/, (m) => [m[3], ...dayAndMonth(Number(m[1]), Number(m[2]))]],
];

function dayAndMonth(first: number, second: number): [] | [string, string] {
  if (first > 12 && second <= 12) return [String(second), String(first)];
  if (second > 12 && first <= 12) return [String(first), String(second)];
  return first === second ? [String(first), String(second)] : [];
}

/** The year in any other text: Spring 2017, c2017, [2017], 2017a, 2016--2017. */
const YEAR = /(?<![\p{L}\d])c?(1[5-9]\d\d|20\d\d)[a-z]?(?![\p{L}\d])/u;
/** A longer text is not a date. */
const MAX_TEXT = 50;

/** `2017`, `2017-06` or `2017-06-12`; undefined if the text is not a date. */
export function parseDate(text: string): string | undefined {
  const trimmed = text.trim();
  for (const [shape, parts] of SHAPES) {
    const match = shape.exec(trimmed);
    if (match === null) continue;
    const [year = "", month, day] = parts(match);
    return joined(year, month, day);
  }
  return trimmed.length > MAX_TEXT ? undefined : YEAR.exec(trimmed)?.[1];
}

/** Drops a day or month that does not exist, such as those of 2017-00-00, which means "only the year is known". */
function joined(year: string, month = "0", day = "0"): string | undefined {
  const monthNumber = MONTHS.indexOf(month.slice(0, 3).toLowerCase()) + 1 || Number(month);
  const parts = [year, String(monthNumber).padStart(2, "0"), day.padStart(2, "0")];
  for (let known = parts.length; known > 0; known--) {
    const date = dateSchema.safeParse(parts.slice(0, known).join("-"));
    if (date.success) return date.data >= "1000" ? date.data : undefined;
  }
  return undefined;
}

/** The earliest of several dates, and of those that agree the most precise: `2011` and `2011-08-02` are one date. */
export function earliest(dates: readonly string[]): string | undefined {
  const parsed = dates.flatMap((date) => parseDate(date) ?? []);
  if (parsed.length === 0) return dates.find((date) => date.trim() !== "");
  return parsed.reduce((best, date) => {
    if (date.startsWith(best) || best.startsWith(date)) return date.length > best.length ? date : best;
    return date < best ? date : best;
  });
}

/**
 * The dates in a year and in a day that may lack the year ("Feb", "MAY 15", "2017/06/12"), the best first. A day of
 * another year is another date, such as that of access.
 */
export function datesOf(years: readonly string[], days: readonly string[]): string[] {
  const year = /\d{4}/.exec(years.join(" "))?.[0];
  if (year === undefined) return [...days, ...years];
  return [
    ...days.flatMap((day) => (day.includes(year) ? [day] : /\d{4}/.test(day) ? [] : [`${day.trim()} ${year}`])),
    ...years,
  ];
}
