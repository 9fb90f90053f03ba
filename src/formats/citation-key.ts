import { createHash } from "node:crypto";
import type { Paper } from "../core/paper.js";
import { fold, wordsOf } from "../core/text.js";
import { nameParts } from "./name-parts.js";

/** Keys that every BibTeX reader accepts. */
const LEGAL = /^[A-Za-z0-9][A-Za-z0-9:._/+-]*$/;

/**
 * The paper's id if it is a valid key, so that entries from BibTeX keep their keys; else first author, year, first long
 * word of the title, and a hash of the id. Depends on this paper alone: its key is unique, and the same in every
 * export.
 */
export function citationKey(paper: Paper): string {
  if (LEGAL.test(paper.id)) return paper.id;
  return `${described(paper)}-${createHash("sha256").update(paper.id).digest("hex").slice(0, 8)}`;
}

function described({ title, authors, published }: Paper): string {
  const ascii = (text: string) => fold(text).replaceAll(/[^a-z0-9]/g, "");
  const name = nameParts(authors[0] ?? "");
  // The last word of a person's name; the first of an organisation's.
  const called = "literal" in name ? name.literal.replace(/^the /i, "").split(" ")[0] : name.family.split(" ").at(-1);
  const family = ascii(called ?? "");
  const word =
    wordsOf(title)
      .map(ascii)
      .find((one) => one.length > 3) ?? "";
  return `${family || "anonymous"}${published?.slice(0, 4) ?? ""}${word}`;
}
