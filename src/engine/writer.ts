import type { Undone } from "../api.js";
import type { PaperRecord } from "../core/paper.js";
import type { StoredSentences, StoredVector } from "../core/vector.js";
import type { Asking, Ended, Turn, Wanted } from "../store/jobs.js";
import type { OwnedRow } from "../store/owned.js";
import type { Mappable, Mapped, StoredMap } from "../store/map.js";
import type { Outcome } from "../store/papers.js";

export type { Mappable, Mapped, OwnedRow, StoredMap };

/** Abstracts have vectors, titles and sentences have sketches. */
export type Phase = "vectors" | "sentences";

/** A text to embed: the label of its first paper, and the hash by which its embedding is stored. */
export type PendingText = { label: number; hash: Uint8Array; title: string; abstract: string | null };

/** Who takes texts: a name that no other run has, the time, and when they are free again. Times are in milliseconds since 1970. */
export type Lease = { holder: string; now: number; until: number };

/** The texts that were taken, and whether others that are pending were not, because another holder has them. */
export type Taken = { texts: PendingText[]; held: boolean };

/** What became of a text. */
export type Embedded = { hash: Uint8Array } & (
  { vector: StoredVector } | { sentences: StoredSentences } | { failed: { reason: string; tries: number } }
);

/** What a caller stores of its own when it imports, in the same transactions as the papers. */
export type Own = {
  /**
   * Such as a position: stored with the last papers of a file, or alone if it has none, but not if the import fails or the format
   * is unknown.
   */
  rows?: readonly OwnedRow[];
  /**
   * A row for each paper, unless there is one: its key is `key` and the paper's id, its value what the import did with the
   * paper. A paper whose row is new also goes to `list`, which is created. With `others`, what the keys of other callers start with,
   * a paper that one of them has brought first keeps its fields, and receives only those that it lacks; its row says `filled`. If all
   * rows of a paper say so, the first by key decides. A
   * record then also describes a paper without a row that is surely the same work, although neither has an identifier of the other.
   */
  each?: { owner: string; key: string; list?: string; others?: readonly string[] };
  /** For the record on each line of the file, or each record of a batch, the key of a row that receives its paper's id. */
  ids?: { owner: string; keys: readonly (string | undefined)[] };
};

/** Rows to store if those that were read are still the same; null is the value of a row that was not there. */
export type Replacement = { read: readonly OwnedRow[]; rows: readonly OwnedRow[] };

/** A paper in a list, the row that remembers who put it there, and the row that remembers who made the list. */
export type Placement = { owner: string; key: string; made: string; list: string; id: string };

/** Some records of an import. */
export type ImportBatch = Own & {
  /** The number of the import; null if it begins with this batch. */
  number: number | null;
  name: string;
  records: readonly PaperRecord[];
  /** Whether the import ends with this batch. */
  last: boolean;
};

export type ImportedBatch = {
  /** Null if nothing has been imported. */
  number: number | null;
  /** For each record, the id of its paper, what it did, and what a person should know. */
  papers: { id: string; outcome: Outcome; remarks: string[] }[];
};

/**
 * What changes an engine: the other half of the interface between Kindred and an engine. Each call is stored as a whole or
 * not at all, except `undo`, which can be repeated, and is durable when it resolves. Papers are named by their id. Each method
 * takes one value that can be sent to another thread.
 */
export interface Writer {
  /**
   * Imports records. Undoing the import stops it.
   *
   * @throws KindredError `busy` when it was undone, by this or another process.
   */
  importBatch(batch: ImportBatch): Promise<ImportedBatch>;
  /** @throws KindredError `not-found`; `invalid` when it is already undone, or too old. */
  undo(number: number): Promise<Undone>;
  /** False if there is no such paper. */
  remove(id: string): Promise<boolean>;

