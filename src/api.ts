/**
 * What can be asked and what is answered: one set of zod schemas for the library, HTTP, the command line, the page
 * and the OpenAPI document.
 */
import { z } from "zod";
import { dateSchema, LIMITS, paperSchema } from "./paper.js";

/** Characters of a query, or of a text to relate to. Longer is cut nowhere: it is refused, with this number. */
export const MAX_TEXT = 200_000;
/** Ids in `within`, and likes or dislikes in one request. */
export const MAX_IDS = 10_000;
export const MAX_EXAMPLES = 1_000;
export const MAX_LIMIT = 500;

const text = z.string().max(MAX_TEXT);
const id = z.string().min(1).max(LIMITS.name);
const values = z.array(z.string().min(1).max(LIMITS.name)).max(100);
const year = z.int().min(0).max(9999);

/** Every filter that is given must hold; a list holds when any of its values does. */
export const filtersSchema = z.strictObject({
  from: dateSchema
    .optional()
    .describe(
      "Published on or after this date (2017, 2017-06 or 2017-06-12); a paper dated by its year counts as of 1 January.",
    ),
  to: dateSchema.optional().describe("Published on or before this date; a year or month counts to its end."),
  year: z.array(year).max(100).optional().describe("Published in one of these years."),
  category: values.optional().describe("In one of these categories, in any case; `cs` also finds `cs.LG`."),
  venue: values.optional().describe("The venue holds these words, in any case."),
  author: values.optional().describe("One author's name holds all these words, in any case, with or without accents."),
  source: values.optional().describe("Imported from this source, spelt exactly."),
  within: z.array(id).max(MAX_IDS).optional().describe("Only these papers, by id."),
});
export type Filters = z.infer<typeof filtersSchema>;

export const modeSchema = z.enum(["hybrid", "semantic", "lexical"]);
export type Mode = z.infer<typeof modeSchema>;
export const sortSchema = z.enum(["relevance", "date", "upvotes"]);
export type Sort = z.infer<typeof sortSchema>;

