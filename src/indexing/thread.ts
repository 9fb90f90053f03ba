/** The thread that writes: opens an engine, imports, changes and embeds. */
import { createReadStream } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { ReadableStream } from "node:stream/web";
import { workerData } from "node:worker_threads";
import { KindredError, messageOf } from "../core/errors.js";
import type { ImportReport } from "../core/import-report.js";
import type { Abbreviations } from "../formats/reading.js";
import type { Opening, Saved } from "../engine/module.js";
import { openIndexer } from "../engine/open.js";
import type { Own, Writer } from "../engine/writer.js";
import { answerCalls, IDLE, Thread, type Call } from "../core/thread.js";
import { embedPending, type EmbeddingProgress } from "./embed.js";
import { emptyReport, importPapers, type ImportProgress } from "./import.js";
import type { MapperData, MapperMethods } from "./mapper.js";
import { Mapping } from "./mapping.js";
import { EmbedderPool } from "./pool.js";
import { defaultWorkers, lowerPriority } from "../core/priority.js";

export type IndexingThreadData = Opening & {
  /** Number of embedding threads; `defaultWorkers` by default. */
  workers: number | undefined;
};

/** What to import, and the options of `importPapers`. */
export type ImportArgument = {
  source: string | ReadableStream<Uint8Array>;
  name: string;
  abbreviations: Abbreviations | undefined;
  continues: number | undefined;
  more: boolean | undefined;
  own: Own | undefined;
  /** Whether the papers are embedded next: the models load while the rest of the file is imported. */
  embeds: boolean | undefined;
};

const { workers, ...opening } = workerData as IndexingThreadData;
const { model, polite } = opening;
lowerPriority("importing", false);
const indexer = await openIndexer(opening);
const { writer } = indexer;
const pool = new EmbedderPool({ model: model.name, polite }, workers ?? defaultWorkers(polite));
const mapper = new Thread<MapperMethods>(
  new URL("./mapper.js", import.meta.url),
  { polite } satisfies MapperData,
  IDLE,
);

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
  /** Calls a method of the writer. */
  write: ({ method, argument }: { method: keyof Writer; argument: never }): Promise<unknown> =>
    (writer[method] as (argument: never) => Promise<unknown>)(argument),

  /**
   * Imports a file by path, or a stream of bytes. Also returns the abbreviations: those given and those of the file.
   */
  import: async (
    { source, name, abbreviations, continues, more, own, embeds }: ImportArgument,
    call: Call,
  ): Promise<{ report: ImportReport; abbreviations: Abbreviations | undefined }> => {
    const report = emptyReport();
    try {
      const bytes = typeof source === "string" ? createReadStream(source, { highWaterMark: 1 << 18 }) : source;
      const progress = (news: ImportProgress) => {
        if (embeds === true && news.papers > 0) pool.start();
        call.progress(news);
      };
      const options = { signal: call.signal, progress, abbreviations, report, continues, more, own };
      await importPapers(writer, name, bytes, options);
      return { report, abbreviations };
    } catch (thrown) {
      const error = readingError(thrown, name);
      if (error instanceof KindredError && report.import !== null) error.report = report;
      throw error;
    }
  },

  /**
   * Embeds what is pending, and puts it on the map. Call between `startIndexing` and `stopIndexing`.
   *
   * @param retry Whether to try failed texts again.
   * @returns Whether something was left to another process, which is embedding it.
   */
  embed: async (retry: boolean, call: Call): Promise<boolean> => {
    if (retry) await writer.retryFailed();
    const already = (await writer.countPapers()) - (await writer.countPending("vectors"));
    const { map } = await writer.mapState();
    const mapping = new Mapping(writer, mapper, polite, map?.laidOut ?? 0, call.signal);
    try {
      const held = await embed(call, ({ phase, done, total }) => {
        if (phase === "vectors") mapping.embedded(already + done, total - done);
      });
      while (!call.signal.aborted && (await writer.forgetUnused())) await setImmediate();
      return (await mapping.finish()) || held;
    } finally {
      await mapping.close();
    }
  },

  traffic: () => indexer.traffic?.() ?? null,
  save: (again: boolean, { signal }: Call): Promise<Saved | null> => indexer.save(again, signal),
  close: async (): Promise<void> => {
    await Promise.all([pool.close(), mapper.close()]);
    await indexer.close();
  },
};
export type IndexingMethods = typeof methods;

async function embed({ progress, signal }: Call, onProgress: (news: EmbeddingProgress) => void): Promise<boolean> {
  if ((await writer.countPending("vectors")) + (await writer.countPending("sentences")) === 0) return false;
  return embedPending(writer, pool, {
    signal,
    progress: (news) => {
      progress(news);
      onProgress(news);
    },
  });
}

answerCalls(methods);