  /** @throws KindredError `too-large` when there are too many. */
  createList(name: string): Promise<void>;
  /**
   * Renames a list, and stores the caller's rows with it.
   *
   * @returns False if one of the caller's rows is not as it was read: then nothing is changed.
   * @throws KindredError `not-found`; `invalid` when the name is taken, or the list is built in.
   */
  renameList(names: { name: string; to: string; own?: Replacement }): Promise<boolean>;
  /** @throws KindredError `not-found`; `invalid` when the list is built in. */
  deleteList(name: string): Promise<void>;
  /** Adding to `likes` removes from `dislikes`, and the other way round. @throws KindredError `not-found`, `too-large`. */
  addToList(entry: { name: string; id: string }): Promise<void>;
  /** Also of papers that have been removed. @throws KindredError `not-found`. */
  removeFromList(entry: { name: string; id: string }): Promise<void>;
  /**
   * Puts papers in lists, which are created, and takes papers out again that it has put there. A paper whose row exists is not
   * put there again: a person may have taken it out. A list that was created so is deleted when it is empty.
   *
   * @returns Why papers could not be put in a list.
   */
  place(change: { into: readonly Placement[]; out: readonly Placement[] }): Promise<string[]>;
  /**
   * Deletes rows, and removes those papers that no list but those of `lists`, no note and no other row refers to: one of `others`, followed
   * by the id.
   *
   * @returns How many papers were removed.
   */
  release(change: {
    owner: string;
    keys: readonly string[];
    ids: readonly string[];
    others: readonly string[];
    lists?: readonly string[];
  }): Promise<number>;
  /** An empty note removes it. */
  note(note: { id: string; note: string }): Promise<void>;

  /** Changes whenever a process imports papers; it may change at other times too. */
  importVersion(): Promise<string>;
  countPapers(): Promise<number>;
  /**
   * Starts to embed, map and write derived files. False if another process does, and in this engine only one may: it then does
   * this work too.
   */
  startIndexing(): Promise<boolean>;
  /** Happens by itself if the process ends. */
  stopIndexing(): Promise<void>;
  /** Number of texts without a vector, or without sentences, except failed ones. */
  countPending(phase: Phase): Promise<number>;
  /** The first label above `after` of a paper with such a text; null if there is none. */
  firstPending(of: { phase: Phase; after: number }): Promise<number | null>;
  /**
   * Takes up to `limit` such texts, of papers with a label above `after`, by label. Nobody takes them again, in any process,
   * before `until`, unless they are released: so two processes never embed the same text. Call only while indexing.
   */
  takePending(wanted: Lease & { phase: Phase; after: number; limit: number }): Promise<Taken>;
  /** Releases all texts of a holder. */
  releasePending(holder: string): Promise<void>;
  /** Stores what became of texts, which releases them; does nothing for a text that no paper has any more. */
  putEmbedded(results: readonly Embedded[]): Promise<void>;
  /** Makes failed texts pending again. */
  retryFailed(): Promise<void>;
  /** Deletes some vectors of texts that no paper has. @returns Whether there may be more. */
  forgetUnused(): Promise<boolean>;

  /** Makes a holder the only one to make the map, unless another one is; also renews its lease. @returns Whether it is. */
  leaseMap(lease: Lease): Promise<boolean>;
  releaseMap(holder: string): Promise<void>;
  /** The map without its points (null if there is none), the last change, and how many papers have a vector but no point. */
  mapState(): Promise<{ map: StoredMap | null; change: number; pending: number }>;
  /** Papers with a vector and a label above `after`, by label. */
  mappable(wanted: { after: number; limit: number }): Promise<Mappable[]>;
  /** Stores the points of a map at once, except those of papers that have changed since its `change`. */
  putMap(mapped: Mapped): Promise<void>;

  /** Stores rows of rooms above the engine; `Engine.owned` reads them. */
  putOwned(rows: readonly OwnedRow[]): Promise<void>;
  /** False if a row is not as it was read, because another process has changed it: then nothing is stored. */
  replaceOwned(replacement: Replacement): Promise<boolean>;
  /** Deletes the rows of an owner whose key starts with `prefix`. */
  removeOwned(rows: { owner: string; prefix: string }): Promise<void>;

  /** Adds a job that is due now. If there is one of that name, it keeps its time, but at the latest `latest`. */
  addJob(job: { name: string; latest: number; now: number }): Promise<void>;
  removeJob(name: string): Promise<void>;
  /** Takes a job, unless one is running in any process. Until it is finished, it counts as failed. */
  takeJob(wanted: Wanted): Promise<Turn>;
  /** False if the job was removed, or another process has taken it. */
  renewJob(lease: Asking & { name: string }): Promise<boolean>;
  /** Does nothing if the job was removed, or another process has taken it. */
  finishJob(ended: Ended): Promise<void>;
}

/** A writer in another thread. @param call Sends the argument of a method, and resolves with its result. */
export const remoteWriter = (call: (method: keyof Writer, argument: never) => Promise<unknown>): Writer =>
  new Proxy({} as Writer, {
    get: (_, method) =>
      // An async function can return it: it is no promise.
      method === "then" ? undefined : (argument: unknown) => call(method as keyof Writer, argument as never),
  });
