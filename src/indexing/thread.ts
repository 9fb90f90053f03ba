/** The thread that writes: imports, deletions, and embedding. */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { ReadableStream } from "node:stream/web";
import { workerData } from "node:worker_threads";
import type { ModelDescription } from "../embedding/description.js";
import { KindredError, messageOf } from "../core/errors.js";
import type { ImportReport } from "../core/import-report.js";
import type { Abbreviations } from "../formats/reading.js";
import { embeddedWriter } from "../engine/embedded-writer.js";
import type { Own } from "../engine/writer.js";
import { partPath, removeDatabase, tryLock } from "../store/database.js";
import { Store } from "../store/store.js";
import { answerCalls, type Call } from "../core/thread.js";
import { embedPending, type EmbeddingProgress } from "./embed.js";
import { emptyReport, importPapers, type ImportProgress } from "./import.js";
import { Mapping } from "./mapping.js";
import { EmbedderPool } from "./pool.js";
import { defaultWorkers, lowerPriority } from "../core/priority.js";

export type IndexingThreadData = {
  directory: string;
  model: ModelDescription;
  /** Number of embedding threads; `defaultWorkers` by default. */
  workers: number | undefined;
  polite: boolean;
};

/** What to import, and the options of `importPapers`. */
export type ImportArgument = {
  source: string | ReadableStream<Uint8Array>;
  name: string;
  abbreviations: Abbreviations | undefined;
  continues: number | undefined;
  more: boolean | undefined;
  own: Own | undefined;
};

const { directory, model, workers, polite } = workerData as IndexingThreadData;
lowerPriority("importing", false);
const store = Store.open(directory, model);
const writer = embeddedWriter(store);
/** How often papers.db is checked for being replaced, in milliseconds. Each write checks too. */
const CHECK_EVERY = 2_000;
const checking = setInterval(() => {
  try {
    store.refuseReplaced();
  } catch {
    // Reported to the next write or request for the status.
  }
}, CHECK_EVERY);
let unlock: (() => void) | null = null;

/** The error of a failed read as a KindredError, if the file is the cause; any other error unchanged. */
function readingError(thrown: unknown, name: string): unknown {
  const { code, syscall } = thrown as NodeJS.ErrnoException;
  const error = (kind: "not-found" | "invalid", message: string) => new KindredError(kind, message, { cause: thrown });
  if (code === "ENOENT") return error("not-found", `there is no file ${name}`);
  if (code === "EISDIR") return error("invalid", `${name} is a folder, expected a file`);
  if (code === "EACCES") return error("invalid", `${name} cannot be read by this user`);
  if (syscall !== undefined)
    return error("invalid", `${name} could not be read: ${messageOf(thrown)}; expected the path of a file`);
  return thrown;
}

const methods = {
  ...writer,

  /**
   * Imports a file by path, or a stream of bytes. Also returns the abbreviations: those given and those of the file.
   */
  import: async (
    { source, name, abbreviations, continues, more, own }: ImportArgument,
    call: Call,
  ): Promise<{ report: ImportReport; abbreviations: Abbreviations | undefined }> => {
    const report = emptyReport();
    try {
      const bytes = typeof source === "string" ? createReadStream(source, { highWaterMark: 1 << 18 }) : source;
      const progress = (news: ImportProgress) => call.progress(news);
      const options = { signal: call.signal, progress, abbreviations, report, continues, more, own };
      await importPapers(writer, name, bytes, options);
      return { report, abbreviations };
    } catch (thrown) {
      const error = readingError(thrown, name);
      if (error instanceof KindredError && report.import !== null) error.report = report;
      throw error;
    }
  },

  /** Takes the directory's indexing lock; false if another process or handle has it. */
  lock: (): boolean => {
    if (unlock !== null) return false;
    unlock = tryLock(join(directory, "indexing.lock"));
    // A restore holds the lock too, so this file is left from one that was killed.
    if (unlock !== null) removeDatabase(partPath(directory));
    return unlock !== null;
  },

  unlock: (): void => {
    unlock?.();
    unlock = null;
  },

  /**
   * Embeds what is pending, and puts it on the map. Call only while holding the lock.
   *
   * @param retry Whether to try failed texts again.
   */
  embed: async (retry: boolean, call: Call) => {
    if (retry) await writer.retryFailed();
    const already = (await writer.countPapers()) - (await writer.countPending("vectors"));
    const { laidOut } = await writer.mapState();
    const mapping = new Mapping(writer, { directory, model, polite }, laidOut, call.signal);
    try {
      await embed(call, ({ phase, done, total }) => {
        if (phase === "vectors") mapping.embedded(already + done, total - done);
      });
      while (!call.signal.aborted && (await writer.forgetUnused())) await setImmediate();
      await mapping.finish();
    } finally {
      await mapping.close();
    }
  },

  close: (): void => {
    clearInterval(checking);
    unlock?.();
    store.close();
  },
};
export type IndexingMethods = typeof methods;

async function embed({ progress, signal }: Call, onProgress: (news: EmbeddingProgress) => void): Promise<void> {
  if ((await writer.countPending("vectors")) + (await writer.countPending("sentences")) === 0) return;
  const pool = new EmbedderPool({ model: model.name, polite }, workers ?? defaultWorkers(polite));
  try {
    await embedPending(writer, pool, {
      signal,
      progress: (news) => {
        progress(news);
        onProgress(news);
      },
    });
  } finally {
    await pool.close();
  }
}

answerCalls(methods);
