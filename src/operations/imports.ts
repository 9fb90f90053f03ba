import { z } from "zod";

export { MAX_PROBLEMS, importReportSchema, type ImportReport } from "../core/import-report.js";

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
