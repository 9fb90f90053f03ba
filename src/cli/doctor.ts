/** Checks that Kindred can run on this machine, and says what to do where it cannot. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { KindredError, messageOf } from "../core/errors.js";
import { ROOT } from "../core/root.js";
import { describeModel } from "../embedding/description.js";
import { mailSettings, publicUrl, type Server } from "../mail/settings.js";
import { basePathOf } from "../server/base-path.js";
import { listKeys } from "../server/keys.js";
import { databasePath, sqliteVersion } from "../store/database.js";
import { Store } from "../store/store.js";
import { hasHnsw } from "../vectors/hnsw.js";
import { engineFrom } from "./engine.js";
import { ENOUGH_FILES, EXIT, openFiles } from "./exit.js";
import { directoryOption, jsonOption, listening } from "./options.js";
import { plain } from "./print.js";

type Options = { directory: string; host: string; port: number; smtp: boolean; json: boolean };

export type Finding = {
  about: string;
  state: "ok" | "warning" | "problem";
  found: string;
  /** What to do; null if there is nothing to do. */
  todo: string | null;
};
type Found = Omit<Finding, "about">;

const ok = (found: string): Found => ({ state: "ok", found, todo: null });
const warning = (found: string, todo: string): Found => ({ state: "warning", found, todo });
const problem = (found: string, todo: string): Found => ({ state: "problem", found, todo });

const [MB, GB] = [1e6, 1e9];
/** Free space below which imports are likely to fail, and below which they may. */
const LITTLE_SPACE = 200 * MB;
const SOME_SPACE = 1 * GB;
/** What a server with one embedding thread takes, and each paper, in bytes of memory. */
const MEMORY = 400 * MB;
const MEMORY_PER_PAPER = 6_000;
/** Open files that a busy server needs. */
const MANY_FILES = 1_024;
/** How long another program may take to say whether it is a Kindred, in milliseconds. */
const PATIENCE = 2_000;

export function doctorCommand(): Command {
  const command = new Command("doctor").description("check that Kindred can run here, and say what to do if it cannot");
  return listening(command)
    .option("--smtp", "connect to the mail server and log in; no mail is sent", false)
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExit code 1 if there is a problem.")
    .action(async (options: Options) => {
      const findings: Finding[] = [];
      for (const [about, check] of checks(options)) {
        const finding = { about, ...(await check().catch(unexpected)) };
        findings.push(finding);
        if (!options.json) print(finding);
      }
      if (options.json) console.log(JSON.stringify({ findings }, null, 2));
      if (findings.some(({ state }) => state === "problem")) process.exitCode = EXIT.failed;
    });
}

function print({ about, state, found, todo }: Finding): void {
  console.log(plain(`${state.padEnd(8)} ${about}: ${found}`));
  if (todo !== null) console.log(plain(`${" ".repeat(8)} -> ${todo}`));
}

/** Kindred's errors say what to do themselves. */
const unexpected = (thrown: unknown): Found => ({ state: "problem", found: messageOf(thrown), todo: null });

function checks({ directory, host, port, smtp }: Options): [about: string, check: () => Promise<Found>][] {
  return [
    ["Node", async () => node(process.versions.node)],
    ["SQLite", async () => sqlite()],
    ["HNSW", async () => hnsw()],
    ["Model", model],
    ["Folder", async () => folder(directory)],
    ["Keys", async () => keys(directory)],
    ["Disk", () => disk(directory)],
    ...held(directory),
    ["Open files", async () => files(openFiles())],
    ["Clock", async () => clock(directory)],
    ["Address", () => address(host, port)],
    ["Public address", async () => reached()],
    ["Mail", () => mail(smtp)],
  ];
}

