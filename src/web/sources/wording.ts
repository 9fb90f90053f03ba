/** What a source is and does, in words. */
import type { Run, Source } from "../../api.js";
import { distanceInWords, intervalInWords, number } from "../ui/wording.js";

/** `12 added, 3 updated`; `nothing new`; or why it failed. */
export function outcomeInWords({ added, updated, rejected, error }: Run): string {
  const did = [
    ...(added > 0 ? [`${number(added)} added`] : []),
    ...(updated > 0 ? [`${number(updated)} updated`] : []),
    ...(rejected > 0 ? [`${number(rejected)} not imported`] : []),
  ].join(", ");
  if (error === null) return did === "" ? "nothing new" : did;
  return did === "" ? error : `${did}; then ${error}`;
}

/** `arxiv, every 6 hours, into the list Tides`. */
export const describe = ({ kind, every, list }: Source): string =>
  [kind, intervalInWords(every), ...(list === null ? [] : [`into the list ${list}`])].join(", ");

/** `category: cs.CL, cs.LG; since: 2026-11-01`. */
export const optionsInWords = ({ options }: Source): string =>
  Object.entries(options)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(", ") : String(value)}`)
    .join("; ");

/** When it ran and what it did, and when it runs next. @param now In milliseconds since 1970. */
export function stateInWords({ running, waiting, paused, last, next }: Source, now: number): string {
  const ran =
    last === null
      ? "It has not run yet."
      : `${last.error === null ? "Ran" : "Failed"} ${distanceInWords(last.ended, now)}: ${outcomeInWords(last)}.`;
  if (running && waiting !== null) return `Running now: ${waiting}.`;
  if (running) return `Running now. ${last === null ? "" : ran}`;
  if (paused) return `Paused. ${ran}`;
  if (next === null) return ran;
  return `${ran} ${Date.parse(next) <= now ? "Due now." : `Next run ${distanceInWords(next, now)}.`}`;
}
