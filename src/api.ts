/**
 * What can be asked and what is answered: one set of zod schemas for the library, HTTP, the command line, the page
 * and the OpenAPI document.
 */
import { z } from "zod";
import { canBeNamed } from "./list.js";
import { dateSchema, LIMITS, paperSchema } from "./paper.js";
import { PERIOD } from "./period.js";

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

/** Two opposite corners of a part of the map, as `x0,y0,x1,y1` in its coordinates. */
const areaSchema = z
  .string()
  .max(LIMITS.name)
  .refine(
    (area) =>
      area.split(",").length === 4 && area.split(",").every((part) => /\d/.test(part) && isFinite(Number(part))),
    "expected four numbers with commas between them, x0,y0,x1,y1, as /api/map has them",
  );

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
  venue: values
    .optional()
    .describe(
      "A venue's whole name, as it is written; where no venue has it, words that the venue holds, in any case.",
    ),
  author: values
    .optional()
    .describe(
      "One author's name holds all these words, in any case, with or without accents; an initial stands for a name.",
    ),
  source: values.optional().describe("Imported from this source, spelt exactly."),
  listed: z
    .string()
    .regex(PERIOD, "expected a day, a week, a month or a year: 2024-05-01, 2024-W18, 2024-05 or 2024")
    .optional()
    .describe("On a daily list on this day, or in this week (2024-W18), month or year."),
  list: values
    .optional()
    .describe("In one of your lists: `likes`, `dislikes`, or one that you made; with a question, each must be there."),
  addedAfter: z
    .int()
    .min(0)
    .optional()
    .describe("Imported since: after the paper that was the `newest` of an earlier status."),
  within: z.array(id).max(MAX_IDS).optional().describe("Only these papers, by id."),
  area: areaSchema.optional().describe("Within this part of the map: x0,y0,x1,y1, two opposite corners."),
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
const facets = z.boolean().default(false).describe("Count the papers of each year, category, venue, source and day.");
const ranked = {
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

export const facetSchema = z.enum(["background", "method", "result"]);
export type Facet = z.infer<typeof facetSchema>;
const facet = facetSchema
  .optional()
  .describe(
    "Show, in `matched.pair`, the sentences on what the papers ask, how they go about it, or what they find; without one any sentences. The order stays the same.",
  );

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

/** A paper, and how many of those around it. */
export const neighbourhoodSchema = z.strictObject({
  id,
  limit: z.int().min(1).max(60).default(24).describe("Papers around this one, 1 to 60."),
});
export type NeighbourhoodRequest = z.infer<typeof neighbourhoodSchema>;

/** A paper by its id alone; what is too long to be one is the id of none. */
export const paperRequestSchema = z.strictObject({ id: z.string() });
export type PaperRequest = z.infer<typeof paperRequestSchema>;

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
  basedOn: values
    .optional()
    .describe("Lists whose papers are liked, `likes` or your own; then those in `dislikes` are not."),
  ...ranked,
  ...filtersSchema.shape,
});
export type RecommendRequest = z.infer<typeof recommendSchema>;

/** The formats papers are written in. */
export const exportFormatSchema = z.enum(["jsonl", "bibtex", "ris", "csl-json", "csv", "text"]);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

/** A list's name, as a person writes it. */
export const listNameSchema = z.string().trim().min(1).max(200);
/** The name of a list that is made, or given another: older ones keep theirs. */
export const newListNameSchema = listNameSchema.refine(
  canBeNamed,
  "expected a name other than . and .., without line breaks, control characters or marks of writing direction",
);
export const citeSchema = z.strictObject({
  format: exportFormatSchema.default("bibtex").describe("`text` is a plain reference on one line."),
});
export const exportSchema = z.strictObject({
  format: exportFormatSchema
    .default("jsonl")
    .describe("`jsonl` and `csv` hold every field; `text` is a reference a line."),
  list: listNameSchema.optional().describe("Only the papers of this list, those that were put in last first."),
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
   * of a search. Related papers: cosines of the two papers' words (tf-idf), abstracts and titles. Recommendations, less
   * what all papers have in common: product of the words' tf-idf vectors for `words`, cosine for `likes`; how much nearer
   * than it may be for `dislikes`. `votes` and comments; `age` in days behind the newest.
   */
  value: z.number().nullable(),
  /** Its share in scores. */
  weight: z.number(),
  /** What it added to this one: the contributions of all witnesses are the score. */
  contribution: z.number(),
});

