/** How numbers and dates are written on the page. */
import { daysOf } from "../period.js";

const numbers = new Intl.NumberFormat("en");

export const number = (value: number): string => numbers.format(value);

/** `1 paper`, `10,000 papers`. */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${number(value)} ${value === 1 ? one : many}`;

const months = new Intl.DateTimeFormat("en-GB", { month: "long", timeZone: "UTC" });

/** `12 June 2017` from `2017-06-12`; `June 2017` and `2017` when no more is known. */
export function dateInWords(date: string): string {
  const [year = "", month, day] = date.split("-");
  if (month === undefined) return year;
  const name = months.format(Date.UTC(2000, Number(month) - 1, 1));
  return day === undefined ? `${name} ${year}` : `${Number(day)} ${name} ${year}`;
}

/** `12 June 2017`, `12 to 18 June 2017` of a week, `June 2017`, `2017`. */
export function periodInWords(period: string): string {
  const { first, last } = daysOf(period);
  if (first === last) return dateInWords(first);
  const words = (date: string): [day: string, month: string, year: string] => {
    const [day = "", month = "", year = ""] = dateInWords(date).split(" ");
    return [day, month, year];
  };
  const [from, to] = [words(first), words(last)];
  // What both ends share is said once.
  const shared = from[2] !== to[2] ? 3 : from[1] !== to[1] ? 2 : 1;
  return `${from.slice(0, shared).join(" ")} to ${to.join(" ")}`;
}

/**
 * The name a person is cited by: `du Châtelet` of `Émilie du Châtelet`, `King` of `Martin Luther King, Jr.`; a group of
 * people has one name only.
 */
export function familyName(name: string): string {
  if (/\b(?:collaboration|consortium|team|group|project)$/iu.test(name)) return name.replace(/^the\s+/iu, "");
  const [spoken = ""] = name.split(",");
  return /(?:^|\s)((?:\p{Ll}[\p{Ll}'’]*\s+)*\S+)\s*$/u.exec(spoken)?.[1] ?? name;
}
