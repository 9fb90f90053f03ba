import { z } from "zod";
import { paperSchema } from "../paper.js";
import { id, text } from "./fields.js";

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

/** A paper by id, or any text. */
export const exampleSchema = z.union([z.strictObject({ id }), z.strictObject({ text: text.min(1) })]);
export type Example = z.infer<typeof exampleSchema>;

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
