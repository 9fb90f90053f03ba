import { z } from "zod";
import { paperSchema } from "../core/paper.js";
import { facetsSchema, sentenceSchema } from "./answer.js";
import { facets, page, text } from "./fields.js";
import { filtersSchema } from "./filters.js";
import { listNameSchema } from "./lists.js";

export const orderSchema = z
  .enum(["date", "upvotes", "trending", "added"])
  .describe(
    "`date`: newest first. `upvotes`: most upvoted first. `trending`: most upvoted for its age (ten times the upvotes make up " +
      "for 30 days). `added`: last added first, to the list of the filter or else to Kindred.",
  );
export type Order = z.infer<typeof orderSchema>;
/**
 * How many days outweigh ten times the votes in `trending`. News sites use 12.5 hours, but papers age more slowly.
 */
export const DAYS_A_TENFOLD = 30;

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
  /** Of all papers that match, if requested. */
  facets: facetsSchema.optional(),
});
export type BrowseAnswer = z.infer<typeof browseAnswerSchema>;

/** Any text: one that is too long to be an id is not found, rather than invalid. */
export const paperRequestSchema = z.strictObject({ id: z.string() });

export const paperAnswerSchema = z.strictObject({
  paper: paperSchema,
  /** Where the sentences of the abstract are, in order, in UTF-16 code units; empty without an abstract. */
  sentences: z.array(sentenceSchema.pick({ start: true, end: true })),
  /** The names of the sources that have brought it. */
  sources: z.array(z.string()),
  /** What documents cite it by: its key in BibTeX, BibLaTeX, CSL-JSON and Markdown. */
  citationKey: z.string(),
});
export type PaperAnswer = z.infer<typeof paperAnswerSchema>;

export const findSchema = z.strictObject({
  text: text.describe("DOIs, arXiv ids and URLs of papers, separated by line breaks, commas or spaces."),
});

export const findAnswerSchema = z.strictObject({
  /** Each identifier as given, in that order, with the paper it names. */
  found: z.array(z.strictObject({ given: z.string(), paper: paperSchema.pick({ id: true, title: true }) })),
  /** Identifiers that name no paper here, and how they were understood. */
  unknown: z.array(
    z.strictObject({ given: z.string(), kind: z.enum(["doi", "arxiv", "pmid", "url"]), value: z.string() }),
  ),
  /** Lines without an identifier. */
  unread: z.array(z.string()),
});
export type FindAnswer = z.infer<typeof findAnswerSchema>;

/** The formats papers are written in. */
export const exportFormatSchema = z.enum(["jsonl", "bibtex", "biblatex", "ris", "csl-json", "csv", "markdown", "text"]);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

export const citeSchema = z.strictObject({
  id: z.string(),
  format: exportFormatSchema
    .default("bibtex")
    .describe("The format of the citation; `text` is a plain reference on one line, `markdown` the same with its key."),
});

export const exportSchema = z.strictObject({
  format: exportFormatSchema
    .default("jsonl")
    .describe(
      "The format of the file; `jsonl` and `csv` hold every field, `text` is one reference a line, `markdown` a list with " +
        "citation keys.",
    ),
  list: listNameSchema.optional().describe("Only the papers of this list, last added first."),
});

export const noteSchema = z.strictObject({
  id: z.string(),
  note: z.string().max(20_000).describe("The text of the note; an empty one removes it."),
});
