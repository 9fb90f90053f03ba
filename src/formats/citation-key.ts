import { createHash } from "node:crypto";
import type { Paper } from "../paper.js";
import { fold, wordsOf } from "../text.js";
import { nameParts } from "./name-parts.js";

/** What every reader of BibTeX takes for a key. */
const LEGAL = /^[A-Za-z0-9][A-Za-z0-9:._/+-]*$/;

/**
 * The paper's id where that can be a key, so that what came from BibTeX goes back under its own; else first author, year,
 * first long word of the title and a hash of the id. It depends on this paper alone: what is cited today has the same key
 * in any export of tomorrow, and no two papers have the same.
 */
export function citationKey(paper: Paper): string {
  if (LEGAL.test(paper.id)) return paper.id;
  return `${described(paper)}-${createHash("sha256").update(paper.id).digest("hex").slice(0, 8)}`;
}

function described({ title, authors, published }: Paper): string {
  const ascii = (text: string) => fold(text).replaceAll(/[^a-z0-9]/g, "");
  const name = nameParts(authors[0] ?? "");
  // The last word of a person's name, the first of an organisation's.
  const called = "literal" in name ? name.literal.replace(/^the /i, "").split(" ")[0] : name.family.split(" ").at(-1);
  const family = ascii(called ?? "");
  const word =
    wordsOf(title)
      .map(ascii)
      .find((one) => one.length > 3) ?? "";
  return `${family || "anonymous"}${published?.slice(0, 4) ?? ""}${word}`;
}
