/** The library's face: everything Kindred does, on one directory. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import type { z } from "zod";
import type { ImportReport, ImportsAnswer, ListsAnswer, Status, Undone } from "./api.js";
import type {
  Answer,
  BrowseAnswer,
  Explanation,
  FindAnswer,
  MapMatchesAnswer,
  MapAnswer,
  MapPapersAnswer,
  NeighbourhoodAnswer,
} from "./api.js";
import { describeModel, type ModelDescription } from "./embedding/description.js";
import { KindredError } from "./errors.js";
import type { EmbeddingProgress } from "./indexing/embed.js";
import type { ImportProgress } from "./indexing/import.js";
import type { IndexingMethods, IndexingThreadData } from "./indexing/thread.js";
import {
  CALLS,
  QUESTIONS,
  type Call,
  type Calls,
  type Context,
  type Input,
  type Output,
  type Questions,
} from "./operations/table.js";
import type { Paper } from "./paper.js";
import type { BuilderData, BuilderMethods } from "./search/builder.js";
import type { SearchMethods, SearchThreadData } from "./search/thread.js";
import { databasePath, mayOnlyBeRead, openDatabase } from "./store/database.js";
import { Thread, tried } from "./thread.js";
import { validate } from "./validate.js";
import { VERSION } from "./version.js";

export type {
  Answer,
  BrowseAnswer,
  EmbeddingProgress,
  Explanation,
  FindAnswer,
  ImportProgress,
  ImportReport,
  ImportsAnswer,
  ListsAnswer,
  NeighbourhoodAnswer,
  Paper,
  Status,
  Undone,
};
export type { ExportFormat, MapMatchesAnswer, MapAnswer, MapPapersAnswer, Region } from "./api.js";
export { KindredError } from "./errors.js";
export { writePapers } from "./formats/write.js";

export type OpenOptions = {
  /** Where the data lives; made when it is missing. Default `index` in the working directory. */
  directory?: string;
  /** A folder under `models/`. Default all-MiniLM-L6-v2. */
  model?: string;
  /** Threads that embed, 1 to 1024. Default one a core; when polite, one fewer on Linux and half as many elsewhere. */
  workers?: number;
  /**
   * Leaves the machine to other programs while it embeds: threads that embed have the lowest priority, on Linux, where a
   * thread can have one of its own; elsewhere there are fewer of them instead. Default false.
   */
  polite?: boolean;
};

type IndexOptions = Waiting & { onProgress?: (progress: EmbeddingProgress) => void; rebuild?: boolean };

/** A run of `index`, and who is told how far it has come. */
type Run = { report: Promise<IndexReport>; rebuild: boolean; listeners: Set<(progress: EmbeddingProgress) => void> };

export type IndexReport =
  | {
      /** Everything has its vectors, and the snapshot is written. */
      state: "done";
      /** Texts embedded in this run. */
      abstracts: number;
      sentences: number;
    }
  /** Another process is indexing this directory: it does this work too. */
  | { state: "busy" };

/** Between snapshots of a long run, in milliseconds: a kill costs at most this much of building the graph. */
const SNAPSHOT_EVERY = 300_000;

/** Papers read at once where all are asked for: few, so that a page of long abstracts holds nobody up. */
const PAGE = 100;

type Waiting = { signal?: AbortSignal };

/** How long the parts of an answer took, in milliseconds, by name. */
export type Stages = Record<string, number>;

/** What is asked of the library: what the schema of the operation parses. */
type Request<Q extends keyof Questions> = z.input<Questions[Q]["input"]>;

/**
 * Opens a directory of papers. Two worker threads do the work, one that answers and one that writes, so the calling
 * thread is never held up. Several processes may have the same directory open. One that may only be read is read, as it is
 * when it is opened; whatever changes something then throws `storage`.
 *
 * @throws KindredError `damaged` when the database cannot be read, or comes from a newer version; `invalid` when there
 *   is no such model.
 */
