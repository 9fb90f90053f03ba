/** A name as it is said, taken apart for the formats that want the family name by itself. */
import { isSuffix, spokenName, UNSPACED } from "./names.js";

/** A person's name, or one that stays whole: an organisation's, or one of which nobody can say where it parts. */
export type NameParts =
  { literal: string } | { given: string; family: string; suffix?: string; /** "King, Jr." */ commaSuffix?: boolean };

/** Words that no person is called. */
const ORGANISATION =
  /(?:^the\s|\b(?:of|for|and|collaborations?|consortium|group|team|committee|council|commission|society|association|institut\p{L}*|universit\p{L}*|college|laborator\p{L}*|labs?|cent(?:er|re)|department|ministry|agency|administration|organi[sz]ation|foundation|network|initiative|project|program(?:me)?|investigators|authors|contributors|company|corporation|inc|ltd|llc|gmbh)\b)/iu;
/** Letters, and what stands between them in names. */
const PERSONAL = /^[\p{L}\p{M}'’`.‐–·-]+$/u;
const LOWER = /^\p{Ll}/u;

/**
 * The family name is the last word, with the words in lower case before it: "van der Berg", "de La Fontaine". Names in
 * Chinese, Japanese or Korean letters stay whole: there the family name comes first, and nothing is to be turned round.
 */
export function nameParts(name: string): NameParts {
  const whole = { literal: name };
  const words = name.split(" ");
  if (ORGANISATION.test(name) || words.every((word) => UNSPACED.test(word))) return whole;
  const suffix = words.length > 2 && isSuffix(words.at(-1) ?? "") ? words.pop() : undefined;
  const last = words.pop() ?? "";
  const commaSuffix = suffix !== undefined && last.endsWith(",");
  words.push(commaSuffix ? last.slice(0, -1) : last);
  if (words.length < 2 || isSuffix(last) || LOWER.test(name) || !words.every((word) => PERSONAL.test(word)))
    return whole;
  const particle = words.findIndex((word) => LOWER.test(word));
  const at = particle === -1 ? words.length - 1 : particle;
  const parts = { given: words.slice(0, at).join(" "), family: words.slice(at).join(" ") };
  return suffix === undefined ? parts : { ...parts, suffix, ...(commaSuffix ? { commaSuffix } : {}) };
}

/** "Knuth, Donald E." and "King, Martin Luther, Jr.", as RIS and tables have them; `spokenName` turns it round again. */
export function invertedName(name: string): string {
  const parts = nameParts(name);
  if (!("literal" in parts)) {
    const { given, family, suffix, commaSuffix } = parts;
    const inverted =
      commaSuffix === true
        ? `${family}, ${given}, ${suffix}`
        : `${[family, suffix].filter(Boolean).join(" ")}, ${given}`;
    // "MD" may be somebody's initials.
    if (spokenName(inverted) === name) return inverted;
  }
  return name.replace(",", ",,");
}
