/**
 * The query language: plain words, and with them `"exact phrase"`, `-word`, `author:`, `title:`, `venue:`, `category:`,
 * `year:2019..2022`; each of these may follow a `-` that turns it round. Whatever does not parse is words.
 */
import type { Restriction } from "../store/filters.js";
import { foldedWords } from "../text.js";

/** Longer is a text, whose quotes and colons are its own: a pasted abstract. */
const LONGEST = 300;

export type Query = {
  /** What is looked for by words and meaning: the plain words and those of phrases; empty when only conditions are given. */
  text: string;
  /** The plain words alone. */
  words: string;
  restrictions: Restriction[];
};

/** Stands where a phrase stood; a control character, which no one types. */
const PLACE = "\u0001";

/**
 * A field with its value, a phrase, or a word that is not wanted; at the start or behind white space, and with what ends a
 * clause behind it.
 */
const PART =
  /(?<![^\s])(?<not>-)?(?:(?<field>author|title|venue|category|year):(?:"(?<quoted>[^"]+)"|(?<value>[^\s"]+))|"(?<phrase>[^"]+)"|(?<word>\p{N}*\p{L}[^\s"]*))(?<end>[,;.?!]*)(?=\s|$)/giu;

export function parseQuery(q: string): Query {
  if (q.length > LONGEST || q.includes("\n")) return { text: q, words: q, restrictions: [] };
  const restrictions: Restriction[] = [];
  const wanted: string[] = [];
  const words = q.replaceAll(PART, (whole: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    const not = groups["not"] !== undefined;
    const { field, phrase, word } = groups;
    if (word !== undefined && !not) return whole;
    const restriction =
      field !== undefined
        ? fieldOf(field.toLowerCase(), groups["quoted"] ?? groups["value"]?.replace(/[,;?!]+$|(?<!\.)\.$/u, "") ?? "")
        : phrase !== undefined
          ? holding("phrase", phrase)
          : holding("word", word as string);
    if (restriction === null) return whole;
    restrictions.push({ ...restriction, not });
    if (phrase === undefined || not) return "";
    wanted.push(phrase);
    return PLACE + groups["end"];
  });
  const tidy = (text: string) => text.replaceAll(/\s+/gu, " ").trim();
  return {
    text: tidy(words.replaceAll(PLACE, () => wanted.shift() ?? "")),
    words: tidy(words.replaceAll(PLACE, "")),
    restrictions,
  };
}

/** As one would type it: what the restrictions were understood to be. */
export function spelled(restrictions: readonly Restriction[]): string {
  return restrictions
    .map((restriction) => {
      const sign = restriction.not ? "-" : "";
      if (restriction.is === "published") {
        const { from, to } = restriction;
        return `${sign}year:${from === to ? from : `${from ?? ""}..${to ?? ""}`}`;
      }
      const { is, value } = restriction;
      if (is === "phrase") return `${sign}"${value}"`;
      if (is === "word") return `${sign}${value}`;
      return `${sign}${is}:${/\s/u.test(value) ? `"${value}"` : value}`;
    })
    .join(" ");
}

type Positive = Restriction extends infer R ? (R extends Restriction ? Omit<R, "not"> : never) : never;

function holding(is: "phrase" | "word" | "author" | "title" | "venue", value: string): Positive | null {
  return foldedWords(value) === "" ? null : { is, value };
}

function fieldOf(field: string, value: string): Positive | null {
  if (field === "category") return { is: "category", value };
  if (field !== "year") return holding(field as "author" | "title" | "venue", value);
  const years = /^(\d{4})?(\.\.|[-–])?(\d{4})?$/u.exec(value);
  if (years === null) return null;
  const [, from, range, to] = years;
  if (range === undefined) return from === undefined || to !== undefined ? null : { is: "published", from, to: from };
  if (from === undefined && to === undefined) return null;
  if (from !== undefined && to !== undefined && from > to) return { is: "published", from: to, to: from };
  return { is: "published", from, to };
}
