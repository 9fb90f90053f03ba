/**
 * People's names as files write them: "Last, First" turned round, and lists in one text taken apart.
 */
import { splitList } from "./list.js";
import { literalNames } from "./literal-list.js";

/**
 * "Knuth, Donald E." and "King, Jr., Martin Luther" in the order in which they are said. Two commas are one comma in a
 * name that is not turned round, as EndNote has it: "University of California,, Berkeley".
 */
export const spokenName = (name: string): string =>
  name.includes(",,") ? name.replace(",,", ",").trim() : inSpokenOrder(name.split(","));

/** The same, for a name that has been split at its commas. */
export function inSpokenOrder(name: readonly string[]): string {
  const extended = extendedName(name);
  if (extended !== undefined) return extended;
  const [last = "", ...rest] = name.map((part) => part.trim()).filter((part) => part !== "");
  if (rest.length === 0) return last;
  if (rest.length === 1) {
    const [given = ""] = rest;
    return isSuffix(given) ? `${last}, ${given}` : `${given} ${last}`;
  }
  // BibTeX puts the suffix second, RIS puts it last.
  const [second = "", third = "", ...more] = rest;
  if (more.length > 0) return [last, ...rest].join(", ");
  return isSuffix(third) ? `${second} ${last}, ${third}` : `${third} ${last}, ${second}`;
}

const NAMED_PART = /^\s*"?([a-z]+(?:-i)?)\s*=\s*([^]*?)"?\s*$/;

/** biblatex's extended format: "family=Berg, given=Jan, prefix=van den, useprefix=true". */
function extendedName(parts: readonly string[]): string | undefined {
  if (parts[0]?.includes("=") !== true) return undefined;
  const named = new Map<string, string>();
  for (const part of parts) {
    const [, key, value] = NAMED_PART.exec(part) ?? [];
    if (key === undefined || value === undefined) return undefined;
    named.set(key, value.replace(/^"/, ""));
  }
  if (!named.has("family") && !named.has("given")) return undefined;
  return ["given", "prefix", "family", "suffix"].flatMap((key) => named.get(key) || []).join(" ");
}

export const isSuffix = (text: string): boolean => /^(?:jr|sr|ii|iii|iv|phd|md)\.?$/i.test(text.replace(/\./g, ""));

/** Names written without a space between the parts. */
export const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}·・]+$/u;
const INITIALS = /^(?:\p{Lu}\.?[\s-]?){1,4}$/u;

const isFullName = (text: string): boolean => /\S\s+\S/.test(text) || UNSPACED.test(text);

/**
 * The names in one text. Semicolons, bars and "and" separate names for certain; commas only where every part is a whole name,
 * or where surnames and initials take turns. A text that is not clearly a list is one name.
 */
export function splitNames(text: string): string[] {
  // One blank each: of many in a row, what follows looks for the square of their number.
  const trimmed = text.trim().replace(/\s+/g, " ");
  const listed = literalNames(trimmed);
  if (listed !== undefined) return named(listed);
  if (trimmed.includes(";")) return named(splitList(trimmed));
  if (trimmed.includes("|")) return named(trimmed.split("|"));
  const parts = trimmed.split(/,?\sand\s|\s&\s/i);
  return parts.flatMap((part) => splitAtCommas(part, parts.length > 1));
}

function splitAtCommas(text: string, inList: boolean): string[] {
  const parts = text
    .split(/,|、|，/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length < 2) return parts;
  if (parts.every(isFullName) && !(parts.length === 2 && INITIALS.test(parts[1] ?? ""))) {
    // "van der Berg, Jan Willem" is one name; with only two parts, a lone pair is read as a list only where it is one.
    if (parts.length > 2 || inList || !/^[a-z]/.test(parts[0] ?? "")) return parts;
  }
  const paired = parts.length % 2 === 0 && parts.every((part, at) => at % 2 === 0 || INITIALS.test(part));
  if (paired && parts.length > 2) {
    return parts.flatMap((part, at) => (at % 2 === 0 ? [`${parts[at + 1] ?? ""} ${part}`] : []));
  }
  return named([text]);
}

const named = (texts: string[]): string[] => texts.map(spokenName).filter((name) => name !== "");
