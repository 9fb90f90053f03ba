import { literalNames } from "./literal-list.js";

/** Lists in one text: entries separated by semicolons; a semicolon in an entry is escaped with a backslash. */

/** A semicolon after an even number of backslashes, each pair of which is one. */
const SEPARATOR = /;(?<=(?<!\\)(?:\\\\)*;)/;

/** The entries of a list, trimmed, without empty ones. */
export const splitList = (text: string): string[] =>
  text
    .split(SEPARATOR)
    .map((entry) => unescaped(entry.trim()))
    .filter((entry) => entry !== "");

/** Backslashes escape only before a semicolon and at the end. */
const unescaped = (entry: string): string =>
  entry.replace(/\\+;?/g, (run, at: number) => {
    if (run.endsWith(";")) return `${halved(run.slice(0, -2))};`;
    return at + run.length === entry.length ? halved(run) : run;
  });

/** An odd number, which is never written here, is kept. */
const halved = (run: string): string => (run.length % 2 === 0 ? run.slice(run.length / 2) : run);

/** `splitList`, but split at commas if there is no semicolon. */
export const splitKeywords = (text: string): string[] =>
  literalNames(text) ?? (text.includes(";") ? splitList(text) : text.split(","));

/** Escapes an entry of a list. */
export const listEntry = (entry: string): string =>
  entry.replace(/\\+;?|;/g, (run, at: number) => {
    if (run.endsWith(";")) return `${run.slice(0, -1).repeat(2)}\\;`;
    return at + run.length === entry.length ? run + run : run;
  });

/**
 * Joins entries, each written by `spell`, into a text that `read` splits again. A text that would be read otherwise
 * gets a semicolon at its end: a single entry "a, b", or entries that together look like a Python list.
 */
export function joinList(
  entries: readonly string[],
  read: (text: string) => readonly string[],
  spell: (entry: string) => string = (entry) => entry,
): string {
  const text = entries.map((entry) => listEntry(spell(entry))).join("; ");
  if (entries.length === 0 || (entries.length > 1 && !/^[[({]/.test(text))) return text;
  const back = read(text);
  return back.length === entries.length && back.every((entry, at) => entry === entries[at]) ? text : `${text};`;
}
