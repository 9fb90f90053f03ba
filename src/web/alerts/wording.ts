/** What an alert does and did, in words. */
import type { Alert } from "../../api.js";
import { count, distanceInWords } from "../ui/wording.js";

const DAYS: Record<string, string> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};

/** `Monday to Friday` for `mon-fri`; `Tuesday, Thursday` for `tue,thu`; `all days` for null. */
export const daysInWords = (days: string | null): string =>
  days === null
    ? "all days"
    : days
        .replace(/[a-z]+/g, (day) => DAYS[day] ?? day)
        .replace(/-/g, " to ")
        .replace(/,/g, ", ");

/** `every day at 08:00, Monday to Friday, at most 20 papers`. @param here The reader's time zone. */
export function scheduleInWords(
  { every, at, zone, days, atMost, atLeastSimilarity, since }: Alert,
  here: string,
): string {
  return [
    `every ${every} at ${at}${zone === here ? "" : ` (${zone})`}`,
    ...(days === null ? [] : [daysInWords(days)]),
    `at most ${count(atMost, "paper")}`,
    ...(atLeastSimilarity === null ? [] : [`similarity at least ${atLeastSimilarity}`]),
    ...(since === null ? [] : [`published since ${since}`]),
  ].join(", ");
}

/** When it ran and whether that failed, and when it runs next. @param now In milliseconds since 1970. */
export function stateInWords({ paused, ran, error, next }: Alert, now: number): string {
  const did =
    ran === null
      ? "It has not run yet."
      : error === null
        ? `Ran ${distanceInWords(ran, now)}.`
        : `Failed ${distanceInWords(ran, now)}: ${error}.`;
  if (paused || next === null) return `Paused. ${did}`;
  return `${did} ${Date.parse(next) <= now ? "Due now." : `Next run ${distanceInWords(next, now)}.`}`;
}
