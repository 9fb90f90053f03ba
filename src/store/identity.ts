/** Decides which paper a record describes, where its id alone does not. */
import { createHash } from "node:crypto";
import { doiOfArxiv, type Identifier } from "../core/identifiers.js";
import { isTitleFrom } from "../core/missing-title.js";
import type { PaperRecord } from "../core/paper.js";
import { fold, foldedWords, titleKey, wordsOf } from "../core/text.js";
import { STOP_WORDS } from "../words/stop-words.js";
import { listOf, type Row } from "./row.js";

/**
 * An edited title shares at least half of its words with the old one; another paper by the same author that year does
 * not.
 */
const EDITED_TITLE = 0.5;

/** The limit where the abstracts differ, so that the title alone decides. */
const SIMILAR_TITLE = 0.75;
/** Abstracts that share fewer of their words belong to two papers, or one was rewritten. */
const SIMILAR_ABSTRACT = 0.3;
/** Share of letter pairs that a misspelt title has in common with the right one. */
const MISSPELT = 0.8;
/** A shorter abstract may be a phrase such as "No abstract." */
const WORDS_OF_ABSTRACT = 5;
/** Many papers are called "Introduction". In characters. */
const TELLING_TITLE = 20;
/** Between a preprint at arXiv and its article. Other records of one work are of one year: reports have the same title each year. */
const YEARS_APART = 3;
/** Ids that Kindred derives from a record: no other file has one by chance. */
const OWN_ID = /^kindred:[0-9a-f]{16}$/;

/** Whether the paper with a record's id is certainly the record's. Many files number their papers from 1. */
export function isSurely(row: Row, record: PaperRecord): boolean {
  if (record.id !== undefined && OWN_ID.test(record.id)) return true;
  if (record.doi !== undefined && row.doi === record.doi) return true;
  if (record.arxiv !== undefined && row.arxiv === record.arxiv) return true;
  return sameTitle(row, record) && !(differ(row, record) && authorsInCommon(row, record) === false);
}

/**
 * Whether it is probably the record's, because nothing contradicts it: the title was corrected, or the abstract is the
 * same.
 */
export function isPerhaps(row: Row, record: PaperRecord): boolean {
  const authors = authorsInCommon(row, record);
  if (authors === false || (authors === undefined && differ(row, record))) return false;
  const abstracts = [foldedWords(row.abstract ?? ""), foldedWords(record.abstract ?? "")] as const;
  if (abstracts[0] === abstracts[1] && abstracts[0].split(" ").length >= WORDS_OF_ABSTRACT) return true;
  // If a title was made from the abstract, the abstracts decide.
  if (isTitleFrom(row.title, row.abstract) || isTitleFrom(record.title, record.abstract))
    return wordsShared(...abstracts) >= EDITED_TITLE;
  const unlike = !abstracts.includes("") && wordsShared(...abstracts) < SIMILAR_ABSTRACT;
  const titles = [row.title_key, titleKey(record.title)] as const;
  // Annual reports differ only in their year.
  const [numbers, others] = titles.map((title) => title.match(/\d+/g)?.join(" "));
  if (numbers !== undefined && others !== undefined && numbers !== others) return false;
  if (pairsShared(...titles) >= MISSPELT) return true;
  const [one, other] = titles.map(contentOf) as [Set<string>, Set<string>];
  if (authors === undefined && unlike) return overlap(one, other) >= SIMILAR_TITLE;
  return overlap(one, other) >= EDITED_TITLE || isPartOf(one, other) || isPartOf(other, one);
}

/**
 * Whether a record describes the same work as a paper, such as an article and its preprint: one has an identifier that the other
 * lacks, and they have the same title, which is not a short one, the same first author or most authors, years that are close, and
 * no abstracts that differ.
 */
export function isSameWork(row: Row, record: PaperRecord): boolean {
  const preprint = row.arxiv !== null || record.arxiv !== undefined;
  if (differ(row, record) || (!preprint && row.doi === null && record.doi === undefined)) return false;
  if (row.title_key.length < TELLING_TITLE || row.title_key !== titleKey(record.title)) return false;
  if (!sameAuthors(row, record)) return false;
  const abstracts = [foldedWords(row.abstract ?? ""), foldedWords(record.abstract ?? "")] as const;
  const telling = abstracts.every((words) => words.split(" ").length >= WORDS_OF_ABSTRACT);
  if (telling && wordsShared(...abstracts) < SIMILAR_ABSTRACT) return false;
  const [one, other] = [row.published, record.published].map((date) => Number(date?.slice(0, 4) ?? NaN));
  return Math.abs(one! - other!) <= (preprint ? YEARS_APART : 0);
}

/** Whether a record may describe the paper whose id is its citation key: keys are unique only within one file. */
export const mayBeSame = (row: Row, record: PaperRecord): boolean => !differ(row, record) && alike(row, record);

