/** The library: everything Kindred does, on one directory. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import type { z } from "zod";
import type {
  AddReport,
  Answer,
  BrowseAnswer,
  Explanation,
  FindAnswer,
  ImportReport,
  ImportsAnswer,
  ListsAnswer,
  MapAnswer,
  MapMatchesAnswer,
  MapPapersAnswer,
  NeighbourhoodAnswer,
  PaperAnswer,
  Status,
  Undone,
} from "./api.js";
import { Alerts } from "./alerts/alerts.js";
import { Mailing } from "./alerts/mailing.js";
import type { SendLibrary } from "./alerts/readers.js";
import type { Library as Alerting } from "./alerts/stored.js";
import { Webhooks } from "./alerts/webhooks.js";
import { describeModel } from "./embedding/description.js";
import { KindredError } from "./core/errors.js";
import { Jobs } from "./jobs/jobs.js";
import type { EmbeddingProgress } from "./indexing/embed.js";
import type { ImportProgress } from "./indexing/import.js";
import type { ImportArgument, IndexingMethods, IndexingThreadData } from "./indexing/thread.js";
import {
  CALLS,
  QUESTIONS,
  type Asking,
  type Call,
  type Calls,
  type Context,
  type Input,
  type Output,
  type Questions,
} from "./operations/table.js";
import type { Paper } from "./core/paper.js";
import type { ClusterState, EngineOption, Opening } from "./engine/module.js";
import { check } from "./engine/open.js";
import { settingsSchema } from "./opensearch/settings.js";
import { remoteWriter, type Own, type OwnedRow, type Writer } from "./engine/writer.js";
import type { Answering, SearchMethods } from "./questions/thread.js";
import type { AddOptions, Library } from "./sources/add.js";
import type { EnrichOptions, EnrichReport } from "./sources/enrich.js";
import type { Bases } from "./sources/services.js";
import { BY_PERSON } from "./sources/mine.js";
import { Sources } from "./sources/sources.js";
import { databasePath } from "./store/database.js";
import { threadModule } from "./core/root.js";
import { Thread, retried } from "./core/thread.js";
import { validate } from "./core/validate.js";
import { VERSION } from "./core/version.js";

export type {
  AddReport,
  Answer,
  BrowseAnswer,
  EmbeddingProgress,
  EnrichReport,
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
export { KindredError } from "./core/errors.js";
export type { EngineModule, EngineOption } from "./engine/module.js";
export type { Own, OwnedRow } from "./engine/writer.js";
export { TryLater, type Job } from "./jobs/jobs.js";
export { writePapers } from "./formats/write.js";

export type OpenOptions = {
  /** Where the data lives; created if missing. Default `index` in the working directory. */
  directory?: string;
  /** A folder under `models/`. Default all-MiniLM-L6-v2. */
  model?: string;
  /** Embedding threads, 1 to 1024. Default one per core; if polite, one fewer on Linux and half as many elsewhere. */
  workers?: number;
  /**
   * Leaves the machine to other programs while it embeds: on Linux embedding threads have the lowest priority, elsewhere,
   * where a thread has no priority of its own, there are fewer of them. Default false.
   */
  polite?: boolean;
  /** An engine that holds the papers elsewhere. By default they are in the directory. */
  engine?: EngineOption;
  /** Other addresses of the services that `add` and `enrich` ask, such as mirrors. */
  services?: Bases;
};

type IndexOptions = Waiting & { onProgress?: (progress: EmbeddingProgress) => void; rebuild?: boolean };

/** A run of `index`, with the listeners for its progress. */
type Run = { report: Promise<IndexReport>; rebuild: boolean; listeners: Set<(progress: EmbeddingProgress) => void> };

export type IndexReport =
  | {
      /** Everything is embedded, and the derived files are written. */
      state: "done";
      /** Texts embedded in this run. */
      abstracts: number;
      sentences: number;
    }
  /** Another process is indexing this directory, and does this work too. */
  | { state: "busy" };

/** Milliseconds between saves of a long run, so that a start after a kill has little to catch up with. */
const SAVE_EVERY = 300_000;

/** Rows of a room above that are read at a time. */
const OWNED = 10_000;

/** Papers read at a time when all are requested: few, so that long abstracts do not delay other requests. */
const PAGE = 100;

