import { z } from "zod";
import { paperSchema } from "../paper.js";
import { explainedSchema, hitSchema } from "./answer.js";
import { id, modeSchema, ranked, text } from "./fields.js";
import { filtersSchema } from "./filters.js";

export const searchSchema = z.strictObject({
  q: text.describe(
    'What is looked for: plain words, a title, a DOI, an arXiv id or a URL. With the words may stand: "exact phrase", -word, syn* (a beginning of words), author:NAME, title:WORD, venue:WORD, category:NAME, year:2019, year:2019..2022; AND, OR, NOT and parentheses.',
  ),
  mode: modeSchema.default("hybrid").describe("By words and meaning, by meaning only, or by words only."),
  ...ranked,
  ...filtersSchema.shape,
});
export type SearchRequest = z.infer<typeof searchSchema>;

/** A search, and the paper whose place in its answer is to be explained. */
export const explainSchema = searchSchema
  .omit({ limit: true, cursor: true, sort: true, diversity: true, explain: true, facets: true })
  .extend({ id: id.describe("The paper, whether it is among the hits or not.") });
export type ExplainRequest = z.infer<typeof explainSchema>;

export const explanationSchema = z.strictObject({
  paper: paperSchema,
  /** Its place among the hits, from 1; null when it is not among them. */
  place: z.int().nullable(),
  /** How many hits the whole answer has. */
  of: z.int(),
  /** The hit it is listed under, as a version of it. */
  versionOf: z.string().nullable(),
  /** What speaks for it, or would; null when it was not looked at, as when it does not pass the filters. */
  hit: hitSchema.omit({ paper: true, versions: true }).extend({ explain: explainedSchema }).nullable(),
  /** In words. */
  why: z.string(),
});
export type Explanation = z.infer<typeof explanationSchema>;
