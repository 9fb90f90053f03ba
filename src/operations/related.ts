import { z } from "zod";
import { paperSchema } from "../core/paper.js";
import { id, ranked, text } from "./fields.js";
import { filtersSchema } from "./filters.js";

export const aspectSchema = z.enum(["background", "method", "result"]);
export type Aspect = z.infer<typeof aspectSchema>;

const aspect = aspectSchema
  .optional()
  .describe(
    "Show in `matched.pair` sentences on what the papers ask (`background`), how they go about it (`method`) or what they find (`result`); by default any sentences. The order stays the same.",
  );
/** The request where the address names the paper. */
export const relatedByIdSchema = z.strictObject({ id, aspect, ...ranked, ...filtersSchema.shape });

export const relatedSchema = z
  .strictObject({
    id: id.optional().describe("The id of a paper in the index."),
    text: text.optional().describe("Any text, instead of `id`. Or give `title` and `abstract`."),
    title: text.optional().describe("The title of a paper that is not in the index."),
    abstract: text.optional().describe("Its abstract."),
    aspect,
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

export const neighbourhoodSchema = z.strictObject({
  id,
  limit: z.int().min(1).max(60).default(24).describe("Number of papers around this one, 1 to 60."),
});
export type NeighbourhoodRequest = z.infer<typeof neighbourhoodSchema>;

export const neighbourhoodAnswerSchema = z.strictObject({
  /** The paper itself, then those around it in the order of related papers; empty if it is not embedded yet. */
  papers: z.array(
    paperSchema.pick({ id: true, title: true, published: true, venue: true }).extend({
      /** The first author; null if unknown. */
      author: z.string().nullable(),
      /** Cosine to the vector of the paper itself, -1 to 1. */
      similarity: z.number(),
    }),
  ),
  /** Pairs of positions in `papers`, from 0, sorted; `from` is less than `to`. */
  edges: z.array(
    z.strictObject({
      from: z.int(),
      to: z.int(),
      /** Cosine of the two vectors, -1 to 1. */
      similarity: z.number(),
    }),
  ),
  /** Papers without a vector yet: they are in no neighbourhood. */
  pending: z.int(),
  /** Why `papers` is empty, in words; null if it is not. */
  notice: z.string().nullable(),
});
export type NeighbourhoodAnswer = z.infer<typeof neighbourhoodAnswerSchema>;
