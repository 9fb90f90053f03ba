/**
 * The cost of importing and indexing a file, compared with the bare model; and whether indexing survives kills.
 *
 * For each number of workers, Kindred (read, tokenise, embed, store, HNSW, FTS5) and bare onnxruntime sessions on the same
 * token ids take turns of half a second. Wall and CPU times are compared in five rounds of equally many texts. CPU time is
 * steadier when other programs run, and includes work on cores that no worker uses.
 *
 * Then it measures how much indexing, with and without --polite, slows searches in the same process and other programs.
 * Last, a run is killed with SIGKILL twice during abstracts and once during sentences, and resumed; the stored vectors must
 * be those of an uninterrupted run. --speed leaves out both.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { describeModel } from "../../src/embedding/description.js";
import { SESSION_OPTIONS } from "../../src/embedding/model.js";
import type { Phase } from "../../src/indexing/embed.js";
import { Store } from "../../src/store/store.js";
import { MACHINE, readCommand } from "../common/command.js";
import { measureSlowdown } from "./slowdown.js";
import type { BareMessage } from "./bare-sessions.js";
import { firstPapers } from "./first-papers.js";
import type { IndexMessage, IndexTask } from "./index-run.js";
import { median } from "../common/numbers.js";
import { CAN_STOP, PausableProcess, takeTurns, type Received } from "./take-turns.js";

type Message = BareMessage | IndexMessage;
const PHASES = { vectors: "abstracts", sentences: "sentences" } as const;
const ROUNDS = 5;

const { values, words } = readCommand("npm run bench -- index FILE [--papers 400] [--workers 1,2] [--speed]", 1, {
  papers: { type: "string", default: "400" },
  workers: { type: "string" },
  speed: { type: "boolean" },
});
const [file = ""] = words;
const workers = (values.workers ?? [...new Set([1, availableParallelism()])].join(",")).split(",").map(Number);
/** A line for each number of workers, on the time of the whole process. */
const wholes: string[] = [];
const folder = mkdtempSync(join(tmpdir(), "kindred-"));
const indexRun = new URL("index-run.js", import.meta.url);
const bareSessions = new URL("bare-sessions.js", import.meta.url);
try {
  const source = await firstPapers(file, Number(values.papers), join(folder, "papers.jsonl"));
  const { name, dtype } = await describeModel();
  console.log(MACHINE);
  console.log(`${name} (${dtype}), ${JSON.stringify(SESSION_OPTIONS)}; papers from ${file}`);
  let directory = "";
  let received: Received<Message>[] = [];
  console.log("\n| workers | texts | bare sessions | Kindred | ratio | five rounds | CPU: bare, Kindred, ratio |");
  console.log("|---|---|---|---|---|---|---|");
  for (const count of workers) {
    directory = join(folder, `whole-${count}`);
    received = await compare(source, directory, count);
  }
  console.log(`\nthe whole process, with start, import, map and files\n${wholes.join("\n")}`);
  costs(directory, received);
  if (!values.speed) {
    if (CAN_STOP) await measureSlowdown(source, folder);
    await killed(source, directory, workers.at(-1) ?? 1);
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** @returns The reports of Kindred's process. */
async function compare(source: string, directory: string, count: number): Promise<Received<Message>[]> {
  const task = JSON.stringify({ file: source, options: { directory, workers: count } } satisfies IndexTask);
  const [kindred = [], bare = []] = await takeTurns<Message>([
    {
      make: () => new PausableProcess(indexRun, [task]),
      ready: ({ event }) => event === "imported",
    },
    {
      make: () => new PausableProcess(bareSessions, [directory, String(count)]),
      ready: ({ event }) => event === "ready",
    },
  ]);
  for (const phase of ["vectors", "sentences"] as const) {
    const [ours, theirs] = [courseOf(kindred, phase), courseOf(bare, phase)];
    const end = ours.at(-1)!.done;
    // Until the first report, the model was loading.
    const begin = Math.max(ours[0]!.done, theirs[0]!.done);
    const edges = Array.from({ length: ROUNDS + 1 }, (_, i) => begin + ((end - begin) * i) / ROUNDS);
    const ratios = edges
      .slice(1)
      .map((edge, i) => spent(theirs, "at", edges[i]!, edge) / spent(ours, "at", edges[i]!, edge));
    const [seconds, cpu] = (["at", "cpu"] as const).map((what) => ({
      bare: spent(theirs, what, begin, end) / 1_000,
      kindred: spent(ours, what, begin, end) / 1_000,
    })) as [Pair, Pair];
    const texts = end - begin;
    console.log(
      `| ${count} | ${texts} ${PHASES[phase]} | ${(texts / seconds.bare).toFixed(1)}/s | ` +
        `${(texts / seconds.kindred).toFixed(1)}/s | ${percent(seconds.bare / seconds.kindred)} | ` +
        `${percent(median(ratios))} (${percent(Math.min(...ratios))} to ${percent(Math.max(...ratios))}) | ` +
        `${((1_000 * cpu.bare) / texts).toFixed(1)} ms, ${((1_000 * cpu.kindred) / texts).toFixed(1)} ms, ` +
        `${percent(cpu.bare / cpu.kindred)} |`,
    );
  }
  const [ours, theirs] = [courseOf(kindred, "sentences").at(-1)!, courseOf(bare, "sentences").at(-1)!];
  const ready = bare.find(({ message }) => message.event === "ready")!;
  const ended = kindred.find(({ message }) => message.event === "indexed")!;
  wholes.push(
    `${count} workers: bare sessions ${((theirs.at - ready.at) / 1_000).toFixed(2)} s once loaded, ` +
      `Kindred ${(ended.at / 1_000).toFixed(2)} s from the start of the process, of which ` +
      `${((ended.at - ours.at) / 1_000).toFixed(2)} s after the last text; ratio ${percent((theirs.at - ready.at) / ended.at)}`,
  );
  return kindred;
}

/** Progress of a process: texts done, its own running time and its CPU time then, in milliseconds. */
type Course = { done: number; at: number; cpu: number }[];
type Pair = { bare: number; kindred: number };

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)}%`;
}

function courseOf(received: Received<Message>[], phase: Phase): Course {
  return received.flatMap(({ message, at }) =>
    message.event === phase ? [{ done: message.done, at, cpu: message.cpu }] : [],
  );
}

/** Milliseconds between two texts, interpolated linearly between reports. */
function spent(course: Course, what: "at" | "cpu", from: number, to: number): number {
  const when = (done: number) => {
    const next = course.findIndex((point) => point.done >= done);
    const [after, before] = [course[next]!, course[next - 1]];
    if (before === undefined) return after[what];
    return before[what] + ((done - before.done) / (after.done - before.done)) * (after[what] - before[what]);
  };
  return when(to) - when(from);
}

function costs(directory: string, received: Received<Message>[]): void {
  const of = <T extends Message["event"]>(event: T) =>
    received.find((one): one is Received<Extract<Message, { event: T }>> => one.message.event === event)!;
  const imported = of("imported");
  const indexed = of("indexed");
  const [abstracts, sentences] = [courseOf(received, "vectors"), courseOf(received, "sentences")];
  const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(2)} s`;
  const { papers } = imported.message;
  console.log(`\nimport       ${(papers / imported.message.seconds).toFixed(0)} papers/s`);
  console.log(`start        ${seconds(imported.at, abstracts[0]!.at)} until the first ${abstracts[0]!.done} abstracts`);
  console.log(`between      ${seconds(abstracts.at(-1)!.at, sentences[0]!.at)} until the first sentences`);
  console.log(`snapshot     ${seconds(sentences.at(-1)!.at, indexed.at)}`);
  console.log(`peak memory  ${indexed.message.peakMb.toFixed(0)} MB`);
  for (const name of ["papers.db", "tables.bin"])
    console.log(`${name.padEnd(13)}${(statSync(join(directory, name)).size / 2 ** 20).toFixed(1)} MB`);
}

