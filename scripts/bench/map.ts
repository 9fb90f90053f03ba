/**
 * The cost of the map while papers are indexed, and how well it keeps similar papers together.
 *
 * For a file of papers, two processes import and index it in turns of half a second, one with the map and one whose papers
 * have made-up points already. Their own times and the times of their threads on a core are compared. For a directory that
 * is indexed, only the second part is measured.
 *
 * Then the map is laid out again from the stored vectors. "Kept" is the share of each paper's 10 nearest by cosine that are
 * among its 50 nearest on the map, compared with the first two principal components and with random places.
 * Trustworthiness says how close the 10 nearest on the map come to the 10 nearest by cosine (Venna and Kaski 2001): 1 at
 * best, 0.5 by chance.
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
import type { IndexNews, IndexTask } from "./index-run.js";
import { mulberry32 } from "../../src/map/random.js";
import { mean } from "../common/numbers.js";
import { cpuTime } from "../common/numbers.js";
import { Party, takeTurns, type Heard } from "./take-turns.js";

const { values, words } = readCommand(
  "npm run bench -- map FILE [--papers 1000], or npm run bench -- map DIRECTORY",
  1,
  { papers: { type: "string", default: "1000" } },
);
const [given = ""] = words;
/** How many neighbours by cosine are looked for, and among how many on the map. */
const [NEAREST, BESIDE] = [10, 50];
/** Papers whose neighbours are looked at, at most. */
const LOOKED_AT = 2_000;

const folder = mkdtempSync(join(tmpdir(), "kindred-"));
const model = await describeModel();
try {
  console.log(MACHINE);
  console.log(`${model.name} (${model.dtype}), as many workers as there are cores; ${given}\n`);
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
  const heard = await takeTurns<IndexNews>(
    directories.map((directory, i) => {
      const task: IndexTask = { file, options: { directory }, ...(i === 0 ? { withoutMap: true } : {}) };
      return {
        make: () => new Party<IndexNews>(new URL("index-run.js", import.meta.url), [JSON.stringify(task)]),
        ready: ({ told }) => told === "imported",
      };
    }),
  );
  const [without, withMap] = heard.map(spent) as [Spent, Spent];
  const row = (what: string, of: (one: Spent) => number) =>
    console.log(
      `| ${what} | ${(of(without) / 1_000).toFixed(1)} s | ${(of(withMap) / 1_000).toFixed(1)} s | ` +
        `${(100 * (of(withMap) / of(without) - 1)).toFixed(1)}% |`,
    );
  console.log("| indexing | without the map | with it | more |");
  console.log("|---|---|---|---|");
  row("all of it", ({ time }) => time);
  row("time on a core", ({ cpu }) => cpu);
  row("behind the last sentences", ({ tail }) => tail);
  return directories[1];
}

/** Milliseconds of indexing, on all cores together, and of what is left when all is embedded. */
type Spent = { time: number; cpu: number; tail: number };

function spent(heard: Heard<IndexNews>[]): Spent {
  const of = (told: IndexNews["told"]) => heard.findLast(({ news }) => news.told === told)!;
  const [begin, sentences, end] = [of("imported"), of("sentences"), of("indexed")];
  const cpu = ({ news }: Heard<IndexNews>) => ("cpu" in news ? news.cpu : NaN);
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
      `(${core.toFixed(1)} s on a core)\n`,
  );
  const random = mulberry32(1);
  const sample = drawn(papers.length, LOOKED_AT, random);
  const truths = truthsOf(papers, sample);
  console.log(`| of ${sample.length} papers | kept, ${NEAREST} in ${BESIDE} | trustworthiness |`);
  console.log("|---|---|---|");
  for (const [name, places] of [
    ["the map", points],
    ["two principal components", principal(vectors, random)],
    ["at random", Float32Array.from(points, () => random())],
  ] as const) {
    const measured = sample.map((paper, i) => measuresOf(places, paper, truths[i]!));
    const trusted = 1 - mean(measured.map(({ behind }) => behind)) * trustScale(papers.length);
    console.log(`| ${name} | ${mean(measured.map(({ kept }) => kept)).toFixed(3)} | ${trusted.toFixed(3)} |`);
  }
}

/** They are worked out from the first, which are to be any. */
function principal(vectors: readonly Mappable["vector"][], random: () => number): Float32Array {
  const order = drawn(vectors.length, vectors.length, random);
  const points = principalPoints(order.map((i) => vectors[i]!));
  const places = new Float32Array(points.length);
  order.forEach((i, at) => places.set(points.subarray(2 * at, 2 * at + 2), 2 * i));
  return places;
}

/** Of each paper in the sample, all others by their cosine to it: the number of the nearest is 1 and so on, its own is 0. */
function truthsOf(papers: readonly Mappable[], sample: readonly number[]): Int32Array[] {
  const exact = new ExactIndex(model.dimensions);
  papers.forEach(({ vector }, i) => exact.set(i, vector));
  return sample.map((paper) => {
    const ranks = new Int32Array(papers.length);
    let rank = 0;
    // A copy of the paper may come before it.
    for (const { label } of exact.nearest(dequantize(papers[paper]!.vector), papers.length))
      if (label !== paper) ranks[label] = ++rank;
    return ranks;
  });
}

/** @returns The share of the nearest by cosine that are near on the map; and by how many ranks the nearest on the map miss. */
function measuresOf(places: Float32Array, paper: number, ranks: Int32Array): { kept: number; behind: number } {
  const [x, y] = [places[2 * paper]!, places[2 * paper + 1]!];
  const distances = Float64Array.from(ranks, (_, i) => (places[2 * i]! - x) ** 2 + (places[2 * i + 1]! - y) ** 2);
  distances[paper] = Infinity;
  const furthest = distances.toSorted()[Math.min(BESIDE, ranks.length - 1) - 1]!;
  const beside: number[] = [];
  distances.forEach((distance, i) => distance <= furthest && beside.push(i));
  beside.sort((a, b) => distances[a]! - distances[b]! || a - b).splice(BESIDE);
  const kept = beside.filter((i) => ranks[i]! <= NEAREST).length / NEAREST;
  return { kept, behind: beside.slice(0, NEAREST).reduce((sum, i) => sum + Math.max(0, ranks[i]! - NEAREST), 0) };
}

/** What the mean of ranks is multiplied with, so that the worst there can be is 1. */
function trustScale(count: number): number {
  return 2 / (NEAREST * (2 * count - 3 * NEAREST - 1));
}
