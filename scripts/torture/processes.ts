/**
 * Kills processes that share one OpenSearch cluster at random: two servers, and the commands of two of four importers; the other
 * two importers use the servers. In the end the library must equal a model of what was acknowledged: each change that was
 * acknowledged is there, each other one wholly or not at all, and `kindred verify` finds nothing. All choices depend on the seed, but
 * not the moments of kills.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../src/core/root.js";
import { openKindred, openSearch } from "../../src/kindred.js";
import { mulberry32 } from "../../src/map/random.js";
import { startCluster } from "../common/opensearch.js";
import { below, oneOf } from "./draw.js";
import { Fault } from "./fault.js";

const MAIN = join(ROOT, "dist", "src", "cli", "main.js");
const LISTS = ["likes", "to read"];
/** Groups of papers of each importer: a group is imported as a whole. */
const GROUPS = 12;
/** Papers of the largest group: one transaction of an import. */
const LARGEST = 40;
/** The longest time between two kills, in milliseconds. */
const PAUSE = 10_000;

export type Killed = {
  /** Kills by what was killed. */
  kills: Map<string, number>;
  /** Changes by what they are: those that were acknowledged, and those that may have been made or not. */
  changes: Map<string, { acknowledged: number; unknown: number }>;
  /** Unknown changes that were found to be made. */
  made: number;
  papers: number;
};

/** What a paper, an entry of a list or a note may be: more than one value after changes that were not acknowledged. */
type Value = string | null;
type Change = { what: string; key: string; value: Value };

class Model {
  readonly possible = new Map<string, Set<Value>>();
  readonly changes: Killed["changes"] = new Map();

  /** The value, if it is known. */
  known(key: string): Value | undefined {
    const values = this.possible.get(key) ?? new Set([null]);
    return values.size === 1 ? [...values][0] : undefined;
  }

  note({ what, key, value }: Change, acknowledged: boolean): void {
    const count = this.changes.get(what) ?? { acknowledged: 0, unknown: 0 };
    this.changes.set(what, count);
    if (acknowledged) count.acknowledged++;
    else count.unknown++;
    const before = acknowledged ? [] : (this.possible.get(key) ?? [null]);
    this.possible.set(key, new Set([...before, value]));
  }
}

/** A process that may be killed at any moment. */
class Target {
  child: ChildProcess | undefined;

  constructor(readonly name: string) {}

  /** @returns Whether something was killed. */
  kill(): boolean {
    return this.child?.kill("SIGKILL") === true;
  }
}

/** `kindred serve`, started again whenever it was killed. */
class Server extends Target {
  url: string | undefined;
  #stopped = false;

