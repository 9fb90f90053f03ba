/**
 * Runs sources against services on this machine, with faults in their answers, changes while they are read, and kills. A second
 * library is updated each day when nothing goes wrong: both must be equal.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { verify } from "../../src/admin/verify.js";
import type { ModelDescription } from "../../src/embedding/description.js";
import { mulberry32 } from "../../src/map/random.js";
import type { KindName } from "../../src/sources/kinds.js";
import { openDatabase } from "../../src/store/database.js";
import { Store } from "../../src/store/store.js";
import { type Fault as AnswerFault, FAULTS, Service } from "../../test/sources/service.js";
import { oneOf, type Random } from "./draw.js";
import { Fault } from "./fault.js";
import { difference } from "./library.js";
import { type Change, Holdings, type Own, SERVICES } from "./services.js";
import { type Task, Updates } from "./updates.js";

const CHILD = fileURLToPath(new URL("./source-child.js", import.meta.url));
/** The share of requests that get a fault. */
const FAULTY = 0.2;
/** Faults that cost a timeout, and how likely they are compared with others. */
const TIMEOUTS: readonly string[] = ["slow", "stalled"];
const RARE = 0.25;
/** The share of runs in which the process is killed, which ends the runs of all kinds. */
const KILLED = 0.75;
/** While a service is read, it changes with this probability every so many milliseconds. */
const CHANGES = { every: 8, share: 0.4 };
/** The duration of a run when nothing is known about it, in milliseconds. */
const UNKNOWN = 150;
/** A process that reports nothing for so many milliseconds hangs. */
const PATIENCE = 120_000;

export type Trouble = {
  kind: KindName;
  days: number;
  /** Runs, and those of them that were killed and that failed. */
  runs: number;
  kills: number;
  failed: number;
  faults: Map<string, number>;
  /** While the service was read, and in all. */
  changes: { during: number; all: number };
  papers: number;
  seconds: number;
  /** What is wrong with the library. */
  wrong?: string;
};

export const troubles = ({ kills, faults }: Trouble): number => kills + [...faults.values()].reduce((a, b) => a + b, 0);

/**
 * Troubles sources of these kinds, each in a library of its own, until each has had so many kills and faults.
 *
 * @param each.kills How many of them are kills at least.
 */
export async function trouble(
  folder: string,
  model: ModelDescription,
  { seed, kinds, each }: { seed: number; kinds: readonly KindName[]; each: { all: number; kills: number } },
  progress: (one: Trouble) => void = () => {},
): Promise<Trouble[]> {
  mkdirSync(folder);
  const killed = new Killed();
  const calm = new Updates(model);
  const left = new Set(kinds);
  try {
    return await Promise.all(
      kinds.map(async (kind) => {
        const random = mulberry32(seed * 100 + Object.keys(SERVICES).indexOf(kind));
        const one = await Troubled.begin(kind, join(folder, kind), {
          random,
          killed,
          calm,
          left,
        });
        try {
          await one.run(each, model);
        } catch (thrown) {
          one.done.wrong = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        } finally {
          left.delete(kind);
          await one.end();
        }
        progress(one.done);
        return one.done;
      }),
    );
  } finally {
    await killed.end();
    await calm.close();
  }
}

type Setting = {
  random: Random;
  /** What runs sources and is killed; below, what is not. */
  killed: Killed;
  calm: Updates;
  /** The kinds that have not had enough. */
  left: Set<KindName>;
};

/** One source and its service. */
class Troubled {
  readonly done: Trouble;
  readonly #folder;
  /** The files of a source of the kind `folder`. */
  readonly #files;
  readonly #random;
  readonly #setting;
  readonly #holdings;
  readonly #service;
  /** The duration of the last run that came to its end, in milliseconds. */
  #span = UNKNOWN;
  #faulty = false;
  #fault: string | undefined;

  static async begin(kind: KindName, folder: string, setting: Setting): Promise<Troubled> {
    const holdings = new Holdings(kind);
    mkdirSync(join(folder, "files"), { recursive: true });
    const answer = SERVICES[kind].start(holdings, join(folder, "files"));
    const has = (own: Own): boolean => {
      const is = one.#fault === own;
      if (is) one.#count(own);
      return is;
    };
    const clock = { now: () => holdings.now, sleep: () => Promise.resolve() };
    const service = await Service.start((asked) => answer(asked, has), clock);
    const one = new Troubled(kind, folder, setting, holdings, service);
    service.fault = () => one.#draw();
    return one;
  }

  private constructor(kind: KindName, folder: string, setting: Setting, holdings: Holdings, service: Service) {
    this.#folder = folder;
    this.#files = join(folder, "files");
    this.#random = setting.random;
    this.#setting = setting;
    this.#holdings = holdings;
    this.#service = service;
    const counts = { days: 0, runs: 0, kills: 0, failed: 0, papers: 0, seconds: 0 };
    this.done = { kind, ...counts, faults: new Map(), changes: { during: 0, all: 0 } };
  }