/** Whether a record has another DOI or arXiv id than the paper. */
export function differ(row: Row, record: PaperRecord): boolean {
  const other = (a: string | null, b: string | undefined) => a !== null && b !== undefined && a !== b;
  return other(row.doi, record.doi) || other(row.arxiv, record.arxiv);
}

/** An identifier that no two papers share. */
export type Certain = Identifier & { kind: "doi" | "arxiv" };

/**
 * Whether this is a present identifier of the paper. A former one may have been a mistake, and belong to another paper.
 */
export const has = (row: Row, { kind, value }: Certain): boolean =>
  row[kind] === value || (kind === "doi" && row.arxiv !== null && doiOfArxiv(row.arxiv) === value);

/** The identifiers of a record besides its id, in the order of lookup. */
export function identifiersOf({ doi, arxiv }: PaperRecord): Certain[] {
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

/** Whether title, or first author and year, say that a record describes a paper. */
export function alike(row: Row, record: PaperRecord): boolean {
  if (sameTitle(row, record)) return true;
  // If one of the titles was made from an abstract, the abstracts decide.
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

/** Whether the two lists of authors share a word of a name, in any spelling; undefined if one list is empty. */
function authorsInCommon(row: Row, record: PaperRecord): boolean | undefined {
  const [known, claimed] = [listOf(row, "authors"), record.authors ?? []].map(
    (names) => new Set(names.flatMap((name) => wordsOf(fold(name))).filter((word) => word.length > 1)),
  ) as [Set<string>, Set<string>];
  return known.size === 0 || claimed.size === 0 ? undefined : [...known].some((word) => claimed.has(word));
}

/** Whether the first author is the same, in any spelling, or most family names are. Many people are called Zhang. */
function sameAuthors(row: Row, record: PaperRecord): boolean {
  const [known, claimed] = [listOf(row, "authors"), record.authors ?? []].map((names) => names.map(nameOf));
  const [first, other] = [known![0], claimed![0]];
  if (first === undefined || other === undefined) return false;
  const alike = first.initial === "" || other.initial === "" || first.initial === other.initial;
  if (first.family !== "" && first.family === other.family && alike) return true;
  const [families, others] = [known!, claimed!].map((names) => new Set(names.map(({ family }) => family)));
  const both = [...families!].filter((family) => others!.has(family)).length;
  return both > 1 && both > Math.max(families!.size, others!.size) / 2;
}

/** The last word of a name, and the first letter of the others: of "Ada Lovelace" as of "Lovelace, A." */
function nameOf(name: string): { family: string; initial: string } {
  const [before, after] = name.split(",") as [string, string?];
  const words = wordsOf(fold(before));
  const given = after === undefined ? words.slice(0, -1) : wordsOf(fold(after));
  return { family: words.at(-1) ?? "", initial: given[0]?.slice(0, 1) ?? "" };
}

/** Jaccard index of the words of two texts, 0 to 1. */
const wordsShared = (a: string, b: string): number => overlap(wordSet(a), wordSet(b));

const wordSet = (key: string): Set<string> => new Set(key === "" ? [] : key.split(" "));

/** The words of a title without stop words; all words if it has only stop words. */
function contentOf(key: string): Set<string> {
  const all = wordSet(key);
  const content = new Set([...all].filter((word) => !STOP_WORDS.has(word)));
  return content.size > 0 ? content : all;
}

function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const both = [...one].filter((word) => other.has(word)).length;
  return both === 0 ? 0 : both / (one.size + other.size - both);
}

/** Whether a title contains all words of a shorter one, for example one without its subtitle. */
const isPartOf = (part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean =>
  part.size > 0 && [...part].every((word) => whole.has(word));

/** Dice coefficient of the letter pairs of two titles, 0 to 1: for misspelt words and scripts without spaces. */
function pairsShared(a: string, b: string): number {
  const [one, other] = [pairsOf(a), pairsOf(b)];
  const both = [...one].filter((pair) => other.has(pair)).length;
  return both === 0 ? 0 : (2 * both) / (one.size + other.size);
}

const pairsOf = (text: string): Set<string> =>
  new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2)));

/** An id derived from arXiv id or DOI, else from title, first author and year: the same for the same record. */
export function derivedId(record: PaperRecord): string {
  if (record.arxiv !== undefined) return `arxiv:${record.arxiv}`;
  if (record.doi !== undefined) return `doi:${record.doi}`;
  return idOfTitle(record);
}

/**
 * An id derived from title, first author and year, for when another paper already has the one from the arXiv id or DOI.
 */
export function idOfTitle(record: PaperRecord): string {
  const what = [titleKey(record.title) || record.title, fold(record.authors?.[0] ?? ""), record.published?.slice(0, 4)];
  return `kindred:${createHash("sha256").update(what.join("\0")).digest("hex").slice(0, 16)}`;
}
