/**
 * Compares Kindred with its peers: the same papers and vectors in LanceDB, Orama and Chroma, on this machine.
 *
 *   npm run peers -- DIRECTORY QUERIES [--queries 100] [--runs 3] [--papers N] [--peers lancedb,orama,chroma,kindred]
 *                          [--checkpoint FOLDER] [--documents 200]
 *
 * DIRECTORY holds an embedded index; it is only read. QUERIES are JSON Lines with a `text` each. Every peer builds its own
 * database in its own process; then, in every run, it opens the database in a new process and answers the same queries, one
 * after another. FOLDER holds the checkpoint that Kindred's model was made from, for sentence-transformers
 * (scripts/build/export-model.py says where to get it). The environment variables PYTHON and CHROMA can name other commands
 * than python3 and the package's chroma.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DEFAULT_MODEL } from "../../dist/src/embedding/description.js";
import { EmbeddingModel } from "../../dist/src/embedding/model.js";
import { VERSION } from "../../dist/src/core/version.js";
import { mean } from "../../dist/scripts/common/numbers.js";
import { compareEmbedding } from "./embedding.mjs";
import { asker } from "./http.mjs";
import { K, readPapers } from "./papers.mjs";
import { median, percentile } from "./times.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
/** The package of each peer; its module here has the peer's name. */
const PEERS = { lancedb: "@lancedb/lancedb", orama: "@orama/orama", chroma: "chromadb", kindred: undefined };
/** Unmeasured queries at the start. */
const WARM = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    queries: { type: "string", default: "100" },
    runs: { type: "string", default: "3" },
    papers: { type: "string", default: "Infinity" },
    peers: { type: "string", default: Object.keys(PEERS).join(",") },
    checkpoint: { type: "string" },
    documents: { type: "string", default: "200" },
  },
});
const [source, file] = positionals;
const peers = values.peers.split(",");
const runs = Number(values.runs);
if (source === undefined || file === undefined || !peers.every((peer) => peer in PEERS)) {
  console.error(
    "usage: npm run peers -- DIRECTORY QUERIES [--queries 100] [--runs 3] [--papers N]\n" +
      `       [--peers ${Object.keys(PEERS).join(",")}] [--checkpoint FOLDER] [--documents 200]`,
  );
  process.exit(2);
}

const texts = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line).text.slice(0, 500))
  .slice(0, WARM + Number(values.queries));
if (texts.length <= WARM) throw new Error(`${file}: got ${texts.length} queries, expected more than ${WARM}`);
const model = await EmbeddingModel.load();
const questions = [];
for (const text of texts) questions.push({ text, vector: await model.embed(text) });
const warm = questions.slice(0, WARM);
const queries = questions.slice(WARM);

console.log(
  `Kindred ${VERSION}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ` +
    `${(totalmem() / 1e9).toFixed(0)} GB`,
);
console.log(
  `${queries.length} queries after ${WARM} for warm-up, ${K} hits each; vectors of ${DEFAULT_MODEL}; built once, ` +
    `then ${runs} runs in new processes; medians of the runs\n`,
);
const scratch = mkdtempSync(join(tmpdir(), "kindred-peers-"));
// Removed in any case: with 100,000 papers it holds a gigabyte.
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
await compareSearch();
await compareEmbedding({ source, checkpoint: values.checkpoint, documents: Number(values.documents), runs });
await model.close();

async function compareSearch() {
  const built = await buildAll();
  if (built.length === 0) return;
  const floors = [];
  const http = fork(join(HERE, "http.mjs"));
  const [port] = await once(http, "message");
  const bare = asker(`http://127.0.0.1:${port}/`);
  for (let run = 1; run <= runs; run++) {
    process.stderr.write(`run ${run} of ${runs}\n`);
    floors.push({
      embedding: await timed(({ text }) => model.embed(text)),
      http: await timed(() => bare.ask("")),
    });
    // The order is reversed in every second run.
    for (const peer of run % 2 === 1 ? built : built.toReversed())
      peer.answers.push(await inProcess({ ...peer.task, work: "answer", warm, queries }));
  }
  bare.close();
  http.disconnect();
  await printTable(built);
  printMark(built, floors);
}

/** Builds every variant of every peer, and prints its settings, or why it could not be built. */
async function buildAll() {
  const { dependencies } = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8"));
  const built = [];
  for (const name of peers) {
    const module = join(HERE, `${name}.mjs`);
    const version = PEERS[name] === undefined ? `Kindred ${VERSION}` : `${PEERS[name]} ${dependencies[PEERS[name]]}`;
    try {
      const peer = await import(module);
      console.log(`- ${version}: ${peer.settings}`);
      for (const [variant, { name, settings }] of peer.variants.entries()) {
        if (settings !== undefined) console.log(`  - ${name}: ${settings}`);
        process.stderr.write(`building ${name}\n`);
        const directory = mkdtempSync(join(scratch, "peer-"));
        const limit = Math.min(Number(values.papers), peer.most ?? Infinity);
        const task = { module, variant, source, limit, directory };
        const { seconds } = await inProcess({ ...task, work: "build" });
        const title = peer.hybrid === false ? `${name} (vectors only)` : name;
        built.push({ peer: version, name: title, task, seconds, disk: sizeOf(directory) / 1e6, answers: [] });
      }
    } catch (thrown) {
      console.log(`  - not measured: ${thrown.message}`);
    }
  }
  return built;
}

