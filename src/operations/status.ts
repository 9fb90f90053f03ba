import { z } from "zod";

export const statusSchema = z.strictObject({
  version: z.string(),
  papers: z.int(),
  /** Papers with an abstract vector of the present model. */
  embedded: z.int(),
  /** Papers still without one. */
  pending: z.int(),
  /** Papers whose sentences are not embedded yet. */
  pendingSentences: z.int(),
  /** Papers whose text could not be embedded, and is not tried again until it changes or the index is rebuilt. */
  failed: z.int(),
  /** The number of the paper that came last, also if it is gone; 0 when none ever did. For `addedAfter`. */
  newest: z.int(),
  /** Imports of this process that are under way: what has been read so far. */
  importing: z.array(z.strictObject({ name: z.string(), papers: z.int(), bytes: z.int() })),
  /** Papers with a vector that have no point on the map yet. */
  pendingPoints: z.int(),
  /** Whether this process is embedding right now. */
  indexing: z.boolean(),
  model: z.strictObject({
    name: z.string(),
    sha256: z.string(),
    dtype: z.string(),
    pooling: z.string(),
    /** Word pieces a text is cut at. */
    cut: z.int(),
    dimensions: z.int(),
  }),
  index: z.strictObject({
    /** `building`: exact search answers meanwhile. */
    state: z.enum(["ready", "building"]),
    /** Vectors in the HNSW graph. */
    count: z.int(),
    /** The change that answers are good for. */
    change: z.int(),
    /** The change the snapshot on disk is good for; 0 for none. */
    saved: z.int(),
    /** The newest change in the store. */
    storeChange: z.int(),
    /** What was found on opening, in words; null when nothing is worth saying. */
    notice: z.string().nullable(),
  }),
});
export type Status = z.infer<typeof statusSchema>;