  /** Runs it until `stop`. */
  async run(directory: string, env: NodeJS.ProcessEnv, faults: string[]): Promise<void> {
    while (!this.#stopped) {
      const words = ["serve", "--port", "0", "--workers", "1", "--directory", directory];
      const child = (this.child = spawn(process.execPath, [MAIN, ...words], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      }));
      let [output, errors] = ["", ""];
      child.stdout.on("data", (bytes: Buffer) => {
        output += bytes.toString();
        this.url ??= /at (http\S+) /.exec(output)?.[1];
      });
      child.stderr.on("data", (bytes: Buffer) => (errors += bytes.toString()));
      const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
      this.url = undefined;
      if (signal !== "SIGKILL" && !this.#stopped) {
        faults.push(`${this.name} ended with code ${code}: ${errors}`);
        return;
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    this.child?.kill("SIGTERM");
  }
}

/** A request that may have been carried out, or not. */
class Unknown extends Error {}

export async function loseProcesses(
  { seed, minutes }: { seed: number; minutes: number },
  progress: (killed: Killed) => void = () => {},
): Promise<Killed> {
  const random = mulberry32(seed);
  const cluster = await startCluster(1, "1g");
  const folder = mkdtempSync(join(tmpdir(), "kindred-processes-"));
  const prefix = `t${randomBytes(4).toString("hex")}`;
  const env = {
    ...process.env,
    KINDRED_OPENSEARCH: cluster.urls.join(","),
    KINDRED_OPENSEARCH_PREFIX: prefix,
    KINDRED_OPENSEARCH_REPLICAS: "0",
  };
  const model = new Model();
  const faults: string[] = [];
  const killed: Killed = { kills: new Map(), changes: model.changes, made: 0, papers: 0 };
  const servers = ["server one", "server two"].map((name) => new Server(name));
  const commands = ["command one", "command two"].map((name) => new Target(name));
  let running: Promise<void>[] = [];
  try {
    running = servers.map((server, i) => server.run(join(folder, `server-${i}`), env, faults));
    const reachable = async (): Promise<{ url: string }> => {
      for (;;) {
        const up = servers.flatMap(({ url }) => (url === undefined ? [] : [{ url }]));
        if (up.length > 0) return oneOf(random, up);
        if (faults.length > 0) throw new Unknown();
        await sleep(20);
      }
    };
    /** @throws Unknown when the server was killed meanwhile. */
    const ask = async (url: string, method: string, path: string, body?: string) => {
      const type = path.endsWith("/note") ? "application/json" : "application/octet-stream";
      const request = { method, ...(body !== undefined && { body, headers: { "content-type": type } }) };
      const { ok, status, text } = await fetch(new URL(`api/${path}`, url), request)
        .then(async (got) => ({ ok: got.ok, status: got.status, text: await got.text() }))
        .catch((thrown: unknown) => {
          throw new Unknown(undefined, { cause: thrown });
        });
      if (!ok && status !== 404) faults.push(`${method} ${path}: ${status} ${text}`);
      return { ok, text };
    };
    const make = async (change: Change, work: () => Promise<boolean>): Promise<void> => {
      try {
        if (await work()) model.note(change, true);
        else faults.push(`${change.what} ${change.key} was not made`);
      } catch (thrown) {
        if (!(thrown instanceof Unknown)) throw thrown;
        model.note(change, false);
      }
    };
    await reachable();

    const end = Date.now() + minutes * 60_000;
    const going = () => Date.now() < end && faults.length === 0;
    const importer = async (name: string, bring: (lines: string) => Promise<boolean>, more: () => Promise<void>) => {
      for (let revision = 1; going(); revision++) {
        const group = `${name}-${below(random, GROUPS)}`;
        const change = { what: "import", key: `group ${group}`, value: String(revision) };
        await make(change, () => bring(linesOf(group, revision)));
        await more();
      }
    };
    const through = async (name: string, number: number): Promise<void> => {
      const { url } = await reachable();
      const id = `${name}-single-${below(random, GROUPS)}`;
      const value = `${name} ${number}`;
      const list = oneOf(random, LISTS);
      const there = typeof model.known(`paper ${id}`) === "string";
      switch (there ? below(random, 5) : 0) {
        case 0: {
          const change = { what: "paper", key: `paper ${id}`, value };
          await make(change, async () => (await ask(url, "POST", "papers?name=one", lineOf(id, value))).ok);
          if (model.known(`paper ${id}`) !== value) return;
          // What a client has written through a server, it finds there at once.
          const found = await ask(url, "GET", `papers/${id}`).catch(() => undefined);
          if (found !== undefined && !found.text.includes(textOf(value))) faults.push(`${id} was not found at once`);
          return;
        }
        case 1: {
          const change = { what: "removal", key: `paper ${id}`, value: null };
          return make(change, async () => (await ask(url, "DELETE", `papers/${id}`)).ok);
        }
        case 2: {
          const change = { what: "note", key: `note ${id}`, value };
          return make(
            change,
            async () => (await ask(url, "PUT", `papers/${id}/note`, JSON.stringify({ note: value }))).ok,
          );
        }
        default: {
          const add = model.known(`${list}: ${id}`) !== "in";
          const change = {
            what: list === "likes" ? "like" : "list entry",
            key: `${list}: ${id}`,
            value: add ? "in" : null,
          };
          const path = `lists/${encodeURIComponent(list)}/papers/${id}`;
          return make(change, async () => (await ask(url, add ? "PUT" : "DELETE", path)).ok);
        }
      }
    };
    for (const list of LISTS.slice(1)) await ask((await reachable()).url, "PUT", `lists/${encodeURIComponent(list)}`);
    const killer = async () => {
      while (going()) {
        await sleep(random() * PAUSE);
        const target = oneOf(random, [...servers, ...commands]);
        if (!target.kill()) continue;
        killed.kills.set(target.name, (killed.kills.get(target.name) ?? 0) + 1);
        progress(killed);
      }
    };
    await Promise.all([
      killer(),
      ...["a", "b"].map((name) => {
        let number = 0;
        return importer(
          name,
          async (lines) => (await ask((await reachable()).url, "POST", "papers?name=many", lines)).ok,
          async () => {
            for (let i = 0; i < 5 && going(); i++) await through(name, ++number);
          },
        );
      }),
      ...["c", "d"].map((name, i) => {
        const target = commands[i]!;
        const directory = join(folder, name);
        mkdirSync(directory);
        return importer(
          name,
          async (lines) => {
            const file = join(directory, "papers.jsonl");
            writeFileSync(file, lines);
            // Sometimes it embeds as well, and may be killed there, when the papers are stored.
            const embeds = below(random, 4) === 0;
            await command(target, ["import", file, "--workers", "1", ...(embeds ? [] : ["--no-index"])], directory);
            return true;
          },
          async () => {},
        );
      }),
    ]);

    /** @throws Unknown if it was killed. */
    async function command(target: Target, words: string[], directory: string): Promise<void> {
      const all = [MAIN, ...words, "--directory", directory];
      const child = (target.child = spawn(process.execPath, all, { env, stdio: ["ignore", "pipe", "pipe"] }));
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (bytes: Buffer) => (output += bytes.toString()));
      const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
      if (signal === "SIGKILL") throw new Unknown();
      if (code !== 0) faults.push(`${words.join(" ")} ended with code ${code}: ${output}`);
    }

    for (const server of servers) server.stop();
    await Promise.all(running);
    await compare(model, openSearch({ urls: cluster.urls, prefix }), join(folder, "last"), killed, faults);
    await command(new Target("verify"), ["verify"], join(folder, "last"));
    if (faults.length > 0) throw new Fault(`--seed ${seed} --processes ${minutes}\n${faults.slice(0, 5).join("\n")}`);
    return killed;
  } finally {
    for (const server of servers) server.stop();
    await Promise.all(running);
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const textOf = (value: string): string => `This is version ${value}.`;
const lineOf = (id: string, value: string): string =>
  `${JSON.stringify({ id, title: `The paper named ${id}`, abstract: textOf(value) })}\n`;
/** Each group has its own size. */
const sizeOf = (group: string): number => 1 + (Buffer.from(group).reduce((sum, byte) => 31 * sum + byte, 0) % LARGEST);
const linesOf = (group: string, revision: number): string =>
  Array.from({ length: sizeOf(group) }, (_, i) => lineOf(`${group}-${i}`, String(revision))).join("");

/** Compares a library with the model. */
async function compare(
  { possible }: Model,
  engine: ReturnType<typeof openSearch>,
  directory: string,
  killed: Killed,
  faults: string[],
): Promise<void> {
  const kindred = await openKindred({ directory, workers: 1, engine });
  const found = new Map<string, Value>();
  try {
    const groups = new Map<string, string[]>();
    for await (const { id, abstract } of kindred.papers()) {
      killed.papers++;
      const value = /^This is version (.*)\.$/.exec(abstract ?? "")?.[1] ?? "unreadable";
      const group = /^([a-d]-\d+)-\d+$/.exec(id)?.[1];
      if (group === undefined) found.set(`paper ${id}`, value);
      else groups.set(group, [...(groups.get(group) ?? []), value]);
    }
    for (const [group, values] of groups) {
      const whole = values.length === sizeOf(group) && new Set(values).size === 1;
      if (!whole) faults.push(`group ${group} is not whole: ${values.join(", ")}`);
      found.set(`group ${group}`, values[0]!);
    }
    const { lists, notes } = await kindred.lists();
    for (const { name, ids } of lists) for (const id of ids) found.set(`${name}: ${id}`, "in");
    for (const { id, note } of notes) found.set(`note ${id}`, note);
  } finally {
    await kindred.close();
  }
  for (const [key, values] of possible) {
    const value = found.get(key) ?? null;
    if (!values.has(value)) faults.push(`${key} is ${value}, expected ${[...values].join(" or ")}`);
    else if (values.size > 1 && value === [...values].at(-1)) killed.made++;
  }
  for (const [key, value] of found) if (!possible.has(key)) faults.push(`${key} is ${value}, expected nothing`);
}
