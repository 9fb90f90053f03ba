import { stringify } from "csv-stringify/sync";
import type { Paper } from "../core/paper.js";
import { protectedCell } from "./formulas.js";
import { joinList, splitKeywords } from "./list.js";
import { invertedName } from "./name-parts.js";
import { splitNames } from "./names.js";

/** Every field of a paper, the most useful first. */
export const CSV_COLUMNS = [
  "id",
  "title",
  "authors",
  "published",
  "venue",
  "doi",
  "arxiv",
  "url",
  "keywords",
  "categories",
  "abstract",
  "updated",
  "source",
  "organization",
  "listed",
  "upvotes",
  "comments",
  "notice",
] as const;

/** Without the byte order mark, Excel reads UTF-8 as Windows-1252. */
export const CSV_HEADER = `\ufeff${row(CSV_COLUMNS)}`;

/** Writes a paper as a row under `CSV_HEADER` (RFC 4180). */
export function toCsvRow(paper: Paper): string {
  const cells = {
    ...paper,
    authors: joinList(paper.authors, splitNames, invertedName),
    // As a number, 2503.19900 would lose its last digit in a spreadsheet.
    arxiv: paper.arxiv === null ? null : `arXiv:${paper.arxiv}`,
    keywords: joinList(paper.keywords, splitKeywords),
    categories: joinList(paper.categories, splitKeywords),
  };
  return row(CSV_COLUMNS.map((column) => protectedCell(String(cells[column] ?? ""))));
}

/** Quotes every cell, so that no other separator that a spreadsheet guesses can split one. */
function row(cells: readonly string[]): string {
  return stringify([[...cells]], { quoted: true, record_delimiter: "windows" });
}