const page = {
  limit: z.int().min(1).max(MAX_LIMIT).default(20).describe(`Hits to answer, 1 to ${MAX_LIMIT}.`),
  cursor: z.string().min(1).max(2_000).optional().describe("`next` of the answer before, for the page behind it."),
};
const ranked = {
  ...page,
  sort: sortSchema
    .default("relevance")
    .describe("`date` and `upvotes` order the 200 most relevant papers, newest or highest first."),
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

export const searchSchema = z.strictObject({
  q: text.describe(
    'What is looked for: plain words, a title, a DOI, an arXiv id or a URL. With the words may stand: "exact phrase", -word, author:NAME, title:WORD, venue:WORD, category:NAME, year:2019, year:2019..2022.',
  ),
  mode: modeSchema.default("hybrid").describe("By words and meaning, by meaning only, or by words only."),
  ...ranked,
  ...filtersSchema.shape,
});
export type SearchRequest = z.infer<typeof searchSchema>;

/** A search, and the paper whose place in its answer is to be explained. */
export const explainSchema = searchSchema
  .omit({ limit: true, cursor: true, sort: true, diversity: true, explain: true })
  .extend({ id: id.describe("The paper, whether it is among the hits or not.") });
export type ExplainRequest = z.infer<typeof explainSchema>;

export const browseSchema = z.strictObject({
  ...page,
  sort: z.enum(["date", "upvotes"]).default("date").describe("Newest first, or most upvotes first."),
  ...filtersSchema.shape,
});
export type BrowseRequest = z.infer<typeof browseSchema>;

export const facetSchema = z.enum(["background", "method", "result"]);
export type Facet = z.infer<typeof facetSchema>;
const facet = facetSchema
  .optional()
  .describe("Related by what the paper asks, by how it goes about it, or by what it finds; without one by all of it.");

/** Filters and paging of related papers, where the address says of which paper. */
export const relatedByIdSchema = z.strictObject({ facet, ...ranked, ...filtersSchema.shape });

export const relatedSchema = z
  .strictObject({
    id: id.optional().describe("A paper in the index."),
    text: text.optional().describe("Any text; or give `title` and `abstract`."),
    title: text.optional(),
    abstract: text.optional(),
    facet,
    ...ranked,
    ...filtersSchema.shape,
  })
  .refine(
    (request) =>
      [request.id !== undefined, request.text !== undefined, (request.title ?? request.abstract) !== undefined].filter(
        Boolean,
      ).length === 1,
    { message: "expected one of: id; text; title and abstract", path: ["id"] },
  );
export type RelatedRequest = z.infer<typeof relatedSchema>;

/** A paper by id, or any text. */
export const exampleSchema = z.union([z.strictObject({ id }), z.strictObject({ text: text.min(1) })]);
export type Example = z.infer<typeof exampleSchema>;

const examples = z
  .array(z.union([id.describe("The id of a paper."), exampleSchema], { error: 'expected an id, {"id"} or {"text"}' }))
  .max(MAX_EXAMPLES)
  .transform((list) => list.map((example): Example => (typeof example === "string" ? { id: example } : example)));

export const recommendSchema = z.strictObject({
  positive: examples.default([]).describe("Without any: what is new and noted."),
  negative: examples.default([]),
  ...ranked,
  ...filtersSchema.shape,
});
export type RecommendRequest = z.infer<typeof recommendSchema>;

/** The formats papers are written in. */
export const exportFormatSchema = z.enum(["jsonl", "bibtex", "ris", "csl-json", "csv", "text"]);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

export const citeSchema = z.strictObject({
  format: exportFormatSchema.default("bibtex").describe("`text` is a plain reference on one line."),
});
export const exportSchema = z.strictObject({
  format: exportFormatSchema
    .default("jsonl")
    .describe("`jsonl` and `csv` hold every field; `text` is a reference a line."),
});

/** A place in the abstract, in UTF-16 code units: `abstract.slice(start, end)` is `text`. */
export const sentenceSchema = z.strictObject({
  text: z.string(),
  start: z.int(),
  end: z.int(),
  /** Cosine to the query, -1 to 1, from a sign sketch; null in lexical mode, where matched words choose the sentence. */
  similarity: z.number().nullable(),
});

/** The sentences that match best, of the paper or text asked about and of the hit; places as in `sentenceSchema`. */
export const pairSchema = z.strictObject({
  here: sentenceSchema.omit({ similarity: true }),
  there: sentenceSchema.omit({ similarity: true }),
  /** Estimated cosine of the two, -1 to 1. */
  similarity: z.number(),
});
export type Pair = z.infer<typeof pairSchema>;

export const witnessNameSchema = z.enum([
  "words",
  "abstract",
  "sentence",
  "title",
  "facet",
  "neighbours",
  "likes",
  "dislikes",
  "votes",
  "age",
]);
export type WitnessName = z.infer<typeof witnessNameSchema>;

export const witnessSchema = z.strictObject({
  name: witnessNameSchema,
  /** 1 is best among the candidates; null when this witness did not name the paper. */
  rank: z.int().nullable(),
  /**
   * BM25 for `words` (0 upwards), cosine for `abstract` and `sentence`, mean score of the nearest for `neighbours`
   * of a search. Related papers: cosines of the two papers' words (tf-idf), abstracts, titles, and of the sentences of
   * the facet that is asked for. Recommendations: cosine from the middle of the collection for `likes`, `neighbours` (the first papers) and
   * `dislikes` (how much nearer than it may be). `votes` and comments; `age` in days behind the newest.
   */
  value: z.number().nullable(),
  /** Its share in scores. */
  weight: z.number(),
  /** What it added to this one: the contributions of all witnesses are the score. */
  contribution: z.number(),
});

export const explainedSchema = z.strictObject({
  witnesses: z.array(witnessSchema),
  /** The words that were looked up, and what each adds to the paper's BM25; 0 where it is not in the paper. */
  words: z.array(z.strictObject({ word: z.string(), weight: z.number() })),
});
export type Explain = z.infer<typeof explainedSchema>;

/** A copy of a paper: its preprint, say, or its proceedings version. */
export const versionSchema = paperSchema.pick({
  id: true,
  title: true,
  venue: true,
  published: true,
  doi: true,
  arxiv: true,
  url: true,
  source: true,
});
export type Version = z.infer<typeof versionSchema>;

const spokenSchema = z.strictObject({
  example: exampleSchema,
  /** Cosine of the example's and the paper's vectors, -1 to 1. */
  similarity: z.number(),
  /** Its share in what all likes (or dislikes) say of this paper, 0 to 1. */
  share: z.number(),
});
export const becauseSchema = z.strictObject({
  /** Likes that speak for the paper, and dislikes that speak against it: the strongest three of each, strongest first. */
  for: z.array(spokenSchema),
  against: z.array(spokenSchema),
  /** Without likes, in words: when it came, and how it was noted. */
  reason: z.string().nullable(),
});
export type Because = z.infer<typeof becauseSchema>;

export const hitSchema = z.strictObject({
  paper: paperSchema,
  /** Other papers of this answer that are copies of this one, best first; they are no hits of their own. */
  versions: z.array(versionSchema),
  /** Orders this one answer; not a percentage, and not comparable between answers. */
  score: z.number(),
  /** Cosine of the query's and the paper's vectors, -1 to 1; null when the paper has no vector yet or none was asked for. */
  similarity: z.number().nullable(),
  matched: z.strictObject({
    sentence: sentenceSchema.nullable(),
    /** Words of the query as they stand in the title or abstract. */
    words: z.array(z.string()),
    /** Related papers: which sentence of theirs matches which of the one asked about; null where either has none. */
    pair: pairSchema.nullable().optional(),
  }),
  /** Recommendations: why this one. */
  because: becauseSchema.optional(),
  explain: explainedSchema.optional(),
});
export type Hit = z.infer<typeof hitSchema>;

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

export const methodSchema = z.strictObject({
  /** What ordered the hits. */
  ranking: z.enum(["hybrid", "semantic", "lexical", "identifier", "filters", "none"]),
  /**
   * How nearest vectors were found: `exact`, all that match were compared; `scan`, the signs of all that match were looked
   * at and the likeliest compared; `hnsw`, the graph was asked; null, not at all.
   */
  nearest: z.enum(["exact", "scan", "hnsw"]).nullable(),
});
export type Method = z.infer<typeof methodSchema>;

export const answerSchema = z.strictObject({
  hits: z.array(hitSchema),
  /** Papers stored but without a vector yet: found by their words only. */
  pending: z.int(),
  method: methodSchema,
  /** The cursor of the page behind this one; null on the last. */
  next: z.string().nullable(),
  /** What was understood of a query beside its words, as it would be typed: `author:hinton year:2015..`; null for words only. */
  understood: z.string().nullable(),
  /** The query with a likely misspelling mended; null when none was found. */
  suggestion: z.string().nullable(),
  /** Words for the person: why there are no hits, or what was understood otherwise than typed. */
  notice: z.string().nullable(),
});
export type Answer = z.infer<typeof answerSchema>;

export const browseAnswerSchema = z.strictObject({
  papers: z.array(paperSchema),
  /** How many papers match the filters. */
  total: z.int(),
  next: z.string().nullable(),
});
export type BrowseAnswer = z.infer<typeof browseAnswerSchema>;

export const problemReportSchema = z.strictObject({
  file: z.string(),
  line: z.int(),
  reason: z.string(),
});

/** Problems told one by one; more are only counted. */
export const MAX_PROBLEMS = 1_000;

export const importReportSchema = z.strictObject({
  /** The format the content was found to be; null when it could not be told. */
  format: z.enum(["jsonl", "json", "bibtex", "ris", "csv"]).nullable(),
  added: z.int(),
  updated: z.int(),
  /** Already here, and nothing new said of them. */
  unchanged: z.int(),
  /** Records, or places, that were not imported, and why; at most 1,000. */
  problems: z.array(problemReportSchema),
  /** How many problems there were in all. */
  rejected: z.int(),
  /** Papers that were imported, but not just as they were given, and why; at most 1,000. */
  remarks: z.array(problemReportSchema),
  /** How many remarks there were in all. */
  remarked: z.int(),
  /** Fields nothing was done with, and how many records had them. */
  ignored: z.record(z.string(), z.int()),
});
export type ImportReport = z.infer<typeof importReportSchema>;

export const statusSchema = z.strictObject({
  version: z.string(),
  papers: z.int(),
  /** Papers with an abstract vector of the present model. */
  embedded: z.int(),
  /** Papers still without one. */
  pending: z.int(),
  /** Papers whose sentences are not embedded yet. */
  pendingSentences: z.int(),
  /** Whether this process is embedding right now. */
  indexing: z.boolean(),
  model: z.strictObject({
    name: z.string(),
    sha256: z.string(),
    dtype: z.string(),
    pooling: z.string(),
    /** Word pieces a text is cut at. */
    cut: z.int(),
    dimensions: z.int(),
  }),
  index: z.strictObject({
    /** `building`: exact search answers meanwhile. */
    state: z.enum(["ready", "building"]),
    /** Vectors in the HNSW graph. */
    count: z.int(),
    /** The change that answers are good for. */
    change: z.int(),
    /** The change the snapshot on disk is good for; 0 for none. */
    saved: z.int(),
    /** The newest change in the store. */
    storeChange: z.int(),
    /** What was found on opening, in words; null when nothing is worth saying. */
    notice: z.string().nullable(),
  }),
});
export type Status = z.infer<typeof statusSchema>;
