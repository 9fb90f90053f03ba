/** What an alert does and did, in words. */
import type { Alert, Recipient, Webhook } from "../../api.js";
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

/** What became of what a webhook was to be sent; empty if there is nothing to say. */
export function webhookInWords({ undelivered, failure }: Webhook): string {
  const waiting = undelivered === 0 ? [] : [`${count(undelivered, "paper")} not delivered yet.`];
  return [...waiting, ...(failure === null ? [] : [`The last try failed: ${failure}`])].join(" ");
}

/** Whether an address is sent mail, and what was not delivered. */
export function recipientInWords({ state, undelivered, failure }: Recipient): string {
  const waiting = count(undelivered, "paper");
  const states: Record<Recipient["state"], string> = {
    active: undelivered === 0 ? "Active" : `Active; ${waiting} not sent yet`,
    unconfirmed: "Asked; nothing is sent before it has confirmed",
    unsubscribed: "Unsubscribed; nothing is sent",
  };
  return failure === null ? `${states[state]}.` : `${states[state]}. The mail server said: ${failure}`;
}

/** Addresses as they are typed, separated by commas. */
export const addressesIn = (text: string): string[] =>
  text
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "");
