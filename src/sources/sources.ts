/** The sources of a directory: what is stored of them, their runs, and the jobs that run them. */
import { z } from "zod";
import { KindredError, messageOf } from "../core/errors.js";
import type { ImportReport } from "../core/import-report.js";
import { doiOfArxiv } from "../core/identifiers.js";
import type { Paper } from "../core/paper.js";
import { validate } from "../core/validate.js";
import type { Own, OwnedRow, Writer } from "../engine/writer.js";
import { TryLater, type Jobs } from "../jobs/jobs.js";
import { newListNameSchema } from "../operations/lists.js";
import {
  intervalSchema,
  runSchema,
  sourceNameSchema,
  type PreviewAnswer,
  type Run,
  type Source,
  type SourceAnswer,
  type SourceChanges,
  type SourceKindsAnswer,
  type SourcesAnswer,
} from "../operations/sources.js";
import { isLocalHost } from "./addresses.js";
import { COLLECTION_ROWS, expectSame, itemsOf, removeAdded, rowsOf, settle, takeOut } from "./collections.js";
import type { Retry } from "./fetch.js";
import { harvest, type Harvested } from "./harvest.js";
import { keyOf } from "./keys.js";
import { streamOf } from "./kind.js";
import { KINDS, kindNamed, kindOf, type KindName } from "./kinds.js";
import { MINE, OWNER } from "./mine.js";
import type { Network } from "./network.js";
import { kindsFor, refuseLocal } from "./remote.js";
import { SourceError } from "./source-error.js";
import { FolderWatch } from "./watch.js";

/** Runs kept of each source, and remarks of each run. */
const RUNS = 30;
const REMARKS = 20;
/** Rows read at a time. */
const PAGE = 10_000;
/** How often a server looks for sources that another process has added or removed, in milliseconds. */
const LOOK_EVERY = 15_000;
/** In milliseconds. */
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };
const EVERY = "1d";

type JobState = { name: string; next: string | null; running: boolean };

/** What it needs of a `Kindred`. */
type Library = {
  import: (
    source: AsyncIterable<Uint8Array>,
    options: { name: string; continues: number | undefined; more: boolean; own: Own; signal: AbortSignal },
  ) => Promise<ImportReport>;
  endImport: (number: number, name: string) => Promise<void>;
  owned: (owner: string, prefix?: string, limit?: number, after?: string) => Promise<OwnedRow[]>;
  countOwned: (owner: string, prefix?: string) => Promise<number>;
  putOwned: (rows: readonly OwnedRow[]) => Promise<void>;
  removeOwned: (owner: string, prefix?: string) => Promise<void>;
  place: Writer["place"];
  release: Writer["release"];
  find: (text: string) => Promise<{ found: { paper: { id: string } }[] }>;
  paper: (id: string) => Promise<Pick<Paper, "id" | "title" | "doi" | "arxiv">>;
  status: () => Promise<{ jobs: JobState[] }>;
  readonly jobs: Jobs;
};

/** What a new source is. */
export type NewSource = {
  /** The kind by default. */
  name?: string | undefined;
  kind: string;
  options: Record<string, unknown>;
  /** Such as `6h`, `1d` or `1w`; a day by default. */
  every?: string | undefined;
  /** A list that receives what the source brings. */
  list?: string | undefined;
};

const storedSchema = z.object({
  kind: z.enum(Object.keys(KINDS) as [KindName, ...KindName[]]),
  options: z.record(z.string(), z.unknown()),
  every: intervalSchema,
  list: z.string().nullable(),
  /** Lists that it had before. */
  former: z.array(z.string()).default([]),
  created: z.string(),
  paused: z.boolean().default(false),
});
type Stored = z.infer<typeof storedSchema>;

export type SourceProgress = {
  source: string;
  papers: number;
  /** Why the run waits before it asks its service again; null if it does not. */
  waiting: string | null;
};

