/**
 * How Kindred scales: start time, latency, throughput, memory and disk use by the number of papers.
 *
 * DIRECTORY holds an index of real papers; larger sizes are filled with variations of them (vary.ts). QUERIES are JSON
 * Lines with a `text` each. Every second query gets a filter, and no query is repeated. The time to embed a query alone is
 * measured at each size too, so that figures can be compared on a busy machine.
 */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { openKindred } from "../../src/kindred.js";
import { MACHINE, readCommand } from "../common/command.js";
import { CLIENTS, MeasuredServer, percentile, perSecond, readQueries, searchPath, timed } from "./load.js";
import { plot } from "../common/plot.js";
import { vary } from "../common/vary.js";

const { values, words } = readCommand(
  "npm run bench -- scale DIRECTORY QUERIES [--sizes 1000,10000,100000,300000] [--queries 100] [--plot FILE.svg]",
  2,
  {
    sizes: { type: "string", default: "1000,10000,100000,300000" },
    queries: { type: "string", default: "100" },
    plot: { type: "string" },
  },
);
const [from = "", file = ""] = words;
const WARM = 20;
const most = Number(values.queries);
const queries = readQueries(file);
if (queries.length < WARM + 3 * most)
  throw new Error(`${file}: got ${queries.length} queries, expected ${WARM + 3 * most}`);
const description = await describeModel();
const model = await EmbeddingModel.load();
console.log(MACHINE);
console.log(`${most} queries per figure, every second one with a filter, over HTTP; query embedding included`);
console.log(
  "\n| papers (real) | first answer, s | embedding alone, ms | median ms | 99th percentile ms | " +
    `lexical mode, median ms | ${CLIENTS} clients, answers/s | memory, MB (peak) | papers.db, MB | other files, MB |`,
);
console.log("|---|---|---|---|---|---|---|---|---|---|");
const points: { papers: number; median: number; embedding: number; memory: number }[] = [];
for (const size of values.sizes.split(",").map(Number)) {
  const directory = mkdtempSync(join(tmpdir(), "kindred-"));
  try {
    const { real } = vary(from, directory, description, size);
    const kindred = await openKindred({ directory });
    await kindred.index();
    await kindred.close();
    points.push({ papers: size, ...(await measure(directory, size, real)) });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
await model.close();
if (values.plot !== undefined) {
  const curve = (name: string, value: "median" | "embedding" | "memory") => ({
    name,
    points: points.map((point) => [point.papers, point[value]] as const),
  });
  writeFileSync(
    values.plot,
    plot({
      title: "Search over HTTP, and memory, against the number of papers",
      x: "papers",
      panels: [
        {
          y: "milliseconds (median)",
          curves: [curve("search", "median"), curve("of which embedding the query", "embedding")],
        },
        { y: "megabytes", curves: [curve("memory of the server", "memory")] },
      ],
    }),
  );
}

async function measure(directory: string, size: number, real: number) {
  const paths = queries.map(searchPath);
  const server = await MeasuredServer.start(directory, paths[0]!);
  try {
    const ask = (path: string) => server.ask(path);
    for (const path of paths.slice(0, WARM)) await ask(path);
    const unasked = paths.slice(WARM);
    const embedding = await timed(queries.slice(0, most), 1, (text) => model.embed(text));
    const one = await timed(unasked.slice(0, most), 1, ask);
    const words = await timed(unasked.slice(0, most), 1, (path) => ask(`${path}&mode=lexical`));
    const many = await timed(unasked.slice(most, 3 * most), CLIENTS, ask);
    const { resident, peak } = await server.state();
    const megabytes = (files: string[]) =>
      files.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0) / 1e6;
    const [database, others] = [
      ["papers.db"],
      readdirSync(directory).filter((name) => /^(vectors|tables)\./.test(name)),
    ];
    const figures = { median: percentile(one, 0.5), embedding: percentile(embedding, 0.5), memory: resident };
    console.log(
      `| ${size} (${real}) | ${server.started.toFixed(1)} | ${figures.embedding.toFixed(1)} | ${figures.median.toFixed(1)} | ` +
        `${percentile(one, 0.99).toFixed(1)} | ${percentile(words, 0.5).toFixed(1)} | ${perSecond(many).toFixed(0)} | ` +
        `${resident.toFixed(0)} (${peak.toFixed(0)}) | ${megabytes(database).toFixed(0)} | ${megabytes(others).toFixed(0)} |`,
    );
    return figures;
  } finally {
    await server.stop();
  }
}