async function killed(source: string, whole: string, count: number): Promise<void> {
  const directory = join(folder, "killed");
  const points = [
    { event: "vectors", at: 0.2 },
    { event: "vectors", at: 0.7 },
    { event: "sentences", at: 0.5 },
  ] as const;
  const counts = { vectors: 0, sentences: 0 };
  console.log("");
  const task = JSON.stringify({ file: source, options: { directory, workers: count } } satisfies IndexTask);
  for (const point of [...points, undefined]) {
    const child = new PausableProcess<IndexMessage>(indexRun, [task]);
    if (point !== undefined) {
      await child.until((message) => message.event === point.event && message.done >= point.at * message.total);
      child.kill();
      await child.ended.catch(() => {});
    } else await child.ended;
    const embedded = { vectors: 0, sentences: 0 };
    for (const { message } of child.received) if ("done" in message) embedded[message.event] = message.done;
    counts.vectors += embedded.vectors;
    counts.sentences += embedded.sentences;
    const where =
      point === undefined ? "to the end" : `killed after ${point.at * 100}% of the remaining ${PHASES[point.event]}`;
    console.log(`${where}: stored ${embedded.vectors} abstracts and the sentences of ${embedded.sentences}`);
  }
  const { texts, digest } = await everything(whole);
  console.log(`in total ${counts.vectors} abstracts and the sentences of ${counts.sentences}, of ${texts} texts`);
  const same = digest === (await everything(directory)).digest;
  console.log(
    same ? "all vectors and sketches equal those of an uninterrupted run" : "DIFFERENT from an uninterrupted run",
  );
  if (!same || counts.vectors > texts || counts.sentences > texts) process.exitCode = 1;
}

/** A digest of all stored vectors and sketches, and the number of texts. */
async function everything(of: string): Promise<{ digest: string; texts: number }> {
  const store = Store.openForReading(of, await describeModel());
  try {
    const hash = createHash("sha256");
    const texts = new Set<string>();
    for (let after = 0; ;) {
      const papers = store.papers.export(after, 1_000);
      for (const { label, paper } of papers) {
        texts.add(`${paper.title}\0${paper.abstract ?? ""}`);
        hash.update(store.vectors.sentences(label)?.sketches ?? "none");
      }
      const last = papers.at(-1);
      if (last === undefined) break;
      after = last.label;
    }
    const vectors = store.vectors.changesSince(0, 1e7).toSorted((a, b) => a.label - b.label);
    for (const { label, vector } of vectors) hash.update(String(label)).update(vector?.vector ?? "none");
    return { digest: hash.digest("hex"), texts: texts.size };
  } finally {
    store.close();
  }
}
