/** The texts that FTS5 indexes and the expressions that it searches for: stems, separated by one space. */
import { phraseOf, termsIn } from "../core/text.js";
import { beginningIn } from "../core/word.js";
import { shorterStems, stemOf } from "../words/stem.js";

/** The stems of a text, separated by one space. */
export const stemsIn = (text: string): string => termsIn(text).map(stemOf).join(" ");

/**
 * The FTS5 expression for any string: its words as a phrase; for `syn*`, words that start so and other forms of them.
 * Null if it has no letter or digit.
 */
export function matchOf(text: string): string | null {
  const beginning = beginningIn(text);
  const { terms, open } = phraseOf(beginning ?? text);
  const last = terms.pop();
  if (last === undefined) return null;
  const before = terms.map((term) => `${stemOf(term)} `).join("");
  if (beginning === null) return `"${before}${open ? last : stemOf(last)}"${open ? " *" : ""}`;
  return [`"${before}${last}" *`, ...shorterStems(last).map((stem) => `"${before}${stem}"`)].join(" OR ");
}

/** `stemsIn` for a list in JSON; "" for a damaged list, which `kindred verify` reports. */
export function stemsInList(json: string): string {
  try {
    return stemsIn((JSON.parse(json) as string[]).join("; "));
  } catch {
    return "";
  }
}
