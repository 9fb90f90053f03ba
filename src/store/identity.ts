/** Which paper a record is, where it brings neither id nor DOI nor arXiv id. */
import { createHash } from "node:crypto";
import type { PaperRecord } from "../paper.js";
import { fold, titleKey } from "../text.js";
import type { Row } from "./row.js";

/** An edited title shares half of its words with the one before; one author's other paper of the year does not. */
const EDITED_TITLE = 0.5;

/** Whether a record may be the paper whose id is its citation key: a key is unique in one file only. */
export function mayBeSame(row: Row, record: PaperRecord): boolean {
  const differ = (a: string | null, b: string | undefined) => a !== null && b !== undefined && a !== b;
  if (differ(row.doi, record.doi) || differ(row.arxiv, record.arxiv)) return false;
  if (row.title === record.title) return true;
  // A title without letters has no key.
  if (row.title_key !== "" && row.title_key === titleKey(record.title)) return true;
  const [first] = JSON.parse(row.authors) as string[];
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
  const what = [titleKey(record.title) || record.title, fold(record.authors?.[0] ?? ""), record.published?.slice(0, 4)];
  return `kindred:${createHash("sha256").update(what.join("\0")).digest("hex").slice(0, 16)}`;
}
