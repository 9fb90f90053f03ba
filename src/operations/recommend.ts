import { z } from "zod";
import { exampleSchema, type Example } from "./answer.js";
import { id, ranked, values } from "./fields.js";
import { filtersSchema } from "./filters.js";

export const MAX_EXAMPLES = 1_000;
const examples = z
  .array(z.union([id.describe("The id of a paper."), exampleSchema], { error: 'expected an id, {"id"} or {"text"}' }))
  .max(MAX_EXAMPLES)
  .transform((list) => list.map((example): Example => (typeof example === "string" ? { id: example } : example)));
export const recommendSchema = z.strictObject({
  positive: examples.default([]).describe("Without any: what is new and noted."),
  negative: examples.default([]),
  basedOn: values
    .optional()
    .describe("Lists whose papers are liked, `likes` or your own; then those in `dislikes` are not."),
  ...ranked,
  ...filtersSchema.shape,
});
export type RecommendRequest = z.infer<typeof recommendSchema>;
