import type { PaperRecord } from "../core/paper.js";
import type { Format } from "../core/import-report.js";

export type { Format };

/** One result of reading a file, in the order of the file. Lines count from 1. */
export type Reading =
  /** The first result, once the format is detected. */
  | { kind: "format"; format: Format }
  | { kind: "paper"; line: number; paper: PaperRecord }
  /** A record was imported with a difference from the file: an invalid date, a dropped field. */
  | { kind: "remark"; line: number; reason: string }
  /** A record, or a place, that could not be read; reading resumes after it if possible. */
  | { kind: "problem"; line: number; reason: string }
  /** At the end of each BibTeX file that defines abbreviations (`@string`): how many. */
  | { kind: "abbreviations"; count: number }
  /** The last result: the ignored fields, with the number of records that had them. */
  | { kind: "ignored"; fields: Record<string, number> };

/** BibTeX's abbreviations (`@string`): name in upper case to text. */
export type Abbreviations = Map<string, string>;

/** Largest record, in bytes; a larger one is reported and skipped, so that memory stays bounded. */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024;
