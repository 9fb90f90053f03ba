import { z } from "zod";
import { LIMITS } from "../paper.js";

/** Characters of a query, or of a text to relate to. Longer is cut nowhere: it is refused, with this number. */
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
  limit: z.int().min(1).max(MAX_LIMIT).default(20).describe(`Hits to answer, 1 to ${MAX_LIMIT}.`),
  cursor: z.string().min(1).max(2_000).optional().describe("`next` of the answer before, for the page behind it."),
};
export const facets = z
  .boolean()
  .default(false)
  .describe("Count the papers of each year, category, venue, source and day.");
export const ranked = {
  ...page,
  facets,
  sort: sortSchema
    .default("relevance")
    .describe(
      "`date` and `upvotes` order the 200 most relevant papers, newest or highest first; where only conditions are asked for, all.",
    ),
  diversity: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      "0 to 1: how much a paper that is like one before it stands back, among the 200 most relevant; by relevance only.",
    ),
  explain: z.boolean().default(false).describe("Say of each hit what each witness said."),
};
