import { createHash } from "node:crypto";
import { KindredError } from "../core/errors.js";
import type { Paper } from "../core/paper.js";

/** Bytes of SHA-256 that identify a text: 128 bits. */
export const HASH_BYTES = 16;

/** The key of a paper's vectors: its title and abstract, separated by a NUL, which neither can contain. */
export const textHash = (title: string, abstract: string | null): Buffer =>
  createHash("sha256")
    .update(`${title}\0${abstract ?? ""}`)
    .digest()
    .subarray(0, HASH_BYTES);

/** A row of the table `papers`: lists are JSON. */
export type Row = Omit<Paper, "authors" | "categories" | "keywords" | "basis"> & {
  label: number;
  title_key: string;
  authors: string;
  categories: string;
  keywords: string;
  text_hash: Buffer;
};

/** All columns except the label, which SQLite assigns. */
export const COLUMNS = [
  ..."id title title_key abstract authors venue categories published updated doi arxiv url source".split(" "),
  ..."organization listed upvotes comments keywords notice text_hash".split(" "),
];

/** Parses a list in a row. @throws KindredError `damaged`. */
export function listOf<C extends "authors" | "categories" | "keywords">(row: Pick<Row, "id" | C>, column: C): string[] {
  try {
    return JSON.parse(row[column]) as string[];
  } catch (thrown) {
    throw new KindredError("damaged", `the paper ${row.id} is damaged: run "kindred verify"`, { cause: thrown });
  }
}

export function paperOf(row: Row): Paper {
  return {
    id: row.id,
    title: row.title,
    abstract: row.abstract,
    authors: listOf(row, "authors"),
    venue: row.venue,
    categories: listOf(row, "categories"),
    published: row.published,
    updated: row.updated,
    doi: row.doi,
    arxiv: row.arxiv,
    url: row.url,
    source: row.source,
    organization: row.organization,
    listed: row.listed,
    upvotes: row.upvotes,
    comments: row.comments,
    keywords: listOf(row, "keywords"),
    notice: row.notice,
    basis: row.abstract === null ? "title" : "abstract",
  };
}
