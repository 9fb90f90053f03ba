import { createHash } from "node:crypto";
import { normalizeArxiv } from "../core/identifiers.js";
import type { Paper } from "../core/paper.js";
import { foldLetters, wordsOf } from "../core/text.js";
import { STOP_WORDS } from "../words/stop-words.js";
import { nameParts } from "./name-parts.js";

/** Keys that BibTeX, biber, pandoc and typst accept, other than plain numbers and what is too long to be typed. */
const LEGAL = /^(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9:._/+-]{0,99}$/;
/** Ids that services and Kindred give: arXiv id and DOI, PubMed, OpenAlex, Semantic Scholar. Nobody cites by them. */
const OF_SERVICE = /^(?:(?:arxiv|doi|kindred|pmid):.*|10\.\d{4,9}\/.*|(?:W|PMC)\d+|[0-9a-f]{40})$/i;
/** Letters that stand for the id. Without vowels they form no words. */
const LETTERS = "bcdfghjkmnprstwz";
/** Of 100,000 papers, 2,400 pairs have the same author, year and word; that one pair also has these letters is unlikely. */
const MANY = 6;
/** Characters of a name or a word: some records have all authors in one name, or a title without spaces. */
const LONGEST = 40;

/**
 * A paper's citation key: its id if that can be one, so that papers from BibTeX and reference managers keep their keys;
 * otherwise `vaswani2017attention-kmdzwb`, which is the first author's family name, the year, the first significant word of the
 * title, and six letters for the id. It depends on nothing but this paper, so it is the same in every export.
 */
export function citationKey(paper: Paper): string {
  const { id } = paper;
  if (LEGAL.test(id) && !OF_SERVICE.test(id) && normalizeArxiv(id) === undefined) return id;
  return `${described(paper)}-${lettersOf(id)}`;
}

function described({ id, title, authors, published }: Paper): string {
  const ascii = (text: string) =>
    foldLetters(text)
      .replaceAll(/[^a-z0-9]/g, "")
      .slice(0, LONGEST);
  const name = nameParts(authors[0] ?? "");
  // The last word of a person's name; the first of an organisation's.
  const called = "literal" in name ? name.literal.replace(/^the /i, "").split(" ")[0] : name.family.split(" ").at(-1);
  const words = wordsOf(title.replaceAll(/\$[^$]*\$/g, " ")).map(ascii);
  const word = words.find((one) => one.length > 1 && !STOP_WORDS.has(one)) ?? "";
  return `${ascii(called ?? "") || "anonymous"}${yearOfArxiv(id) ?? published?.slice(0, 4) ?? ""}${word}`;
}

/** Whether a key was made for this id. A key that was changed by hand, or with its entry, was not. */
export const isKeyFor = (key: string, id: string): boolean => key.endsWith(`-${lettersOf(id)}`);

/**
 * The id that an export writes next to the citation key, so that importing it finds the paper again; null where the key, a DOI or an
 * arXiv id does that.
 */
export const idNextToKey = ({ id, doi, arxiv }: Paper, key: string): string | null =>
  key === id || doi !== null || arxiv !== null ? null : id;

/** The year in an arXiv id. Other than the date, it stays when the preprint becomes an article. */
function yearOfArxiv(id: string): string | undefined {
  const year = /^(?:.*\/)?(\d\d)/.exec(normalizeArxiv(id) ?? "")?.[1];
  return year === undefined ? undefined : `${year > "90" ? "19" : "20"}${year}`;
}

function lettersOf(id: string): string {
  const hash = createHash("sha256").update(id).digest();
  return Array.from(hash.subarray(0, MANY), (byte) => LETTERS[byte % LETTERS.length]).join("");
}
