/** Kills processes at random moments while they work on a directory, and checks what is there afterwards. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { ModelDescription } from "../../src/embedding/description.js";
import { openKindred, type Answer, type Kindred } from "../../src/kindred.js";
import { mulberry32 } from "../../src/map/random.js";
import { ROOT } from "../../src/core/root.js";
import { databasePath } from "../../src/store/database.js";
import { Store } from "../../src/store/store.js";
import { verify } from "../../src/admin/verify.js";
import type { Task } from "./child.js";
import { below, oneOf, operation, type Random } from "./draw.js";
import { Fault } from "./fault.js";
import { difference, emptyLibrary, states, libraryText, storeText, type Library, type Operation } from "./library.js";

const CHILD = fileURLToPath(new URL("./child.js", import.meta.url));
/** Maximum number of operations per process. */
const OPERATIONS = 8;
/** Kills between two comparisons of search results with an index built from scratch. */
const REBUILT_EVERY = 50;
/** A process that reports nothing for this long is considered hung, in milliseconds. */
const PATIENCE = 180_000;
/** Assumed duration of an operation before one of its kind was timed, in milliseconds. */
const UNKNOWN = 200;

/** How much more often a kill is aimed at operations of a kind; 1 for those not listed. */
const WEIGHTS: { [K in Operation["kind"]]?: number } = {
  index: 8,
  rebuild: 8,
  restore: 5,
  backup: 4,
  migrate: 4,
  import: 2,
  undo: 4,
};

/**
 * When a process is killed: in operation `at` (after all of them if it is the number of operations), and there after a part
 * of the usual duration, or after a number of events on files.
 */
type Aim = { at: number; when: { part: number } | { files: number } };
type Round = { operations: Operation[]; aim: Aim };

export type Kills = {
  kills: number;
  /** Number of kills by kind of the operation that was interrupted; `nothing` for between two, or after the last. */
  hit: Map<string, number>;
  /** Number of interrupted operations that had no effect, the whole effect, or that of some of their transactions. */
  effects: { none: number; part: number; whole: number };
  acknowledged: number;
  rebuilt: number;
};

/**
 * @param folder Is created.
 * @param at Aims only at operations of this kind; at all kinds if undefined.
 * @throws Fault at the first defect; the folder then still holds the files.
 */
export async function kill(
  folder: string,
  model: ModelDescription,
  { seed, kills, at }: { seed: number; kills: number; at?: Operation["kind"] },
  progress: (done: Kills) => void = () => {},
): Promise<Kills> {
  const killing = await Killing.begin(folder, model, mulberry32(seed), at);
  try {
    for (let i = 1; i <= kills; i++) {
      await killing.round(i % REBUILT_EVERY === 0 || (i === kills && at === undefined)).catch((thrown: unknown) => {
        throw thrown instanceof Fault ? thrown.of(`--seed ${seed} --kills ${kills} --cuts 0, at kill ${i}`) : thrown;
      });
      progress(killing.done);
    }
    return killing.done;
  } finally {
    await killing.end();
  }
}

/** The directory that all kills work on, and its expected content. */
class Killing {
  readonly done: Kills = {
    kills: 0,
    hit: new Map(),
    effects: { none: 0, part: 0, whole: 0 },
    acknowledged: 0,
    rebuilt: 0,
  };
  readonly #folder;
  readonly #directory;
  readonly #model;
  readonly #random;
  readonly #at;
  #library = emptyLibrary();
  #names = 0;
  readonly #backups = new Map<string, Library>();
  /** Duration of the last operation of each kind, in milliseconds. */
  readonly #spans = new Map<string, number>();
  /** The vectors of each text when first seen, in hexadecimal. */
  readonly #vectors = new Map<string, string>();
  /** Databases of earlier versions, and the content of each after migration. */
  readonly #old: { bytes: Buffer; holds: string }[] = [];
  #next: Child;

  private constructor(folder: string, model: ModelDescription, random: Random, at: Operation["kind"] | undefined) {
    this.#folder = folder;
    this.#directory = join(folder, "index");
    this.#model = model;
    this.#random = random;
    this.#at = at;
    this.#next = new Child();
  }

