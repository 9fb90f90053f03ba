/**
 * The cost of importing and indexing a file, compared with the bare model; and whether it survives being killed.
 *
 * For each number of workers, Kindred (read, tokenise, embed, store, HNSW, FTS5) and bare onnxruntime sessions with the same
 * token ids take turns of half a second. Their times are compared in five rounds of equally many texts. So is the time of
 * their threads on a core: it is steadier where other programs run, and includes work on cores that no worker uses.
 *
 * Then: how much indexing, polite or not, slows searches in the same process, and other programs. Last, runs are killed
 * with SIGKILL twice during the abstracts and once during the sentences, and continued; the stored vectors are compared.
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
import { beside } from "./beside.js";
import type { BareNews } from "./bare-sessions.js";
import { firstPapers } from "./first-papers.js";
import type { IndexNews, IndexTask } from "./index-run.js";
import { median } from "../common/numbers.js";
import { CAN_STOP, Party, takeTurns, type Heard } from "./take-turns.js";

type News = BareNews | IndexNews;
const PHASES = { vectors: "abstracts", sentences: "sentences" } as const;
const ROUNDS = 5;

const { values, words } = readCommand("npm run bench -- index FILE [--papers 400] [--workers 1,2]", 1, {
  papers: { type: "string", default: "400" },
  workers: { type: "string" },
});
const [file = ""] = words;
const workers = (values.workers ?? [...new Set([1, availableParallelism()])].join(",")).split(",").map(Number);
const folder = mkdtempSync(join(tmpdir(), "kindred-"));
const indexRun = new URL("index-run.js", import.meta.url);
const bareSessions = new URL("bare-sessions.js", import.meta.url);
try {
  const source = await firstPapers(file, Number(values.papers), join(folder, "papers.jsonl"));
  const { name, dtype } = await describeModel();
  console.log(MACHINE);
  console.log(`${name} (${dtype}), ${JSON.stringify(SESSION_OPTIONS)}; papers from ${file}`);
  let directory = "";
  let heard: Heard<News>[] = [];
  console.log("\n| workers | texts | bare sessions | Kindred | ratio | five rounds | CPU: bare, Kindred, ratio |");
  console.log("|---|---|---|---|---|---|---|");
  for (const count of workers) {
    directory = join(folder, `whole-${count}`);
    heard = await compare(source, directory, count);
  }
  costs(directory, heard);
  if (CAN_STOP) await beside(source, folder);
  await killed(source, directory, workers.at(-1) ?? 1);
} finally {
  rmSync(folder, { recursive: true });
}

/** @returns What Kindred's process said. */
async function compare(source: string, directory: string, count: number): Promise<Heard<News>[]> {
  const task = JSON.stringify({ file: source, options: { directory, workers: count } } satisfies IndexTask);
  const [kindred = [], bare = []] = await takeTurns<News>([
    {
      make: () => new Party(indexRun, [task]),
      ready: ({ told }) => told === "imported",
    },
    { make: () => new Party(bareSessions, [directory, String(count)]), ready: ({ told }) => told === "ready" },
  ]);
  for (const phase of ["vectors", "sentences"] as const) {
    const [ours, theirs] = [courseOf(kindred, phase), courseOf(bare, phase)];
    const end = ours.at(-1)!.done;
    // Before the first news the model was being loaded.
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
  return kindred;
}

/** How many texts were done after how many milliseconds of its own time, and of its threads' together. */
type Course = { done: number; at: number; cpu: number }[];
type Pair = { bare: number; kindred: number };

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)}%`;
}

function courseOf(heard: Heard<News>[], phase: Phase): Course {
  return heard.flatMap(({ news, at }) => (news.told === phase ? [{ done: news.done, at, cpu: news.cpu }] : []));
}

/** Milliseconds from one text on to another, in equal steps between two news. */
function spent(course: Course, what: "at" | "cpu", from: number, to: number): number {
  const when = (done: number) => {
    const next = course.findIndex((point) => point.done >= done);
    const [after, before] = [course[next]!, course[next - 1]];
    if (before === undefined) return after[what];
    return before[what] + ((done - before.done) / (after.done - before.done)) * (after[what] - before[what]);
  };
  return when(to) - when(from);
}

function costs(directory: string, heard: Heard<News>[]): void {
  const of = <T extends News["told"]>(told: T) =>
    heard.find((one): one is Heard<Extract<News, { told: T }>> => one.news.told === told)!;
  const imported = of("imported");
  const indexed = of("indexed");
  const [abstracts, sentences] = [courseOf(heard, "vectors"), courseOf(heard, "sentences")];
  const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(2)} s`;
  const { papers } = imported.news;
  console.log(`\nimport       ${(papers / imported.news.seconds).toFixed(0)} papers/s`);
  console.log(`start        ${seconds(imported.at, abstracts[0]!.at)} until the first ${abstracts[0]!.done} abstracts`);
  console.log(`between      ${seconds(abstracts.at(-1)!.at, sentences[0]!.at)} until the first sentences`);
  console.log(`snapshot     ${seconds(sentences.at(-1)!.at, indexed.at)}`);
  console.log(`peak memory  ${indexed.news.peakMb.toFixed(0)} MB`);
  for (const name of ["papers.db", "vectors.hnsw"])
    console.log(`${name.padEnd(13)}${(statSync(join(directory, name)).size / 2 ** 20).toFixed(1)} MB`);
}

async function killed(source: string, whole: string, count: number): Promise<void> {
  const directory = join(folder, "killed");
  const points = [
    { told: "vectors", at: 0.2 },
    { told: "vectors", at: 0.7 },
    { told: "sentences", at: 0.5 },
  ] as const;
  const counts = { vectors: 0, sentences: 0 };
  console.log("");
  const task = JSON.stringify({ file: source, options: { directory, workers: count } } satisfies IndexTask);
  for (const point of [...points, undefined]) {
    const party = new Party<IndexNews>(indexRun, [task]);
    if (point !== undefined) {
      await party.until((news) => news.told === point.told && news.done >= point.at * news.total);
      party.kill();
      await party.ended.catch(() => {});
    } else await party.ended;
    const embedded = { vectors: 0, sentences: 0 };
    for (const { news } of party.heard) if ("done" in news) embedded[news.told] = news.done;
    counts.vectors += embedded.vectors;
    counts.sentences += embedded.sentences;
    const where =
      point === undefined ? "to the end" : `killed at ${point.at * 100}% of what was left of ${PHASES[point.told]}`;
    console.log(`${where}: ${embedded.vectors} abstracts, sentences of ${embedded.sentences} stored`);
  }
  const { texts, digest } = await everything(whole);
  console.log(`together ${counts.vectors} abstracts and sentences of ${counts.sentences}, of ${texts} texts`);
  const same = digest === (await everything(directory)).digest;
  console.log(same ? "every vector and sketch is the same as in one go" : "DIFFERENT from the run in one go");
  if (!same || counts.vectors > texts || counts.sentences > texts) process.exitCode = 1;
}

/** A digest of every stored vector and sketch, and how many texts there are. */
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
