import type { Facets, ImportsAnswer, ListsAnswer, Order, Region, Selection } from "../api.js";
import type { Identifier } from "../core/identifiers.js";
import type { Paper } from "../core/paper.js";
import type { StoredSentences } from "../core/vector.js";
import type { WordHit } from "../core/word.js";
import type { Likely, Neighbour } from "../vectors/nearest.js";
import type { Row } from "../words/cosines.js";
import type { Pause } from "../core/pauses.js";
import type { StoredJob } from "../store/jobs.js";
import type { OwnedRow } from "./writer.js";

export type { Likely, Neighbour, WordHit };

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

export type EngineStatus = {
  /** The label of the paper added last, even if it has been removed; 0 if none ever was. */
  newest: number;
  /** Papers with a vector but without a point on the map. */
  pendingPoints: number;
  jobs: StoredJob[];
  index: IndexState;
};

/** A name of a paper: its id or another identifier. */
export type Lookup = Identifier | { kind: "id"; value: string };

/** A paper in a list, and when it was added. */
export type Entry = { id: string; added: string };

/** The position of a paper in an ordered list: its sort key (score, date or votes), and its label for ties. */
export type Place = { key: number | string; label: number };

/** A paper on the map. */
export type Point = [label: number, x: number, y: number, published: string | null, category: string | null];

/**
 * What questions and ranking need from the component that holds the papers: the interface between Kindred and an engine.
 *
 * A paper's key is its label: a sequence number that the engine assigns to a new paper, larger than all earlier ones and
 * never reused. Ties, cursors and "added after" use it.
 *
 * Each method is one round trip for a batch, so a search needs only a handful. Computations on values that have already been
 * fetched are synchronous: see `Block`.
 */
export interface Engine {
  /**
   * How many of the papers that a search retrieves are compared by all signals for a page: the most promising ones, as far as that is
   * known before their values are read. Infinity where values are in memory.
   */
  readonly compared: number;
  counts(): Promise<Counts>;
  /** What only the status shows. */
  status(): Promise<EngineStatus>;
  /**
   * Compares the ten nearest neighbours of a random paper by exact comparison with those that `nearest` finds.
   *
   * @returns The number of neighbours, and how many of them are found; both 0 if papers changed meanwhile.
   */
  checkRecall(): Promise<{ nearest: number; found: number }>;
  /** The label of each named paper; undefined if it is unknown. */
  resolve(names: readonly Lookup[]): Promise<(number | undefined)[]>;
  /** For each title, the papers with this title, ignoring case, accents and punctuation. */
  titled(titles: readonly string[]): Promise<number[][]>;
  /** The paper for each label; undefined if it has been removed. */
  papers(labels: readonly number[]): Promise<(Paper | undefined)[]>;
  /** tf-idf cosine of the words of a text to those of each paper's title and abstract; null if it has been removed. */
  wordCosines(text: string, labels: readonly number[]): Promise<(number | null)[]>;
  /** All papers, in the order they were added: those with a label above `after`. */
  papersAfter(after: number, limit: number): Promise<{ label: number; paper: Paper }[]>;
  /** For each list, its papers and when they were added, last added last. @throws KindredError `not-found` for an unknown list. */
  list(names: readonly string[]): Promise<Entry[][]>;

  /** Number of papers in which each stem occurs; for a prefix such as `syn*`, any stem that starts with it. */
  frequencies(stems: readonly string[]): Promise<number[]>;
  /** The k papers with any of the words, best BM25 first, ties by label. */
  words(words: readonly string[], filters: Selection, k: number): Promise<WordHit[]>;
  /**
   * The k nearest abstracts, nearest first, ties by label, and how they were found. Their similarities may differ by 0.005 from those
   * of a block. @param query Unit vector.
   */
  nearest(query: Float32Array, filters: Selection, k: number): Promise<{ neighbours: Neighbour[]; way: Way }>;
  /** BM25 of each word in each paper, 0 if it does not occur: a list for each word. Their sum for a paper is the BM25 of `words`. */
  wordWeights(words: readonly string[], labels: readonly number[]): Promise<number[][]>;
  /** The values of some papers that signals need. */
  inspect(labels: ArrayLike<number>, want: Want): Promise<Block>;
  /** The mean of all abstracts' vectors, shrunk towards zero if there are few. */
  mean(): Promise<Float32Array>;

