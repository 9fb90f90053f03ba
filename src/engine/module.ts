/** What the module of an engine exports, and what its threads ask of it. */
import type { ModelDescription } from "../embedding/description.js";
import type { KindredError } from "../core/errors.js";
import type { Engine } from "./engine.js";
import type { Hold } from "./reading.js";
import type { FailedText } from "../store/vectors.js";
import type { Copying } from "./copying.js";
import type { Writer } from "./writer.js";

/** An engine other than the embedded one. */
export type EngineOption = {
  /** URL of its module, which exports an `EngineModule`. Each thread that opens it imports it. */
  module: string;
  /** Passed to the module; structured-cloneable. */
  settings?: unknown;
};

/** What an engine is opened with. */
export type Opening = {
  /** The embedded engine if undefined. */
  engine: EngineOption | undefined;
  directory: string;
  model: ModelDescription;
  /** Whether to leave the machine to other programs. */
  polite: boolean;
};

/** What a check of everything that is stored has found. */
export type Verified = {
  /** What is wrong, and whether it was repaired. */
  findings: {
    about: string;
    what: string;
    count: number;
    examples: string[];
    repairable: boolean;
    repaired: boolean;
  }[];
  papers: number;
  /** How many texts were embedded again. */
  texts: number;
  /** Papers whose text could not be embedded, with the reason. Their stored data is not wrong. */
  failed: FailedText[];
};

/** The number of papers, and whether they were stored anew. */
export type Migrated = { papers: number; migrated: boolean };

export interface EngineModule {
  /**
   * Called before any thread opens it. Prepares what is not there yet.
   *
   * @returns Why nothing can be changed, only read; null if it can.
   * @throws KindredError when it cannot be opened at all.
   */
  check(opening: Opening): Promise<KindredError | null>;
  /** Checks everything that is stored; with `repair`, makes again what can be derived. Missing if it cannot. */
  readonly verify?: (
    opening: Opening,
    options: { repair: boolean; texts: number; progress: (about: string, done: number) => void },
  ) => Promise<Verified>;
  /** Stores the papers as this version and the settings want them, while others read and write. Missing if it cannot. */
  readonly migrate?: (
    opening: Opening,
    options: { progress: (done: number, total: number) => void },
  ) => Promise<Migrated>;
  /** Called in the search thread. */
  openReader(opening: Opening): Promise<Reader>;
  /** Called in the indexing thread. */
  openIndexer(opening: Opening): Promise<Indexer>;
}

/**
 * What became of requests: answered; refused because the cluster is `busy`; refused for another reason (`failed`); not answered;
 * not sent, because the cluster does not answer (`skipped`). `repeated` counts repetitions, `seconds` how long all sent ones took.
 */
export type Traffic = Record<
  "answered" | "busy" | "failed" | "unanswered" | "skipped" | "repeated" | "seconds" | "running",
  number
>;

/** @param status As OpenSearch calls it: `green`, `yellow` without some replicas, `red` without some papers. */
export type ClusterHealth =
  | { reachable: true; version: string; status: string; nodes: number; pendingTasks: number; shardsMissing: number }
  | { reachable: false; reason: string };

/** A cluster, and the requests to it. */
export type ClusterState = ClusterHealth & { requests: Traffic };

/** An engine, opened to answer questions. Running answers share one state of it. */
export interface Reader {
  readonly engine: Engine;
  /** Changes whenever answers may change. */
  readonly version: number;
  /** Starts an answer: the state does not change until it is released. @throws The error of catching up. */
  begin(): Promise<Hold>;
  /** The engine, caught up unless an answer is running. @throws The error of catching up. */
  latest(): Promise<Engine>;
  /** Waits until answers include everything that was stored before, but not much longer than `milliseconds`. */
  settle(milliseconds?: number): Promise<void>;
  /** What is wrong with the derived files of the index; null if nothing. Waits until this is known. */
  notice(): Promise<string | null>;
  /** Takes over derived files that an `Indexer` has written. */
  written(saved: Saved): Promise<void>;
  /** How the cluster that holds the papers is, within two seconds, and what became of requests to it. Missing without one. */
  readonly health?: () => Promise<ClusterState>;
  /** A failed read as a KindredError, if what is stored or its place is the cause; any other error unchanged. */
  explained(thrown: unknown): unknown;
  close(): Promise<void>;
}

/** An engine, opened to be changed. */
export interface Indexer {
  readonly writer: Writer;
  readonly copying: Copying;
  /** What became of requests to the cluster that holds the papers. Missing without one. */
  readonly traffic?: () => Traffic;
  /**
   * Writes the files derived from the papers, if this engine has any, unless `signal` aborts first. Called between
   * `startIndexing` and `stopIndexing`, when `IndexState` says that they are stale.
   *
   * @param again Whether to make them again from the papers alone.
   * @returns Null if nothing was written.
   */
  save(again: boolean, signal: AbortSignal): Promise<Saved | null>;
  close(): Promise<void>;
}

/** The change up to which derived files are valid, and whether they were made again. */
export type Saved = { change: number; again: boolean };
