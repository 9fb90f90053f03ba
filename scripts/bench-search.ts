/**
 * How long answers take, over HTTP from a server of its own: one client, then sixteen, each query once.
 *
 *   npm run bench-search -- DIRECTORY QUERIES [--queries 200] [--runs 3]
 *
 * DIRECTORY holds an index; QUERIES are JSON Lines with a `text` each. Every second query has a filter. Beside it, in
 * the same run, what no search can do without: embedding the query, and an HTTP request that asks for next to nothing.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { cpus } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { z } from "zod";
import { EmbeddingModel } from "../src/embedding/model.js";
import { ROOT } from "../src/root.js";
import { VERSION } from "../src/version.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { queries: { type: "string", default: "200" }, runs: { type: "string", default: "3" } },
});
const [directory, file] = positionals;
if (directory === undefined || file === undefined) {
  console.error("usage: npm run bench-search -- DIRECTORY QUERIES [--queries 200] [--runs 3]");
  process.exit(2);
}
const CLIENTS = 16;
const FILTER = "&from=2020";
const WARM = 20;

const texts = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => z.object({ text: z.string() }).parse(JSON.parse(line)).text)
  .slice(0, WARM + Number(values.queries));
if (texts.length <= WARM) throw new Error(`${file}: got ${texts.length} queries, expected more than ${WARM}`);
const paths = texts.map(
  (text, i) => `api/search?q=${encodeURIComponent(text.slice(0, 500))}&limit=10${i % 2 === 1 ? FILTER : ""}`,
);
const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });

const model = await EmbeddingModel.load();
const begun = performance.now();
const server = spawn(
  process.execPath,
  [join(ROOT, "dist", "src", "cli", "main.js"), "serve", "--directory", directory, "--port", "0"],
  { stdio: ["ignore", "pipe", "inherit"] },
);
try {
  const url = await new Promise<string>((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`the server ended with code ${code}`)));
    createInterface(server.stdout).on("line", (line) => {
      const found = /http:\/\/\S+/.exec(line)?.[0];
      if (found !== undefined) resolve(found);
    });
  });
  await ask(url, paths[0]!);
  const start = performance.now() - begun;
  const { papers } = z.object({ papers: z.number() }).parse(JSON.parse(await ask(url, "api/status")));
  console.log(`Kindred ${VERSION}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`);
  console.log(`${papers} papers, ${texts.length - WARM} queries, every second one with a filter`);
  console.log(`from starting the server to its first answer: ${(start / 1_000).toFixed(1)} s`);
  for (const path of paths.slice(0, WARM)) await ask(url, path);
  const asked = paths.slice(WARM);
  console.log("\n| run | what | median ms | 99th percentile ms | a second |");
  console.log("|---|---|---|---|---|");
  for (let run = 1; run <= Number(values.runs); run++) {
    row(run, "embedding the query, in this process", await timed(texts.slice(WARM), 1, (text) => model.embed(text)));
    row(run, "HTTP alone: GET /api/openapi.json", await timed(asked, 1, () => ask(url, "api/openapi.json")));
    row(run, "search, one client", await timed(asked, 1, (path) => ask(url, path)));
    row(run, `search, ${CLIENTS} clients`, await timed(asked, CLIENTS, (path) => ask(url, path)));
  }
  const peak = /VmHWM:\s+(\d+) kB/.exec(statusOf(server.pid))?.[1];
  if (peak !== undefined) console.log(`\npeak memory of the server: ${Math.round(Number(peak) / 1_000)} MB`);
} finally {
  agent.destroy();
  await model.close();
  server.removeAllListeners("exit");
  server.kill("SIGINT");
}

type Times = { each: number[]; whole: number };

/** Milliseconds of each piece of work, by so many clients that each take the next when they are done; and of all. */
async function timed<T>(work: readonly T[], clients: number, perform: (item: T) => Promise<unknown>): Promise<Times> {
  const each: number[] = [];
  const left = work.values();
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (const item of left) {
        const start = performance.now();
        await perform(item);
        each.push(performance.now() - start);
      }
    }),
  );
  return { each: each.toSorted((a, b) => a - b), whole: performance.now() - begin };
}

function row(run: number, what: string, { each, whole }: Times): void {
  const at = (share: number) => (each[Math.floor(share * each.length)] ?? NaN).toFixed(1);
  console.log(`| ${run} | ${what} | ${at(0.5)} | ${at(0.99)} | ${((1_000 * each.length) / whole).toFixed(0)} |`);
}

function ask(url: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${url}${path}`, { agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${path}: got ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    }).on("error", reject);
  });
}

/** Linux tells; elsewhere nothing is said of memory. */
function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}