type Waiting = { signal?: AbortSignal };

/** How long the stages of an answer took, in milliseconds, by name. */
export type Stages = Record<string, number>;

/** A request to the library, before it is parsed. */
type Request<Q extends keyof Questions> = z.input<Questions[Q]["input"]>;

/**
 * Opens a directory of papers. Two worker threads do the work, one that answers and one that writes, so the calling
 * thread is never blocked. Several processes can open the same directory. A read-only directory is read as it is when it is
 * opened; methods that change something then throw `storage`.
 *
 * @throws KindredError `damaged` when the database cannot be read or comes from a newer version; `invalid` when the model is
 *   unknown.
 */
export async function openKindred(options: OpenOptions = {}): Promise<Kindred> {
  const directory = resolve(options.directory ?? "index");
  const { workers } = options;
  if (workers !== undefined && (!Number.isInteger(workers) || workers < 1 || workers > 1_024))
    throw new KindredError("invalid", `workers: got ${workers}, expected a whole number from 1 to 1024`, {
      parameter: "workers",
    });
  const { polite = false, engine } = options;
  const opening = { directory, model: await describeModel(options.model), polite, engine };
  // Checked here first, so that an engine that cannot be opened is an error of this call.
  const refusal = await check(opening);
  return new Kindred(opening, options, refusal);
}

/**
 * The engine that keeps papers in an OpenSearch cluster (docs/opensearch.md).
 *
 * @throws KindredError `invalid` when a setting is wrong.
 */
export const openSearch = (settings: z.input<typeof settingsSchema>): EngineOption => ({
  module: threadModule("opensearch/module").href,
  settings: validate(settingsSchema, settings),
});

/** Whether a directory has a database: whether an import was ever tried. */
export const hasPapers = (directory: string): boolean => existsSync(databasePath(resolve(directory)));

/** An open directory. Created by `openKindred`; `close` it when done. */
export class Kindred {
  readonly directory: string;
  readonly #model;
  readonly #services;
  /** Whether a cluster holds the papers. */
  readonly #remote;
  /** Why the directory is read-only; null if it is not. */
  readonly readOnly: string | null;
  readonly #searching: Thread<SearchMethods>;
  /** The thread gets a copy when it starts. */
  readonly #answering: Answering;
  readonly #thread: Thread<IndexingMethods> | KindredError;
  /** Changes what is stored; see `engine/writer.ts`. */
  readonly #writer: Writer;
  /** Background work that is due at times. Nothing runs by itself before `start`. */
  readonly jobs: Jobs;
  /** Services and folders that papers come from. None is asked before `sources.update`, or `sources.start` and `jobs.start`. */
  readonly sources: Sources;
  /** Searches and lists whose new papers are collected. None is run before `alerts.run`, or `alerts.start` and `jobs.start`. */
  readonly alerts: Alerts;
  /** Sends the addresses of alerts what they found. Nothing is sent before `mail.send`, or `mail.start` and `jobs.start`. */
  readonly mail: Mailing;
  /** The same for webhooks. */
  readonly webhooks: Webhooks;
  #indexing: Run | undefined;
  /** Resolves when no file of the index is being written. */
  #saved: Promise<void> = Promise.resolve();
  readonly #importing = new Set<Status["importing"][number]>();
  readonly #closing = new AbortController();
  readonly #context: Omit<Context, keyof Asking>;

