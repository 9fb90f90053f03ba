/**
 * The cost of the map while papers are indexed, and how well it keeps similar papers together.
 *
 * Given a file of papers, two processes import and index it in turns of half a second: one with the map, and one whose
 * papers already have arbitrary points. Their running times and CPU times are compared. Given an indexed directory, only
 * the second part is measured.
 *
 * Then the map is laid out again from the stored vectors. "Kept" is the share of a paper's 10 nearest by cosine that are
 * among its 50 nearest on the map, compared with the first two principal components and with random places. Trustworthiness
 * (Venna and Kaski 2001) measures how near by cosine the 10 nearest on the map are: 1 is best, 0.5 is chance.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeModel } from "../../src/embedding/description.js";
import { layOut } from "../../src/map/layout.js";
import { principalPoints } from "../../src/map/principal.js";
import { drawn } from "../../src/map/random.js";
import { regionsOf } from "../../src/map/regions.js";
import type { Mappable } from "../../src/store/map.js";
import { Store } from "../../src/store/store.js";
import { ExactIndex } from "../../src/vectors/exact.js";
import { dequantize } from "../../src/vectors/quantize.js";
import { MACHINE, readCommand } from "../common/command.js";
import { firstPapers } from "./first-papers.js";
import type { IndexMessage, IndexTask } from "./index-run.js";
import { mulberry32 } from "../../src/map/random.js";
import { mean } from "../common/numbers.js";
import { cpuTime } from "../common/numbers.js";
import { PausableProcess, takeTurns, type Received } from "./take-turns.js";

const { values, words } = readCommand(
  "npm run bench -- map FILE [--papers 1000], or npm run bench -- map DIRECTORY",
  1,
  { papers: { type: "string", default: "1000" } },
);
const [given = ""] = words;
/** Number of nearest neighbours by cosine, and number of neighbours on the map among which they are looked for. */
const [NEAREST, ON_MAP] = [10, 50];
/** Largest number of papers whose neighbours are checked. */
const LOOKED_AT = 2_000;

const folder = mkdtempSync(join(tmpdir(), "kindred-"));
const model = await describeModel();
try {
  console.log(MACHINE);
  console.log(`${model.name} (${model.dtype}), one worker per core; ${given}\n`);
  const directory = statSync(given).isDirectory()
    ? given
    : await costs(await firstPapers(given, Number(values.papers), join(folder, "papers.jsonl")));
  await keeping(directory);
} finally {
  rmSync(folder, { recursive: true });
}

/** @returns The directory with the map. */
async function costs(file: string): Promise<string> {
  const directories = ["without", "with"].map((way) => join(folder, way)) as [string, string];
  const received = await takeTurns<IndexMessage>(
    directories.map((directory, i) => {
      const task: IndexTask = { file, options: { directory }, ...(i === 0 ? { withoutMap: true } : {}) };
      return {
        make: () => new PausableProcess<IndexMessage>(new URL("index-run.js", import.meta.url), [JSON.stringify(task)]),
        ready: ({ event }) => event === "imported",
      };
    }),
  );
  const [without, withMap] = received.map(spent) as [Spent, Spent];
  const row = (what: string, of: (one: Spent) => number) =>
    console.log(
      `| ${what} | ${(of(without) / 1_000).toFixed(1)} s | ${(of(withMap) / 1_000).toFixed(1)} s | ` +
        `${(100 * (of(withMap) / of(without) - 1)).toFixed(1)}% |`,
    );
  console.log("| indexing | without the map | with the map | increase |");
  console.log("|---|---|---|---|");
  row("running time", ({ time }) => time);
  row("CPU time", ({ cpu }) => cpu);
  row("after the last sentences", ({ tail }) => tail);
  return directories[1];
}

/** Milliseconds: running time of indexing, CPU time, and running time after everything is embedded. */
type Spent = { time: number; cpu: number; tail: number };

function spent(received: Received<IndexMessage>[]): Spent {
  const of = (event: IndexMessage["event"]) => received.findLast(({ message }) => message.event === event)!;
  const [begin, sentences, end] = [of("imported"), of("sentences"), of("indexed")];
  const cpu = ({ message }: Received<IndexMessage>) => ("cpu" in message ? message.cpu : NaN);
  return { time: end.at - begin.at, cpu: cpu(end) - cpu(begin), tail: end.at - sentences.at };
}

