/**
 * How long answers take over HTTP, with a server in a separate process: one client, sixteen, and one during embedding.
 *
 * DIRECTORY holds an index; QUERIES are JSON Lines with a `text` each. No query is repeated unless the row says so. Every
 * second query has a filter. The same run measures what any search needs: embedding the query, and an almost empty HTTP
 * request. --indexing names a file of papers that are not in the index: they are imported, and embedded while queries
 * run; they stay in the index.
 *
 * --busy instead measures how long answers take while the server does something else: while /metrics is read once a second
 * and without pause, while this many made-up papers are imported (the import is then undone), and while tables and graph
 * are then written. Each row is compared with the idle row of its run. DIRECTORY is modified: pass a copy.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { ROOT } from "../../src/core/root.js";
import { MACHINE, readCommand } from "../common/command.js";
import { cpuTime } from "../common/numbers.js";
import {
  CLIENTS,
  MeasuredServer,
  percentile,
  perSecond,
  readQueries,
  searchPath,
  timed,
  timedDuring,
  type Times,
} from "./load.js";

const { values, words } = readCommand(
  "npm run bench -- search DIRECTORY QUERIES [--queries 100] [--runs 3] [--indexing PAPERS] [--busy 5000]",
  2,
  {
    queries: { type: "string", default: "100" },
    runs: { type: "string", default: "3" },
    indexing: { type: "string" },
    busy: { type: "string" },
  },
);
const [directory = "", file = ""] = words;
const [most, runs] = [Number(values.queries), Number(values.runs)];
const WARM = 20;
const kinds = values.indexing === undefined ? 2 : 3;
const paths = readQueries(file).map(searchPath);
const each = Math.min(most, Math.floor((paths.length - WARM) / (runs * kinds)));
if (each < 20) throw new Error(`${file}: got ${paths.length} queries, expected ${WARM + runs * kinds * 20} or more`);
const texts = readQueries(file).slice(0, each);
let used = WARM;
const nextQueries = () => paths.slice(used, (used += each));

const model = await EmbeddingModel.load();
const server = await MeasuredServer.start(directory, paths[0]!);
try {
  const { papers, pending, pendingSentences } = await server.counts();
  console.log(MACHINE);
  console.log(
    `${papers} papers (${pending} without a vector, ${pendingSentences} without sentences); ${each} queries per row, ` +
      `none repeated, every second one with a filter`,
  );
  console.log(`from starting the server to its first answer: ${server.started.toFixed(1)} s`);
  for (const path of paths.slice(0, WARM)) await server.ask(path);
  await server.state();
  if (values.busy !== undefined) await whileBusy(Number(values.busy));
  else {
    console.log(
      "\n| run | what | median ms | 99th percentile ms | answers/s | processor ms of the server per answer | of the client | " +
        "longest event loop delay ms |",
    );
    console.log("|---|---|---|---|---|---|---|---|");
  }
  for (let run = 1; values.busy === undefined && run <= runs; run++) {
    const ask = (path: string) => server.ask(path);
    const asked = nextQueries();
    await row(run, "embedding the query, in this process", () => timed(texts, 1, (text) => model.embed(text)));
    await row(run, "HTTP alone: GET /api/openapi.json", () => timed(asked, 1, () => ask("api/openapi.json")));
    await row(run, "search, one client", () => timed(asked, 1, ask));
    await row(run, "the same queries again, cached", () => timed(asked, 1, ask));
    await row(run, `search, ${CLIENTS} clients`, () => timed(nextQueries(), CLIENTS, ask));
  }
  if (values.indexing !== undefined) await whileIndexing(values.indexing);
  const { resident, peak } = await server.state();
  console.log(`\nmemory of the server: ${resident.toFixed(0)} MB, peak ${peak.toFixed(0)} MB`);
} finally {
  await server.stop();
  await model.close();
}

async function whileIndexing(papers: string): Promise<void> {
  const main = join(ROOT, "dist", "src", "cli", "main.js");
  const imported = spawn(process.execPath, [main, "import", "--no-index", "--directory", directory, papers], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await new Promise((resolve) => imported.once("exit", resolve));
  const left = async () => {
    const { pending, pendingSentences } = await server.counts();
    return pending + pendingSentences;
  };
  const before = await left();
  // The server checks every two seconds for texts to embed.
  if (before === 0) throw new Error(`${papers}: contains nothing new to embed`);
  while ((await left()) === before) await new Promise((resolve) => setTimeout(resolve, 200));
  await server.state();
  for (let run = 1; run <= runs; run++) {
    const still = await left();
    await row(run, `search, one client, while indexing (${still} texts left)`, () =>
      timed(nextQueries(), 1, (path) => server.ask(path)),
    );
  }
}

/** An endless series of distinct queries, made of halves of two given ones. */
function* endless(): Generator<string> {
  const words = readQueries(file).map((text) => text.split(" "));
  for (let shift = 1, i = 0; ; shift++)
    for (const [at, first] of words.entries()) {
      const second = words[(at + shift) % words.length]!;
      yield searchPath([...first.slice(0, first.length >> 1), ...second.slice(second.length >> 1)].join(" "), i++);
    }
}