  /** Use `openKindred`. */
  constructor(opening: Opening, { workers, services }: OpenOptions, refusal: KindredError | null) {
    this.directory = opening.directory;
    this.readOnly = refusal?.message ?? null;
    this.#model = opening.model;
    this.#services = services;
    this.#remote = opening.engine !== undefined;
    const writing: IndexingThreadData = { ...opening, workers };
    this.#thread = refusal ?? new Thread(threadModule("indexing/thread"), writing);
    this.#answering = { ...opening, prepares: false };
    this.#searching = new Thread(threadModule("questions/thread"), this.#answering);
    this.#writer = remoteWriter(async (method, argument) => this.#writing.call("write", { method, argument }));
    this.jobs = new Jobs(this.#writer);
    this.sources = new Sources(this);
    const library: Alerting & SendLibrary = {
      paper: (id) => this.paper(id),
      search: (request, waiting) => this.search(request, waiting),
      recommend: (request, waiting) => this.recommend(request, waiting),
      browse: (request, waiting) => this.browse(request, waiting),
      lists: () => this.lists(),
      status: () => this.status(),
      firstPending: (of) => this.#writer.firstPending(of),
      settled: () => this.#settled(),
      mapPoints: () => this.mapPoints(),
      mapMatches: (request) => this.mapMatches(request),
      owned: (owner, prefix, limit, after) => this.owned(owner, prefix, limit, after),
      countOwned: (owner, prefix) => this.countOwned(owner, prefix),
      putOwned: (rows) => this.putOwned(rows),
      replaceOwned: (replacement) => this.#writer.replaceOwned(replacement),
      renameList: (names) => this.#writer.renameList(names),
      removeOwned: (owner, prefix) => this.removeOwned(owner, prefix),
      jobs: this.jobs,
    };
    this.alerts = new Alerts(library);
    this.mail = new Mailing(library, this.alerts);
    this.webhooks = new Webhooks(library, this.alerts);
    this.#context = {
      writer: this.#writer,
      settled: () => this.#settled(),
      paper: (id) => this.paper(id),
      status: () => this.status(),
      add: (identifiers, signal) => this.#add(identifiers, { signal }),
      sources: this.sources,
      alerts: this.alerts,
    };
  }

