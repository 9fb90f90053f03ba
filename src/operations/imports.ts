import { z } from "zod";

export const problemReportSchema = z.strictObject({
  file: z.string(),
  line: z.int(),
  reason: z.string(),
});
/** Problems told one by one; more are only counted. */
export const MAX_PROBLEMS = 1_000;
export const importReportSchema = z.strictObject({
  /** The number it can be undone by; null when no paper came with it. */
  import: z.int().nullable(),
  /** The format the content was found to be; null when it could not be told. */
  format: z.enum(["jsonl", "json", "bibtex", "ris", "csv"]).nullable(),
  added: z.int(),
  updated: z.int(),
  /** Already here, and nothing new said of them. */
  unchanged: z.int(),
  /** Records, or places, that were not imported, and why; at most 1,000. */
  problems: z.array(problemReportSchema),
  /** How many problems there were in all. */
  rejected: z.int(),
  /** Papers that were imported, but not just as they were given, and why; at most 1,000. */
  remarks: z.array(problemReportSchema),
  /** How many remarks there were in all. */
  remarked: z.int(),
  /** Fields nothing was done with, and how many records had them. */
  ignored: z.record(z.string(), z.int()),
  /** Abbreviations that the file defines for entries of BibTeX (`@string`). */
  abbreviations: z.int(),
});
export type ImportReport = z.infer<typeof importReportSchema>;

export const importsAnswerSchema = z.strictObject({
  /** The newest first, and only those that can be undone. */
  imports: z.array(
    z.strictObject({
      import: z.int(),
      name: z.string(),
      began: z.string(),
      /** When all that it did was taken back. Of what has been but in part, what is left is counted. */
      undone: z.string().nullable(),
      added: z.int(),
      updated: z.int(),
    }),
  ),
});
export type ImportsAnswer = z.infer<typeof importsAnswerSchema>;

export const undoneSchema = z.strictObject({
  /** Papers that the import had added. */
  removed: z.int(),
  /** Papers that are again as they were before. */
  restored: z.int(),
  /** Papers that a later import has brought as well: left as they are, until that is undone and this again. */
  kept: z.int(),
});
export type Undone = z.infer<typeof undoneSchema>;

export const uploadSchema = z.strictObject({
  name: z.string().min(1).max(255).default("upload").describe("What problems call the file."),
});

export const undoSchema = z.strictObject({
  import: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, "expected the number of an import, as api/imports has it")
    .transform(Number),
});
