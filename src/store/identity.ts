/** Which paper a record is, where its id alone does not say. */
import { createHash } from "node:crypto";
import { doiOfArxiv, type Identifier } from "../identifiers.js";
import { isTitleFrom } from "../missing-title.js";
import type { PaperRecord } from "../paper.js";
import { fold, foldedWords, titleKey, wordsOf } from "../text.js";
import { STOP_WORDS } from "../words/stop-words.js";
import { listOf, type Row } from "./row.js";

/** An edited title shares half of its words with the one before; one author's other paper of the year does not. */
const EDITED_TITLE = 0.5;

/** The same where the abstracts have little in common, so that the title alone has to say it. */
const SIMILAR_TITLE = 0.75;
/** Abstracts that share fewer of their words are of two papers, or one was written anew. */
const SIMILAR_ABSTRACT = 0.3;
/** Pairs of letters that a misspelt title shares with the right one. */
const MISSPELT = 0.8;
/** A shorter abstract may be a phrase such as "No abstract." */
const WORDS_OF_ABSTRACT = 5;
/** Ids that Kindred makes of what a paper is: no other file has one by chance. */
const OWN_ID = /^kindred:[0-9a-f]{16}$/;

/** Whether a paper that has the id of a record is surely the record's. Files number their papers from 1, each for itself. */
export function isSurely(row: Row, record: PaperRecord): boolean {
  if (record.id !== undefined && OWN_ID.test(record.id)) return true;
  if (record.doi !== undefined && row.doi === record.doi) return true;
  if (record.arxiv !== undefined && row.arxiv === record.arxiv) return true;
  return sameTitle(row, record) && !(differ(row, record) && authorsInCommon(row, record) === false);
}

/** Whether it may be, as nothing says that it is not: the title was corrected, or the abstract is the same. */
export function isPerhaps(row: Row, record: PaperRecord): boolean {
  const authors = authorsInCommon(row, record);
  if (authors === false || (authors === undefined && differ(row, record))) return false;
  const abstracts = [foldedWords(row.abstract ?? ""), foldedWords(record.abstract ?? "")] as const;
  if (abstracts[0] === abstracts[1] && abstracts[0].split(" ").length >= WORDS_OF_ABSTRACT) return true;
  // Where a title only stands in for a missing one, the abstracts tell.
  if (isTitleFrom(row.title, row.abstract) || isTitleFrom(record.title, record.abstract))
    return wordsShared(...abstracts) >= EDITED_TITLE;
  const unlike = !abstracts.includes("") && wordsShared(...abstracts) < SIMILAR_ABSTRACT;
  const titles = [row.title_key, titleKey(record.title)] as const;
  // Annual reports differ in nothing but their year.
  const [numbers, others] = titles.map((title) => title.match(/\d+/g)?.join(" "));
  if (numbers !== undefined && others !== undefined && numbers !== others) return false;
  if (pairsShared(...titles) >= MISSPELT) return true;
  const [one, other] = titles.map(contentOf) as [Set<string>, Set<string>];
  if (authors === undefined && unlike) return overlap(one, other) >= SIMILAR_TITLE;
  return overlap(one, other) >= EDITED_TITLE || isPartOf(one, other) || isPartOf(other, one);
}

/** Whether a record may be the paper whose id is its citation key: a key is unique in one file only. */
export const mayBeSame = (row: Row, record: PaperRecord): boolean => !differ(row, record) && alike(row, record);

/** Whether a record brings another DOI or arXiv id than a paper has. */
export function differ(row: Row, record: PaperRecord): boolean {
  const other = (a: string | null, b: string | undefined) => a !== null && b !== undefined && a !== b;
  return other(row.doi, record.doi) || other(row.arxiv, record.arxiv);
}

/** Whether a paper has this identifier by now: one that it had before may have been wrong, and another paper's. */
export const has = (row: Row, { kind, value }: Identifier): boolean =>
  row[kind] === value || (kind === "doi" && row.arxiv !== null && doiOfArxiv(row.arxiv) === value);