  /** The tf-idf unit vectors of some papers, then of some texts; empty if no word is known. */
  wordVectors(labels: readonly number[], texts: readonly string[], pause: Pause): Promise<Row[]>;
  /** The stems at some positions of such a vector. */
  stemsAt(places: readonly number[]): Promise<string[]>;
  /**
   * For each profile, the papers that pass the filters and are most like it, by words and by vectors.
   *
   * @param k Number of papers by words, and by vectors.
   * @param postings Only the strongest words of a profile count, as many as have at most this many postings in total.
   */
  alike(
    profiles: readonly Profile[],
    filters: Selection,
    k: number,
    postings: number,
    pause: Pause,
  ): Promise<{ found: Alike[]; likeness: Likeness }>;
  /** Number of papers whose words are not yet indexed. */
  unread(): Promise<number>;

  /** Whether each paper passes the filters. */
  matches(labels: readonly number[], filters: Selection): Promise<boolean[]>;
  /** The first papers that pass the filters, ascending by label. */
  passing(filters: Selection, most: number): Promise<number[]>;
  /** Number of papers that pass the filters. */
  count(filters: Selection): Promise<number>;
  /** Papers that pass the filters in the requested order, after a position in it. */
  browse(filters: Selection, sort: Order, limit: number, after?: Place): Promise<(Place & { paper: Paper })[]>;
  /** All lists and notes. */
  lists(): Promise<ListsAnswer>;
  /** Rows that a caller stored by `Writer`: those of `owner` whose key starts with `prefix` and sorts after `after`, by key. */
  owned(rows: { owner: string; prefix: string; after: string; limit: number }): Promise<OwnedRow[]>;
  /** How many rows of `owner` have a key that starts with `prefix`. */
  countOwned(rows: { owner: string; prefix: string }): Promise<number>;
  /** All imports, newest first. */
  imports(): Promise<ImportsAnswer>;

  /** Versions of the map: of its layout, and of all data about its papers. */
  mapVersion(): Promise<{ layout: number; shown: string }>;
  /** The regions of the map. */
  regions(): Promise<Region[]>;
  /** Points of the map after a label, ascending by label. */
  points(after: number, limit: number): Promise<Point[]>;

  /** Number of papers by year, category, venue, source and daily list, among some papers or all that pass filters. */
  facets(of: readonly number[] | Selection): Promise<Facets>;
}

/** Which values of papers a block must hold. */
export type Want = {
  /** The vectors of abstracts. */
  vectors?: true;
  /** The sketches of titles and sentences. */
  sketches?: true;
  /** Title hashes, which `maybeCopies` needs along with vectors. */
  titles?: true;
};

/** What papers are compared with: words as from `wordVectors`, the share of each paper's product with the mean that is subtracted, and a unit vector. */
export type Profile = { words: Row; share: number; vector: Float32Array | null };

/** The papers with the largest products with a profile's words, and those nearest to its vector; none without one. */
export type Alike = { byWords: number[]; byVector: number[]; way: Way | null };

/** The products of each profile's words with those of some papers, as `alike` compares them; NaN if unknown. */
export type Likeness = (labels: readonly Uint32Array[]) => Promise<Float32Array[]>;

/**
 * The requested values of some papers, already fetched. Only these papers may be named. Valid until the answer is complete.
 */
export interface Block {
  /** Cosine of a unit vector to each abstract; null where there is no vector yet. */
  similarities(query: Float32Array, labels: readonly number[]): (number | null)[];
  /** For each query, like `similarities`, for many labels; NaN if there is no vector yet. */
  cosines(queries: readonly Float32Array[], labels: ArrayLike<number>): Float32Array[];
  /** For each paper, its cosines to all of them: [labels, labels]; NaN if one of both has no vector yet. */
  allCosines(labels: readonly number[]): Float32Array;
  /** The unit vector of a paper's abstract; undefined if there is none yet. */
  vector(label: number): Float32Array | undefined;
  /** Estimated cosine of the query to each paper's best sentence or title; NaN while these are pending. */
  bestSentences(query: Float32Array, labels: readonly number[]): Float64Array<ArrayBuffer>;
  /** Sentences of a paper's abstract with their estimated cosines, in order; null while they are pending. */
  sentences(query: Float32Array, label: number): { start: number; end: number; similarity: number }[] | null;
  /** Spans of the sentences of a paper's abstract, and their sketches, the title's first; null while pending. */
  sketches(label: number): StoredSentences | null;
  /** The sketch of a paper's title, which may be followed by others; null while it is pending. */
  title(label: number): Uint8Array | null;
  /**
   * For each paper, the positions in `among` of the k papers nearest to it by signs, and the cosines of their abstracts. Papers
   * without a vector have none, and are left out.
   */
  likelyNearest(labels: readonly number[], among: readonly number[], k: number): Likely[];
  /**
   * For each paper, the labels in `among` that may be copies of it, by title or near abstract, in the order given. A paper
   * counts as a copy of itself.
   */
  maybeCopies(labels: readonly number[], among: readonly number[]): number[][];
}
