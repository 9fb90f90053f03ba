/**
 * Lists as Python and JSON print them, in cells of data frames and data sets: `['a', "b"]`, `[{'name': 'a'}]`, `('a',
 * 'b')`, and numpy's `['a' 'b']`. Only a text that is such a list as a whole counts: "lake [frozen]; ice" does not.
 */
import { isObject } from "./fields.js";

/** Deepest nesting of lists. */
const MAX_DEPTH = 20;
const CLOSING: Record<string, string> = { "[": "]", "(": ")", "{": "}" };
const WORDS = new Map<string, unknown>([
  ["None", null],
  ["null", null],
  ["nan", null],
  ["NaN", null],
  ["True", true],
  ["true", true],
  ["False", false],
  ["false", false],
]);

/** The entries of a list: strings, numbers, objects, lists. Undefined if the text is not a list. */
export function literalList(text: string): unknown[] | undefined {
  const trimmed = text.trim();
  const close = CLOSING[trimmed[0] ?? ""];
  if (close === undefined || !trimmed.endsWith(close)) return undefined;
  try {
    const value = new LiteralReader(trimmed).read();
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    // "(1)" and "[2017]" are not lists of strings.
    return list.every((entry) => entry === null || typeof entry === "string" || typeof entry === "object")
      ? list
      : undefined;
  } catch (error) {
    if (error instanceof NotALiteral) return undefined;
    throw error;
  }
}

/** The name of an entry: the string itself, or the name in an object. */
export function nameOfEntry(entry: unknown): unknown {
  if (!isObject(entry)) return entry;
  const { name, given, family, literal } = entry;
  if (typeof name === "string") return name;
  if (typeof family === "string") return typeof given === "string" ? `${given} ${family}` : family;
  return literal ?? entry["display_name"] ?? entry["category"];
}

/** The names in such a list, without empty ones; undefined if the text is not a list. */
export const literalNames = (text: string): string[] | undefined =>
  literalList(text)?.flatMap((entry) => {
    const name = nameOfEntry(entry);
    return typeof name === "string" && name.trim() !== "" ? [name.trim()] : [];
  });

class NotALiteral extends Error {}

class LiteralReader {
  private at = 0;

  constructor(private readonly text: string) {}

  read(): unknown {
    const value = this.value(0);
    if (this.at < this.text.length) throw new NotALiteral();
    return value;
  }

  private value(depth: number): unknown {
    const character = this.text[this.at] ?? "";
    if (character === "{") return this.braced(depth);
    if (CLOSING[character] !== undefined) return this.list(CLOSING[character], depth);
    if (character === "'" || character === '"') return this.string();
    const word = this.match(/[A-Za-z]+|[-+]?\d[\w.+-]*/y);
    if (word === undefined) throw new NotALiteral();
    if (WORDS.has(word)) return WORDS.get(word);
    if (Number.isNaN(Number(word))) throw new NotALiteral();
    return Number(word);
  }

  private list(close: string, depth: number): unknown[] {
    if (depth > MAX_DEPTH) throw new NotALiteral();
    this.at++;
    return this.rest(close, depth, []);
  }

  /** Reads the rest of a list after its first entries. */
  private rest(close: string, depth: number, entries: unknown[]): unknown[] {
    for (;;) {
      this.match(/\s+/y);
      if (this.take(close)) return entries;
      // numpy has no commas.
      if (entries.length > 0 && this.match(/\s*,\s*/y) !== undefined && this.take(close)) return entries;
      entries.push(this.value(depth + 1));
    }
  }

  private braced(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new NotALiteral();
    const fields: [string, unknown][] = [];
    this.at++;
    for (;;) {
      this.match(/\s+/y);
      if (this.take("}")) return Object.fromEntries(fields);
      if (fields.length > 0) {
        if (this.match(/,\s*/y) === undefined) throw new NotALiteral();
        if (this.take("}")) return Object.fromEntries(fields);
      }
      const name = this.value(depth + 1);
      if (this.match(/\s*:\s*/y) === undefined) {
        if (fields.length > 0) throw new NotALiteral();
        return this.rest("}", depth, [name]);
      }
      fields.push([String(name), this.value(depth + 1)]);
    }
  }

  private string(): string {
    const quote = this.text[this.at];
    const mark = quote === "'" ? /['\\]/g : /["\\]/g;
    let value = "";
    let from = this.at + 1;
    mark.lastIndex = from;
    for (let match = mark.exec(this.text); match !== null; match = mark.exec(this.text)) {
      value += this.text.slice(from, match.index);
      if (match[0] === quote) {
        this.at = match.index + 1;
        return value;
      }
      this.at = match.index + 1;
      value += this.escaped();
      from = this.at;
      mark.lastIndex = from;
    }
    throw new NotALiteral();
  }

  private escaped(): string {
    const code = this.match(/x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}/y);
    if (code !== undefined) {
      const point = Number.parseInt(code.slice(1), 16);
      return point > 0x10ffff ? "" : String.fromCodePoint(point);
    }
    const character = this.text[this.at++] ?? "";
    return /[nrtbf\n]/.test(character) ? " " : /["'\\/]/.test(character) ? character : `\\${character}`;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private match(expression: RegExp): string | undefined {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}
