/** Which paper a record is, where its id does not say. */
import { createHash } from "node:crypto";
import { doiOfArxiv, type Identifier } from "../identifiers.js";
import { isTitleFrom } from "../missing-title.js";
import type { PaperRecord } from "../paper.js";
import { fold, titleKey } from "../text.js";
import { listOf, type Row } from "./row.js";

/** An edited title shares half of its words with the one before; one author's other paper of the year does not. */
const EDITED_TITLE = 0.5;

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
  if (row.title === record.title) return true;
  // Where a title is missing on one side, the abstracts tell.
  if (isTitleFrom(row.title, row.abstract) || isTitleFrom(record.title, record.abstract))
    return titleKey(row.abstract ?? "") === titleKey(record.abstract ?? "");
  // A title without letters has no key.
  if (row.title_key !== "" && row.title_key === titleKey(record.title)) return true;
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

/** Share of words two titles have in common, of all that either has. */
function wordsShared(a: string, b: string): number {
  if (a === "" || b === "") return 0;
  const [one, other] = [new Set(a.split(" ")), new Set(b.split(" "))];
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared / (one.size + other.size - shared);
}

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
