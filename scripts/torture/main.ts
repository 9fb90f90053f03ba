/**
 * Kills processes and damages files, thousands of times, and checks that nothing is lost or wrong.
 *
 * Kills: a process works on a directory and is killed with SIGKILL at a random moment. Then `verify` must find nothing, the
 * directory must hold everything that was acknowledged, and each transaction of the interrupted operation wholly or not at
 * all.
 *
 * Cuts: a file of a good directory is cut, changed, emptied, removed or replaced. Then no answer may be wrong.
 *
 * Replay: daily papers come day by day, what alerts find is sent by mail, and the process is killed. Each reader must be sent what
 * was found, once.
 *
 * Sources: services on this machine answer with faults, and change while they are read; the processes that read them are killed.
 * Then the library must equal one that was updated when nothing went wrong.
 *
 * Nodes: the nodes of an OpenSearch cluster are killed while two servers ask and write (needs Java and Maven).
 *
 * Processes: two servers and four importers share one OpenSearch cluster for some minutes, and are killed. Then the library must
 * equal a model of what was acknowledged (needs Java and Maven).
 *
 * All random choices depend on the seed alone, but the moment of a kill also depends on the machine. Without a number or a file, all but
 * the replay are done; otherwise those that have one.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeModel } from "../../src/embedding/description.js";
import { kindNamed, KINDS, type KindName } from "../../src/sources/kinds.js";
import { readCommand } from "../common/command.js";
import { Fault } from "./fault.js";
import { cut, type Cuts } from "./cuts.js";
import { kill, type Kills } from "./kills.js";
import { loseNodes } from "./nodes.js";
import { loseProcesses, type Killed } from "./processes.js";
import { replay } from "./replay.js";
import { trouble, type Trouble } from "./sources.js";

const { values } = readCommand(
  "npm run torture -- [--seed 1] [--kills 1000] [--cuts 1000] [--sources 200 [--kind arxiv,feed]] [--replay DAILY.jsonl [--days 60] [--killed 100]] [--nodes 20] [--processes MINUTES]",
  0,
  {
    seed: { type: "string", default: "1" },
    kills: { type: "string" },
    cuts: { type: "string" },
    sources: { type: "string" },
    kind: { type: "string" },
    replay: { type: "string" },
    days: { type: "string", default: "60" },
    killed: { type: "string", default: "100" },
    nodes: { type: "string" },
    processes: { type: "string" },
  },
);
/** The share of kills among what troubles sources, at least. */
const KILLS = 0.3;
const seed = Number(values.seed);
const given = [values.kills, values.cuts, values.sources, values.replay, values.nodes, values.processes];
const [kills, cuts, sources] = (
  given.every((number) => number === undefined)
    ? [1_000, 1_000, 200]
    : given.slice(0, 3).map((number) => Number(number ?? 0))
) as [number, number, number];
const folder = mkdtempSync(join(tmpdir(), "kindred-torture-"));
console.log(`seed ${seed}`);
try {
  if (kills > 0) {
    const seconds = clock();
    const progress = ({ kills: done }: Kills) => done % 50 === 0 && console.error(`${done} kills, ${seconds()} s`);
    printKills(await kill(join(folder, "kills"), await describeModel(), { seed, kills }, progress), seconds());
  }
  if (cuts > 0) {
    const seconds = clock();
    const progress = ({ cuts: done }: Cuts) => done % 50 === 0 && console.error(`${done} cuts, ${seconds()} s`);
    printCuts(await cut(join(folder, "cuts"), { seed, cuts }, progress), seconds());
  }
  if (values.nodes !== undefined) {
    const seconds = clock();
    const {
      kills: done,
      searches,
      writes,
      slowest,
    } = await loseNodes({ seed, kills: Number(values.nodes) }, (lost) =>
      console.error(`${lost.kills} nodes killed, ${lost.searches} searches, ${lost.writes} writes, ${seconds()} s`),
    );
    console.log(
      `${done} nodes killed in ${seconds()} s: ${searches} searches and ${writes} writes, none failed, nothing was lost; the slowest took ${Math.round(slowest)} ms`,
    );
  }
  if (values.processes !== undefined) {
    const minutes = Number(values.processes);
    const seconds = clock();
    const progress = ({ kills: done }: Killed) => {
      const all = sum(done.values());
      if (all % 20 === 0) console.error(`${all} processes killed, ${seconds()} s`);
    };
    printKilled(await loseProcesses({ seed, minutes }, progress), seconds());
  }
  if (values.replay !== undefined) {
    const seconds = clock();
    const done = await replay(join(folder, "replay"), values.replay, {
      seed,
      days: Number(values.days),
      kills: Number(values.killed),
    });
    console.log(`${done.days} days, ${done.papers} papers and ${done.kills} kills in ${seconds()} s`);
    for (const { reader, papers, mails, twice, atOnce, missing } of done.readers)
      console.log(
        `  ${reader}: ${papers} papers, each once, in ${mails} mails, of which ${twice} came twice; one run at the end finds ${atOnce}, ${missing} of them new`,
      );
    for (const { alert, papers, messages, twice } of done.webhooks)
      console.log(
        `  webhook of ${alert}: ${papers} papers, each once, in ${messages} messages, of which ${twice} came twice`,
      );
  }
  if (sources > 0) await torment(values.kind?.split(",").map(kindNamed) ?? (Object.keys(KINDS) as KindName[]));
  if (process.exitCode === undefined) rmSync(folder, { recursive: true });
} catch (thrown) {
  if (!(thrown instanceof Fault)) throw thrown;
  printFault(thrown);
  console.error(`The files are in ${folder}`);
}

