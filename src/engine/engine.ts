import type { Facets } from "../api.js";
import type { Selection } from "../store/filters.js";
import type { Identifier } from "../core/identifiers.js";
import type { Paper } from "../core/paper.js";
import type { StoredSentences } from "../core/vector.js";
import type { WordHit } from "../core/word.js";
import type { Neighbour } from "../vectors/nearest.js";
import type { Row } from "../words/cosines.js";
import type { Pause } from "../core/pauses.js";

export type { Neighbour, WordHit };

/** Abstracts with at least this cosine differ only in a few words. Below it, only papers with equal titles can be copies. */
export const SAME_ABSTRACT = 0.97;

/** How nearest vectors were found: by comparing all matching ones, the nearest by signs, or those that the graph finds. */
export type Way = "exact" | "scan" | "hnsw";

/**
 * Number of papers and progress of embedding. Papers whose text could not be embedded are not pending.
 */
export type Counts = { papers: number; embedded: number; pending: number; pendingSentences: number; failed: number };

export type IndexState = {
  state: "ready" | "building";
  count: number;
  change: number;
  saved: number;
  storeChange: number;
  notice: string | null;
};

/**
 * What ranking needs of whatever holds the papers: the seam between Kindred and an engine. Papers go by label.
 * All answers are of the newest state of the store.
 */
export interface Engine {
  counts(): Counts;
  /** Papers that hold any of the words, best BM25 first. */
  words(words: readonly string[], filters: Selection, k: number): WordHit[];
  /** BM25 of one word in each paper, 0 where it is not; those of several words add up to what `words` gives. */
  wordWeights(word: string, labels: readonly number[]): number[];
  /** In how many papers a stem occurs. */
  documentsWith(stem: string): number;
  /** The tf-idf vector of a paper, or of a text, of length 1; empty where no word of it is known. */
  wordVector(of: number | string): Row;
  /** The same of several papers, after all new words have been read, where that takes little time. */
  wordVectors(labels: readonly number[], pause: Pause): Promise<Row[]>;
  /** The word at a place of such a vector, as a stem. */
  stemAt(place: number): string;
  /**
   * Products of such a vector and those of all papers, by label, less a share of what each paper has in common with
   * all; NaN where nothing is known. And the k papers that pass the filters with the largest. Of the words the
   * strongest count, as many as have so many postings together.
   */
  likeWords(
    query: Row,
    share: number,
    filters: Selection,
    k: number,
    postings: number,
    pause: Pause,
  ): Promise<{ likeness: Float32Array; nearest: number[] }>;
  /** How many papers' words are not known yet. */
  unread(): number;
  /** The k nearest abstracts, and how they were found. */
  nearest(query: Float32Array, filters: Selection, k: number): { neighbours: Neighbour[]; way: Way };
  /** Cosine of the query to each abstract; null where there is no vector yet. */
  similarities(query: Float32Array, labels: readonly number[]): (number | null)[];
  /** The same, NaN where there is no vector yet: for many labels. */
  cosines(query: Float32Array, labels: Uint32Array): Float32Array;
  /**
   * For each of some papers, the positions of those other papers that are likely the k nearest to it, by their signs; all
   * when they are few.
   */
  likelyNearest(labels: readonly number[], among: readonly number[], k: number): number[][];
  /** Estimated cosine of the query to each paper's best sentence, its title included; null where they are pending. */
  bestSentences(query: Float32Array, labels: readonly number[]): (number | null)[];
  /** Sentences of a paper's abstract with their estimated cosines, in order; null while they are pending. */
  sentences(query: Float32Array, label: number): { start: number; end: number; similarity: number }[] | null;
  /** Spans of the sentences of a paper's abstract, and their sketches, the title's first; null while pending. */
  sketches(label: number): StoredSentences | null;
  /**
   * For each of some papers, those other papers that may be copies of it: the same title, or nearly the same abstract. In
   * the order given; a paper is a copy of itself.
   */
  maybeCopies(labels: readonly number[], among: readonly number[]): number[][];
  /** The mean of all abstracts' vectors. */
  mean(): Float32Array;
  /** The paper's own unit vector. */
  vector(label: number): Float32Array | undefined;
  fetch(label: number): Paper | undefined;
  /** Ids of the papers in a list, the one that was put in last at the end. @throws KindredError `not-found`. */
  list(name: string): string[];
  find(identifier: Identifier | { kind: "id"; value: string }): number | undefined;
  /** The papers with some ids; undefined where there is none. */
  labelsOf(ids: readonly string[]): (number | undefined)[];
  /** Papers with exactly this title, case, accents and punctuation aside. */
  titled(title: string): number[];
  /** Labels of the papers that pass the filters, newest or most voted first. */
  listed(filters: Selection, sort: "date" | "upvotes", k: number): number[];
  /** How many of the papers are of each year, category, venue, source and daily list. */
  facets(labels: readonly number[]): Facets;
  /** Whether the paper passes the filters. */
  matches(label: number, filters: Selection): boolean;
}
