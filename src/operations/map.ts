import { z } from "zod";
import { paperSchema } from "../core/paper.js";
import { MAX_LIMIT, modeSchema, text } from "./fields.js";
import { filtersSchema } from "./filters.js";

/** Labels in an answer without a query. */
export const MAX_MATCHES = 100_000;
/** Labels in one request for papers. */
export const MAX_LABELS = 50;

/** A search, or without `q` the filters alone. */
export const mapMatchesSchema = z.strictObject({
  q: text.optional().describe("The query, as in a search; without it, all papers that pass the filters."),
  mode: modeSchema
    .default("hybrid")
    .describe("Search by words and meaning (`hybrid`), by meaning only or by words only."),
  limit: z.int().min(1).max(MAX_LIMIT).default(200).describe(`Number of hits, 1 to ${MAX_LIMIT}.`),
  ...filtersSchema.shape,
});
export type MapMatchesRequest = z.infer<typeof mapMatchesSchema>;

export const mapMatchesAnswerSchema = z.strictObject({
  /** Labels of the hits, best first; without a query, of the papers that pass the filters, ascending, at most 100,000. */
  labels: z.array(z.int()),
});
export type MapMatchesAnswer = z.infer<typeof mapMatchesAnswerSchema>;

export const mapPapersSchema = z.strictObject({
  label: z.array(z.int().min(0)).min(1).max(MAX_LABELS).describe("The label of a point; may be repeated."),
});
export type MapPapersRequest = z.infer<typeof mapPapersSchema>;

export const mapPapersAnswerSchema = z.strictObject({
  /** In the order of the request; removed papers are left out. */
  papers: z.array(z.strictObject({ label: z.int(), paper: paperSchema })),
});
export type MapPapersAnswer = z.infer<typeof mapPapersAnswerSchema>;

export const regionSchema = z.strictObject({
  /** One to three words from the titles of its papers. */
  name: z.string(),
  /** Its centre. */
  x: z.number(),
  y: z.number(),
  papers: z.int(),
  /** 0: one of about ten regions of the whole map; 1 and 2: smaller regions inside those. */
  level: z.union([z.literal(0), z.literal(1), z.literal(2)]),
});
export type Region = z.infer<typeof regionSchema>;

export const mapSchema = z.strictObject({
  /** Changes whenever the points do. */
  version: z.string(),
  points: z.int(),
  /** Papers without a point yet. */
  pending: z.int(),
  /** Of all points; zeros if there are none. */
  bounds: z.strictObject({ x0: z.number(), y0: z.number(), x1: z.number(), y1: z.number() }),
  /** The most frequent first categories of papers, most frequent first; at most 24. */
  categories: z.array(z.string()),
  /** First and last year of publication; null if no paper has a date. */
  years: z.strictObject({ from: z.int(), to: z.int() }).nullable(),
  regions: z.array(regionSchema),
});
export type MapAnswer = z.infer<typeof mapSchema>;
