import { z } from "zod";
import { paperSchema } from "../paper.js";
import { id, ranked, text } from "./fields.js";
import { filtersSchema } from "./filters.js";

export const facetSchema = z.enum(["background", "method", "result"]);
export type Facet = z.infer<typeof facetSchema>;

const facet = facetSchema
  .optional()
  .describe(
    "Show, in `matched.pair`, the sentences on what the papers ask, how they go about it, or what they find; without one any sentences. The order stays the same.",
  );
/** Papers like one in the index: what is asked over HTTP when the address names the paper. */
export const relatedByIdSchema = z.strictObject({ id, facet, ...ranked, ...filtersSchema.shape });
export const relatedSchema = z
  .strictObject({
    id: id.optional().describe("A paper in the index."),
    text: text.optional().describe("Any text; or give `title` and `abstract`."),
    title: text.optional(),
    abstract: text.optional(),
    facet,
    ...ranked,
    ...filtersSchema.shape,
  })
  .refine(
    (request) =>
      [request.id !== undefined, request.text !== undefined, (request.title ?? request.abstract) !== undefined].filter(
        Boolean,
      ).length === 1,
    { message: "expected one of: id; text; title and abstract", path: ["id"] },
  );
export type RelatedRequest = z.infer<typeof relatedSchema>;

/** A paper, and how many of those around it. */
export const neighbourhoodSchema = z.strictObject({
  id,
  limit: z.int().min(1).max(60).default(24).describe("Papers around this one, 1 to 60."),
});
export type NeighbourhoodRequest = z.infer<typeof neighbourhoodSchema>;

export const neighbourhoodAnswerSchema = z.strictObject({
  /** The paper itself, then those around it in the order of related papers; none when it is not embedded yet. */
  papers: z.array(
    paperSchema.pick({ id: true, title: true, published: true, venue: true }).extend({
      /** The first of its authors; null when none is known. */
      author: z.string().nullable(),
      /** Cosine of its vector and that of the paper itself, -1 to 1; 1 for that one. */
      similarity: z.number(),
    }),
  ),
  /** Two papers each, by their places in `papers`, from 0; `from` is less than `to`, in ascending order of both. */
  edges: z.array(
    z.strictObject({
      from: z.int(),
      to: z.int(),
      /** Cosine of the two vectors, -1 to 1. */
      similarity: z.number(),
    }),
  ),
  /** Papers stored but without a vector yet: they are in no neighbourhood. */
  pending: z.int(),
  /** Words for the person: why there is none. */
  notice: z.string().nullable(),
});
export type NeighbourhoodAnswer = z.infer<typeof neighbourhoodAnswerSchema>;
