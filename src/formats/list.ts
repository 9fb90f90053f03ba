import { literalNames } from "./literal-list.js";

/** Lists in one text: entries between semicolons; a semicolon that is part of an entry has a backslash before it. */

/** A semicolon behind an even number of backslashes, which stand for half as many. */
const SEPARATOR = /;(?<=(?<!\\)(?:\\\\)*;)/;

/** The entries of a list, without white space around them and without empty ones. */
export const splitList = (text: string): string[] =>
  text
    .split(SEPARATOR)
    .map((entry) => unescaped(entry.trim()))
    .filter((entry) => entry !== "");

/** Backslashes mean something before a semicolon and at the end only. */
const unescaped = (entry: string): string =>
  entry.replace(/\\+;?/g, (run, at: number) => {
    if (run.endsWith(";")) return `${halved(run.slice(0, -2))};`;
    return at + run.length === entry.length ? halved(run) : run;
  });

/** Of an odd number, which nothing here writes, all stay. */
const halved = (run: string): string => (run.length % 2 === 0 ? run.slice(run.length / 2) : run);

/** The same for keywords, which are between commas in a text without semicolons. */
export const splitKeywords = (text: string): string[] =>
  literalNames(text) ?? (text.includes(";") ? splitList(text) : text.split(","));

/** An entry as it stands in a list. */
export const listEntry = (entry: string): string =>
  entry.replace(/\\+;?|;/g, (run, at: number) => {
    if (run.endsWith(";")) return `${run.slice(0, -1).repeat(2)}\\;`;
    return at + run.length === entry.length ? run + run : run;
  });

/**
 * The entries, each as `spell` has it, in one text that `read` takes apart again. A text that would be read otherwise gets
 * a semicolon at its end: a lone entry "a, b", and entries that together look like a list of Python's.
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