  /**
   * Imports papers from a file in any supported format. They can be found by their words at once; `index` embeds them.
   *
   * @param source Path of a file, or its bytes.
   * @param options.abbreviations BibTeX abbreviations (`@string`) by upper-case name. They apply to the file, and those that
   *   it defines are added.
   * @param options.continues The number of an earlier import, to which the papers then belong; `more` says that another call
   *   will continue this one.
   * @param options.embeds Whether `index` is called next: the models load while a large file is imported.
   * @param options.own Rows of the caller that are stored in the same transactions as the papers; by default those that say that
   *   a person has imported them, so that no source takes them away.
   * @throws KindredError `not-found` or `invalid` when the file cannot be read. Bad records do not throw: the report lists
   *   them. `busy` when the import was undone meanwhile.
   */
  async import(
    source: string | AsyncIterable<Uint8Array>,
    options: Waiting & {
      name?: string;
      onProgress?: (progress: ImportProgress) => void;
      abbreviations?: Map<string, string>;
      continues?: number | undefined;
      more?: boolean;
      embeds?: boolean;
      own?: Own;
    } = {},
  ): Promise<ImportReport> {
    const { signal, abbreviations, continues, more, embeds, own = BY_PERSON } = options;
    const running = { name: options.name ?? (typeof source === "string" ? source : "input"), papers: 0, bytes: 0 };
    const onProgress = (progress: ImportProgress) => {
      Object.assign(running, progress);
      options.onProgress?.(progress);
    };
    this.#importing.add(running);
    try {
      const { report, abbreviations: known } = await this.#import(
        source,
        { name: running.name, abbreviations, continues, more, own, embeds },
        { signal, onProgress },
      );
      for (const [name, text] of known ?? []) abbreviations?.set(name, text);
      return report;
    } finally {
      await this.#settled();
      this.#importing.delete(running);
    }
  }

  /** Waits until answers include everything stored so far, so that callers find what they have written. */
  async #settled(): Promise<void> {
    // The next question reports an error.
    await this.#searching.call("settle", undefined).catch(() => {});
  }

  async #import(
    source: string | AsyncIterable<Uint8Array>,
    argument: Omit<ImportArgument, "source">,
    { signal, onProgress }: { signal: AbortSignal | undefined; onProgress: (progress: ImportProgress) => void },
  ) {
    if (typeof source === "string") {
      const path = resolve(source);
      return this.#writing.call("import", { ...argument, source: path }, { signal, onProgress });
    }
    // Kept here, because an error loses its type when it is passed to the other thread.
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
    try {
      return await this.#writing.call(
        "import",
        { ...argument, source: stream },
        { signal, onProgress, transfer: [stream as never] },
      );
    } catch (thrown) {
      // A source that was cut off because the import failed may break off, too.
      throw broken === undefined || thrown instanceof KindredError ? thrown : broken.thrown;
    }
  }

  /**
   * Imports the papers that DOIs, arXiv ids, PMIDs (`PMID:123`) or addresses with one of them name, as one import. Asks services
   * on the network for those that are not here, and for no others; see docs/sources.md.
   *
   * @returns What happened to each identifier. A paper that no service knows, or a service that fails, does not throw.
   * @throws KindredError `invalid` when one of them is no identifier: then nothing is asked; `cancelled`: then nothing is
   *   imported.
   */
  async add(identifiers: readonly string[], options: AddOptions = {}): Promise<AddReport> {
    return this.#add(validate(CALLS.add.input, { identifiers }).identifiers, options);
  }

  async #add(identifiers: readonly string[], options: AddOptions = {}): Promise<AddReport> {
    const { add } = await import("./sources/add.js");
    return add(this.#library, identifiers, this.#untilClosed(options));
  }

  /**
   * Asks OpenAlex for abstracts, DOIs and dates of papers that lack them. Changes nothing that is there. Can be undone like an
   * import; papers for which nothing was found are not asked for again for 30 days.
   *
   * @param options.max Papers to ask for at most; 10,000 by default.
   * @param options.list Only the papers of this list.
   * @returns What was filled in, also if the service failed after some papers.
   * @throws KindredError `cancelled`: what was filled in stays; `not-found` when there is no such list.
   */
  async enrich(options: EnrichOptions = {}): Promise<EnrichReport> {
    const { enrich } = await import("./sources/enrich.js");
    return enrich(this.#library, this.#untilClosed(options));
  }

  /** What `add` and `enrich` need. @throws KindredError `storage` if the directory is read-only. */
  get #library(): Library {
    void this.#writing;
    return {
      find: (text) => this.find(text),
      paper: (id) => this.paper(id),
      papers: (list) => (list === undefined ? this.papers() : this.papersIn(list)),
      owned: (owner, prefix, limit, after) => this.owned(owner, prefix, limit, after),
      writer: this.#writer,
      settled: () => this.#settled(),
      connections: () => this.sources.connections(),
      services: this.#services,
    };
  }

  #untilClosed<O extends Waiting>(options: O): O & { signal: AbortSignal } {
    const { signal } = options;
    return { ...options, signal: AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]) };
  }

  /** Ends an import that was begun with `more`. */
  async endImport(number: number, name: string): Promise<void> {
    await this.#writer.importBatch({ number, name, records: [], last: true });
  }

  /** Imports that can be undone, newest first. */
  async imports(): Promise<ImportsAnswer> {
    return this.#ask("imports", {});
  }

  /**
   * Undoes an import: removes papers it added, and restores papers it changed. Papers that a later import contains too are
   * kept until that import is undone.
   *
   * @throws KindredError `not-found`; `invalid` when it is already undone, or too old.
   */
  async undo(number: number): Promise<Undone> {
    return this.call("undo", { import: number });
  }

  /**
   * Rows that a room above stores with papers (`import`, `own`) or by `putOwned`, by key: those whose key starts with `prefix` and
   * sorts after `after`.
   */
  async owned(owner: string, prefix = "", limit = OWNED, after = ""): Promise<OwnedRow[]> {
    return this.#searching.call("owned", { owner, prefix, after, limit });
  }

  /** How many such rows have a key that starts with `prefix`. */
  async countOwned(owner: string, prefix = ""): Promise<number> {
    return this.#searching.call("countOwned", { owner, prefix });
  }

  /** Stores such rows: all or none. A row with the value null is deleted. */
  async putOwned(rows: readonly OwnedRow[]): Promise<void> {
    await this.#writer.putOwned(rows);
  }

  /** Deletes the rows of an owner whose key starts with `prefix`. */
  async removeOwned(owner: string, prefix = ""): Promise<void> {
    await this.#writer.removeOwned({ owner, prefix });
  }

  /** Puts papers in lists and takes them out again, and remembers which: see `Writer.place`. @returns What a person should know. */
  async place(change: Parameters<Writer["place"]>[0]): Promise<string[]> {
    const remarks = await this.#writer.place(change);
    await this.#settled();
    return remarks;
  }

  /** Deletes rows of an owner, and removes papers that nothing else refers to: see `Writer.release`. @returns How many. */
  async release(change: Parameters<Writer["release"]>[0]): Promise<number> {
    const removed = await this.#writer.release(change);
    await this.#settled();
    return removed;
  }

  /** Likes, dislikes and lists with the ids of their papers, and notes. */
  async lists(): Promise<ListsAnswer> {
    return this.#ask("lists", {});
  }

  /** Creates a list, unless it exists. @throws KindredError `invalid`, `too-large`. */
  async createList(name: string): Promise<void> {
    await this.#do("createList", { list: name });
  }

  /** Also in the questions of alerts. @throws KindredError `not-found`; `invalid` when the name is taken, or the list is built in. */
  async renameList(name: string, to: string): Promise<void> {
    await this.#do("renameList", { list: name, name: to });
  }

  /** Deletes a list, not its papers. @throws KindredError `not-found`; `invalid` when the list is built in. */
  async deleteList(name: string): Promise<void> {
    await this.#do("deleteList", { list: name });
  }

  /** Adding to `likes` removes from `dislikes`, and the other way round. @throws KindredError `not-found`, `too-large`. */
  async addToList(name: string, id: string): Promise<void> {
    await this.#do("addToList", { list: name, id });
  }

  /** Also works for a paper that has been removed. @throws KindredError `not-found` when the list does not exist. */
  async removeFromList(name: string, id: string): Promise<void> {
    await this.#do("removeFromList", { list: name, id });
  }

  /**
   * Sets the note on a paper. An empty one removes it, also from a paper that has been removed.
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
   * Embeds every paper without vectors, abstracts before sentences, places it on the map, and writes the files derived from
   * the database. What was embedded before a kill is not embedded again.
   *
   * A call during another run joins it and receives its progress; a call with `rebuild` waits for a run without and then starts
   * its own. `signal` ends the caller's wait. The run itself ends when the caller that started it aborts; the callers that
   * joined it then start another.
   *
   * @param options.rebuild Makes the derived files again, and retries texts that could not be embedded.
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
    const notify = (progress: EmbeddingProgress) => listeners.forEach((listener) => listener(progress));
    // Continues after a thread has died: what it embedded is stored.
    const report = retried(() => this.#index(embedded, stop, notify, rebuild)).finally(
      () => (this.#indexing = undefined),
    );
    this.#indexing = { report, rebuild, listeners };
    return report;
  }

  /** @param embedded Counts what this run embeds, across retries. */
  async #index(
    embedded: Record<EmbeddingProgress["phase"], number>,
    signal: AbortSignal,
    notify: (progress: EmbeddingProgress) => void,
    rebuild: boolean,
  ): Promise<IndexReport> {
    if (!(await this.#writer.startIndexing())) return { state: "busy" };
    let saving: NodeJS.Timeout | undefined;
    try {
      saving = setInterval(() => {
        // An error here occurs again at the end, where it is reported.
        this.#save(false, signal).catch(() => {});
      }, SAVE_EVERY);
      // Repeats while papers arrive during the save: other processes were told `busy` and rely on this run.
      for (let first = true; first || (!signal.aborted && (await this.#pending())); first = false) {
        const before = { ...embedded };
        const onProgress = ({ phase, done, total }: EmbeddingProgress) => {
          embedded[phase] = before[phase] + done;
          notify({ phase, done: embedded[phase], total: before[phase] + total });
        };
        const held = await this.#writing.call("embed", first && rebuild, { signal, onProgress });
        // After an abort, what is embedded is safe without a save.
        if (!signal.aborted) await this.#save(first && rebuild, signal);
        if (held && !signal.aborted) return { state: "busy" };
      }
      if (signal.aborted && (await this.#pending()))
        throw new KindredError(
          "cancelled",
          "indexing was stopped; what is embedded stays, and the next run continues from there",
        );
      return { state: "done", abstracts: embedded.vectors, sentences: embedded.sentences };
    } finally {
      clearInterval(saving);
      await this.#saved;
      await this.#writer.stopIndexing();
    }
  }

  /** Writes the derived files, if they are stale. */
  #save(again: boolean, signal: AbortSignal): Promise<void> {
    const saved = this.#saved.then(async () => {
      if (signal.aborted || (!again && !(await this.#unsaved()))) return;
      const files = await this.#writing.call("save", again, { signal });
      if (files !== null) await this.#searching.call("written", files);
    });
    this.#saved = saved.catch(() => {});
    return saved;
  }

  async #unsaved(): Promise<boolean> {
    const notice = await this.openingNotice();
    const { index } = await this.#searching.call("status", undefined);
    return notice !== null || index.saved !== index.storeChange;
  }

  async #pending(): Promise<boolean> {
    const { pending, pendingSentences, pendingPoints } = await this.#searching.call("status", undefined);
    return pending + pendingSentences + pendingPoints > 0;
  }

  /** Starts the threads and loads the model for queries, before the first request needs them. */
  async prepare(): Promise<void> {
    this.#answering.prepares = true;
    await this.#searching.call("prepare", undefined);
    if (this.#thread instanceof Thread) this.#thread.start();
  }

  /** Finds papers by words and meaning. @throws KindredError `invalid`, `not-found`. */
  async search(request: Request<"search">, waiting: Waiting = {}): Promise<Answer> {
    return this.#ask("search", request, waiting);
  }

  /** Explains the place of a paper in the answer to a search, or why it is not in it. @throws KindredError `invalid`, `not-found`. */
  async explain(request: Request<"explain">, waiting: Waiting = {}): Promise<Explanation> {
    return this.#ask("explain", request, waiting);
  }

  /** Finds papers like one in the index, or like a text. @throws KindredError `invalid`, `not-found`. */
  async related(request: Request<"related">, waiting: Waiting = {}): Promise<Answer> {
    return this.#ask("related", request, waiting);
  }

  /** The papers around a paper, and which of them are near each other. @throws KindredError `invalid`, `not-found`. */
  async neighbourhood(request: Request<"neighbourhood">, waiting: Waiting = {}): Promise<NeighbourhoodAnswer> {
    return this.#ask("neighbourhood", request, waiting);
  }

  /** Finds papers like the liked ones and unlike the disliked ones. @throws KindredError `invalid`, `not-found`. */
  async recommend(request: Request<"recommend">, waiting: Waiting = {}): Promise<Answer> {
    return this.#ask("recommend", request, waiting);
  }

  /** Lists papers in an order, without a query. @throws KindredError `invalid`. */
  async browse(request: Request<"browse"> = {}, waiting: Waiting = {}): Promise<BrowseAnswer> {
    return this.#ask("browse", request, waiting);
  }

  /** The map of all papers: its size, and the names of its regions. */
  async map(): Promise<MapAnswer> {
    return this.#ask("map", {});
  }

  /**
   * The points of the map in ascending order of labels, 16 bytes each, little-endian: uint32 label, float32 x, float32 y,
   * uint16 year (0 unknown), uint8 category (index into those of `map`, 255 for none or another), uint8 0. `version` is that
   * of `map`.
   */
  async mapPoints(): Promise<{ version: string; bytes: Uint8Array }> {
    return this.#searching.call("points", undefined);
  }

  /** Labels of the papers that a search finds, or that pass the filters. @throws KindredError `invalid`, `not-found`. */
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
   * Answers a question of the table (`operations/table.ts`) as JSON text, for callers that pass it on unparsed.
   *
   * @param input Already parsed by the question's schema.
   * @param stages Receives milliseconds: waiting for the search thread (`wait`), embedding the query (`embed`), and in the
   *   search thread (`answer`).
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
    return question === "paper" ? this.#withSources(timed.json) : timed.json;
  }

  /** The answer about a paper, with the sources that have brought it. */
  async #withSources(json: string): Promise<string> {
    const answer = JSON.parse(json) as PaperAnswer;
    return JSON.stringify({ ...answer, sources: await this.sources.of(answer.paper.id) } satisfies PaperAnswer);
  }

  /**
   * Runs a call of the table (`operations/table.ts`).
   *
   * @param input Already parsed by the call's schema.
   * @param asking A person at this machine by default.
   * @throws KindredError as the method of that name.
   */
  async call<C extends keyof Calls>(
    name: C,
    input: Input<Calls[C]>,
    { local, signal }: Asking = { local: true, signal: new AbortController().signal },
  ): Promise<Output<Calls[C]>> {
    const { run, access }: Call = CALLS[name];
    const result = (await run({ ...this.#context, local, signal }, input as never)) as Output<Calls[C]>;
    // Who has changed something finds it at once; a cluster shows it only when it is asked to.
    if (this.#remote && access === "write") await this.#settled();
    return result;
  }

  /** One paper. @throws KindredError `not-found`. */
  async paper(id: string): Promise<Paper> {
    return (await this.#ask("paper", { id })).paper;
  }

  /**
   * Looks up papers by the DOIs, arXiv ids and URLs in a text, one or several per line.
   *
   * @throws KindredError `invalid` when the text is too long.
   */
  async find(text: string): Promise<FindAnswer> {
    return this.#ask("find", { text });
  }

  /** The ids of the papers of a list and when each was added, last added last. @throws KindredError `not-found`. */
  async entries(list: string): Promise<{ id: string; added: string }[]> {
    return this.#searching.call("list", list);
  }

  /** The papers of a list, last added first. @throws KindredError `not-found`. */
  async *papersIn(list: string): AsyncGenerator<Paper> {
    await this.entries(list);
    for (let cursor: string | undefined; ;) {
      const more = cursor === undefined ? {} : { cursor };
      const { papers, next } = await this.browse({ list: [list], sort: "added", limit: PAGE, ...more });
      yield* papers;
      if (next === null) return;
      cursor = next;
    }
  }

  /** All papers, in the order they were added; `writePapers` writes them in a format. */
  async *papers(): AsyncGenerator<Paper> {
    for (let after = 0; ;) {
      const page = await this.#searching.call("page", { after, limit: PAGE });
      for (const { paper } of page) yield paper;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.label;
    }
  }

  /** What was wrong with the index files when they were opened; null if nothing. Waits until this is known. */
  async openingNotice(): Promise<string | null> {
    return this.#searching.call("notice", undefined);
  }

  /**
   * Finds the ten nearest neighbours of a random paper by exact comparison and by search.
   *
   * @returns The number of neighbours, and how many of them the search finds; both 0 if papers changed meanwhile.
   */
  async checkRecall(): Promise<{ nearest: number; found: number }> {
    return this.#searching.call("checkRecall", undefined);
  }

  /**
   * How the cluster that holds the papers is, within two seconds, and what became of this process's requests to it; null where a
   * folder holds them.
   */
  async cluster(): Promise<ClusterState | null> {
    if (!this.#remote) return null;
    const state = await this.#searching.call("health", undefined);
    const writing = this.#thread instanceof Thread ? await this.#thread.call("traffic", undefined) : null;
    if (state === null || writing === null) return state;
    const requests = Object.entries(state.requests).map(([name, count]) => [
      name,
      count + writing[name as keyof typeof writing],
    ]);
    return { ...state, requests: Object.fromEntries(requests) as ClusterState["requests"] };
  }

  /** The number of papers, how far embedding has come, the model, and the state of the index. */
  async status(): Promise<Status> {
    const { index, jobs, ...counts } = await this.#searching.call("status", undefined);
    const paused = jobs.length === 0 ? new Set() : await this.sources.pausedJobs();
    const { identity: _, ...model } = this.#model;
    return {
      version: VERSION,
      ...counts,
      jobs: jobs.map((job) => (paused.has(job.name) ? { ...job, next: null } : job)),
      importing: [...this.#importing],
      indexing: this.#indexing !== undefined,
      model,
      index,
    };
  }

  /**
   * Stops a running `index` at the next batch and the job that is running, and ends the threads. What was acknowledged is on
   * disk; the next `index` embeds the rest.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    this.sources.stop();
    this.alerts.stop();
    this.mail.stop();
    this.webhooks.stop();
    await Promise.all([this.jobs.stop(), this.#indexing?.report.catch(() => {})]);
    await Promise.all([this.sources.close(), this.webhooks.close()]);
    // The writer closes last, to merge the log into papers.db: a reader would leave it.
    await this.#searching.close("ofThreads");
    if (!(this.#thread instanceof KindredError)) await this.#thread.close("ofThreads");
  }

  /** @throws KindredError `storage` if the directory is read-only. */
  get #writing(): Thread<IndexingMethods> {
    if (this.#thread instanceof KindredError) throw this.#thread;
    return this.#thread;
  }
}

/** The result of a promise, unless the signal aborts first. @throws KindredError `cancelled`. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new KindredError("cancelled", "cancelled; the run that it waited for continues"));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
