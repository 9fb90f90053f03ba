/** Splits a name into its parts, for formats that need the family name. */
import { isSuffix, spokenName, UNSPACED } from "./names.js";

/** A person's name in parts, or one that stays whole: an organisation's, or one that cannot be split with certainty. */
export type NameParts =
  { literal: string } | { given: string; family: string; suffix?: string; /** "King, Jr." */ commaSuffix?: boolean };

/** Words that occur only in names of organisations. */
const ORGANISATION =
  /(?:^the\s|\b(?:of|for|and|collaborations?|consortium|group|team|committee|council|commission|society|association|institut\p{L}*|universit\p{L}*|college|laborator\p{L}*|labs?|cent(?:er|re)|department|ministry|agency|administration|organi[sz]ation|foundation|network|initiative|project|program(?:me)?|investigators|authors|contributors|company|corporation|inc|ltd|llc|gmbh)\b)/iu;
/** Letters, and the punctuation in names. */
const PERSONAL = /^[\p{L}\p{M}'’`.‐–·-]+$/u;
const LOWER = /^\p{Ll}/u;
const INITIALS = /^\p{Lu}\.?(?:-?\p{Lu}\.?){0,2}$/u;
/** In all capitals, initials cannot be told from names: "JOHN LEE". */
const CAPITALISED = /^\p{Lu}.*\p{Ll}/u;

/**
 * The family name is the last word with the lower-case words before it ("van der Berg", "de La Fontaine"), or
 * everything before initials, as in PubMed and Scopus ("Smith J"). Names in Chinese, Japanese or Korean script stay
 * whole: there the family name comes first already.
 */
export function nameParts(name: string): NameParts {
  const whole = { literal: name };
  const words = name.split(" ");
  if (ORGANISATION.test(name) || words.every((word) => UNSPACED.test(word))) return whole;
  const suffix = words.length > 2 && isSuffix(words.at(-1) ?? "") ? words.pop() : undefined;
  const last = words.pop() ?? "";
  const commaSuffix = suffix !== undefined && last.endsWith(",");
  words.push(commaSuffix ? last.slice(0, -1) : last);
  if (words.length < 2 || isSuffix(last) || !words.every((word) => PERSONAL.test(word))) return whole;
  const before = words.slice(0, -1);
  if (
    suffix === undefined &&
    INITIALS.test(last) &&
    CAPITALISED.test(before.at(-1) ?? "") &&
    !before.some((word) => INITIALS.test(word))
  )
    return { given: last, family: before.join(" ") };
  if (LOWER.test(name)) return whole;
  const particle = words.findIndex((word) => LOWER.test(word));
  const at = particle === -1 ? words.length - 1 : particle;
  const parts = { given: words.slice(0, at).join(" "), family: words.slice(at).join(" ") };
  return suffix === undefined ? parts : { ...parts, suffix, ...(commaSuffix ? { commaSuffix } : {}) };
}

/** "Knuth, Donald E." and "King, Martin Luther, Jr.", as in RIS and tables; the inverse of `spokenName`. */
export function invertedName(name: string): string {
  const parts = nameParts(name);
  if (!("literal" in parts)) {
    const { given, family, suffix, commaSuffix } = parts;
    const inverted =
      commaSuffix === true
        ? `${family}, ${given}, ${suffix}`
        : `${[family, suffix].filter(Boolean).join(" ")}, ${given}`;
    // "MD" may be initials.
    if (spokenName(inverted) === name) return inverted;
  }
  return name.replace(",", ",,");
}

/** `invertedName` with the family name before initials: "Smith, J" for "Smith J", which reads back as "J Smith". */
export function familyFirst(name: string): string {
  const parts = nameParts(name);
  const turned = "family" in parts && name === `${parts.family} ${parts.given}`;
  return turned ? `${parts.family}, ${parts.given}` : invertedName(name);
}