async function keeping(directory: string): Promise<void> {
  const store = Store.openForReading(directory, model);
  const papers = store.map.mappable(0, 1e7);
  store.close();
  const vectors = papers.map(({ vector }) => vector);
  const [begin, had] = [performance.now(), cpuTime()];
  const points = await layOut(vectors, new AbortController().signal);
  const regions = regionsOf(
    points,
    papers.map(({ title }) => title),
  );
  const [seconds, core] = [(performance.now() - begin) / 1_000, (cpuTime() - had) / 1_000];
  console.log(
    `\n${papers.length} papers laid out and ${regions.length} regions named in ${seconds.toFixed(1)} s ` +
      `(${core.toFixed(1)} s CPU)\n`,
  );
  const random = mulberry32(1);
  const sample = drawn(papers.length, LOOKED_AT, random);
  const truths = truthsOf(papers, sample);
  console.log(`| of ${sample.length} papers | kept, ${NEAREST} in ${ON_MAP} | trustworthiness |`);
  console.log("|---|---|---|");
  for (const [name, places] of [
    ["the map", points],
    ["two principal components", principal(vectors, random)],
    ["at random", Float32Array.from(points, () => random())],
  ] as const) {
    const measured = sample.map((paper, i) => measuresOf(places, paper, truths[i]!));
    const trusted = 1 - mean(measured.map(({ excess }) => excess)) * trustScale(papers.length);
    console.log(`| ${name} | ${mean(measured.map(({ kept }) => kept)).toFixed(3)} | ${trusted.toFixed(3)} |`);
  }
}

/** Places on the first two principal components; these are computed from a random sample. */
function principal(vectors: readonly Mappable["vector"][], random: () => number): Float32Array {
  const order = drawn(vectors.length, vectors.length, random);
  const points = principalPoints(order.map((i) => vectors[i]!));
  const places = new Float32Array(points.length);
  order.forEach((i, at) => places.set(points.subarray(2 * at, 2 * at + 2), 2 * i));
  return places;
}

/** For each paper in the sample, the rank of every other paper by cosine: 1 for the nearest; its own rank is 0. */
function truthsOf(papers: readonly Mappable[], sample: readonly number[]): Int32Array[] {
  const exact = new ExactIndex(model.dimensions);
  papers.forEach(({ vector }, i) => exact.set(i, vector));
  return sample.map((paper) => {
    const ranks = new Int32Array(papers.length);
    let rank = 0;
    // A copy of the paper may be ranked before the paper itself.
    for (const { label } of exact.nearest(dequantize(papers[paper]!.vector), papers.length))
      if (label !== paper) ranks[label] = ++rank;
    return ranks;
  });
}

/**
 * @returns `kept`: the share of the nearest by cosine that are near on the map. `excess`: for the nearest on the map, the sum
 * of how far each one's rank by cosine exceeds `NEAREST`.
 */
function measuresOf(places: Float32Array, paper: number, ranks: Int32Array): { kept: number; excess: number } {
  const [x, y] = [places[2 * paper]!, places[2 * paper + 1]!];
  const distances = Float64Array.from(ranks, (_, i) => (places[2 * i]! - x) ** 2 + (places[2 * i + 1]! - y) ** 2);
  distances[paper] = Infinity;
  const furthest = distances.toSorted()[Math.min(ON_MAP, ranks.length - 1) - 1]!;
  const onMap: number[] = [];
  distances.forEach((distance, i) => distance <= furthest && onMap.push(i));
  onMap.sort((a, b) => distances[a]! - distances[b]! || a - b).splice(ON_MAP);
  const kept = onMap.filter((i) => ranks[i]! <= NEAREST).length / NEAREST;
  return { kept, excess: onMap.slice(0, NEAREST).reduce((sum, i) => sum + Math.max(0, ranks[i]! - NEAREST), 0) };
}

/** Factor for the mean of excess ranks, chosen so that the worst possible value is 1. */
function trustScale(count: number): number {
  return 2 / (NEAREST * (2 * count - 3 * NEAREST - 1));
}