  static async begin(
    folder: string,
    model: ModelDescription,
    random: Random,
    at: Operation["kind"] | undefined,
  ): Promise<Killing> {
    mkdirSync(folder);
    const killing = new Killing(folder, model, random, at);
    const fixtures = join(ROOT, "test", "store");
    for (const name of readdirSync(fixtures).filter((file) => /^version-\d+\.db\.gz$/.test(file))) {
      const bytes = gunzipSync(readFileSync(join(fixtures, name)));
      const directory = join(folder, name);
      mkdirSync(directory);
      writeFileSync(databasePath(directory), bytes);
      Store.open(directory, model).close();
      killing.#old.push({ bytes, holds: killing.#holds(directory) });
    }
    return killing;
  }

  async round(rebuild: boolean): Promise<void> {
    const round = this.#plan();
    const child = this.#next;
    // The next child loads its modules while this one works.
    this.#next = new Child();
    const { started, acknowledged, ended } = await this.#kill(child, round);
    this.done.kills++;
    this.done.acknowledged += acknowledged;
    const inFlight = started > acknowledged ? round.operations[started - 1] : undefined;
    const kind = inFlight?.kind ?? "nothing";
    this.done.hit.set(kind, (this.done.hit.get(kind) ?? 0) + 1);
    try {
      if (ended !== null) throw new Fault(`the process was not killed: ${ended}`);
      await this.#check(round.operations.slice(0, started), acknowledged);
      if (rebuild) await this.#compareWithRebuilt();
    } catch (thrown) {
      const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      const did = round.operations.slice(0, started).map((one) => JSON.stringify(one).slice(0, 300));
      throw new Fault(`${what}\nacknowledged ${acknowledged} of these operations:\n${did.join("\n")}`);
    }
  }

  async end(): Promise<void> {
    await this.#next.kill();
  }

