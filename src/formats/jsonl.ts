/** JSON Lines: one object per line. Also reads a JSON record of any layout, and writes a paper as such a line. */
import type { Paper } from "../core/paper.js";
import type { Outcome } from "./draft.js";
import { describe, isEmpty } from "./draft.js";
import { isObject } from "./fields.js";
import { readObject } from "./objects.js";
import { parseJson } from "./parse-json.js";
import { excerpt } from "./text.js";

export function readJsonRecord(text: string, ignored: (field: string) => void): Outcome | undefined {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    return { problem: `not valid JSON (${parserSays(error)}): ${excerpt(text)}` };
  }
  if (!isObject(value))
    return { problem: `expected an object in braces with the fields of a paper, got ${describe(value)}` };
  return readObject(value, ignored);
}

/** The message of JSON.parse, without the copy of the record at its end. */
const parserSays = (error: unknown): string =>
  excerpt((error instanceof Error ? error.message : String(error)).replace(/[,:]? *(?:\.\.\.)?"[^]*$/, ""), 120);

/** Writes a paper as one line of JSON, without line break. Reading it gives the same record. */
export function toJsonLine(paper: Paper): string {
  return JSON.stringify(Object.fromEntries(Object.entries(paper).filter(([, value]) => !isEmpty(value))));
}
