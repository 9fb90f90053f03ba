import { z } from "zod";

/** The name of a source: part of addresses and of stored keys. */
export const sourceNameSchema = z
  .string()
  .trim()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u,
    "expected up to 100 letters, digits, spaces, dots, hyphens and underscores, the first a letter or digit",
  );

/** How often a source runs. */
export const intervalSchema = z
  .string()
  .regex(/^[1-9]\d{0,3}[mhdw]$/, "expected a number and m, h, d or w, such as 6h, 1d or 1w")
  .refine((text) => !/^[1-9]m$/.test(text), "expected ten minutes or more");

export const runSchema = z.strictObject({
  started: z.string(),
  ended: z.string(),
  added: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  /** Records that could not be read. */
  rejected: z.int(),
  /** Why it failed; null if it did not. */
  error: z.string().nullable(),
  /** What a person should know. */
  remarks: z.array(z.string()),
});
export type Run = z.infer<typeof runSchema>;

export const sourceSchema = z.strictObject({
  name: z.string(),
  kind: z.string(),
  options: z.record(z.string(), z.unknown()),
  every: z.string(),
  /** The list that receives what it brings; null for none. */
  list: z.string().nullable(),
  created: z.string(),
  /** Papers that it has brought. */
  papers: z.int(),
  /** Whether a process is running it. */
  running: z.boolean(),
  /** When it is due; null if that is not known yet. */
  next: z.string().nullable(),
  last: runSchema.nullable(),
});
export type Source = z.infer<typeof sourceSchema>;

export const sourcesAnswerSchema = z.strictObject({ sources: z.array(sourceSchema) });
export type SourcesAnswer = z.infer<typeof sourcesAnswerSchema>;

export const sourceRequestSchema = z.strictObject({ source: z.string().max(200).describe("Its name.") });
export const sourceAnswerSchema = z.strictObject({
  source: sourceSchema,
  /** Newest first. */
  runs: z.array(runSchema),
});
export type SourceAnswer = z.infer<typeof sourceAnswerSchema>;
