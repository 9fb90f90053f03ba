/** Names of people in files: "Last, First" put in natural order, and lists in one text split. */
import { splitList } from "./list.js";
import { literalNames } from "./literal-list.js";

/**
 * "Knuth, Donald E." and "King, Jr., Martin Luther" in natural order. Two commas are a comma within a name that is
 * already in natural order (EndNote): "University of California,, Berkeley".
 */
export const spokenName = (name: string): string =>
  name.includes(",,") ? name.replace(",,", ",").trim() : inSpokenOrder(name.split(","));

/** The natural order of a name that was split at its commas. */
export function inSpokenOrder(name: readonly string[]): string {
  const extended = extendedName(name);
  if (extended !== undefined) return extended;
  const [last = "", ...rest] = name.map((part) => part.trim()).filter((part) => part !== "");
  if (rest.length === 0) return last;
  if (rest.length === 1) {
    const [given = ""] = rest;
    return isSuffix(given) ? `${last}, ${given}` : `${given} ${last}`;
  }
  // BibTeX writes the suffix second, RIS last.
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

/** Names that are written without spaces. */
export const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}·・]+$/u;
const INITIALS = /^(?:\p{Lu}\.?[\s-]?){1,4}$/u;

const isFullName = (text: string): boolean => /\S\s+\S/.test(text) || UNSPACED.test(text);

/**
 * Splits the names in one text. Semicolons, bars and "and" always separate names; commas only if every part is a whole
 * name, or if surnames and initials alternate. A text that is not clearly a list is one name.
 */
export function splitNames(text: string): string[] {
  // Collapsed, because the expressions below take quadratic time on runs of spaces.
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
    // "van der Berg, Jan Willem" is one name; a lone pair is a list only if it cannot be one name.
    if (parts.length > 2 || inList || !/^[a-z]/.test(parts[0] ?? "")) return parts;
  }
  const paired = parts.length % 2 === 0 && parts.every((part, at) => at % 2 === 0 || INITIALS.test(part));
  if (paired && parts.length > 2) {
    return parts.flatMap((part, at) => (at % 2 === 0 ? [`${parts[at + 1] ?? ""} ${part}`] : []));
  }
  return named([text]);
}

const named = (texts: string[]): string[] => texts.map(spokenName).filter((name) => name !== "");