export const explainedSchema = z.strictObject({
  witnesses: z.array(witnessSchema),
  /** The words that were looked up, and what each adds to the paper's BM25, or in recommendations to its tf-idf product; 0 where it is not in the paper. */
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
  /** Of the paper; null for a text. */
  title: z.string().nullable(),
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
    /** Related papers: which sentence of theirs matches which of the one asked about, in the facet that is asked for; null where either has none. */
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

const counted = z.array(z.strictObject({ value: z.string(), papers: z.int() }));
export const facetsSchema = z.strictObject({
  /** In order of time. */
  years: counted,
  /** The 50 most frequent, most frequent first. */
  categories: counted,
  venues: counted,
  sources: counted,
  /** Of daily lists: the newest 400, newest first. */
  days: counted,
});
export type Facets = z.infer<typeof facetsSchema>;

export const answerSchema = z.strictObject({
  hits: z.array(hitSchema),
  /** Papers stored but without a vector yet, whether they are hits or not: only their words find them. */
  pending: z.int(),
  method: methodSchema,
  /** The cursor of the page behind this one; null on the last. */
  next: z.string().nullable(),
  /** Of all papers that this answer is chosen from, when asked for: at most a thousand or so in a search. */
  facets: facetsSchema.optional(),
  /** What was understood of a query beside its words, as it would be typed: `author:hinton year:2015..`; null for words only. */
  understood: z.string().nullable(),
  /** The query with a likely misspelling mended; null when none was found. */
  suggestion: z.string().nullable(),
  /**
   * Of a search by meaning: false when nothing here is close to the question, and the hits are only the nearest there are
   * (`notice` says so too). Null where it is not judged: by words only, of identifiers and conditions, of related and
   * recommended papers, without hits, and while papers are not embedded yet.
   */
  close: z.boolean().nullable(),
  /** Words for the person: why there are no hits, or what was understood otherwise than typed. */
  notice: z.string().nullable(),
});
export type Answer = z.infer<typeof answerSchema>;

export const paperAnswerSchema = z.strictObject({
  paper: paperSchema,
  /** The sentences of its abstract, in order, in UTF-16 code units; none without an abstract. */
  sentences: z.array(sentenceSchema.pick({ start: true, end: true })),
});
export type PaperAnswer = z.infer<typeof paperAnswerSchema>;

export const neighbourhoodAnswerSchema = z.strictObject({
  /** The paper itself, then those around it in the order of related papers; none when it is not embedded yet. */
  papers: z.array(
    paperSchema.pick({ id: true, title: true, published: true, venue: true }).extend({
      /** The first of its authors; null when none is known. */
      author: z.string().nullable(),
      /** Cosine of its vector and that of the paper itself, -1 to 1; 1 for that one. */
      similarity: z.number(),
    }),
  ),
  /** Two papers each, by their places in `papers`, from 0; `from` is less than `to`, in ascending order of both. */
  edges: z.array(
    z.strictObject({
      from: z.int(),
      to: z.int(),
      /** Cosine of the two vectors, -1 to 1. */
      similarity: z.number(),
    }),
  ),
  /** Papers stored but without a vector yet: they are in no neighbourhood. */
  pending: z.int(),
  /** Words for the person: why there is none. */
  notice: z.string().nullable(),
});
export type NeighbourhoodAnswer = z.infer<typeof neighbourhoodAnswerSchema>;

export const browseAnswerSchema = z.strictObject({
  papers: z.array(paperSchema),
  /** How many papers match the filters. */
  total: z.int(),
  next: z.string().nullable(),
  /** Of all papers that match, when asked for. */
  facets: facetsSchema.optional(),
});
export type BrowseAnswer = z.infer<typeof browseAnswerSchema>;

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

export const problemReportSchema = z.strictObject({
  file: z.string(),
  line: z.int(),
  reason: z.string(),
});

/** Problems told one by one; more are only counted. */
export const MAX_PROBLEMS = 1_000;

export const importReportSchema = z.strictObject({
  /** The number it can be undone by; null when no paper came with it. */
  import: z.int().nullable(),
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
  /** Abbreviations that the file defines for entries of BibTeX (`@string`). */
  abbreviations: z.int(),
});
export type ImportReport = z.infer<typeof importReportSchema>;

export const listsAnswerSchema = z.strictObject({
  /** `likes` and `dislikes` first, the others by name. */
  lists: z.array(
    z.strictObject({
      name: z.string(),
      created: z.string(),
      papers: z.int(),
      /** The one that was put in last at the end; also those of papers that are not here any more. */
      ids: z.array(z.string()),
    }),
  ),
  notes: z.array(z.strictObject({ id: z.string(), note: z.string(), changed: z.string() })),
});
export type ListsAnswer = z.infer<typeof listsAnswerSchema>;

/** Characters of a note. */
export const noteSchema = z.strictObject({ note: z.string().max(20_000) });

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

export const importsAnswerSchema = z.strictObject({
  /** The newest first, and only those that can be undone. */
  imports: z.array(
    z.strictObject({
      import: z.int(),
      name: z.string(),
      began: z.string(),
      /** When all that it did was taken back. Of what has been but in part, what is left is counted. */
      undone: z.string().nullable(),
      added: z.int(),
      updated: z.int(),
    }),
  ),
});
export type ImportsAnswer = z.infer<typeof importsAnswerSchema>;
export const undoneSchema = z.strictObject({
  /** Papers that the import had added. */
  removed: z.int(),
  /** Papers that are again as they were before. */
  restored: z.int(),
  /** Papers that a later import has brought as well: left as they are, until that is undone and this again. */
  kept: z.int(),
});
export type Undone = z.infer<typeof undoneSchema>;

export const statusSchema = z.strictObject({
  version: z.string(),
  papers: z.int(),
  /** Papers with an abstract vector of the present model. */
  embedded: z.int(),
  /** Papers still without one. */
  pending: z.int(),
  /** Papers whose sentences are not embedded yet. */
  pendingSentences: z.int(),
  /** Papers whose text could not be embedded, and is not tried again until it changes or the index is rebuilt. */
  failed: z.int(),
  /** The number of the paper that came last, also if it is gone; 0 when none ever did. For `addedAfter`. */
  newest: z.int(),
  /** Imports of this process that are under way: what has been read so far. */
  importing: z.array(z.strictObject({ name: z.string(), papers: z.int(), bytes: z.int() })),
  /** Papers with a vector that have no point on the map yet. */
  pendingPoints: z.int(),
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
