import { z } from "zod";
import { FORMATS } from "../formats/reading.js";

export const problemReportSchema = z.strictObject({
  file: z.string(),
  line: z.int(),
  reason: z.string(),
});

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

export const importsAnswerSchema = z.strictObject({
  /** Newest first; only imports that can be undone. */
  imports: z.array(
    z.strictObject({
      import: z.int(),
      name: z.string(),
      began: z.string(),
      /** When it was undone; null while papers of it are left, which `added` and `updated` then count. */
      undone: z.string().nullable(),
      added: z.int(),
      updated: z.int(),
    }),
  ),
});
export type ImportsAnswer = z.infer<typeof importsAnswerSchema>;

export const undoneSchema = z.strictObject({
  /** Papers that the import had added: they are gone. */
  removed: z.int(),
  /** Papers that the import had changed: they are as before. */
  restored: z.int(),
  /** Papers that a later import contains too: unchanged until that import is undone, and then this one again. */
  kept: z.int(),
});
export type Undone = z.infer<typeof undoneSchema>;

export const uploadSchema = z.strictObject({
  name: z.string().min(1).max(255).default("upload").describe("The name of the file in reports of problems."),
});

export const undoSchema = z.strictObject({
  import: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, "expected the number of an import in api/imports")
    .transform(Number),
});
