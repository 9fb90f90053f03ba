import { z } from "zod";
import { paperSchema } from "../core/paper.js";
import { explainedSchema, hitSchema } from "./answer.js";
import { id, modeSchema, ranked, text } from "./fields.js";
import { filtersSchema } from "./filters.js";

export const searchSchema = z.strictObject({
  q: text.describe(
    'The query: plain words, a title, a DOI, an arXiv id or a URL. A query can also contain "exact phrase", -word, syn* (words that start with syn), author:NAME, title:WORD, venue:WORD, category:NAME, year:2019, year:2019..2022, AND, OR, NOT and parentheses.',
  ),
  mode: modeSchema
    .default("hybrid")
    .describe("Search by words and meaning (`hybrid`), by meaning only or by words only."),
  ...ranked,
  ...filtersSchema.shape,
});
export type SearchRequest = z.infer<typeof searchSchema>;

/** A search, and the paper whose place in its answer is explained. */
export const explainSchema = searchSchema
  .omit({ limit: true, cursor: true, sort: true, diversity: true, explain: true, facets: true })
  .extend({ id: id.describe("The id of the paper, which need not be among the hits.") });
export type ExplainRequest = z.infer<typeof explainSchema>;

export const explanationSchema = z.strictObject({
  paper: paperSchema,
  /** Its place among the hits, from 1; null if it is not one. */
  place: z.int().nullable(),
  /** How many hits the whole answer has. */
  of: z.int(),
  /** The id of the hit that lists it as a version; null if there is none. */
  versionOf: z.string().nullable(),
  /** The hit it is, or would be; null if it was not ranked, for example because it does not pass the filters. */
  hit: hitSchema.omit({ paper: true, versions: true }).extend({ explain: explainedSchema }).nullable(),
  /** The explanation in words. */
  why: z.string(),
});
export type Explanation = z.infer<typeof explanationSchema>;