async function torment(kinds: readonly KindName[]): Promise<void> {
  const each = { all: sources, kills: Math.ceil(KILLS * sources) };
  const seconds = clock();
  const progress = ({ kind, wrong, days, kills, faults }: Trouble): void => {
    const sorts = [...faults].map(([name, count]) => `${name} ${count}`).join(", ");
    const how = `${days} days, ${kills} kills, faults: ${sorts}`;
    console.error(`${kind}: ${wrong === undefined ? "equal" : "wrong"} after ${seconds()} s, ${how}`);
  };
  const done = await trouble(join(folder, "sources"), await describeModel(), { seed, kinds, each }, progress);
  const names = [...new Set(done.flatMap(({ faults }) => [...faults.keys()]))].toSorted();
  const heads = ["days", "papers", "changes (during runs)", "runs", "failed", "killed", "faults", ...names, "seconds"];
  console.log(`| source | ${heads.join(" | ")} |\n|${"---|".repeat(heads.length + 1)}`);
  for (const one of done) {
    const counts = names.map((name) => one.faults.get(name) ?? 0);
    const faults = counts.reduce((a, b) => a + b, 0);
    const changes = `${one.changes.all} (${one.changes.during})`;
    const cells = [one.days, one.papers, changes, one.runs, one.failed, one.kills, faults, ...counts];
    console.log(`| ${one.kind} | ${cells.join(" | ")} | ${one.seconds.toFixed(0)} |`);
  }
  const wrong = done.filter((one) => one.wrong !== undefined);
  for (const one of wrong)
    printFault(new Fault(`--seed ${seed} --sources ${sources} --kind ${one.kind}\n${one.wrong}`));
  console.log(`${done.length - wrong.length} of ${done.length} libraries equal those of undisturbed runs`);
  if (wrong.length > 0) console.error(`The files are in ${folder}`);
}

function printFault({ message }: Fault): void {
  console.error(`Fault: npm run torture -- ${message}`);
  process.exitCode = 1;
}

function clock(): () => string {
  const began = performance.now();
  return () => ((performance.now() - began) / 1_000).toFixed(0);
}

function printKills({ kills, hit, effects, acknowledged, rebuilt }: Kills, seconds: string): void {
  console.log(`${kills} kills in ${seconds} s; ${acknowledged} operations acknowledged, none lost`);
  const byKind = [...hit].toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
  console.log(`  interrupted: ${byKind.join(", ")}`);
  console.log(
    `  their effect: whole ${effects.whole}, part (whole transactions) ${effects.part}, none ${effects.none} times`,
  );
  console.log(`  answers compared with an index built from scratch: ${rebuilt} times`);
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((a, b) => a + b, 0);
}

function printKilled({ kills, changes, made, papers }: Killed, seconds: string): void {
  const unknown = sum([...changes.values()].map((count) => count.unknown));
  console.log(`${sum(kills.values())} processes killed in ${seconds} s; nothing that was acknowledged was lost`);
  console.log(`  killed: ${[...kills].map(([name, count]) => `${name} ${count}`).join(", ")}`);
  console.log(
    `  acknowledged: ${[...changes].map(([what, { acknowledged }]) => `${what} ${acknowledged}`).join(", ")}; interrupted: ${unknown}`,
  );
  console.log(
    `  ${papers} papers at the end; of the interrupted changes that mattered then, ${made} were made, each wholly`,
  );
}

function printCuts({ cuts, outcomes, faults }: Cuts, seconds: string): void {
  faults.forEach(printFault);
  console.log(`${cuts} files cut or changed in ${seconds} s; ${faults.length} faults`);
  for (const [what, count] of [...outcomes].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${what}: ${count}`);
}
