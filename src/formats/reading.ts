import type { PaperRecord } from "../paper.js";

/** The formats Kindred reads. */
export type Format = "jsonl" | "json" | "bibtex" | "ris" | "csv";

/** One thing learnt while reading a file, in the order of the file. Lines count from 1. */
export type Reading =
  /** First of all, once the content has told what it is. */
  | { kind: "format"; format: Format }
  | { kind: "paper"; line: number; paper: PaperRecord }
  /** Said of a record that was imported, but not quite as it stands in the file: a date nobody can read, a field dropped. */
  | { kind: "remark"; line: number; reason: string }
  /** A record, or a place, that could not be read; reading goes on behind it where that is possible. */
  | { kind: "problem"; line: number; reason: string }
  /** At the end of a BibTeX file: how many abbreviations it defines (`@string`), where it defines any. */
  | { kind: "abbreviations"; count: number }
  /** Last of all: the fields nothing was done with, and how many records had them. */
  | { kind: "ignored"; fields: Record<string, number> };

/** What BibTeX's abbreviations (`@string`) stand for, by their names in capitals. */
export type Abbreviations = Map<string, string>;

/** Bytes one record may take; a longer one is reported and skipped, so that memory stays bounded. */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024;