export class Sources {
  readonly #library;
  #network: Network | undefined;
  /** The names of the jobs of this process, and what their sources were when they were registered. */
  readonly #registered = new Map<string, string>();
  /** Sources that `begin` has started, also while they wait for another. */
  readonly #begun = new Set<string>();
  /** Why runs of this process wait for their services. */
  readonly #waiting = new Map<string, Retry>();
  #looking: NodeJS.Timeout | undefined;
  /** The folders of sources that are watched, while this process runs sources that are due. */
  readonly #watches = new Map<string, { path: string; watch: FolderWatch }>();
  /** Sources that this process is running. */
  readonly #running = new Set<string>();
  #listeners = new Set<(progress: SourceProgress) => void>();

  /** @param network Its own by default, which connects only when a source runs. */
  constructor(library: Library, network?: Network) {
    this.#library = library;
    this.#network = network;
  }

  /**
   * Adds a source, which is due at once. Nothing is fetched before `update` or `start` runs it.
   *
   * @param asking.local Whether a person at this machine asks: others may not have files or private addresses read.
   * @returns Its name.
   * @throws KindredError `invalid` when an option is wrong or the name is taken.
   */
  async add(source: NewSource, { local } = { local: true }): Promise<string> {
    const { name, ...rest } = checkedSource(source);
    if (!local) refuseLocal(rest.kind, rest.options);
    rest.options = asMeant(rest.options);
    if ((await this.#stored()).has(name))
      throw new KindredError("invalid", `name: there is a source called ${name}: choose another name with --name`, {
        parameter: "name",
      });
    const stored: Stored = { ...rest, created: new Date(this.#now).toISOString(), paused: false, former: [] };
    await this.#library.putOwned([row(`source/${name}`, stored)]);
    await this.#register(name, stored);
    return name;
  }

  /** The kinds, with the JSON Schema of their options. @param local Whether a person at this machine asks. */
  kinds(local = true): SourceKindsAnswer {
    return { kinds: kindsFor(local) };
  }

  /**
   * The first papers that a source would bring, at most ten. Nothing is stored.
   *
   * @throws KindredError `invalid` when an option is wrong; `unreachable` when the service cannot be read.
   */
  async preview(
    { kind: wanted, options }: Pick<NewSource, "kind" | "options">,
    { local, signal }: { local: boolean; signal?: AbortSignal } = { local: true },
  ): Promise<PreviewAnswer> {
    const kind = kindNamed(wanted);
    validate(kindOf(kind).options, options);
    if (!local) refuseLocal(kind, options);
    // Loaded only here, because most commands read no file in this thread.
    const { previewOf } = await import("./preview.js");
    return previewOf(kind, asMeant(options), await this.connections(), signal);
  }

  /**
   * Changes a source: whether it is paused, how often it runs, its list, its limit. A run under way is not affected.
   *
   * @throws KindredError `not-found`; `invalid` when a value is wrong.
   */
  async change(name: string, { paused, every, list, max }: SourceChanges): Promise<void> {
    const before = await this.#get(name);
    const stored: Stored = {
      ...before,
      ...(paused !== undefined && { paused }),
      ...(every !== undefined && { every: validate(intervalSchema, every) }),
      ...(list !== undefined && { list: list === null ? null : validate(newListNameSchema, list) }),
      ...(max !== undefined && { options: { ...before.options, max } }),
    };
    if (before.list !== null && before.list !== stored.list) stored.former = [...before.former, before.list];
    validate(kindOf(stored.kind).options, stored.options);
    await this.#library.putOwned([row(`source/${name}`, stored)]);
    await this.#register(name, stored);
  }

  /**
   * Removes a source.
   *
   * @param papers Whether papers that it has added are removed too, unless a person has imported them, or put them in another
   *   list than that of the source, or written a note, or another source has brought them.
   * @returns How many papers were removed.
   * @throws KindredError `not-found`.
   */
  async remove(name: string, papers = false): Promise<number> {
    const stored = await this.#get(name);
    // Nobody runs it meanwhile.
    await this.#library.putOwned([row(`source/${name}`, { ...stored, paused: true })]);
    await this.#library.jobs.remove(jobOf(name));
    this.#registered.delete(name);
    let removed = 0;
    if (papers) {
      await takeOut(this.#library, OWNER, name);
      const { others } = await this.#others(name);
      const mine = [...(await this.#papersOf(name))];
      removed = await removeAdded(this.#library, {
        owner: OWNER,
        source: name,
        papers: mine,
        others,
        lists: listsOf(stored),
      });
    }
    for (const part of ["run", "paper", ...COLLECTION_ROWS]) await this.#library.removeOwned(OWNER, `${part}/${name}/`);
    // Last, so that one who is interrupted can repeat it.
    await this.#library.putOwned(
      ["position", "source"].map((part) => ({ owner: OWNER, key: `${part}/${name}`, value: null })),
    );
    // A server may have found it once more.
    if (this.#registered.delete(name)) await this.#library.jobs.remove(jobOf(name));
    return removed;
  }

  /** All sources by name, each with its last run. */
  async list(): Promise<SourcesAnswer> {
    const [stored, { jobs }] = [await this.#stored(), await this.#library.status()];
    const sources = await Promise.all(
      [...stored].map(async ([name, source]) => this.#described(name, source, jobs, await this.#runsOf(name))),
    );
    return { sources };
  }

  /** A source with its last runs, newest first. @throws KindredError `not-found`. */
  async get(name: string): Promise<SourceAnswer> {
    const [stored, { jobs }] = [await this.#get(name), await this.#library.status()];
    const runs = await this.#runsOf(name);
    return { source: await this.#described(name, stored, jobs, runs), runs };
  }

  /** The names of the jobs of sources that are paused. */
  async pausedJobs(): Promise<Set<string>> {
    const stored = await this.#stored();
    return new Set([...stored].flatMap(([name, { paused }]) => (paused ? [jobOf(name)] : [])));
  }

  /** The names of the sources that have brought a paper. */
  async of(id: string): Promise<string[]> {
    const names = (await this.#library.owned(OWNER, "source/", PAGE)).map(({ key }) => key.slice("source/".length));
    const found = await Promise.all(
      names.map((name) => this.#library.owned(OWNER, `paper/${name}/${id}`, 1).then(([first]) => first?.key)),
    );
    return names.filter((name, i) => found[i] === `paper/${name}/${id}`);
  }

  /**
   * Runs a source now. @returns What it did.
   *
   * @throws KindredError `not-found`; `busy` when another process is running it; `unreachable` when the service cannot be read:
   *   what came before is kept, and the next run goes on from there.
   */
  async update(
    name: string,
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: SourceProgress) => void } = {},
  ): Promise<string> {
    await this.#register(name, await this.#get(name));
    if (onProgress !== undefined) this.#listeners.add(onProgress);
    try {
      return await this.#library.jobs.run(jobOf(name), signal);
    } finally {
      if (onProgress !== undefined) this.#listeners.delete(onProgress);
    }
  }

  /** Runs a source, and does not wait for it: its runs say how it ended. @throws KindredError `not-found`. */
  async begin(name: string): Promise<void> {
    await this.#register(name, await this.#get(name));
    if (this.#begun.has(name)) return;
    this.#begun.add(name);
    void this.#library.jobs
      .run(jobOf(name))
      .catch(() => {})
      .finally(() => this.#begun.delete(name));
  }

  /**
   * Runs sources whenever they are due, also those that other processes add, and folders when their files have changed. Needs
   * `jobs.start`.
   *
   * @param quiet Milliseconds without a change after which the files of a folder are whole.
   */
  start(failed: (thrown: unknown) => void, quiet?: number): void {
    const look = () => void this.#look(quiet).catch(failed);
    look();
    this.#looking = setInterval(look, LOOK_EVERY).unref();
  }

  /** Stops looking for sources. */
  stop(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
    for (const name of this.#watches.keys()) this.#unwatch(name);
  }

  /** Ends all connections; no source can run afterwards. */
  async close(): Promise<void> {
    this.stop();
    await this.#network?.close();
  }

  /** The connections of this process, loaded only when they are needed, because most commands never do. */
  async connections(): Promise<Network> {
    if (this.#network === undefined) {
      const { Network } = await import("./network.js");
      this.#network ??= new Network();
    }
    return this.#network;
  }

  async #look(quiet?: number): Promise<void> {
    const stored = await this.#stored();
    this.#watchFolders(stored, quiet);
    for (const [name, source] of stored) await this.#register(name, source);
    for (const name of this.#registered.keys())
      if (!stored.has(name)) {
        this.#registered.delete(name);
        await this.#library.jobs.remove(jobOf(name));
      }
  }

  /** Watches the folders of sources that are not paused. */
  #watchFolders(stored: ReadonlyMap<string, Stored>, quiet: number | undefined): void {
    // It was stopped meanwhile.
    if (this.#looking === undefined) return;
    for (const [name, { kind, paused, options }] of stored) {
      const path = String(options["path"]);
      const wanted = kind === "folder" && !paused;
      if (this.#watches.get(name)?.path !== path || !wanted) this.#unwatch(name);
      if (!wanted) continue;
      const settled = (): boolean => {
        // A run under way may have read the folder before.
        if (this.#running.has(name)) return false;
        void this.begin(name).catch(() => {});
        return true;
      };
      if (!this.#watches.has(name)) this.#watches.set(name, { path, watch: new FolderWatch(path, settled, quiet) });
    }
    for (const name of this.#watches.keys()) if (!stored.has(name)) this.#unwatch(name);
    for (const { watch } of this.#watches.values()) void watch.look();
  }

  #unwatch(name: string): void {
    this.#watches.get(name)?.watch.close();
    this.#watches.delete(name);
  }

  async #register(name: string, source: Stored): Promise<void> {
    const described = JSON.stringify(source);
    if (this.#registered.get(name) === described) return;
    this.#registered.set(name, described);
    const every = millisecondsOf(source.every);
    await this.#library.jobs.register({
      name: jobOf(name),
      next: (started) => started + every,
      paused: source.paused,
      run: (signal) => {
        this.#running.add(name);
        return this.#run(name, source, signal).finally(() => this.#running.delete(name));
      },
    });
  }

  async #run(name: string, source: Stored, signal: AbortSignal): Promise<string> {
    const kind = kindOf(source.kind);
    const started = new Date(this.#now).toISOString();
    const done = { added: 0, updated: 0, unchanged: 0, rejected: 0 };
    const remarks: string[] = [];
    const { others, active } = await this.#others(name);
    let number: number | undefined;
    /** The names of collections: only a library has them. */
    let names: Harvested["collectionNames"];
    /** Whether the library is known to be the one of the runs before. */
    let same = false;
    const take = async (page: Harvested) => {
      const { bytes, saved, deleted = [], remarks: said = [], name: file = name } = page;
      if (bytes !== undefined && page.existing !== undefined && !same) {
        await expectSame(this.#library, OWNER, name, page.existing);
        same = true;
      }
      names = page.collectionNames ?? names;
      remarks.push(...said, ...deleted.map((id) => `the service has deleted ${id}`));
      const marks = await this.#marksOf(name, deleted);
      if (marks !== undefined) {
        // Before the position: a run that is killed in between finds them deleted again.
        const options = { name, continues: number, more: true, own: {}, signal };
        const report = await this.#library.import(streamOf(marks), options);
        number = report.import ?? number;
        done.updated += report.updated;
      }
      const rows = saved === undefined ? [] : [row(`position/${name}`, saved)];
      if (bytes === undefined) {
        if (names !== undefined) {
          const { existing } = page;
          remarks.push(...(await settle(this.#library, OWNER, name, { names, existing, list: source.list, others })));
        }
        if (rows.length > 0) await this.#library.putOwned(rows);
        return;
      }
      // A file in which nothing can be read is asked for again.
      const checked = source.kind === "url";
      const report = await this.#library.import(streamOf(bytes), {
        name: file === name ? name : `${name}: ${file}`,
        continues: number,
        more: true,
        own: ownOf(name, source, page, checked ? [] : rows, active),
        signal,
      });
      number = report.import ?? number;
      for (const count of ["added", "updated", "unchanged", "rejected"] as const) done[count] += report[count];
      const problems = report.problems.map(({ line, reason }) => `${file}:${line}: ${reason}`);
      // A file of a folder may be of no known format; an answer of a service must not.
      if (report.format === null && source.kind !== "folder")
        throw new SourceError(`the answer is in no format that can be read: ${problems[0] ?? "it is empty"}`);
      // Such as an error that a service sends as a file.
      if (source.kind === "url" && report.rejected > 0 && report.added + report.updated + report.unchanged === 0)
        throw new SourceError(`nothing in the file can be read: ${problems[0]}`);
      if (checked && rows.length > 0) await this.#library.putOwned(rows);
      remarks.push(...problems);
      tell();
    };
    const tell = () => {
      const papers = done.added + done.updated + done.unchanged;
      for (const listener of this.#listeners) listener({ source: name, papers, waiting: this.#waitingOf(name) });
    };
    const onWaiting = (waiting: Retry | null) => {
      if (waiting === null) this.#waiting.delete(name);
      else this.#waiting.set(name, waiting);
      tell();
    };
    const save = async (error: string | null) => {
      if (number !== undefined) await this.#library.endImport(number, name);
      const run: Run = {
        started,
        ended: new Date(this.#now).toISOString(),
        ...done,
        error,
        remarks: remarks.slice(0, REMARKS),
      };
      const old = (await this.#library.owned(OWNER, `run/${name}/`, PAGE)).slice(0, -(RUNS - 1));
      await this.#library.putOwned([
        row(`run/${name}/${started}`, run),
        ...old.map((one) => ({ ...one, value: null })),
      ]);
    };
    try {
      const [position] = await this.#library.owned(OWNER, `position/${name}`, 1);
      const saved: unknown = position?.key === `position/${name}` ? JSON.parse(position.value ?? "null") : undefined;
      const pages = harvest(kind, {
        options: source.options,
        saved: saved ?? undefined,
        network: await this.connections(),
        key: keyOf(source.kind, process.env),
        contact: process.env["KINDRED_CONTACT"],
        signal,
        onWaiting,
      });
      for await (const page of pages) await take(page);
    } catch (thrown) {
      this.#waiting.delete(name);
      await save(signal.aborted ? "it was stopped before it finished" : messageOf(thrown)).catch(() => {});
      if (thrown instanceof SourceError && thrown.retryAt !== undefined)
        throw new TryLater(thrown.message, thrown.retryAt, { cause: thrown });
      throw thrown;
    }
    await save(null);
    return outcomeOf(done, remarks);
  }

  /** Records that mark what a source has brought and its service has deleted; undefined if nothing of it is here. */
  async #marksOf(name: string, deleted: readonly string[]): Promise<Uint8Array | undefined> {
    const records: string[] = [];
    for (const given of deleted)
      for (const { paper } of (await this.#library.find(given)).found) {
        const key = `paper/${name}/${paper.id}`;
        const [brought] = await this.#library.owned(OWNER, key, 1);
        if (brought?.key !== key) continue;
        const { id, title, doi, arxiv } = await this.#library.paper(paper.id);
        // Of an article, arXiv has deleted only the preprint.
        const own = arxiv !== null && doi !== doiOfArxiv(arxiv) ? undefined : doi;
        records.push(JSON.stringify({ id, title, doi: own, arxiv, notice: "deleted" }));
      }
    return records.length === 0 ? undefined : Buffer.from(records.join("\n"));
  }

  async #stored(): Promise<Map<string, Stored>> {
    const rows = await this.#library.owned(OWNER, "source/", PAGE);
    return new Map(
      rows.flatMap(({ key, value }) => {
        const stored = storedSchema.safeParse(JSON.parse(value ?? "null"));
        return stored.success ? [[key.slice("source/".length), stored.data] as const] : [];
      }),
    );
  }

  /** What the keys of papers of others start with: of a person and all sources, and of sources that are not paused. */
  async #others(name: string): Promise<{ others: string[]; active: string[] }> {
    const others = [...(await this.#stored())].filter(([other]) => other !== name);
    const keysOf = (sources: typeof others) => sources.map(([other]) => `paper/${other}/`);
    return { others: [MINE, ...keysOf(others)], active: keysOf(others.filter(([, { paused }]) => !paused)) };
  }

  async #get(name: string): Promise<Stored> {
    const stored = await this.#stored();
    const source = stored.get(name);
    if (source !== undefined) return source;
    const names = [...stored.keys()].join(", ");
    throw new KindredError(
      "not-found",
      `there is no source called ${name}: ${names === "" ? 'add one with "kindred source add"' : `the sources are ${names}`}`,
    );
  }

  async #described(name: string, source: Stored, jobs: readonly JobState[], [last]: readonly Run[]): Promise<Source> {
    const job = jobs.find((one) => one.name === jobOf(name));
    const papers = await this.#library.countOwned(OWNER, `paper/${name}/`);
    const running = job?.running === true || this.#begun.has(name);
    const waiting = this.#waitingOf(name);
    const { former: _, ...shown } = source;
    return { name, ...shown, papers, running, waiting, next: job?.next ?? null, last: last ?? null };
  }

  async #runsOf(name: string): Promise<Run[]> {
    const rows = await this.#library.owned(OWNER, `run/${name}/`, RUNS);
    return rows.map(({ value }) => runSchema.parse(JSON.parse(value ?? "null"))).toReversed();
  }

  /** The papers that a source has brought, and what it did with them first. */
  #papersOf(name: string): Promise<Map<string, string>> {
    return rowsOf(this.#library, OWNER, `paper/${name}/`);
  }

  /** Why a run of this process waits, and for how long. */
  #waitingOf(name: string): string | null {
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return null;
    const seconds = Math.max(1, Math.ceil((waiting.at - this.#now) / 1_000));
    return `${waiting.reason}; try ${waiting.nth} of ${waiting.of} in ${seconds === 1 ? "a second" : `${seconds} seconds`}`;
  }

  get #now(): number {
    return this.#network?.hosts.clock.now() ?? Date.now();
  }
}

/**
 * A new source with everything that is not given.
 *
 * @throws KindredError `invalid` when an option is wrong.
 */
export function checkedSource({ name, kind: wanted, options, every = EVERY, list }: NewSource) {
  const kind = kindNamed(wanted);
  validate(kindOf(kind).options, options);
  keyOf(kind, process.env);
  return {
    name: validate(sourceNameSchema, name ?? kind),
    kind,
    options,
    every: validate(intervalSchema, every),
    list: list === undefined ? null : validate(newListNameSchema, list),
  };
}

/** Who names an address of this machine means it; a name on a private network needs the option `private`. */
function asMeant(options: Record<string, unknown>): Record<string, unknown> {
  const address = options["baseUrl"] ?? options["url"];
  const named = typeof address === "string" && URL.canParse(address) ? new URL(address).hostname : "";
  return isLocalHost(named) ? { ...options, private: true } : options;
}

const listsOf = ({ list, former }: Stored): string[] => (list === null ? former : [list, ...former]);
const jobOf = (name: string): string => `source ${name}`;
const row = (key: string, value: unknown): OwnedRow => ({ owner: OWNER, key, value: JSON.stringify(value) });

/** What is stored with the papers of a page. The papers of a library are put in lists when all are there. */
function ownOf(
  name: string,
  { list }: Stored,
  page: Harvested,
  rows: readonly OwnedRow[],
  others: readonly string[],
): Own {
  const each = { owner: OWNER, key: `paper/${name}/`, others };
  if (page.collections === undefined) return { each: { ...each, ...(list !== null && { list }) }, rows };
  const items = itemsOf(OWNER, name, page);
  return { each, ids: items.ids, rows: [...items.rows, ...rows] };
}

function millisecondsOf(interval: string): number {
  return Number(interval.slice(0, -1)) * UNITS[interval.at(-1) as keyof typeof UNITS];
}

function outcomeOf(
  { added, updated, unchanged, rejected }: Record<string, number>,
  remarks: readonly string[],
): string {
  const counts = [`${added} added`, `${updated} updated`, `${unchanged} unchanged`];
  if (rejected! > 0) counts.push(`${rejected} not imported`);
  const said = remarks.at(-1);
  return `${counts.join(", ")}${said === undefined ? "" : `; ${said}`}`;
}
