/** A file in any format -> papers in the store, many a transaction, each whole or not at all. */
import { MAX_PROBLEMS, type ImportReport } from "../api.js";
import { KindredError } from "../errors.js";
import { type Abbreviations, readPapers } from "../formats/index.js";
import type { PaperRecord } from "../paper.js";
import type { Store } from "../store/store.js";

export type ImportProgress = { papers: number; bytes: number };

/** Papers in one transaction: one wait for the disk a few hundred papers, and other writers get their turn. */
const BATCH = 256;

/** Of an import that has not read anything yet. */
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
 * Imports what `bytes` holds. What was committed stays, whatever comes after it.
 *
 * @param name What problems call the file.
 * @param options.report Is kept up to date, so that it tells what was stored also when this throws.
 * @param options.abbreviations Those of BibTeX that hold for the file; those that it defines are added.
 */
export async function importPapers(
  store: Store,
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  options: {
    signal: AbortSignal;
    progress: (progress: ImportProgress) => void;
    abbreviations?: Abbreviations | undefined;
    report?: ImportReport;
  },
): Promise<ImportReport> {
  const { report = emptyReport() } = options;
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
  /** @param last Nothing follows: the import ends with it. */
  const flush = (last: boolean) => {
    if (batch.length === 0 && !(last && report.import !== null)) return;
    const counts = { added: 0, updated: 0, unchanged: 0 };
    const remarks: [number, string][] = [];
    report.import = store.write(() => {
      const number = report.import ?? store.imports.begin(name);
      if (batch.length > 0) store.imports.expectRunning(number);
      for (const { line, paper } of batch) {
        const { label, outcome, before, remark: said, lost } = store.papers.put(paper);
        store.imports.record(number, label, outcome, before);
        for (const other of lost) store.imports.record(number, other.label, "updated", other.before);
        counts[outcome]++;
        if (said !== undefined) remarks.push([line, said]);
      }
      if (last) store.imports.finish(number);
      return number;
    });
    report.added += counts.added;
    report.updated += counts.updated;
    report.unchanged += counts.unchanged;
    for (const [line, reason] of remarks) remark(line, reason);
    batch = [];
    options.progress({ papers: report.added + report.updated + report.unchanged, bytes: read });
  };
  try {
    for await (const reading of readPapers(counted(), options)) {
      if (options.signal.aborted) break;
      if (reading.kind === "paper") {
        batch.push(reading);
        if (batch.length >= BATCH) flush(false);
      } else if (reading.kind === "problem") reject(reading.line, reading.reason);
      else if (reading.kind === "remark") remark(reading.line, reading.reason);
      else if (reading.kind === "format") report.format = reading.format;
      else if (reading.kind === "abbreviations") report.abbreviations = reading.count;
      else report.ignored = reading.fields;
    }
  } finally {
    // What was complete stays, also when the source breaks off.
    flush(true);
  }
  if (options.signal.aborted)
    throw new KindredError("cancelled", `the import of ${name} was cancelled; what had been read stays`);
  return report;
}

/** The same chunks; ends as if there were no more when `signal` is aborted, also while a next one is waited for. */
async function* abortable<T>(chunks: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessAborted(iterator.next(), signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a source that never says anything would never say that it has ended either.
    void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

/**
 * A race of its own for each chunk: one promise for "aborted" in all of them would hold what every race came to, all of
 * the file, until the import is over.
 */
function unlessAborted<T>(next: Promise<IteratorResult<T>>, signal: AbortSignal): Promise<IteratorResult<T>> {
  return new Promise((resolve, reject) => {
    const end = () => resolve({ done: true, value: undefined });
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
    void next.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
}