/** What a record is known by beside its id, in the order in which it is looked up. */
export function identifiersOf({ doi, arxiv }: PaperRecord): Identifier[] {
  return [
    ...(doi === undefined ? [] : [{ kind: "doi" as const, value: doi }]),
    ...(arxiv === undefined
      ? []
      : [
          { kind: "arxiv" as const, value: arxiv },
          { kind: "doi" as const, value: doiOfArxiv(arxiv) },
        ]),
  ];
}

/** Whether title, first author and year say that a record is of a paper. */
export function alike(row: Row, record: PaperRecord): boolean {
  if (sameTitle(row, record)) return true;
  // Where a title is missing on one side, the abstracts tell.
  if (isTitleFrom(row.title, row.abstract) || isTitleFrom(record.title, record.abstract))
    return titleKey(row.abstract ?? "") === titleKey(record.abstract ?? "");
  const [first] = listOf(row, "authors");
  const [claimed] = record.authors ?? [];
  const year = (date: string | null | undefined) => date?.slice(0, 4);
  return (
    first !== undefined &&
    claimed !== undefined &&
    fold(first) === fold(claimed) &&
    year(row.published) === year(record.published) &&
    wordsShared(row.title_key, titleKey(record.title)) >= EDITED_TITLE
  );
}

/** A title without letters has no key. */
export const sameTitle = (row: Row, record: PaperRecord): boolean =>
  row.title === record.title || (row.title_key !== "" && row.title_key === titleKey(record.title));

/** Whether any name is in both lists of authors, however names are written; undefined where one of them is not known. */
function authorsInCommon(row: Row, record: PaperRecord): boolean | undefined {
  const [known, claimed] = [listOf(row, "authors"), record.authors ?? []].map(
    (names) => new Set(names.flatMap((name) => wordsOf(fold(name))).filter((word) => word.length > 1)),
  ) as [Set<string>, Set<string>];
  return known.size === 0 || claimed.size === 0 ? undefined : [...known].some((word) => claimed.has(word));
}

/** Share of the words that two texts have in common, of all that either has. */
const wordsShared = (a: string, b: string): number => overlap(wordSet(a), wordSet(b));

const wordSet = (key: string): Set<string> => new Set(key === "" ? [] : key.split(" "));

/** The words of a title that say what it is about; all, where it has no others than stop words. */
function contentOf(key: string): Set<string> {
  const all = wordSet(key);
  const content = new Set([...all].filter((word) => !STOP_WORDS.has(word)));
  return content.size > 0 ? content : all;
}

function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const both = [...one].filter((word) => other.has(word)).length;
  return both === 0 ? 0 : both / (one.size + other.size - both);
}

/** Whether a title has all the words of a shorter one, which lacks its subtitle, say. */
const isPartOf = (part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean =>
  part.size > 0 && [...part].every((word) => whole.has(word));

/** Share of pairs of letters that two titles have in common: for misspelt words, and scripts without spaces. */
function pairsShared(a: string, b: string): number {
  const [one, other] = [pairsOf(a), pairsOf(b)];
  const both = [...one].filter((pair) => other.has(pair)).length;
  return both === 0 ? 0 : (2 * both) / (one.size + other.size);
}

const pairsOf = (text: string): Set<string> =>
  new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2)));

/** The same record gives the same id again: from arXiv id or DOI, else from title, first author and year. */
export function derivedId(record: PaperRecord): string {
  if (record.arxiv !== undefined) return `arxiv:${record.arxiv}`;
  if (record.doi !== undefined) return `doi:${record.doi}`;
  return idOfTitle(record);
}

/** The same where another paper has that id already: it had the arXiv id or DOI before. */
export function idOfTitle(record: PaperRecord): string {
  const what = [titleKey(record.title) || record.title, fold(record.authors?.[0] ?? ""), record.published?.slice(0, 4)];
  return `kindred:${createHash("sha256").update(what.join("\0")).digest("hex").slice(0, 16)}`;
}
