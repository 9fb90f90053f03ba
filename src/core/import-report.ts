import { z } from "zod";

const problemReportSchema = z.strictObject({
  file: z.string(),
  line: z.int(),
  reason: z.string(),
});

/** The formats of files of papers. */
export const FORMATS = [
  "jsonl",
  "json",
  "bibtex",
  "ris",
  "csv",
  "nbib",
  "endnote",
  "refworks",
  "web-of-science",
  "xml",
  "zip",
] as const;

export type Format = (typeof FORMATS)[number];

/** Problems that are listed in a report; more are only counted. */
export const MAX_PROBLEMS = 1_000;

export const importReportSchema = z.strictObject({
  /** The number that undoes it; null if it held no papers. */
  import: z.int().nullable(),
  /** The detected format; null if unknown. */
  format: z.enum(FORMATS).nullable(),
  added: z.int(),
  updated: z.int(),
  /** Papers that were here already, without anything new. */
  unchanged: z.int(),
  /** Records that were not imported, with the reason; at most 1,000. */
  problems: z.array(problemReportSchema),
  /** Number of all problems. */
  rejected: z.int(),
  /** Papers that were changed when they were imported, with the reason; at most 1,000. */
  remarks: z.array(problemReportSchema),
  /** Number of all remarks. */
  remarked: z.int(),
  /** Fields that are not used, with the number of records that have them. */
  ignored: z.record(z.string(), z.int()),
  /** Number of BibTeX abbreviations (`@string`) that the file defines. */
  abbreviations: z.int(),
});
export type ImportReport = z.infer<typeof importReportSchema>;
