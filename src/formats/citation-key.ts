import type { Paper } from "../paper.js";
import { fold, wordsOf } from "../text.js";

/** What every reader of BibTeX takes for a key. */
const LEGAL = /^[A-Za-z0-9][A-Za-z0-9:._/+-]*$/;

/**
 * A key for the paper that is not among `taken`, and is put there: its id where that can be one, so that what came from
 * BibTeX goes back under its own key; else first author, year and first long word of the title.
 */
export function citationKey(paper: Paper, taken: Set<string>): string {
  const key = LEGAL.test(paper.id) ? paper.id : described(paper);
  let free = key;
  for (let n = 2; taken.has(free); n++) free = `${key}-${n}`;
  taken.add(free);
  return free;
}

function described({ title, authors, published }: Paper): string {
  const ascii = (text: string) => fold(text).replaceAll(/[^a-z0-9]/g, "");
  const family = ascii(authors[0]?.split(/\s+/).at(-1) ?? "");
  const word =
    wordsOf(title)
      .map(ascii)
      .find((one) => one.length > 3) ?? "";
  return `${family || "anonymous"}${published?.slice(0, 4) ?? ""}${word}`;
}
