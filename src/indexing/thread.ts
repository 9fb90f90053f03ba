/** The thread that writes: imports, deletions, and the embedding that follows them. */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { ReadableStream } from "node:stream/web";
import { workerData } from "node:worker_threads";
import type { ImportReport, Undone } from "../api.js";
import type { ModelDescription } from "../embedding/description.js";
import { KindredError, messageOf } from "../errors.js";
import type { Abbreviations } from "../formats/reading.js";
import { partPath, removeDatabase, tryLock } from "../store/database.js";
import { Store } from "../store/store.js";
import { answerCalls, type Call } from "../thread.js";
import { embedPending, type EmbeddingProgress } from "./embed.js";
import { emptyReport, importPapers, type ImportProgress } from "./import.js";
import { Mapping } from "./mapping.js";
import { EmbedderPool } from "./pool.js";
import { defaultWorkers } from "./priority.js";

export type IndexingThreadData = {
  directory: string;
  model: ModelDescription;
  /** Default as many as `defaultWorkers` says. */
  workers: number | undefined;
  polite: boolean;
};

const { directory, model, workers, polite } = workerData as IndexingThreadData;
const store = Store.open(directory, model);
let imports = 0;
/** How often it is looked whether papers.db was replaced, in milliseconds. Each write looks as well. */
const LOOK_EVERY = 2_000;
const looking = setInterval(() => {
  try {
    store.refuseReplaced();
  } catch {
    // Told to whoever writes, or asks for the status.
  }
}, LOOK_EVERY);
let unlock: (() => void) | null = null;

/** Why a file could not be read, in words; anything else as it is. */
function readingError(thrown: unknown, name: string): unknown {
  const { code, syscall } = thrown as NodeJS.ErrnoException;
  const error = (kind: "not-found" | "invalid", message: string) => new KindredError(kind, message, { cause: thrown });
  if (code === "ENOENT") return error("not-found", `there is no file ${name}`);
  if (code === "EISDIR") return error("invalid", `${name} is a folder, expected a file`);
  if (code === "EACCES") return error("invalid", `${name} may not be read`);
  if (syscall !== undefined)
    return error("invalid", `${name} could not be read: ${messageOf(thrown)}; expected the path of a file`);
  return thrown;
}

const methods = {
  /** Imports a file by path, or a stream of bytes. Also returns the abbreviations that were given and those of the file. */
  import: async (
    {
      source,
      name,
      abbreviations,
    }: { source: string | ReadableStream<Uint8Array>; name: string; abbreviations: Abbreviations | undefined },
    call: Call,
  ): Promise<{ report: ImportReport; abbreviations: Abbreviations | undefined }> => {
    const report = emptyReport();
    try {
      const bytes = typeof source === "string" ? createReadStream(source, { highWaterMark: 1 << 18 }) : source;
      const progress = (news: ImportProgress) => {
        imports++;
        call.progress(news);
      };
      await importPapers(store, name, bytes, { signal: call.signal, progress, abbreviations, report });
      return { report, abbreviations };
    } catch (thrown) {
      const error = readingError(thrown, name);
      if (error instanceof KindredError && report.import !== null) error.report = report;
      throw error;
    }
  },

  /** Takes back what an import did, in steps between which others get their turn. */
  undo: async (number: number): Promise<Undone> => {
    const steps = store.imports.undo(number, (work) => store.write(work));
    for (;;) {
      const { value, done } = steps.next();
      if (done === true) return value;
      await setImmediate();
    }
  },

  /** What a person keeps: each is one transaction. */
  createList: (name: string): void => store.write(() => store.lists.create(name)),
  renameList: ({ name, to }: { name: string; to: string }): void => store.write(() => store.lists.rename(name, to)),
  deleteList: (name: string): void => store.write(() => store.lists.delete(name)),
  addToList: ({ name, id }: { name: string; id: string }): void => store.write(() => store.lists.add(name, id)),
  removeFromList: ({ name, id }: { name: string; id: string }): void =>
    store.write(() => store.papers.idsOf(id).forEach((one) => store.lists.remove(name, one))),
  note: ({ id, note }: { id: string; note: string }): void =>
    store.write(() => store.papers.idsOf(id).forEach((one) => store.lists.note(one, note))),

  /** False when there is no such paper. */
  remove: (id: string): boolean => store.write(() => store.papers.remove(id)),

  /** Takes the directory's indexing lock; false when another process, or another handle, has it. */
  lock: (): boolean => {
    if (unlock !== null) return false;
    unlock = tryLock(join(directory, "indexing.lock"));
    // Who restores holds it too: this is of one who was killed.
    if (unlock !== null) removeDatabase(partPath(directory));
    return unlock !== null;
  },

  unlock: (): void => {
    unlock?.();
    unlock = null;
  },

  /**
   * Embeds what is pending, and puts it on the map; only while the lock is held.
   *
   * @param retry Whether texts that failed are tried again.
   */
  embed: async (retry: boolean, call: Call) => {
    if (retry) store.write(() => store.vectors.retryFailed((label) => store.changes.recordVectors(label)));
    const already = store.papers.count() - store.vectors.countPending("vectors");
    const mapping = new Mapping(store, { directory, model, polite }, call.signal);
    try {
      await embed(call, ({ phase, done, total }) => {
        if (phase === "vectors") mapping.embedded(already + done, total - done);
      });
      for (const _ of store.vectors.forgetUnused((work) => store.write(work))) {
        if (call.signal.aborted) break;
        await setImmediate();
      }
      await mapping.finish();
    } finally {
      await mapping.close();
    }
  },

  close: (): void => {
    clearInterval(looking);
    unlock?.();
    store.close();
  },
};
export type IndexingMethods = typeof methods;

async function embed({ progress, signal }: Call, told: (news: EmbeddingProgress) => void): Promise<void> {
  if (store.vectors.countPending("vectors") + store.vectors.countPending("sentences") === 0) return;
  const pool = new EmbedderPool({ model: model.name, polite }, workers ?? defaultWorkers(polite));
  let seen = imports;
  const imported = () => {
    const before = seen;
    seen = imports;
    return seen !== before;
  };
  try {
    await embedPending(store, pool, {
      imported,
      signal,
      progress: (news) => {
        progress(news);
        told(news);
      },
    });
  } finally {
    await pool.close();
  }
}

answerCalls(methods);
