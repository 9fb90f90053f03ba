import { z } from "zod";
import { newListNameSchema } from "./lists.js";

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
  /** A paused source is not run when it is due. */
  paused: z.boolean(),
  /** Papers that it has brought. */
  papers: z.int(),
  /** Whether a process is running it, or this one will when it has run another. */
  running: z.boolean(),
  /** Why the run waits before it asks its service again, if a run of this process does. */
  waiting: z.string().nullable(),
  /** When it is due; null if it is paused, or that is not known yet. */
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

/** Options of a kind, which its own schema parses. */
const optionsSchema = z
  .record(z.string().max(100), z.unknown())
  .describe("Options of the kind, as GET /api/source-kinds describes them.");

export const addSourceSchema = z.strictObject({
  kind: z.string().max(100).describe("One of those of GET /api/source-kinds."),
  options: optionsSchema,
  name: sourceNameSchema.optional().describe("The kind by default."),
  every: intervalSchema.default("1d").describe("How often it runs: `6h`, `1d`, `1w`."),
  list: newListNameSchema.optional().describe("A list that receives what it brings."),
});

export const changeSourceSchema = sourceRequestSchema.extend({
  paused: z.boolean().optional().describe("Whether it is left alone when it is due."),
  every: intervalSchema.optional().describe("How often it runs: `6h`, `1d`, `1w`."),
  list: newListNameSchema.nullable().optional().describe("A list that receives what it brings; null for none."),
  max: z.int().min(1).max(10_000_000).optional().describe("Records that one run brings at most."),
});
export type SourceChanges = Omit<z.output<typeof changeSourceSchema>, "source">;

export const removeSourceSchema = sourceRequestSchema.extend({
  papers: z
    .boolean()
    .default(false)
    .describe(
      "Whether the papers that it added are removed too, unless another source has brought them, or a person has imported, listed or annotated them.",
    ),
});
export const removedSourceSchema = z.strictObject({
  /** Papers that were removed with it. */
  removed: z.int(),
});

export const sourceKindsAnswerSchema = z.strictObject({
  /** Those that this client may add. */
  kinds: z.array(
    z.strictObject({
      name: z.string(),
      /** What it brings. */
      summary: z.string(),
      /** The JSON Schema of its options. */
      options: z.record(z.string(), z.unknown()),
    }),
  ),
});
export type SourceKindsAnswer = z.infer<typeof sourceKindsAnswerSchema>;

export const previewSchema = z.strictObject({
  kind: z.string().max(200).describe("Its name."),
  options: optionsSchema,
});
export const previewAnswerSchema = z.strictObject({
  /** At most ten. */
  papers: z.array(
    z.strictObject({
      title: z.string(),
      authors: z.array(z.string()),
      published: z.string().nullable(),
      venue: z.string().nullable(),
    }),
  ),
  /** What a person should know. */
  remarks: z.array(z.string()),
});
export type PreviewAnswer = z.infer<typeof previewAnswerSchema>;
