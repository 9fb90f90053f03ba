import { z } from "zod";
import { paperSchema } from "../paper.js";
import { MAX_LIMIT, modeSchema, text } from "./fields.js";
import { filtersSchema } from "./filters.js";

/** Papers a list of what is lit holds at most when nothing is looked for. */
export const MAX_LIT = 100_000;
/** Papers the map tells of at once. */
export const MAX_LABELS = 50;
/** A search, or without `q` the filters alone: which points of the map it lights. */
export const litSchema = z.strictObject({
  q: text.optional().describe("What is looked for, as in a search; without it all papers that pass the filters."),
  mode: modeSchema.default("hybrid").describe("By words and meaning, by meaning only, or by words only."),
  limit: z.int().min(1).max(MAX_LIMIT).default(200).describe(`Hits to light, 1 to ${MAX_LIMIT}.`),
  ...filtersSchema.shape,
});
export type LitRequest = z.infer<typeof litSchema>;

export const litAnswerSchema = z.strictObject({
  /** Labels of the hits, best first; without a query of all that pass, ascending, at most 100,000. */
  labels: z.array(z.int()),
});
export type LitAnswer = z.infer<typeof litAnswerSchema>;

export const mapPapersSchema = z.strictObject({
  label: z.array(z.int().min(0)).min(1).max(MAX_LABELS).describe("Labels of points; may be repeated."),
});
export type MapPapersRequest = z.infer<typeof mapPapersSchema>;

export const mapPapersAnswerSchema = z.strictObject({
  /** In the order asked for; labels of papers that are gone are left out. */
  papers: z.array(z.strictObject({ label: z.int(), paper: paperSchema })),
});
export type MapPapersAnswer = z.infer<typeof mapPapersAnswerSchema>;

export const regionSchema = z.strictObject({
  /** One to three words of its papers' titles. */
  name: z.string(),
  /** Its middle. */
  x: z.number(),
  y: z.number(),
  papers: z.int(),
  /** 0: one of some ten of the whole map; 1 and 2: of smaller ones within those. */
  level: z.union([z.literal(0), z.literal(1), z.literal(2)]),
});
export type Region = z.infer<typeof regionSchema>;

export const mapSchema = z.strictObject({
  /** Another one whenever points are. */
  version: z.string(),
  points: z.int(),
  /** Papers without a point yet. */
  pending: z.int(),
  /** Of all points; zeros without any. */
  bounds: z.strictObject({ x0: z.number(), y0: z.number(), x1: z.number(), y1: z.number() }),
  /** The most frequent first ones of papers' categories, most frequent first, at most 24. */
  categories: z.array(z.string()),
  /** Of the papers that are dated; null when none is. */
  years: z.strictObject({ from: z.int(), to: z.int() }).nullable(),
  regions: z.array(regionSchema),
});
export type MapAnswer = z.infer<typeof mapSchema>;
