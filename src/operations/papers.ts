import { z } from "zod";
import { paperSchema } from "../paper.js";
import { facetsSchema, sentenceSchema } from "./answer.js";
import { facets, page, text } from "./fields.js";
import { filtersSchema } from "./filters.js";
import { listNameSchema } from "./lists.js";

export const orderSchema = z
  .enum(["date", "upvotes", "trending", "added"])
  .describe(
    "First the newest; the most upvoted; the most noted for their age (ten times the votes weigh as much as 30 days); " +
      "or what was added last, to the list that is asked for, or to Kindred.",
  );
export type Order = z.infer<typeof orderSchema>;

export const browseSchema = z.strictObject({
  ...page,
  facets,
  sort: orderSchema.default("date"),
  ...filtersSchema.shape,
});
export type BrowseRequest = z.infer<typeof browseSchema>;

export const browseAnswerSchema = z.strictObject({
  papers: z.array(paperSchema),
  /** How many papers match the filters. */
  total: z.int(),
  next: z.string().nullable(),
  /** Of all papers that match, when asked for. */
  facets: facetsSchema.optional(),
});
export type BrowseAnswer = z.infer<typeof browseAnswerSchema>;

/** A paper by its id alone; what is too long to be one is the id of none. */
export const paperRequestSchema = z.strictObject({ id: z.string() });
export type PaperRequest = z.infer<typeof paperRequestSchema>;

export const paperAnswerSchema = z.strictObject({
  paper: paperSchema,
  /** The sentences of its abstract, in order, in UTF-16 code units; none without an abstract. */
  sentences: z.array(sentenceSchema.pick({ start: true, end: true })),
});
export type PaperAnswer = z.infer<typeof paperAnswerSchema>;

/** A text that names papers: a DOI, an arXiv id or an address each, one a line or several. */
export const findSchema = z.strictObject({
  text: text.describe(
    "DOIs, arXiv ids and web addresses of papers, one a line, or with commas or spaces between them.",
  ),
});
export const findAnswerSchema = z.strictObject({
  /** Each identifier as it was given, in that order, and the paper that it names. */
  found: z.array(z.strictObject({ given: z.string(), paper: paperSchema.pick({ id: true, title: true }) })),
  /** Identifiers of papers that are not here, and what they were understood as. */
  unknown: z.array(z.strictObject({ given: z.string(), kind: z.enum(["doi", "arxiv", "url"]), value: z.string() })),
  /** Lines that hold no identifier. */
  unread: z.array(z.string()),
});
export type FindAnswer = z.infer<typeof findAnswerSchema>;

/** The formats papers are written in. */
export const exportFormatSchema = z.enum(["jsonl", "bibtex", "ris", "csl-json", "csv", "text"]);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

export const citeSchema = z.strictObject({
  id: z.string(),
  format: exportFormatSchema.default("bibtex").describe("`text` is a plain reference on one line."),
});
export const exportSchema = z.strictObject({
  format: exportFormatSchema
    .default("jsonl")
    .describe("`jsonl` and `csv` hold every field; `text` is a reference a line."),
  list: listNameSchema.optional().describe("Only the papers of this list, those that were put in last first."),
});
export const noteSchema = z.strictObject({ id: z.string(), note: z.string().max(20_000) });