async function whileBusy(papers: number): Promise<void> {
  const queries = endless();
  const ask = (path: string) => server.ask(path);
  const until = async (over: () => Promise<boolean>, pause: number) => {
    while (!(await over())) await new Promise((resolve) => setTimeout(resolve, pause));
  };
  /** Reads the metrics repeatedly for this many seconds. */
  const scraping = (seconds: number, pause: number) => {
    const end = performance.now() + 1_000 * seconds;
    return until(async () => {
      await server.ask("metrics");
      return performance.now() > end;
    }, pause);
  };
  console.log(
    "\n| run | while | queries | median ms | 99th percentile ms | longest ms | ratio to idle: median, 99th |",
  );
  console.log("|---|---|---|---|---|---|---|");
  await until(() => server.saved(), 500);
  for (let run = 1; run <= runs; run++) {
    const idle = await timedDuring(queries, new Promise((resolve) => setTimeout(resolve, 10_000)), ask);
    const printRow = (what: string, times: Times) => {
      const [median, p99] = [0.5, 0.99].map((share) => percentile(times, share)) as [number, number];
      const ratios = [median / percentile(idle, 0.5), p99 / percentile(idle, 0.99)].map((one) => one.toFixed(2));
      console.log(
        `| ${run} | ${what} | ${times.each.length} | ${median.toFixed(1)} | ${p99.toFixed(1)} | ` +
          `${times.each.at(-1)!.toFixed(1)} | ${ratios.join(", ")} |`,
      );
    };
    printRow("nothing else", idle);
    printRow("/metrics is read once a second", await timedDuring(queries, scraping(10, 1_000), ask));
    printRow("/metrics is read without a pause", await timedDuring(queries, scraping(10, 0), ask));
    const lines = Array.from({ length: papers }, (_, i) =>
      JSON.stringify({
        id: `busy-${run}-${i}`,
        title: `Made up, run ${run}, paper ${i}`,
        abstract: texts.slice(i % 50, (i % 50) + 8).join(" "),
        published: `${2010 + (i % 15)}`,
        categories: ["cs.LG"],
      }),
    );
    let report = "";
    const importing = server.send("api/papers", lines.join("\n")).then((answer) => (report = answer));
    printRow(`${papers} papers are imported`, await timedDuring(queries, importing, ask));
    const { import: number } = z.object({ import: z.number() }).parse(JSON.parse(report));
    await server.send(`api/imports/${number}/undo`, "");
    // The server checks every two seconds whether files are out of date.
    const saving = until(() => server.saved(), 200);
    printRow("tables and graph are written", await timedDuring(queries, saving, ask));
  }
}

async function row(run: number, what: string, measure: () => Promise<Times>): Promise<void> {
  const before = { server: (await server.state()).cpu, client: cpuTime() };
  const times = await measure();
  const client = cpuTime() - before.client;
  const { delay, cpu } = await server.state();
  const each = (time: number) => (time / times.each.length).toFixed(1);
  console.log(
    `| ${run} | ${what} | ${percentile(times, 0.5).toFixed(1)} | ${percentile(times, 0.99).toFixed(1)} | ` +
      `${perSecond(times).toFixed(0)} | ${each(cpu - before.server)} | ${each(client)} | ${delay.toFixed(1)} |`,
  );
}