export async function openKindred(options: OpenOptions = {}): Promise<Kindred> {
  const directory = resolve(options.directory ?? "index");
  const { workers } = options;
  if (workers !== undefined && (!Number.isInteger(workers) || workers < 1 || workers > 1_024))
    throw new KindredError("invalid", `workers: got ${workers}, expected a whole number from 1 to 1024`, {
      parameter: "workers",
    });
  const model = await describeModel(options.model);
  // Here, where an error still has its type, rather than in a worker thread.
  return new Kindred(directory, model, options, refusal(directory));
}

/** Looks whether a directory can be opened. @returns Why nothing can be changed in it; null when everything can. */
function refusal(directory: string): KindredError | null {
  try {
    openDatabase(directory).close();
    return null;
  } catch (thrown) {
    if (!(thrown instanceof KindredError && thrown.code === "storage" && mayOnlyBeRead(directory))) throw thrown;
    return new KindredError(
      "storage",
      `${databasePath(directory)} could not be written: it, or its folder, may not be written by this user; ` +
        `"kindred backup FILE", and "kindred restore FILE --directory FOLDER", make a copy that may be`,
      { cause: thrown },
    );
  }
}

/** Whether anything was ever imported into a directory, or at least tried. */
export const hasPapers = (directory: string): boolean => existsSync(databasePath(resolve(directory)));

/** An open directory. Made by `openKindred`; `close` it when done. */
export class Kindred {
  readonly directory: string;
  readonly #model;
  /** Why nothing can be changed; null where it can. */
  readonly readOnly: string | null;
  readonly #searching: Thread<SearchMethods>;
  readonly #writer: Thread<IndexingMethods> | KindredError;
  readonly #building: BuilderData;
  #indexing: Run | undefined;
  /** Ends when nothing is being written beside papers.db. */
  #saved: Promise<void> = Promise.resolve();
  readonly #importing = new Set<Status["importing"][number]>();
  readonly #closing = new AbortController();
  readonly #context: Context;

