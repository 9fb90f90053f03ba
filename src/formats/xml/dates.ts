import { parseDate } from "../dates.js";
import type { Element } from "./element.js";

/** A date in elements for year, month and day, as one text; empty if it has no year. */
export function dateIn(element: Element): string {
  const part = (name: string): string => (element.at(name).text || element.at(name.toLowerCase()).text).trim();
  const [year, month, day] = ["Year", "Month", "Day"].map(part);
  return year === "" ? "" : [year, month, month === "" ? "" : day].filter((one) => one !== "").join("-");
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
