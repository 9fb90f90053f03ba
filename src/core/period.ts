/** Periods as people name them: a day, an ISO week, a month, a year. */

/** `2024-05-01`, `2024-W18`, `2024-05` or `2024`. */
export const PERIOD = /^\d{4}(-(W(0[1-9]|[1-4]\d|5[0-3])|(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?))?$/;

const DAY = 86_400_000;

/** The first and last day of a period, inclusive; for a month or year, the prefix of all its dates. */
export function daysOf(period: string): { first: string; last: string } {
  const [year, week] = period.split("-W");
  if (week === undefined) return { first: period, last: period };
  // ISO 8601: the first week of a year contains 4 January; weeks start on Monday.
  const fourth = Date.parse(`${year}-01-04`);
  const monday = fourth - weekday(fourth) * DAY + (Number(week) - 1) * 7 * DAY;
  return { first: dayAt(monday), last: dayAt(monday + 6 * DAY) };
}

/** The ISO week of a day: `2024-W18`. */
export function weekOf(day: string): string {
  const time = Date.parse(day);
  // A week belongs to the year that contains its Thursday.
  const thursday = time + (3 - weekday(time)) * DAY;
  const year = dayAt(thursday).slice(0, 4);
  const week = 1 + Math.floor((thursday - Date.parse(`${year}-01-01`)) / (7 * DAY));
  return `${year}-W${String(week).padStart(2, "0")}`;
}

/** 0 for Monday. 1 January 1970 was a Thursday. */
const weekday = (time: number): number => (((Math.floor(time / DAY) + 3) % 7) + 7) % 7;
const dayAt = (time: number): string => new Date(time).toISOString().slice(0, 10);