/** What is known of the papers, in the folder or in a cluster. */
function held(directory: string): [about: string, check: () => Promise<Found>][] {
  const engine = engineFrom(process.env);
  if (engine !== undefined) return [["Cluster", () => cluster(engine.settings)]];
  return [
    ["Papers", () => papers(directory)],
    ["Jobs", () => jobs(directory)],
    ["Memory", () => memory(directory)],
  ];
}

/** Papers in a shard from which on more shards are better. */
const FULL_SHARD = 20_000_000;

async function cluster(settings: unknown): Promise<Found> {
  const { Cluster } = await import("../opensearch/cluster.js");
  const { describe, exists, namesOf } = await import("../opensearch/indices.js");
  const { settingsSchema } = await import("../opensearch/settings.js");
  const wanted = settingsSchema.parse(settings);
  const asked = new Cluster(settings);
  try {
    const health = await asked.health();
    if (!health.reachable) return { state: "problem", found: health.reason, todo: null };
    const { version, nodes, status, shardsMissing } = health;
    const found = `OpenSearch ${version}, ${nodes} ${nodes === 1 ? "node" : "nodes"}, ${status}`;
    if (status === "red") return problem(found, "papers are missing: look at the cluster's own log");
    if (status !== "green" && nodes === 1)
      return warning(
        `${found}: one node cannot hold replicas, so its loss is the loss of the papers`,
        'add nodes, or say that this is intended: KINDRED_OPENSEARCH_REPLICAS=0 and "kindred migrate"',
      );
    if (status !== "green")
      return warning(
        `${found}, ${shardsMissing} shards or replicas are on no node`,
        "look at the cluster's own log, and add nodes",
      );
    const { papers } = namesOf(wanted);
    if (!(await exists(asked, papers))) return ok(`${found}; no papers yet`);
    const { shards } = await describe(asked, papers);
    const count = (await asked.request<{ count: number }>({ method: "GET", path: `/${papers}/_count` })).body.count;
    const held = `${found}; ${count} papers in ${shards} ${shards === 1 ? "shard" : "shards"}`;
    if (shards !== wanted.shards)
      return warning(`${held}, but KINDRED_OPENSEARCH_SHARDS is ${wanted.shards}`, 'set it, or run "kindred migrate"');
    if (count > shards * FULL_SHARD)
      return warning(
        held,
        'set KINDRED_OPENSEARCH_SHARDS to one shard per ten million papers, and run "kindred migrate"',
      );
    return ok(held);
  } finally {
    await asked.close();
  }
}

/** @param version Such as `20.19.0`. */
export function node(version: string): Found {
  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { engines: { node: string } };
  const needed = engines.node.replace(">=", "");
  return version.localeCompare(needed, "en", { numeric: true }) >= 0
    ? ok(version)
    : problem(`${version}, expected ${needed} or later`, "install a later Node, then install Kindred again");
}

function sqlite(): Found {
  try {
    return ok(sqliteVersion());
  } catch (thrown) {
    return problem(
      `better-sqlite3 cannot be loaded: ${messageOf(thrown).split("\n", 1)[0]!}`,
      `${compiler()}run "npm rebuild better-sqlite3" in ${ROOT}, with the Node that runs Kindred`,
    );
  }
}

/** In a clone, with flags for this processor. */
const COMPILE_HNSW = existsSync(join(ROOT, "scripts", "setup.mjs"))
  ? "npm run build"
  : "npm install --no-save hnswlib-node";

const hnsw = (): Found =>
  hasHnsw()
    ? ok("works")
    : {
        state: "ok",
        found: "hnswlib-node is not installed, which only slows down searches of more than two million papers",
        todo: `if you have as many: ${compiler()}run "${COMPILE_HNSW}" in ${ROOT}`,
      };

