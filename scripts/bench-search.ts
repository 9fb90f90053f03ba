/**
 * How long answers take over HTTP, from a server of its own: one client, sixteen, and one while papers are embedded.
 *
 *   npm run bench-search -- DIRECTORY QUERIES [--queries 100] [--runs 3] [--indexing PAPERS]
 *
 * DIRECTORY holds an index; QUERIES are JSON Lines with a `text` each. No query is asked twice, but where it says so.
 * Every second one has a filter. Beside it, in the same run, what no search can do without: embedding the query, and an
 * HTTP request that asks for next to nothing. --indexing names a file of papers that are not in the index: they are
 * imported, and embedded at full speed while queries are asked; they stay in it.
 */
import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EmbeddingModel } from "../src/embedding/model.js";
import { ROOT } from "../src/root.js";
import { VERSION } from "../src/version.js";
import { CLIENTS, MeasuredServer, percentile, perSecond, readQueries, searchPath, timed, type Times } from "./load.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    queries: { type: "string", default: "100" },
    runs: { type: "string", default: "3" },
    indexing: { type: "string" },
  },
});
const [directory, file] = positionals;
if (directory === undefined || file === undefined) {
  console.error("usage: npm run bench-search -- DIRECTORY QUERIES [--queries 100] [--runs 3] [--indexing PAPERS]");
  process.exit(2);
}
const [most, runs] = [Number(values.queries), Number(values.runs)];
const WARM = 20;
const kinds = values.indexing === undefined ? 2 : 3;
const paths = readQueries(file).map(searchPath);
const each = Math.min(most, Math.floor((paths.length - WARM) / (runs * kinds)));
if (each < 20) throw new Error(`${file}: got ${paths.length} queries, expected ${WARM + runs * kinds * 20} or more`);
const texts = readQueries(file).slice(0, each);
let used = WARM;
const unasked = () => paths.slice(used, (used += each));

const model = await EmbeddingModel.load();
const server = await MeasuredServer.start(directory, paths[0]!);
try {
  const { papers, pending, pendingSentences } = await server.counts();
  console.log(`Kindred ${VERSION}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`);
  console.log(
    `${papers} papers (${pending} without a vector, ${pendingSentences} without sentences); ${each} queries a row, none ` +
      `asked twice, every second one with a filter`,
  );
  console.log(`from starting the server to its first answer: ${server.started.toFixed(1)} s`);
  for (const path of paths.slice(0, WARM)) await server.ask(path);
  await server.state();
  console.log("\n| run | what | median ms | 99th percentile ms | a second | serving thread held, longest ms |");
  console.log("|---|---|---|---|---|---|");
  for (let run = 1; run <= runs; run++) {
    const ask = (path: string) => server.ask(path);
    const asked = unasked();
    await row(run, "embedding the query, in this process", await timed(texts, 1, (text) => model.embed(text)));
    await row(run, "HTTP alone: GET /api/openapi.json", await timed(asked, 1, () => ask("api/openapi.json")));
    await row(run, "search, one client", await timed(asked, 1, ask));
    await row(run, "the same again, from memory", await timed(asked, 1, ask));
    await row(run, `search, ${CLIENTS} clients`, await timed(unasked(), CLIENTS, ask));
  }
  if (values.indexing !== undefined) await whileIndexing(values.indexing);
  const { memory } = await server.state();
  console.log(`\nmemory of the server, all threads: ${memory.now.toFixed(0)} MB, at most ${memory.peak.toFixed(0)} MB`);
} finally {
  await server.stop();
  await model.close();
}

async function whileIndexing(papers: string): Promise<void> {
  const main = join(ROOT, "dist", "src", "cli", "main.js");
  const imported = spawn(process.execPath, [main, "import", "--no-index", "--directory", directory!, papers], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await new Promise((resolve) => imported.once("exit", resolve));
  const left = async () => {
    const { pending, pendingSentences } = await server.counts();
    return pending + pendingSentences;
  };
  const before = await left();
  // The server looks every two seconds whether there is something to be embedded.
  if (before === 0) throw new Error(`${papers}: there is nothing new in it to be embedded`);
  while ((await left()) === before) await new Promise((resolve) => setTimeout(resolve, 200));
  await server.state();
  for (let run = 1; run <= runs; run++) {
    const times = await timed(unasked(), 1, (path) => server.ask(path));
    const still = await left();
    await row(run, `search, one client, while indexing (${still} texts left)`, times);
  }
}

async function row(run: number, what: string, times: Times): Promise<void> {
  const { held } = await server.state();
  console.log(
    `| ${run} | ${what} | ${percentile(times, 0.5).toFixed(1)} | ${percentile(times, 0.99).toFixed(1)} | ` +
      `${perSecond(times).toFixed(0)} | ${held.longest.toFixed(1)} |`,
  );
}
