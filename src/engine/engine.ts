import type { Facets, ImportsAnswer, ListsAnswer, Order, Region, Selection } from "../api.js";
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

/** A name of a paper: its id, or an identifier that it has. */
export type Lookup = Identifier | { kind: "id"; value: string };

/** Where a paper is in a list: what it is sorted by (a score, date, or number of votes), and its label. */
export type Place = { key: number | string; label: number };

/** A paper on the map. */
export type Point = [label: number, x: number, y: number, published: string | null, category: string | null];

/**
 * What questions and ranking ask of whatever holds the papers: the seam between Kindred and an engine.
 *
 * A paper's key is its label: a sequence number that the engine gives to a new paper, larger than all before and never
 * reused. Ties, cursors and "added after" go by it.
 *
 * Each method is one round trip and takes everything it can answer at once, so a search needs a handful of them. What is
 * computed from values that are already here is not asynchronous: see `Block`.
 */
export interface Engine {
  counts(): Promise<Counts>;
  /** The papers with some names, one each; undefined where there is none. */
  resolve(names: readonly Lookup[]): Promise<(number | undefined)[]>;
  /** For each title, the papers with exactly it, apart from case, accents and punctuation. */
  titled(titles: readonly string[]): Promise<number[][]>;
  /** One each; undefined for a paper that is gone. */
  papers(labels: readonly number[]): Promise<(Paper | undefined)[]>;
  /** For each list, the ids in it, the latest last. @throws KindredError `not-found` for an unknown list. */
  list(names: readonly string[]): Promise<string[][]>;

  /** In how many papers each stem occurs, or for `syn*` any stem that starts so. */
  frequencies(stems: readonly string[]): Promise<number[]>;
  /** The k papers with any of the words, best BM25 first. */
  words(words: readonly string[], filters: Selection, k: number): Promise<WordHit[]>;
  /** The k nearest abstracts, and how they were found. @param query Unit vector. */
  nearest(query: Float32Array, filters: Selection, k: number): Promise<{ neighbours: Neighbour[]; way: Way }>;
  /** What the signals need to know about some papers. */
  inspect(labels: ArrayLike<number>, want: Want): Promise<Block>;
  /** The mean of all abstracts' vectors. */
  mean(): Promise<Float32Array>;

  /** The tf-idf vectors of some papers, then of some texts, of length 1; empty where no word is known. */
  wordVectors(labels: readonly number[], texts: readonly string[], pause: Pause): Promise<Row[]>;
  /** The words at some places of such a vector, as stems. */
  stemsAt(places: readonly number[]): Promise<string[]>;
  /**
   * Products of such a vector and those of all papers, less a share of what each paper has in common with all; and the k
   * papers that pass the filters with the largest. Only the strongest words count, as many as have so many postings
   * together.
   */
  likeWords(
    query: Row,
    share: number,
    filters: Selection,
    k: number,
    postings: number,
    pause: Pause,
  ): Promise<{ nearest: number[]; likeness: Likeness }>;
  /** How many papers' words are not known yet. */
  unread(): Promise<number>;

  /** Whether each paper passes the filters. */
  matches(labels: readonly number[], filters: Selection): Promise<boolean[]>;
  /** The first papers that pass the filters, ascending by label. */
  passing(filters: Selection, most: number): Promise<number[]>;
  /** How many papers pass the filters. */
  count(filters: Selection): Promise<number>;
  /** Papers that pass the filters in an order, after a place in it. */
  browse(filters: Selection, sort: Order, limit: number, after?: Place): Promise<(Place & { paper: Paper })[]>;
  /** All lists and notes. */
  lists(): Promise<ListsAnswer>;
  /** All imports, the latest first. */
  imports(): Promise<ImportsAnswer>;

  /** Versions of the map: of its layout, and of everything that is shown of the papers on it. */
  mapVersion(): Promise<{ layout: number; shown: string }>;
  /** The regions of the map. */
  regions(): Promise<Region[]>;
  /** Points of the map, ascending, after a label. */
  points(after: number, limit: number): Promise<Point[]>;

  /** How many of some papers, or of all that pass filters, are of each year, category, venue, source and daily list. */
  facets(of: readonly number[] | Selection): Promise<Facets>;
}

/** Which values of papers a block must hold. */
export type Want = {
  /** BM25 of these words. */
  words?: readonly string[];
  /** The vectors of abstracts. */
  vectors?: true;
  /** The sketches of titles and sentences. */
  sketches?: true;
  /** What `maybeCopies` compares, along with vectors. */
  titles?: true;
};

/** The products that `likeWords` computed, for some papers; NaN where nothing is known. */
export type Likeness = (labels: Uint32Array) => Promise<Float32Array>;

/**
 * What an engine knows about some papers: the values that were asked for, at hand. Only the papers it was asked for may be
 * named. Valid until the end of the answer.
 */
export interface Block {
  /** BM25 of one word in each paper, 0 where it is not; those of several words add up to what `words` gives. */
  wordWeights(word: string, labels: readonly number[]): number[];
  /** Cosine of a unit vector to each abstract; null where there is no vector yet. */
  similarities(query: Float32Array, labels: readonly number[]): (number | null)[];
  /** The same, NaN where there is no vector yet: for many labels. */
  cosines(query: Float32Array, labels: ArrayLike<number>): Float32Array;
  /** The paper's own unit vector. */
  vector(label: number): Float32Array | undefined;
  /** Estimated cosine of the query to each paper's best sentence, its title included; null where they are pending. */
  bestSentences(query: Float32Array, labels: readonly number[]): (number | null)[];
  /** Sentences of a paper's abstract with their estimated cosines, in order; null while they are pending. */
  sentences(query: Float32Array, label: number): { start: number; end: number; similarity: number }[] | null;
  /** Spans of the sentences of a paper's abstract, and their sketches, the title's first; null while pending. */
  sketches(label: number): StoredSentences | null;
  /**
   * For each of some papers, the positions of those other papers that are likely the k nearest to it, by their signs; all
   * when they are few.
   */
  likelyNearest(labels: readonly number[], among: readonly number[], k: number): number[][];
  /**
   * For each of some papers, those other papers that may be copies of it: the same title, or nearly the same abstract. In
   * the order given; a paper is a copy of itself.
   */
  maybeCopies(labels: readonly number[], among: readonly number[]): number[][];
}