  /** Use `openKindred`. */
  constructor(
    directory: string,
    model: ModelDescription,
    { workers, polite = false }: OpenOptions,
    refusal: KindredError | null,
  ) {
    this.directory = directory;
    this.readOnly = refusal?.message ?? null;
    this.#model = model;
    const writing: IndexingThreadData = { directory, model, workers, polite };
    const searching: SearchThreadData = { directory, model };
    this.#building = { directory, model, polite };
    this.#writer = refusal ?? new Thread(new URL("./indexing/thread.js", import.meta.url), writing);
    this.#searching = new Thread(new URL("./search/thread.js", import.meta.url), searching);
    this.#context = {
      writing: () => this.#writing,
      settled: () => this.#settled(),
      paper: (id) => this.paper(id),
      status: () => this.status(),
    };
  }

  /**
   * Imports papers from a file in any known format. They can be found by their words at once; `index` embeds them.
   *
   * @param source Path of a file, or its bytes.
   * @param options.abbreviations What BibTeX's abbreviations (`@string`) stand for, by their names in capitals: they hold
   *   for the file, and those that it defines are added.
   * @throws KindredError `not-found` or `invalid` when the file cannot be read. Bad records do not throw: they are in
   *   the report.
   */
  async import(
    source: string | AsyncIterable<Uint8Array>,
    options: Waiting & {
      name?: string;
      onProgress?: (progress: ImportProgress) => void;
      abbreviations?: Map<string, string>;
    } = {},
  ): Promise<ImportReport> {
    const { signal, abbreviations } = options;
    const underWay = { name: options.name ?? (typeof source === "string" ? source : "input"), papers: 0, bytes: 0 };
    const onProgress = (progress: ImportProgress) => {
      Object.assign(underWay, progress);
      options.onProgress?.(progress);
    };
    this.#importing.add(underWay);
    try {
      const told = { signal, onProgress };
      const { report, abbreviations: known } = await this.#import(source, underWay.name, abbreviations, told);
      for (const [name, text] of known ?? []) abbreviations?.set(name, text);
      return report;
    } finally {
      await this.#settled();
      this.#importing.delete(underWay);
    }
  }

  /** Waits until answers know what was stored: who has been told that a paper is stored, finds it. */
  async #settled(): Promise<void> {
    // Why nothing can be read is told to whoever asks for papers.
    await this.#searching.call("settle", undefined).catch(() => {});
  }

  async #import(
    source: string | AsyncIterable<Uint8Array>,
    name: string,
    abbreviations: Map<string, string> | undefined,
    { signal, onProgress }: { signal: AbortSignal | undefined; onProgress: (progress: ImportProgress) => void },
  ) {
    if (typeof source === "string") {
      const path = resolve(source);
      return this.#writing.call("import", { source: path, name, abbreviations }, { signal, onProgress });
    }
    // On its way into the other thread an error would lose what it is.
    let broken: { thrown: unknown } | undefined;
    const kept = async function* () {
      try {
        yield* source;
      } catch (thrown) {
        broken = { thrown };
        throw thrown;
      }
    };
    const stream = Readable.toWeb(Readable.from(kept(), { objectMode: false }));
    const argument = { source: stream, name, abbreviations };
    try {
      return await this.#writing.call("import", argument, { signal, onProgress, transfer: [stream as never] });
    } catch (thrown) {
      throw broken === undefined ? thrown : broken.thrown;
    }
  }

  /** Imports that can be undone, the newest first. */
  async imports(): Promise<ImportsAnswer> {
    return this.#ask("imports", {});
  }

  /**
   * Takes back what an import did: papers it added go, papers it changed are again as they were. Those that a later
   * import has brought as well stay as they are, and can be undone after that.
   *
   * @throws KindredError `not-found`; `invalid` when it was undone already, or is too old.
   */
  async undo(number: number): Promise<Undone> {
    return this.call("undo", { import: number });
  }

  /** Likes, dislikes and lists with the ids of their papers, and notes. */
  async lists(): Promise<ListsAnswer> {
    return this.#ask("lists", {});
  }

  /** Makes a list, or leaves the one of that name as it is. @throws KindredError `invalid`, `too-large`. */
  async createList(name: string): Promise<void> {
    await this.#do("createList", { list: name });
  }

  /** @throws KindredError `not-found`; `invalid` when the name is taken, or the list is always there. */
  async renameList(name: string, to: string): Promise<void> {
    await this.#do("renameList", { list: name, name: to });
  }

  /** Its papers stay. @throws KindredError `not-found`; `invalid` when the list is always there. */
  async deleteList(name: string): Promise<void> {
    await this.#do("deleteList", { list: name });
  }

  /** What is liked is no longer disliked, and the other way round. @throws KindredError `not-found`, `too-large`. */
  async addToList(name: string, id: string): Promise<void> {
    await this.#do("addToList", { list: name, id });
  }

  /** A paper that is gone, too. @throws KindredError `not-found` when there is no such list. */
  async removeFromList(name: string, id: string): Promise<void> {
    await this.#do("removeFromList", { list: name, id });
  }

  /**
   * Keeps a note on a paper in place of the one before; an empty one takes that away, also from a paper that is gone.
   *
   * @throws KindredError `not-found`.
   */
  async note(id: string, note: string): Promise<void> {
    await this.#do("note", { id, note });
  }

  /** Removes a paper for good. @throws KindredError `not-found`. */
  async remove(id: string): Promise<void> {
    await this.#do("remove", { id });
  }

  /**
   * Embeds every paper that has no vectors yet, abstracts before sentences, puts it on the map, and writes the snapshot of
   * the HNSW graph. What was embedded before a kill is not embedded again.
   *
   * A call while another runs joins that run and is told how far it comes; one that is to rebuild joins no run that does
   * not, but follows it. `signal` ends the caller's own wait; the run itself ends when the caller who began it aborts, and
   * then whoever has joined it begins another.
   *
   * @param options.rebuild Makes the graph again, and tries again to embed texts that could not be embedded.
   * @throws KindredError `cancelled` when it was aborted.
   */
  async index(options: IndexOptions = {}): Promise<IndexReport> {
    const { signal, onProgress, rebuild = false } = options;
    for (;;) {
      const run = this.#indexing;
      if (run === undefined) return this.#begin(options);
      const joins = run.rebuild || !rebuild;
      if (joins && onProgress !== undefined) run.listeners.add(onProgress);
      try {
        const report = await unlessAborted(run.report, signal);
        if (joins) return report;
      } catch (thrown) {
        const stopped = thrown instanceof KindredError && thrown.code === "cancelled";
        if (signal?.aborted === true || this.#closing.signal.aborted || (joins && !stopped)) throw thrown;
      } finally {
        if (onProgress !== undefined) run.listeners.delete(onProgress);
      }
    }
  }

  #begin({ signal, onProgress, rebuild = false }: IndexOptions): Promise<IndexReport> {
    const listeners = new Set(onProgress === undefined ? [] : [onProgress]);
    const embedded = { vectors: 0, sentences: 0 };
    const stop = AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
    const told = (progress: EmbeddingProgress) => listeners.forEach((listener) => listener(progress));
    // What was embedded before a thread ended stays: it goes on there.
    const report = tried(() => this.#index(embedded, stop, told, rebuild)).finally(() => (this.#indexing = undefined));
    this.#indexing = { report, rebuild, listeners };
    return report;
  }

  /** @param embedded Counts on what this run embeds, however often it is begun. */
  async #index(
    embedded: Record<EmbeddingProgress["phase"], number>,
    signal: AbortSignal,
    told: (progress: EmbeddingProgress) => void,
    rebuild: boolean,
  ): Promise<IndexReport> {
    if (!(await this.#writing.call("lock", undefined))) return { state: "busy" };
    let snapshots: NodeJS.Timeout | undefined;
    try {
      snapshots = setInterval(() => {
        // What goes wrong here goes wrong again at the end, and is told there.
        this.#save(false, signal).catch(() => {});
      }, SNAPSHOT_EVERY);
      // Again, as long as anybody imports while the snapshot is made: who asks meanwhile is told that this is done here.
      for (let first = true; first || (!signal.aborted && (await this.#pending())); first = false) {
        const before = { ...embedded };
        const onProgress = ({ phase, done, total }: EmbeddingProgress) => {
          embedded[phase] = before[phase] + done;
          told({ phase, done: embedded[phase], total: before[phase] + total });
        };
        await this.#writing.call("embed", first && rebuild, { signal, onProgress });
        // Aborted, what is embedded is safe without a snapshot.
        if (!signal.aborted) await this.#save(first && rebuild, signal);
      }
      if (signal.aborted && (await this.#pending()))
        throw new KindredError(
          "cancelled",
          "indexing was stopped; what is embedded stays, and the next run goes on there",
        );
      return { state: "done", abstracts: embedded.vectors, sentences: embedded.sentences };
    } finally {
      clearInterval(snapshots);
      await this.#saved;
      await this.#writing.call("unlock", undefined);
    }
  }

  /** Has a thread of its own write tables and graph, one after the other, where they lack anything. */
  #save(again: boolean, signal: AbortSignal): Promise<void> {
    const saved = this.#saved.then(async () => {
      if (signal.aborted || (!again && !(await this.#searching.call("unsaved", undefined)))) return;
      const builder = new Thread<BuilderMethods>(new URL("./search/builder.js", import.meta.url), this.#building);
      try {
        const written = await builder.call("build", again, { signal });
        if (written !== null) await this.#searching.call("written", { saved: written, again });
      } finally {
        await builder.close();
      }
    });
    this.#saved = saved.catch(() => {});
    return saved;
  }

  async #pending(): Promise<boolean> {
    const { pending, pendingSentences, pendingPoints } = await this.#searching.call("status", undefined);
    return pending + pendingSentences + pendingPoints > 0;
  }

  /** Loads the model for queries now, not when the first query waits for it. */
  async prepare(): Promise<void> {
    await this.#searching.call("prepare", undefined);
  }

  /** Finds papers by words and meaning. @throws KindredError `invalid`, `not-found`. */
  async search(request: Request<"search">, waiting: Waiting = {}): Promise<Answer> {
    return this.#ask("search", request, waiting);
  }

  /** Why a paper stands where it stands in the answer to a search, or is not in it. @throws KindredError `invalid`, `not-found`. */
  async explain(request: Request<"explain">, waiting: Waiting = {}): Promise<Explanation> {
    return this.#ask("explain", request, waiting);
  }

  /** Finds papers like one in the index, or like a text. @throws KindredError `invalid`, `not-found`. */
  async related(request: Request<"related">, waiting: Waiting = {}): Promise<Answer> {
    return this.#ask("related", request, waiting);
  }

  /** A paper with those around it, and which of them are near to each other. @throws KindredError `invalid`, `not-found`. */
  async neighbourhood(request: Request<"neighbourhood">, waiting: Waiting = {}): Promise<NeighbourhoodAnswer> {
    return this.#ask("neighbourhood", request, waiting);
  }

  /** Finds papers like those that are liked and unlike those that are not. @throws KindredError `invalid`, `not-found`. */
  async recommend(request: Request<"recommend">, waiting: Waiting = {}): Promise<Answer> {
    return this.#ask("recommend", request, waiting);
  }

  /** Lists papers, newest or most voted first. @throws KindredError `invalid`. */
  async browse(request: Request<"browse"> = {}, waiting: Waiting = {}): Promise<BrowseAnswer> {
    return this.#ask("browse", request, waiting);
  }

  /** The map of all papers: how large it is, and what its regions are called. */
  async map(): Promise<MapAnswer> {
    return this.#ask("map", {});
  }

  /**
   * The points of the map, ascending by label, 16 bytes each, little-endian: uint32 label, float32 x, float32 y, uint16 year
   * (0 unknown), uint8 category (index into those of `map`, 255 for none or another), uint8 0. `version` is that of `map`.
   */
  async mapPoints(): Promise<{ version: string; bytes: Uint8Array }> {
    return this.#searching.call("points", undefined);
  }

  /** Labels of the papers on the map that a search finds, or that pass the filters. @throws KindredError `invalid`, `not-found`. */
  async mapMatches(request: Request<"mapMatches"> = {}, waiting: Waiting = {}): Promise<MapMatchesAnswer> {
    return this.#ask("mapMatches", request, waiting);
  }

  /** Papers by their labels on the map. @throws KindredError `invalid`. */
  async mapPapers(request: Request<"mapPapers">, waiting: Waiting = {}): Promise<MapPapersAnswer> {
    return this.#ask("mapPapers", request, waiting);
  }

  async #ask<Q extends keyof Questions>(
    question: Q,
    request: unknown,
    waiting: Waiting = {},
  ): Promise<Output<Questions[Q]>> {
    const input = validate(QUESTIONS[question].input, request) as Input<Questions[Q]>;
    return JSON.parse(await this.answer(question, input, waiting)) as Output<Questions[Q]>;
  }

  async #do(name: keyof Calls, request: unknown): Promise<void> {
    await this.call(name, validate(CALLS[name].input, request));
  }

  /**
   * The answer to a question of the table (`operations/table.ts`), as JSON, for a caller that passes it on as it is.
   *
   * @param input As the schema of the question has parsed it: it is not parsed again.
   * @param stages Takes how long it waited for the thread that answers (`wait`), for the model (`embed`), and in all but
   *   waiting (`answer`).
   * @throws KindredError as the method of that name.
   */
  async answer<Q extends keyof Questions>(
    question: Q,
    input: Input<Questions[Q]>,
    { signal, stages = {} }: Waiting & { stages?: Stages } = {},
  ): Promise<string> {
    const start = performance.now();
    const timed = await this.#searching.call("answer", { question, input }, { signal });
    Object.assign(stages, { wait: performance.now() - start - timed.stages.answer }, timed.stages);
    return timed.json;
  }

  /**
   * Makes a call of the table (`operations/table.ts`).
   *
   * @param input As the schema of the call has parsed it: it is not parsed again.
   * @throws KindredError as the method of that name.
   */
  async call<C extends keyof Calls>(name: C, input: Input<Calls[C]>): Promise<Output<Calls[C]>> {
    const { run }: Call = CALLS[name];
    return (await run(this.#context, input as never)) as Output<Calls[C]>;
  }

  /** One paper. @throws KindredError `not-found`. */
  async paper(id: string): Promise<Paper> {
    return (await this.#ask("paper", { id })).paper;
  }

  /**
   * Which of the papers that a text names are here, by DOI, arXiv id or web address, one a line or several.
   *
   * @throws KindredError `invalid` when the text is too long.
   */
  async find(text: string): Promise<FindAnswer> {
    return this.#ask("find", { text });
  }

  /** The papers of a list, those that were put in last first. @throws KindredError `not-found`. */
  async *papersIn(list: string): AsyncGenerator<Paper> {
    await this.#searching.call("list", list);
    for (let cursor: string | undefined; ;) {
      const more = cursor === undefined ? {} : { cursor };
      const { papers, next } = await this.browse({ list: [list], sort: "added", limit: PAGE, ...more });
      yield* papers;
      if (next === null) return;
      cursor = next;
    }
  }

  /** Every paper, in the order in which they came; `writePapers` makes a file of them. */
  async *papers(): AsyncGenerator<Paper> {
    for (let after = 0; ;) {
      const page = await this.#searching.call("page", { after, limit: PAGE });
      for (const { paper } of page) yield paper;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.label;
    }
  }

  /** What was found wrong with the snapshot on opening, in words; null when nothing was. Waits until it is known. */
  async openingNotice(): Promise<string | null> {
    return this.#searching.call("openingNotice", undefined);
  }

  /**
   * Looks for the ten nearest of one paper at random as a search does, and by comparing all: how many there are, and how
   * many of them a search finds.
   */
  async checkRecall(): Promise<{ nearest: number; found: number }> {
    return this.#searching.call("checkRecall", undefined);
  }

  /** How many papers there are, how far embedding has come, and which model and index answer. */
  async status(): Promise<Status> {
    const { index, ...counts } = await this.#searching.call("status", undefined);
    const { identity: _, ...model } = this.#model;
    return {
      version: VERSION,
      ...counts,
      importing: [...this.#importing],
      indexing: this.#indexing !== undefined,
      model,
      index,
    };
  }

  /**
   * Stops indexing, if it runs, at the next batch, and ends the threads. What was acknowledged is on disk; what was not
   * embedded yet is embedded by the next `index`.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#indexing?.report.catch(() => {});
    // Who writes is the last to close, so that all is in papers.db itself: who only reads leaves its log beside it.
    await this.#searching.close("ofThreads");
    if (!(this.#writer instanceof KindredError)) await this.#writer.close("ofThreads");
  }

  /** @throws KindredError `storage` where nothing may be written. */
  get #writing(): Thread<IndexingMethods> {
    if (this.#writer instanceof KindredError) throw this.#writer;
    return this.#writer;
  }
}

/** What a promise brings, unless the signal comes first. @throws KindredError `cancelled`. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new KindredError("cancelled", "cancelled; the run that it waited for goes on"));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