  end(): Promise<void> {
    return this.#service.close();
  }

  async run(each: { all: number; kills: number }, model: ModelDescription): Promise<void> {
    const began = performance.now();
    const [troubled, calm] = ["troubled", "calm"].map((name) => join(this.#folder, name)) as [string, string];
    const { kind } = this.done;
    const options = SERVICES[kind].options(this.#service.base, this.#files);
    const adding = new Updates(model);
    for (const directory of [troubled, calm]) await adding.add(directory, { kind, options, list: "came" });
    await adding.close();
    while (this.done.kills < each.kills || troubles(this.done) < each.all) {
      await this.#day(troubled, calm);
      compare(troubled, calm, model);
      this.done.seconds = (performance.now() - began) / 1_000;
    }
    for (const directory of [troubled, calm]) {
      const { findings } = await verify(directory, model, { texts: 0 });
      if (findings.length > 0) throw new Fault(`verify found ${JSON.stringify(findings)}`);
    }
  }

  /** A day at the service: first it changes while it is read, then it is read again. Nothing troubles the calm library. */
  async #day(troubled: string, calm: string): Promise<void> {
    const { kind } = this.done;
    const changes = this.#holdings.nextDay(this.#random, SERVICES[kind]);
    this.done.days++;
    this.done.changes.all += changes.length;
    // A part has happened before it is read.
    const before = changes.splice(0, Math.floor(this.#random() * (changes.length + 1)));
    for (const change of before) this.#holdings.apply(change);
    await this.#update(troubled, changes);
    for (const change of changes) this.#holdings.apply(change);
    this.#holdings.settle();
    await this.#update(troubled);
    const unexpected = (message: string): never => {
      throw new Fault(`the calm library was not updated: ${message}`);
    };
    await this.#setting.calm.update({ directory: calm, source: kind, now: this.#holdings.now }, unexpected);
    this.done.papers = this.#holdings.all.size;
  }

  /** Runs until one run comes to its end. @param changes What happens meanwhile; what has happened is taken from it. */
  async #update(directory: string, changes: Change[] = []): Promise<void> {
    const random = this.#random;
    const own = SERVICES[this.done.kind].own;
    const { killed } = this.#setting;
    this.#faulty = true;
    const changing = setInterval(() => {
      const change = random() < CHANGES.share ? changes.shift() : undefined;
      if (change === undefined) return;
      this.done.changes.during++;
      const half = own.includes("half written") && random() < 0.3;
      if (half) this.#count("half written");
      this.#holdings.apply(change, half);
    }, CHANGES.every);
    try {
      for (let ended = false; !ended;) {
        this.done.runs++;
        this.#holdings.wait();
        this.#unplug(changes.length > 0);
        if (random() < KILLED / this.#setting.left.size) killed.killAfter(random() * 1.2 * this.#span);
        const began = performance.now();
        const result = await killed.update({ directory, source: this.done.kind, now: this.#holdings.now }, () => {
          this.done.failed++;
          this.#plug();
        });
        this.#plug();
        ended = result === "done";
        if (ended) this.#span = performance.now() - began;
        if (result === "killed") this.done.kills++;
      }
    } finally {
      clearInterval(changing);
      this.#faulty = false;
    }
  }

  #draw(): AnswerFault | undefined {
    this.#fault = undefined;
    if (!this.#faulty || this.#random() >= FAULTY) return undefined;
    const { own } = SERVICES[this.done.kind];
    const drawn = oneOf<string>(this.#random, [...FAULTS, ...own, ...own]);
    if (TIMEOUTS.includes(drawn) && this.#random() >= RARE) return undefined;
    const fault = FAULTS.find((one) => one === drawn);
    if (fault === undefined) this.#fault = drawn;
    else this.#count(fault);
    return fault;
  }

  /** The disk of a folder goes, and comes back when a run has failed or ended. */
  #unplug(again: boolean): void {
    const { own } = SERVICES[this.done.kind];
    const drawn = this.#random();
    if (!own.includes("disk gone") || drawn >= 2 * FAULTY) return;
    // A run that finds an empty disk ends well, so another must follow.
    const empty = drawn < FAULTY && again;
    renameSync(this.#files, `${this.#files} away`);
    if (empty) mkdirSync(this.#files);
    this.#count(empty ? "disk empty" : "disk gone");
  }

  #plug(): void {
    if (!existsSync(`${this.#files} away`)) return;
    // What has changed meanwhile was written to another disk.
    if (existsSync(this.#files))
      cpSync(this.#files, `${this.#files} away`, { recursive: true, preserveTimestamps: true });
    rmSync(this.#files, { recursive: true, force: true });
    renameSync(`${this.#files} away`, this.#files);
  }

  #count(fault: string): void {
    this.done.faults.set(fault, (this.done.faults.get(fault) ?? 0) + 1);
  }
}

/** A process that runs sources, and the next one after a kill. */
class Killed {
  #child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  #next: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  readonly #tasks = new Map<
    number,
    { begun: boolean; failed: () => void; end: (result: Result) => void; fail: (fault: Fault) => void }
  >();
  #count = 0;
  #killing: NodeJS.Timeout | undefined;
  readonly #patience = setTimeout(() => this.#child?.kill("SIGABRT"), PATIENCE).unref();

  /** Runs a source until one run comes to its end, or the process is killed. @throws Fault if it ends otherwise. */
  update(task: Task, failed: () => void): Promise<Result> {
    const child = (this.#child ??= this.#begin());
    const id = ++this.#count;
    this.#patience.refresh();
    child.stdin.write(`${JSON.stringify({ id, ...task })}\n`);
    return new Promise((end, fail) => this.#tasks.set(id, { begun: false, failed, end, fail }));
  }

  /** Kills the process after so many milliseconds, unless a kill is planned. */
  killAfter(milliseconds: number): void {
    this.#killing ??= setTimeout(() => this.#child?.kill("SIGKILL"), milliseconds);
  }

  async end(): Promise<void> {
    clearTimeout(this.#killing);
    clearTimeout(this.#patience);
    const all = [this.#child, this.#next].filter((child) => child !== undefined);
    await Promise.all(all.map((child) => (child.kill("SIGKILL"), once(child, "exit"))));
  }

  #begin(): ChildProcessByStdio<Writable, Readable, Readable> {
    const child = this.#next ?? spawned();
    // Loads its modules while this one works.
    this.#next = spawned();
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on("error", () => {});
    createInterface({ input: child.stdout }).on("line", (line) => this.#read(line));
    // After everything that it has written was read.
    child.once("close", (_, signal) => {
      clearTimeout(this.#killing);
      [this.#child, this.#killing] = [undefined, undefined];
      const tasks = [...this.#tasks.values()];
      this.#tasks.clear();
      for (const { begun, end, fail } of tasks)
        if (signal === "SIGKILL") end(begun ? "killed" : "not begun");
        else fail(new Fault(signal === "SIGABRT" ? "a run hangs" : `a run has ended the process: ${stderr}`));
    });
    return child;
  }

  #read(line: string): void {
    this.#patience.refresh();
    const [word, number] = line.split(" ", 2);
    const task = this.#tasks.get(Number(number));
    if (task === undefined) return;
    if (word === "begin") task.begun = true;
    if (word === "failed") task.failed();
    if (word !== "done") return;
    this.#tasks.delete(Number(number));
    task.end("done");
  }
}

type Result = "done" | "killed" | "not begun";

const spawned = () => spawn(process.execPath, [CHILD], { stdio: ["pipe", "pipe", "pipe"] });

/** @throws Fault when the libraries differ, or one holds something twice. */
function compare(troubled: string, calm: string, model: ModelDescription): void {
  const [got, expected] = [troubled, calm].map((directory) => contentOf(directory, model));
  if (got !== expected) throw new Fault(`the libraries differ: ${difference(got!, expected!)}`);
}

/** Everything but when it came, and in which run. */
function contentOf(directory: string, model: ModelDescription): string {
  const database = openDatabase(directory);
  const store = Store.openForReading(directory, model);
  try {
    const twice = database
      .prepare<[], number>("SELECT label FROM imported WHERE outcome = 'added' GROUP BY label HAVING count(*) > 1")
      .pluck()
      .all();
    if (twice.length > 0) throw new Fault(`papers were added by two imports: ${twice.join(", ")}`);
    const papers = store.papers.export(0, 1_000_000).map(({ paper }) => paper);
    const owned = store.owned
      .rows({ owner: "sources", prefix: "", after: "", limit: 1_000_000 })
      .filter(({ key }) => /^(?:paper|position)\//.test(key))
      .map(({ key, value }) => (key.startsWith("position/") ? { key, value: sorted(value) } : { key, value }));
    const lists = store.lists.all().lists.map(({ name, ids }) => ({ name, ids: ids.toSorted() }));
    return JSON.stringify({ papers: papers.toSorted((a, b) => (a.id < b.id ? -1 : 1)), owned, lists }, null, 1);
  } finally {
    store.close();
    database.close();
  }
}

/** A position whose lists are sorted: a folder's has its files in the order in which they were read. */
const sorted = (json: string): unknown =>
  JSON.parse(json, (_, value: unknown) => (Array.isArray(value) ? (value as string[]).toSorted() : value));
