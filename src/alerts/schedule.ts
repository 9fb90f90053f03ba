/** When an alert is due: at a time of the day in a time zone, on days of the week. */
import { DAYS, isZone } from "../operations/alerts.js";

export type Schedule = { every: "day" | "week" | "month"; at: string; zone: string; days: string | null };

const DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The first time after `time` at which an alert with this schedule is due. Both are milliseconds since 1970. */
export function nextAfter(time: number, { every, at, zone, days }: Schedule): number {
  const allowed = numbersOf(days ?? (every === "week" ? DAYS[0] : `${DAYS[0]}-${DAYS.at(-1)}`));
  const [hour = 0, minute = 0] = at.split(":").map(Number);
  // The date there, as if it were a date in UTC.
  const today = Math.floor(wallOf(time, zone) / DAY) * DAY;
  for (let date = today; ; date += DAY) {
    if (!isDay(date, every, allowed)) continue;
    const due = timeOf(date + hour * 3_600_000 + minute * 60_000, zone);
    if (due > time) return due;
  }
}

/** The date that calendars in a zone show at a time, as a number of days. */
export const dayOf = (time: number, zone: string): number => Math.floor(wallOf(time, zone) / DAY);

/** Days of the week, 0 for Monday; `fri-mon` goes over the weekend. */
function numbersOf(days: string): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const part of days.split(",")) {
    const [first = 0, last = first] = part.split("-").map((day) => DAYS.indexOf(day as (typeof DAYS)[number]));
    for (let day = first; ; day = (day + 1) % DAYS.length) {
      numbers.add(day);
      if (day === last) break;
    }
  }
  return numbers;
}

/** Whether an alert runs on a date: on each allowed day, or on the first of the week or month. */
function isDay(date: number, every: Schedule["every"], allowed: ReadonlySet<number>): boolean {
  if (!allowed.has(weekday(date))) return false;
  const passed = every === "day" ? 0 : every === "week" ? weekday(date) : new Date(date).getUTCDate() - 1;
  for (let back = 1; back <= passed; back++) if (allowed.has(weekday(date - back * DAY))) return false;
  return true;
}

/** 0 for Monday. */
const weekday = (date: number): number => (new Date(date).getUTCDay() + 6) % 7;

/**
 * The time at which clocks in a zone show `wall`. A time that they show twice is the first; one that they skip is as long
 * after the skip as it would have been after its beginning.
 */
function timeOf(wall: number, zone: string): number {
  // Offsets of the days before and after, because the clock may change on this one.
  const [before, after] = [wall - DAY, wall + DAY].map((time) => wall - (wallOf(time, zone) - time));
  return [before!, after!].find((time) => wallOf(time, zone) === wall) ?? before!;
}

/** What clocks in a zone show, as if it were a time in UTC. */
function wallOf(time: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    const digits = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit" } as const;
    // A zone that was stored on another machine may not be known here.
    const known = isZone(zone) ? zone : "UTC";
    const more = { minute: "2-digit", second: "2-digit", hourCycle: "h23", calendar: "gregory" } as const;
    format = new Intl.DateTimeFormat("en-US", { timeZone: known, ...digits, ...more });
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return wall + (((time % 1_000) + 1_000) % 1_000);
}
