/** Imports a file of any format, many papers per transaction. */
import { KindredError } from "../core/errors.js";
import { MAX_PROBLEMS, type ImportReport } from "../core/import-report.js";
import { type Abbreviations, readPapers } from "../formats/index.js";
import type { PaperRecord } from "../core/paper.js";
import type { Own, Writer } from "../engine/writer.js";

export type ImportProgress = { papers: number; bytes: number };

/** Papers per transaction: one sync for a few hundred papers, while other writers run in between. */
const BATCH = 256;

/** The report of an import that has not read anything yet. */
export const emptyReport = (): ImportReport => ({
  import: null,
  format: null,
  added: 0,
  updated: 0,
  unchanged: 0,
  problems: [],
  rejected: 0,
  remarks: [],
  remarked: 0,
  ignored: {},
  abbreviations: 0,
});

/**
 * Imports the papers in `bytes`. What is committed stays, whatever follows.
 *
 * @param name The name of the file in problems.
 * @param options.report Kept up to date, so that it shows what was stored even if this throws.
 * @param options.abbreviations Known abbreviations of BibTeX; those that the file defines are added.
 * @param options.continues The number of an import that this file belongs to; below, whether another file follows.
 * @param options.own Stored in the same transactions.
 */
export async function importPapers(
  writer: Writer,
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  options: {
    signal: AbortSignal;
    progress: (progress: ImportProgress) => void;
    abbreviations?: Abbreviations | undefined;
    report?: ImportReport;
    continues?: number | undefined;
    more?: boolean | undefined;
    own?: Own | undefined;
  },
): Promise<ImportReport> {
  const { report = emptyReport(), own: { rows = [], each, ids } = {} } = options;
  let number = options.continues ?? null;
  let read = 0;
  const counted = async function* () {
    for await (const chunk of abortable(bytes, options.signal)) {
      read += chunk.byteLength;
      yield chunk;
    }
  };
  const reject = (line: number, reason: string) => {
    report.rejected++;
    if (report.problems.length < MAX_PROBLEMS) report.problems.push({ file: name, line, reason });
  };
  const remark = (line: number, reason: string) => {
    report.remarked++;
    if (report.remarks.length < MAX_PROBLEMS) report.remarks.push({ file: name, line, reason });
  };
  let batch: { line: number; paper: PaperRecord }[] = [];
  /** @param end How the file ends with this batch; undefined if it does not. */
  const flush = async (end?: "complete" | "broken") => {
    const own = end === "complete" ? rows : [];
    // After a failure, no other file follows.
    const last = end === "broken" || (end === "complete" && options.more !== true);
    if (batch.length === 0 && own.length === 0 && !(last && number !== null)) return;
    const records = batch.map(({ paper }) => paper);
    const imported = await writer.importBatch({
      number,
      name,
      records,
      last,
      rows: own,
      ...(each && { each }),
      // Lines are counted from 1.
      ...(ids && { ids: { ...ids, keys: batch.map(({ line }) => ids.keys[line - 1]) } }),
    });
    number = imported.number;
    if (records.length > 0) report.import = number;
    for (const [i, { outcome, remarks }] of imported.papers.entries()) {
      report[outcome]++;
      for (const reason of remarks) remark(batch[i]!.line, reason);
    }
    batch = [];
    options.progress({ papers: report.added + report.updated + report.unchanged, bytes: read });
  };
  let end: "complete" | "broken" = "broken";
  try {
    for await (const reading of readPapers(counted(), options)) {
      if (options.signal.aborted) break;
      if (reading.kind === "paper") {
        batch.push(reading);
        if (batch.length >= BATCH) await flush();
      } else if (reading.kind === "problem") reject(reading.line, reading.reason);
      else if (reading.kind === "remark") remark(reading.line, reading.reason);
      else if (reading.kind === "format") report.format = reading.format;
      else if (reading.kind === "abbreviations") report.abbreviations += reading.count;
      else report.ignored = reading.fields;
    }
    // What is in no known format, such as an error page, is not what the caller expected.
    if (!options.signal.aborted && report.format !== null) end = "complete";
  } finally {
    // What was complete is stored even if the source breaks off.
    await flush(end);
  }
  if (options.signal.aborted)
    throw new KindredError("cancelled", `the import of ${name} was cancelled; the papers read before are kept`);
  return report;
}

/** The same chunks, ending when `signal` is aborted, even while waiting for one. */
async function* abortable<T>(chunks: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessAborted(iterator.next(), signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a stalled source would never confirm its end.
    void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

/**
 * One race per chunk: a single promise for "aborted" would keep the result of every race, and so the whole file, in
 * memory.
 */
function unlessAborted<T>(next: Promise<IteratorResult<T>>, signal: AbortSignal): Promise<IteratorResult<T>> {
  return new Promise((resolve, reject) => {
    const end = () => resolve({ done: true, value: undefined });
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
    void next.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
}
