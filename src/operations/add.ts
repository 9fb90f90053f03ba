import { z } from "zod";
import { importReportSchema } from "../core/import-report.js";

/** Identifiers of one request. */
export const MAX_ADDED = 100;

export const addSchema = z.strictObject({
  identifiers: z
    .array(z.string().trim().min(1).max(2_000))
    .min(1)
    .max(MAX_ADDED)
    .describe("DOIs, arXiv ids, PMIDs (`PMID:123`), or addresses that contain one."),
});

const addedSchema = z.strictObject({
  /** The identifier as it was given. */
  given: z.string(),
  /**
   * `here`: it was here before, and nothing changed. `updated`: it was here before without this identifier. `not-found`: the
   * services do not know it. `failed`: they could not be asked.
   */
  outcome: z.enum(["added", "updated", "here", "not-found", "failed"]),
  /** The paper; null if there is none. */
  paper: z.strictObject({ id: z.string(), title: z.string() }).nullable(),
  /** Why there is no paper; null if there is one. */
  reason: z.string().nullable(),
});
export type Added = z.infer<typeof addedSchema>;

export const addReportSchema = z.strictObject({
  /** The number that undoes it; null if nothing was imported. */
  ...importReportSchema.pick({ import: true, added: true, updated: true, unchanged: true }).shape,
  /** One for each identifier, in the order given. */
  identifiers: z.array(addedSchema),
  /** What else a person should know, such as a service that could not be asked for a missing abstract. */
  remarks: z.array(z.string()),
});
export type AddReport = z.infer<typeof addReportSchema>;
