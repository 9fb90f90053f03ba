/** Hits, and what an answer says about them. */
import { z } from "zod";
import { paperSchema } from "../core/paper.js";
import { id, text } from "./fields.js";

/** A sentence of an abstract; places in UTF-16 code units: `abstract.slice(start, end)` is `text`. */
export const sentenceSchema = z.strictObject({
  text: z.string(),
  start: z.int(),
  end: z.int(),
  /** Estimated cosine to the query, -1 to 1; null in lexical mode, where matched words choose the sentence. */
  similarity: z.number().nullable(),
});

/** A sentence, and its place in the text it is from. */
export const passageSchema = sentenceSchema.omit({ similarity: true });

/** The two sentences that match best: `here` of the paper or text of the request, `there` of the hit. */
export const pairSchema = z.strictObject({
  here: passageSchema,
  there: passageSchema,
  /** Estimated cosine of the two sentences, -1 to 1. */
  similarity: z.number(),
});
export type Pair = z.infer<typeof pairSchema>;

export const signalNameSchema = z.enum([
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
export type SignalName = z.infer<typeof signalNameSchema>;

export const signalSchema = z.strictObject({
  name: signalNameSchema,
  /** Rank among the candidates, from 1; null if the signal knows nothing of the paper. */
  rank: z.int().nullable(),
  /**
   * Search: `words` is BM25 (0 or more), `abstract` and `sentence` are cosines, `neighbours` is the mean score of the
   * nearest papers. Related papers: cosines of the two papers' words (tf-idf), abstracts and titles. Recommendations, less
   * what all papers have in common: `words` is the product of tf-idf vectors, `likes` a cosine; `dislikes` is how far the
   * cosine to a dislike exceeds its limit. `votes` counts upvotes and comments; `age` is in days before the newest paper.
   */
  value: z.number().nullable(),
  /** The weight of the signal in the score. */
  weight: z.number(),
  /** What it adds to the score: the contributions of all signals add up to it. */
  contribution: z.number(),
});

export const explainedSchema = z.strictObject({
  signals: z.array(signalSchema),
  /** The words that were searched, and what each adds to the paper's BM25 (recommendations: to its tf-idf product). */
  words: z.array(z.strictObject({ word: z.string(), weight: z.number() })),
});
export type Explain = z.infer<typeof explainedSchema>;

/** A copy of a paper, such as its preprint. */
export const versionSchema = paperSchema.pick({
  id: true,
  title: true,
  venue: true,
  published: true,
  doi: true,
  arxiv: true,
  url: true,
  source: true,
  notice: true,
});
export type Version = z.infer<typeof versionSchema>;

/** A paper by id, or any text. */
export const exampleSchema = z.union([z.strictObject({ id }), z.strictObject({ text: text.min(1) })]);
export type Example = z.infer<typeof exampleSchema>;

export const reasonSchema = z.strictObject({
  example: exampleSchema,
  /** The title of the paper; null for a text. */
  title: z.string().nullable(),
  /** Cosine of the example's and the paper's vectors, -1 to 1. */
  similarity: z.number(),
  /** Its share in the influence of all likes, or of all dislikes, 0 to 1. */
  share: z.number(),
});

export const becauseSchema = z.strictObject({
  /** The three likes that count most for the paper, and the three dislikes that count most against it, strongest first. */
  for: z.array(reasonSchema),
  against: z.array(reasonSchema),
  /** Without likes: when it was published and how it was received, in words. */
  reason: z.string().nullable(),
});
export type Because = z.infer<typeof becauseSchema>;

export const matchedSchema = z.strictObject({
  sentence: sentenceSchema.nullable(),
  /** Words of the query as they are written in the title or abstract. */
  words: z.array(z.string()),
  /** Related papers: the two sentences that match best, of the requested aspect; null if either has none. */
  pair: pairSchema.nullable().optional(),
});

export const hitSchema = z.strictObject({
  paper: paperSchema,
  /** Copies of this paper among the candidates, best first; they are not hits of their own. */
  versions: z.array(versionSchema),
  /** Orders the hits of one answer; not a percentage, and not comparable between answers. */
  score: z.number(),
  /** Cosine of the vectors of query and paper, -1 to 1; null if either has none. */
  similarity: z.number().nullable(),
  matched: matchedSchema,
  /** Recommendations: the reasons. */
  because: becauseSchema.optional(),
  explain: explainedSchema.optional(),
});
export type Hit = z.infer<typeof hitSchema>;

export const methodSchema = z.strictObject({
  /** What ordered the hits. */
  ranking: z.enum(["hybrid", "semantic", "lexical", "identifier", "filters", "none"]),
  /**
   * How the nearest vectors were found: `exact` compares all that pass the filters, `scan` compares their signs first and
   * then the likeliest, `hnsw` searches the graph; null if no vectors were compared.
   */
  nearest: z.enum(["exact", "scan", "hnsw"]).nullable(),
});
export type Method = z.infer<typeof methodSchema>;

export const countedSchema = z.strictObject({ value: z.string(), papers: z.int() });
const counted = z.array(countedSchema);

export const facetsSchema = z.strictObject({
  /** Earliest first. */
  years: counted,
  /** The 50 most frequent, most frequent first. */
  categories: counted,
  venues: counted,
  sources: counted,
  /** Days of daily lists: the newest 400, newest first. */
  days: counted,
});
export type Facets = z.infer<typeof facetsSchema>;

export const answerSchema = z.strictObject({
  hits: z.array(hitSchema),
  /** Papers without a vector yet, hits or not: they are found by their words only. */
  pending: z.int(),
  method: methodSchema,
  /** The cursor of the next page; null on the last. */
  next: z.string().nullable(),
  /** Of all candidates, if requested: about a thousand at most in a search. */
  facets: facetsSchema.optional(),
  /** How the query was understood, as it would be typed: `deep author:hinton year:2015..`; null for plain words. */
  understood: z.string().nullable(),
  /** The query with a likely misspelling corrected; null if there is none. */
  suggestion: z.string().nullable(),
  /**
   * False if nothing is close to the question, so that the hits are only the nearest papers (`notice` says so too). Null
   * where it is not judged: lexical mode, identifiers, filters only, related and recommended papers, no hits, papers that
   * are not embedded yet.
   */
  close: z.boolean().nullable(),
  /** A message for the user: why there are no hits, or what was understood differently from what was typed. */
  notice: z.string().nullable(),
});
export type Answer = z.infer<typeof answerSchema>;
