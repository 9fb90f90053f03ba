import { z } from "zod";
import { exampleSchema, type Example } from "./answer.js";
import { id, ranked, values } from "./fields.js";
import { filtersSchema } from "./filters.js";

/** Likes, and dislikes, in one request. */
export const MAX_EXAMPLES = 1_000;

const examples = z
  .array(z.union([id.describe("The id of a paper."), exampleSchema], { error: 'expected an id, {"id"} or {"text"}' }))
  .max(MAX_EXAMPLES)
  .transform((list) => list.map((example): Example => (typeof example === "string" ? { id: example } : example)));

export const recommendSchema = z.strictObject({
  positive: examples
    .default([])
    .describe("Papers or texts that are liked. Without any, the answer is what is new and upvoted."),
  negative: examples.default([]).describe("Papers or texts that are not liked."),
  basedOn: values
    .optional()
    .describe(
      "Lists whose papers are liked as well: `likes` or your own. The papers in `dislikes` are then not liked.",
    ),
  ...ranked,
  ...filtersSchema.shape,
});
export type RecommendRequest = z.infer<typeof recommendSchema>;
