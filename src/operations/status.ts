import { z } from "zod";

export const statusSchema = z.strictObject({
  version: z.string(),
  papers: z.int(),
  /** Papers with a vector of the current model. */
  embedded: z.int(),
  /** Papers without one. */
  pending: z.int(),
  /** Papers whose sentences are not embedded yet. */
  pendingSentences: z.int(),
  /** Papers whose text could not be embedded: retried when it changes or the index is rebuilt. */
  failed: z.int(),
  /** The number of the paper added last, even if it has been removed; 0 if none ever was. For `addedAfter`. */
  newest: z.int(),
  /** Running imports of this process, with what has been read so far. */
  importing: z.array(z.strictObject({ name: z.string(), papers: z.int(), bytes: z.int() })),
  /** Papers with a vector but without a point on the map. */
  pendingPoints: z.int(),
  /** Whether this process is embedding. */
  indexing: z.boolean(),
  /** Background jobs that are due at times, by name. */
  jobs: z.array(
    z.strictObject({
      name: z.string(),
      /** When it is due; null if it is paused. */
      next: z.string().nullable(),
      /** When its last run started and ended; null if there was none. */
      started: z.string().nullable(),
      ended: z.string().nullable(),
      /** What the last run that ended did, or why it failed; null if there was none. */
      outcome: z.string().nullable(),
      /** How many runs have failed since the last that did not. */
      failures: z.int(),
      /** Whether a process is running it. */
      running: z.boolean(),
    }),
  ),
  model: z.strictObject({
    name: z.string(),
    sha256: z.string(),
    dtype: z.string(),
    pooling: z.string(),
    /** Tokens after which a text is cut. */
    cut: z.int(),
    dimensions: z.int(),
  }),
  index: z.strictObject({
    /** `building` while a large library has no HNSW graph yet: the scan of signs then answers. */
    state: z.enum(["ready", "building"]),
    /** Vectors that searches compare. */
    count: z.int(),
    /** The last change of the store that answers include. */
    change: z.int(),
    /** The last change that the files derived from papers.db include; 0 if one is missing. */
    saved: z.int(),
    /** The last change of the store. */
    storeChange: z.int(),
    /** What was wrong with the files of the index when they were opened; null if nothing was. */
    notice: z.string().nullable(),
  }),
});
export type Status = z.infer<typeof statusSchema>;