/** What compiling needs and this machine lacks. */
function compiler(): string {
  const missing = ["python3", "make", "g++"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
  return missing.length === 0 ? "" : `install ${missing.join(", ")}, then `;
}

/** Compares the checksums of its files, loads it, and embeds a text. */
async function model(): Promise<Found> {
  let loaded;
  try {
    const { EmbeddingModel } = await import("../embedding/model.js");
    loaded = await EmbeddingModel.load();
    await loaded.embed("a text");
  } catch (thrown) {
    if (thrown instanceof KindredError) throw thrown;
    return problem(
      `its runtime, onnxruntime-node, cannot be loaded: ${messageOf(thrown).split("\n", 1)[0]!}`,
      "install Kindred again; on Linux the runtime needs glibc, which Alpine does not have",
    );
  }
  const { name, dtype, dimensions } = loaded.description;
  return ok(`${name} (${dtype}, ${dimensions} dimensions): all files are as published`);
}

const may = (path: string, what: number): boolean => {
  try {
    accessSync(path, what);
    return true;
  } catch {
    return false;
  }
};

/** A folder, or the nearest one above that exists. */
function nearest(directory: string): string {
  let path = resolve(directory);
  while (!existsSync(path)) path = dirname(path);
  return path;
}

function folder(directory: string): Found {
  const path = resolve(directory);
  const place = nearest(directory);
  if (!statSync(place).isDirectory())
    return problem(`${place} is a file`, "name a folder with --directory or KINDRED_DIRECTORY");
  const allow = `let this user (number ${process.getuid?.() ?? "unknown"}) write to ${place}, or name another folder with --directory`;
  const refused = [place, databasePath(path), join(path, "keys.json")].find(
    (one) => existsSync(one) && !may(one, constants.W_OK),
  );
  if (refused === undefined) return ok(place === path ? path : `${path} will be created`);
  return existsSync(databasePath(path)) && may(databasePath(path), constants.R_OK)
    ? warning(`this user may not write to ${refused}: questions are answered, changes refused`, allow)
    : problem(`this user may not write to ${refused}`, allow);
}

/** A server reads them when it is asked, so that a file it cannot read shows only then. */
function keys(directory: string): Found {
  const known = existsSync(join(directory, "keys.json")) ? listKeys(directory) : [];
  return ok(known.length === 0 ? "none" : known.map(({ name }) => name).join(", "));
}

async function disk(directory: string): Promise<Found> {
  const { bavail, bsize } = await statfs(nearest(directory));
  const free = bavail * bsize;
  const found = `${size(free)} free`;
  const make = `make room: 100,000 papers take about 700 MB, a backup as much again`;
  if (free < LITTLE_SPACE) return problem(found, make);
  return free < SOME_SPACE ? warning(found, make) : ok(found);
}

const size = (bytes: number): string =>
  bytes >= GB ? `${(bytes / GB).toFixed(1)} GB` : `${Math.round(bytes / MB)} MB`;

/** Uses the papers, if there are any. */
async function stored<T>(directory: string, use: (store: Store) => T): Promise<T | undefined> {
  if (!existsSync(databasePath(directory))) return undefined;
  const store = Store.openForReading(resolve(directory), await describeModel());
  try {
    return use(store);
  } finally {
    store.close();
  }
}

async function papers(directory: string): Promise<Found> {
  const found = await stored(directory, (store) => ({
    damage: store.check().quick(),
    count: store.papers.count(),
    failed: store.vectors.failed().length,
  }));
  if (found === undefined) return ok("none yet");
  const { damage, count, failed } = found;
  if (damage !== null)
    return problem(
      `${databasePath(directory)} is damaged: ${damage}`,
      'run "kindred verify" to see what; restore a backup with "kindred restore"',
    );
  return failed === 0
    ? ok(`${count}, in a database without damage`)
    : warning(`${count}, of which ${failed} could not be embedded`, 'run "kindred verify" to see why');
}

async function jobs(directory: string): Promise<Found> {
  const all = await stored(directory, (store) => store.jobs.all(Date.now()));
  if (all === undefined || all.length === 0) return ok("none");
  const failing = all.filter(({ failures }) => failures > 0);
  return failing.length === 0
    ? ok(`${all.length} of sources, alerts and mail: none has failed`)
    : warning(
        failing.map(({ name, outcome }) => `${name}: ${outcome ?? "failed"}`).join("; "),
        'see "kindred status", "kindred source show NAME" and "kindred alert list"',
      );
}

async function memory(directory: string): Promise<Found> {
  const limit = process.constrainedMemory();
  const count = await stored(directory, (store) => store.papers.count()).catch(() => 0);
  return enough(limit > 0 ? Math.min(limit, totalmem()) : totalmem(), count ?? 0);
}

/** @param bytes Memory of this machine, or that this process may have. */
export function enough(bytes: number, count: number): Found {
  const needed = MEMORY + count * MEMORY_PER_PAPER;
  return bytes >= needed
    ? ok(size(bytes))
    : warning(
        `${size(bytes)}, of which ${count} papers need about ${size(needed)}`,
        "give this machine or container more memory, or embed with --workers 1",
      );
}

/** @param limit How many files this process may open; undefined if the system does not say. */
export function files(limit: number | undefined): Found {
  if (limit === undefined || Number.isNaN(limit)) return ok("no limit");
  const found = `at most ${limit}`;
  const raise = `raise the limit: "ulimit -n ${MANY_FILES}", or LimitNOFILE in a systemd unit`;
  if (limit < ENOUGH_FILES) return problem(found, raise);
  return limit < MANY_FILES ? warning(found, raise) : ok(found);
}

function clock(directory: string): Found {
  const zone = process.env["TZ"];
  if (zone !== undefined && zone !== "" && !isZone(zone.replace(/^:/, "")))
    return warning(
      `TZ is "${zone}", which is no time zone here: times of alerts are in UTC`,
      "set it to a name such as Europe/Berlin, or unset it",
    );
  const path = databasePath(directory);
  const written = existsSync(path) ? statSync(path).mtimeMs : 0;
  const now = Date.now();
  if (written > now + 24 * 3_600_000)
    return problem(
      `it is ${new Date(now).toISOString()}, but papers.db was written on ${new Date(written).toISOString()}`,
      "set the clock of this machine: sources, alerts and mails go by it",
    );
  return ok(`${new Date(now).toISOString()}, time zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}`);
}

function isZone(zone: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

async function address(host: string, port: number): Promise<Found> {
  const { listen } = await import("../server/serve.js");
  const server = createServer();
  try {
    await listen(server, { host, port });
    server.close();
    return ok(`${host}:${port} is free`);
  } catch (thrown) {
    const { code } = (thrown as KindredError).cause as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" && (await isKindred(host, port))) return ok(`a Kindred is served at ${host}:${port}`);
    return unexpected(thrown);
  }
}

async function isKindred(host: string, port: number): Promise<boolean> {
  const name = /^(0\.0\.0\.0|::)$/.test(host) ? "localhost" : host.includes(":") ? `[${host}]` : host;
  try {
    const reply = await fetch(`http://${name}:${port}/api/health`, { signal: AbortSignal.timeout(PATIENCE) });
    return ((await reply.json()) as { status?: unknown }).status === "alive";
  } catch {
    return false;
  }
}

function reached(): Found {
  const url = publicUrl(process.env);
  basePathOf(process.env["KINDRED_BASE_PATH"], url);
  return ok(url ?? "none: KINDRED_URL is not set");
}

async function mail(connect: boolean): Promise<Found> {
  const settings = mailSettings(process.env);
  if (settings === undefined) return ok("not set up: KINDRED_SMTP is not set");
  const where = nameOf(settings.server);
  if (!connect) return ok(`${where}, not asked: --smtp does`);
  const { MailServer } = await import("../mail/send.js");
  (await MailServer.open(settings.server)).close();
  return ok(`${where} answers`);
}

const nameOf = (server: Server): string => (server.kind === "sendmail" ? server.path : `${server.host}:${server.port}`);
