/** How numbers and dates are written on the page. */
import { daysOf } from "../../core/period.js";

const numbers = new Intl.NumberFormat("en");

export const number = (value: number): string => numbers.format(value);

/** `1 paper`, `10,000 papers`. */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${number(value)} ${value === 1 ? one : many}`;

/** `42 a second`, or `30 a minute` when it is slower than one a second. */
export const speedInWords = (perSecond: number): string =>
  perSecond >= 1
    ? `${number(Math.round(perSecond))} a second`
    : `${number(Math.max(1, Math.round(perSecond * 60)))} a minute`;

/** A rough duration: `a few seconds`, `half a minute`, `about 20 minutes`. */
export function timeInWords(seconds: number): string {
  if (seconds < 15) return "a few seconds";
  if (seconds < 45) return "half a minute";
  if (seconds < 90) return "a minute";
  const minutes = seconds / 60;
  if (minutes < 10) return `${Math.round(minutes)} minutes`;
  if (minutes < 52.5) return `about ${Math.round(minutes / 5) * 5} minutes`;
  if (minutes < 90) return "about an hour";
  const hours = minutes / 60;
  return hours < 36 ? `about ${Math.round(hours)} hours` : `about ${Math.round(hours / 24)} days`;
}

/** `about 3 hours ago`, `in a few seconds`: how far a moment in UTC is from now, in milliseconds since 1970. */
export function distanceInWords(moment: string, now: number): string {
  const seconds = (Date.parse(moment) - now) / 1_000;
  return seconds > 0 ? `in ${timeInWords(seconds)}` : `${timeInWords(-seconds)} ago`;
}

const UNITS: Record<string, string> = { m: "minute", h: "hour", d: "day", w: "week" };

/** `every 6 hours` for `6h`, `every day` for `1d`. */
export function intervalInWords(interval: string): string {
  const [many, unit] = [Number(interval.slice(0, -1)), UNITS[interval.slice(-1)] ?? ""];
  return many === 1 ? `every ${unit}` : `every ${many} ${unit}s`;
}

const months = new Intl.DateTimeFormat("en-GB", { month: "long", timeZone: "UTC" });

/** `12 June 2017` for `2017-06-12`; `June 2017` or `2017` for a less precise date. */
export function dateInWords(date: string): string {
  const [year = "", month, day] = date.split("-");
  if (month === undefined) return year;
  const name = months.format(Date.UTC(2000, Number(month) - 1, 1));
  return day === undefined ? `${name} ${year}` : `${Number(day)} ${name} ${year}`;
}

/** `12 June 2017`, `12 to 18 June 2017` for a week, `June 2017`, `2017`. */
export function periodInWords(period: string): string {
  const { first, last } = daysOf(period);
  if (first === last) return dateInWords(first);
  const words = (date: string): [day: string, month: string, year: string] => {
    const [day = "", month = "", year = ""] = dateInWords(date).split(" ");
    return [day, month, year];
  };
  const [from, to] = [words(first), words(last)];
  // Month and year are left out of the start when the end has the same.
  const shared = from[2] !== to[2] ? 3 : from[1] !== to[1] ? 2 : 1;
  return `${from.slice(0, shared).join(" ")} to ${to.join(" ")}`;
}

/**
 * The name a person is cited by: `du Châtelet` for `Émilie du Châtelet`, `King` for `Martin Luther King, Jr.`. A group has
 * its whole name.
 */
export function familyName(name: string): string {
  if (/\b(?:collaboration|consortium|team|group|project)$/iu.test(name)) return name.replace(/^the\s+/iu, "");
  const [spoken = ""] = name.split(",");
  return /(?:^|\s)((?:\p{Ll}[\p{Ll}'’]*\s+)*\S+)\s*$/u.exec(spoken)?.[1] ?? name;
}

const weekdays = new Intl.DateTimeFormat("en-GB", { weekday: "long" });
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });

/** `today`, `yesterday`, `on Friday` within a week, otherwise `on 12 June`, in the reader's time zone. Both in milliseconds since 1970. */
export function dayInWords(moment: number, now: number): string {
  const [day, today] = [new Date(moment).setHours(0, 0, 0, 0), new Date(now).setHours(0, 0, 0, 0)];
  // Days with a change of clocks have 23 or 25 hours.
  const ago = Math.round((today - day) / 86_400_000);
  if (ago < 2) return ago < 1 ? "today" : "yesterday";
  return `on ${(ago < 7 ? weekdays : days).format(moment)}`;
}

const moments = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });

/** `12 June at 09:30` in the reader's time zone, for a moment in UTC. */
export const momentInWords = (moment: string): string => moments.format(new Date(moment));
