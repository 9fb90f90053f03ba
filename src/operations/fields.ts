/** Fields that several requests share. */
import { z } from "zod";
import { LIMITS } from "../core/paper.js";

/** Characters of a query or a text. A longer one is refused, never cut. */
export const MAX_TEXT = 200_000;
export const MAX_LIMIT = 500;

export const text = z.string().max(MAX_TEXT);
export const id = z.string().min(1).max(LIMITS.name);
export const values = z.array(z.string().min(1).max(LIMITS.name)).max(100);

export const modeSchema = z.enum(["hybrid", "semantic", "lexical"]);
export type Mode = z.infer<typeof modeSchema>;

export const sortSchema = z.enum(["relevance", "date", "upvotes"]);
export type Sort = z.infer<typeof sortSchema>;

export const page = {
  limit: z.int().min(1).max(MAX_LIMIT).default(20).describe(`Number of papers on a page, 1 to ${MAX_LIMIT}.`),
  cursor: z.string().min(1).max(2_000).optional().describe("Where to continue: the `next` of the previous answer."),
};

export const facets = z
  .boolean()
  .default(false)
  .describe("Also count the papers of each year, category, venue, source and daily list.");

export const ranked = {
  ...page,
  facets,
  sort: sortSchema
    .default("relevance")
    .describe(
      "`date` and `upvotes` sort the 200 most relevant papers, newest or most upvoted first; a query of filters only sorts all papers.",
    ),
  diversity: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      "0 to 1: how far papers similar to one ranked above are demoted, among the 200 most relevant. Only when sorted by relevance.",
    ),
  explain: z.boolean().default(false).describe("Include each signal's contribution to the score of each hit."),
};