async function printTable(built) {
  const exact = new Map();
  for (const { task } of built) if (!exact.has(task.limit)) exact.set(task.limit, await nearestExactly(task.limit));
  console.log(
    `\n| | papers | build s | hybrid: median ms, 99th percentile | filter that keeps half: ms, hits | 1%: ms, hits | ` +
      `recall@${K} of vectors alone | open s | peak memory MB | disk MB |`,
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|");
  for (const { name, task, seconds, disk, answers } of built) {
    const { papers, groups, nearest } = exact.get(task.limit);
    const over = (read, digits) => median(answers.map(read)).toFixed(digits);
    const filtered = (group) =>
      `${over(({ asked }) => median(asked[group].times), 1)}, ${over(({ asked }) => asked[group].hits, 1)} of ` +
      `${Math.min(K, groups[group])}`;
    const recall = (answer) =>
      mean(answer.nearest.map((ids, i) => nearest[i].filter((id) => ids.includes(id)).length / nearest[i].length));
    const cells = [
      name,
      papers,
      seconds.toFixed(1),
      `${over(({ asked }) => median(asked.all.times), 1)}, ${over(({ asked }) => percentile(asked.all.times, 0.99), 1)}`,
      filtered("half"),
      filtered("rare"),
      over(recall, 3),
      over(({ opening }) => opening, 1),
      answers.some(({ memory }) => memory === undefined) ? "not available" : over(({ memory }) => memory, 0),
      disk.toFixed(0),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

/** Compares Kindred over HTTP with LanceDB in process plus embedding the query and an HTTP round trip. */
function printMark(built, floors) {
  const kindred = built.find(({ task }) => task.module.endsWith("kindred.mjs"));
  const marks = built.filter(({ task }) => task.module.endsWith("lancedb.mjs"));
  if (kindred === undefined || marks.length === 0) return;
  console.log("\nMedians in ms; the mark is the sum of the three columns before it:\n");
  console.log(
    "| run | | hybrid query in process | embedding the query | bare HTTP round trip | mark | Kindred over HTTP |",
  );
  console.log("|---|---|---|---|---|---|---|");
  for (const [run, floor] of floors.entries())
    for (const { name, answers } of marks) {
      const parts = [median(answers[run].asked.all.times), median(floor.embedding), median(floor.http)];
      const mark = parts.reduce((sum, part) => sum + part, 0);
      const cells = [...parts, mark, median(kindred.answers[run].asked.all.times)];
      console.log(`| ${run + 1} | ${name} | ${cells.map((cell) => cell.toFixed(2)).join(" | ")} |`);
    }
}

/** The ids of the K nearest papers to each query by exact search, and the number of papers in total and in each group. */
async function nearestExactly(limit) {
  const best = queries.map(() => []);
  const groups = { half: 0, rare: 0 };
  let papers = 0;
  for await (const batch of readPapers(source, limit, 1_000))
    for (const { paper, vector, half, rare } of batch) {
      papers++;
      groups.half += half ? 1 : 0;
      groups.rare += rare ? 1 : 0;
      for (const [i, query] of queries.entries()) {
        const similarity = dot(query.vector, vector);
        if (best[i].length === K && similarity <= best[i][K - 1].similarity) continue;
        const place = best[i].findIndex((other) => other.similarity < similarity);
        best[i].splice(place === -1 ? best[i].length : place, 0, { id: paper.id, similarity });
        best[i].length = Math.min(K, best[i].length);
      }
    }
  return { papers, groups, nearest: best.map((found) => found.map(({ id }) => id)) };
}

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Runs a task in its own process. @throws Error if the task or the process fails. */
async function inProcess(task) {
  const child = fork(join(HERE, "measure.mjs"), {
    serialization: "advanced",
    // LanceDB prints deprecation warnings with every query.
    env: { ...process.env, LANCEDB_LOG: "error" },
  });
  child.send(task);
  const result = await Promise.race([
    once(child, "message").then(([message]) => message),
    once(child, "exit").then(([code, signal]) => ({ failed: `its process exited with ${signal ?? `code ${code}`}` })),
  ]);
  if (result.failed !== undefined) throw new Error(result.failed);
  return result;
}

/** Milliseconds for each query, run one after another. */
async function timed(ask) {
  for (const query of warm) await ask(query);
  const times = [];
  for (const query of queries) {
    const start = performance.now();
    await ask(query);
    times.push(performance.now() - start);
  }
  return times;
}

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, entry) => bytes + statSync(join(entry.parentPath, entry.name)).size, 0);
}
