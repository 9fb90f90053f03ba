/** What FTS5 is given, and what it is asked: stems, with one space between them. */
import { phraseOf, termsIn } from "../text.js";
import { beginningIn } from "../word.js";
import { shorterStems, stemOf } from "../words/stem.js";

/** A text as FTS5 is given it: its stems, with one space between them. */
export const stemsIn = (text: string): string => termsIn(text).map(stemOf).join(" ");

/**
 * What FTS5 is asked for one string, whatever it is: its words, standing one behind the other; of `syn*` a word that
 * begins so, or another form of such a word. Null when it holds no letter or digit.
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

/** The same for a list in JSON; nothing of one that is damaged, which `kindred verify` reports. */
export function stemsInList(json: string): string {
  try {
    return stemsIn((JSON.parse(json) as string[]).join("; "));
  } catch {
    return "";
  }
}