  #plan(): Round {
    const random = this.#random;
    const operations: Operation[] = [{ kind: "open" }];
    let library = this.#library;
    const add = (one: Operation) => {
      operations.push(one);
      library = this.#states(library, one).at(-1)!;
    };
    const some = () => operation(random, library, `name ${++this.#names}`);
    for (let more = 1 + below(random, OPERATIONS); more > 0; more--)
      add(this.#at === undefined ? this.#draw(operations, some) : some());
    // A restore needs a backup first.
    if (this.#at === "restore") add(this.#restore() ?? this.#backup());
    else if (this.#at === "backup") add(this.#backup());
    else if (this.#at === "migrate") add(this.#migrate());
    else while (this.#at !== undefined && operations.at(-1)!.kind !== this.#at) add(some());
    // Operations that are long, or that replace several files, are drawn more often.
    const places = operations.flatMap(({ kind }, i) => Array<number>(WEIGHTS[kind] ?? 1).fill(i));
    const last = operations.at(-1)!.kind === this.#at ? operations.length - 1 : operations.length;
    const at = this.#at === undefined ? oneOf(random, [...places, operations.length]) : last;
    const when = random() < 0.3 ? { files: 1 + below(random, 12) } : { part: random() * 1.2 };
    return { operations, aim: { at, when } };
  }

  #draw(before: readonly Operation[], some: () => Operation): Operation {
    const drawn = this.#random();
    const once = (kind: Operation["kind"]) => before.every((one) => one.kind !== kind);
    if (drawn < 0.16 && once("index") && once("rebuild")) return { kind: this.#random() < 0.2 ? "rebuild" : "index" };
    if (drawn < 0.2) return { kind: "reopen" };
    if (drawn < 0.26 && once("backup") && once("restore")) return this.#backup();
    if (drawn < 0.32 && once("backup") && once("restore")) return this.#restore() ?? this.#backup();
    if (drawn < 0.38 && once("migrate")) return this.#migrate();
    return some();
  }

  #migrate(): Operation {
    const old = `old-${below(this.#random, this.#old.length)}`;
    const directory = join(this.#folder, old);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    writeFileSync(databasePath(directory), this.#old[Number(old.slice(4))]!.bytes);
    return { kind: "migrate", old };
  }

  #backup(): Operation {
    const file = `backup-${below(this.#random, 3)}`;
    rmSync(join(this.#folder, file), { force: true });
    this.#backups.delete(file);
    return { kind: "backup", file };
  }

  /** Restores an existing backup; undefined if there is none. */
  #restore(): Operation | undefined {
    const files = [...this.#backups.keys()];
    return files.length === 0 ? undefined : { kind: "restore", file: oneOf(this.#random, files) };
  }

  #states(library: Library, one: Operation): Library[] {
    if (one.kind !== "restore") return states(library, one);
    return [structuredClone(this.#backups.get(one.file)!)];
  }

  async #kill(child: Child, { operations, aim }: Round) {
    const result = { started: 0, acknowledged: 0, ended: null as string | null };
    let killed = false;
    const kill = () => {
      killed = true;
      child.process.kill("SIGKILL");
    };
    const late = globalThis.setTimeout(() => {
      result.ended = `it hangs: no message for ${PATIENCE / 1_000} s`;
      kill();
    }, PATIENCE);
    let began = 0;
    const aimed = async (kind: string) => {
      const span = this.#spans.get(kind) ?? UNKNOWN;
      if ("part" in aim.when) {
        await setTimeout(aim.when.part * span);
        return kill();
      }
      let left = aim.when.files;
      if (!existsSync(this.#directory)) return kill();
      const watching = watch(this.#directory, () => {
        if (--left === 0) kill();
      });
      // The operation may touch fewer files than that.
      await Promise.race([setTimeout(2 * span + 50), child.exited]);
      watching.close();
      kill();
    };
    child.begin({ folder: this.#folder, operations });
    for await (const line of createInterface({ input: child.process.stdout })) {
      late.refresh();
      const [word, number] = line.split(" ");
      const i = Number(number ?? operations.length);
      if (word === "begin") {
        result.started = i + 1;
        began = performance.now();
      }
      if (word === "done") {
        result.acknowledged = i + 1;
        this.#spans.set(operations[i]!.kind, performance.now() - began);
      }
      if (word !== "done" && i === aim.at) void aimed(operations[i]?.kind ?? "nothing");
    }
    await child.exited;
    clearTimeout(late);
    if (!killed) result.ended ??= child.stderr || "it exited and wrote nothing to standard error";
    return result;
  }

  async #check(started: Operation[], acknowledged: number): Promise<void> {
    let library = this.#library;
    for (const one of started.slice(0, acknowledged)) {
      const before = library;
      library = this.#states(library, one).at(-1)!;
      if (one.kind === "backup") this.#backups.set(one.file, library);
      if (one.kind === "restore") this.#checkReplacedIsKept(before);
      if (one.kind === "migrate") await this.#checkMigrated(one.old);
    }
    const hit = started[acknowledged];
    const candidates = [library, ...(hit === undefined ? [] : this.#states(library, hit))];
    if (!existsSync(databasePath(this.#directory))) {
      if (library.number === 0 && acknowledged <= 1) return;
      throw new Fault("papers.db is gone");
    }
    // Killed while papers.db was created: verify reads only, and says so; whatever opens it for writing completes it.
    if (acknowledged === 0 && library.number === 0) Store.open(this.#directory, this.#model).close();
    await this.#checkFits(this.#directory);
    const got = this.#holds(this.#directory);
    const found = candidates.findLastIndex((candidate) => libraryText(candidate) === got);
    if (found < 0)
      throw new Fault(
        `papers.db lacks something acknowledged, or holds something else: ${difference(got, libraryText(candidates.at(-1)!))}`,
      );
    if (hit !== undefined)
      this.done.effects[found === 0 ? "none" : found === candidates.length - 1 ? "whole" : "part"]++;
    this.#library = candidates[found]!;
    this.#checkVectors();
    if (hit?.kind === "backup" && existsSync(join(this.#folder, hit.file))) this.#backups.set(hit.file, library);
    if (hit?.kind === "migrate") await this.#checkMigrated(hit.old);
    if (started.some(({ kind }) => kind === "backup")) this.#checkBackups();
    for (const name of readdirSync(this.#directory).filter((file) => /^papers\.db\.\d/.test(file)))
      rmSync(join(this.#directory, name));
  }

  async #checkFits(directory: string): Promise<void> {
    const { findings } = await verify(directory, this.#model, { texts: 0 });
    if (findings.length > 0) throw new Fault(`verify found ${JSON.stringify(findings)}`);
  }

  #holds(directory: string): string {
    const store = Store.openForReading(directory, this.#model);
    try {
      return storeText(store);
    } finally {
      store.close();
    }
  }

  /** The content of a database file with any name. */
  #holdsFile(file: string): string {
    const directory = join(this.#folder, "looked-at");
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    cpSync(file, databasePath(directory));
    return this.#holds(directory);
  }

  #checkBackups(): void {
    for (const [file, library] of this.#backups) {
      const got = this.#holdsFile(join(this.#folder, file));
      if (got !== libraryText(library))
        throw new Fault(`${file} is not what was backed up: ${difference(got, libraryText(library))}`);
    }
  }

  /** Checks that a restore kept the database that it replaced. */
  #checkReplacedIsKept(before: Library): void {
    const kept = readdirSync(this.#directory).filter(
      (file) => /^papers\.db\.\d{4}/.test(file) && !file.endsWith(".part"),
    );
    if (!kept.some((file) => this.#holdsFile(join(this.#directory, file)) === libraryText(before)))
      throw new Fault(`the database from before a restore is in none of: ${kept.join(", ")}`);
  }

  async #checkMigrated(old: string): Promise<void> {
    const directory = join(this.#folder, old);
    Store.open(directory, this.#model).close();
    await this.#checkFits(directory);
    const { holds } = this.#old[Number(old.slice(4))]!;
    const got = this.#holds(directory);
    if (got !== holds) throw new Fault(`${old} lost something in the migration: ${difference(got, holds)}`);
  }

  /** Checks that a text always has the same vectors. */
  #checkVectors(): void {
    const store = Store.openForReading(this.#directory, this.#model);
    try {
      for (const { label, vector, sketches } of store.vectors.changesSince(0, 1_000_000)) {
        const paper = store.papers.get(label);
        if (paper === undefined) continue;
        for (const [what, bytes] of [
          ["vector", vector?.vector],
          ["sentences", sketches],
        ] as const) {
          if (bytes == null) continue;
          const key = `${what} of ${paper.title}\n${paper.abstract}`;
          const hex = Buffer.from(bytes).toString("hex");
          const known = this.#vectors.get(key);
          if (known !== undefined && known !== hex) throw new Fault(`a different ${key}`);
          this.#vectors.set(key, hex);
        }
      }
    } finally {
      store.close();
    }
  }

  /** Completes the index, builds one of the same papers from scratch, and compares their answers. */
  async #compareWithRebuilt(): Promise<void> {
    const scratch = join(this.#folder, "from-scratch");
    rmSync(scratch, { recursive: true, force: true });
    const [kindred, fresh] = await Promise.all(
      [this.#directory, scratch].map((directory) => openKindred({ directory, workers: 1 })),
    );
    try {
      const papers = [...this.#library.papers]
        .toSorted(([a], [b]) => a - b)
        .map(([, paper]) =>
          Object.fromEntries(Object.entries(paper).filter(([name, value]) => value !== null && name !== "basis")),
        );
      const lines = papers.map((paper) => `${JSON.stringify(paper)}\n`).join("");
      if (papers.length > 0) await fresh!.import(bytes(lines));
      await kindred!.index();
      await fresh!.index();
      for (const request of [
        { q: "why do crows sleep in winter", limit: 20 },
        { q: "price of metal", mode: "lexical", limit: 20 },
        { q: "light and memory in glass", mode: "semantic", limit: 20 },
      ] as const) {
        const [got, expected] = await Promise.all([kindred!, fresh!].map((one) => hitsOf(one, request)));
        if (got !== expected) throw new Fault(`"${request.q}": ${difference(got!, expected!)}`);
      }
    } finally {
      await Promise.all([kindred!.close(), fresh!.close()]);
    }
    const { findings } = await verify(this.#directory, this.#model, { texts: 1_000 });
    if (findings.length > 0) throw new Fault(`after indexing, verify found ${JSON.stringify(findings)}`);
    this.done.rebuilt++;
  }
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

async function hitsOf(kindred: Kindred, request: Parameters<Kindred["search"]>[0]): Promise<string> {
  const { hits, pending }: Answer = await kindred.search(request);
  return JSON.stringify({ hits, pending }, null, 1);
}

/** A child process that waits for its task. */
class Child {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly exited: Promise<unknown>;
  stderr = "";

  constructor() {
    this.process = spawn(process.execPath, [CHILD], { stdio: ["pipe", "pipe", "pipe"] });
    this.exited = once(this.process, "exit");
    this.process.stderr.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    // Writing a task to a dead process fails; its exit is handled elsewhere.
    this.process.stdin.on("error", () => {});
  }

  begin(task: Task): void {
    this.process.stdin.write(`${JSON.stringify(task)}\n`);
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.exited;
  }
}
