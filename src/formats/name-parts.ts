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
const INITIALS = /^\p{Lu}\.?(?:-?\p{Lu}\.?){0,2}$/u;
/** In "JOHN LEE", of capitals only, nothing tells initials from a name. */
const CAPITALISED = /^\p{Lu}.*\p{Ll}/u;

/**
 * The family name is the last word, with the words in lower case before it: "van der Berg", "de La Fontaine"; or all
 * that is before initials, as PubMed and Scopus have it: "Smith J". Names in Chinese, Japanese or Korean letters stay whole:
 * there the family name comes first, and nothing is to be turned round.
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

/** The same where programs look for the family name: "Smith, J" of "Smith J", which comes back as "J Smith". */
export function familyFirst(name: string): string {
  const parts = nameParts(name);
  const turned = "family" in parts && name === `${parts.family} ${parts.given}`;
  return turned ? `${parts.family}, ${parts.given}` : invertedName(name);
}
