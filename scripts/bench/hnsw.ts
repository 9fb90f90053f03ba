/**
 * Recall against time for HNSW graphs of any M, efConstruction and ef, on the abstracts of an index, compared with exact
 * search and with the scan of signs. --sizes repeats that for more vectors, filled with variations of the real ones (vary.ts).
 *
 * Queries are vectors of random papers with noise added. Recall is the share of the true k nearest that are found.
 */
import { describeModel } from "../../src/embedding/description.js";
import { Store } from "../../src/store/store.js";
import { ExactIndex } from "../../src/vectors/exact.js";
import { EF_CONSTRUCTION, HnswGraph, M } from "../../src/vectors/hnsw.js";
import { dequantize, quantize } from "../../src/vectors/quantize.js";
import { SignScan } from "../../src/vectors/scan.js";
import { mulberry32 } from "../../src/map/random.js";
import { MACHINE, readCommand } from "../common/command.js";
import { around, variedVector } from "../common/vary.js";

const { values, words } = readCommand(
  "npm run bench -- hnsw DIRECTORY [--queries 200] [--graphs 16:200,24:200,16:400] [--k 10,500] [--sizes 400000,1000000]",
  1,
  {
    sizes: { type: "string", default: "0" },
    queries: { type: "string", default: "200" },
    graphs: { type: "string", default: `8:100,${M}:100,${M}:${EF_CONSTRUCTION},24:200,32:400` },
    k: { type: "string", default: "10,500" },
  },
);
const [directory = ""] = words;
/** Norm of the noise added to a paper's unit vector to make a query: the cosine between them is then about 0.8. */
const MOVED = 0.75;
const EFS = [50, 100, 200, 400];
const LIKELY = [1, 2, 3, 4];

const model = await describeModel();
const store = Store.openForReading(directory, model);
const [exact, scan] = [new ExactIndex(model.dimensions), new SignScan(model.dimensions)];
for (let change = 0; ;) {
  const changes = store.vectors.changesSince(change, 5_000);
  for (const { label, vector } of changes)
    if (vector !== null) {
      exact.set(label, vector);
      scan.set(label, exact.signs(label));
    }
  if (changes.length < 5_000) break;
  change = changes.at(-1)!.change;
}
store.close();
const labels = [...exact.labels()];
const random = mulberry32(3);
const real = labels.map((label) => dequantize(exact.get(label)!));
const one = () => real[Math.floor(random() * real.length)]!;
const queries = Array.from({ length: Number(values.queries) }, () => around(one(), MOVED, random));
const graphs = values.graphs.split(",").map((graph) => {
  const [m, efConstruction] = graph.split(":").map(Number) as [number, number];
  return { m, efConstruction, hnsw: HnswGraph.empty(model.dimensions, { m, efConstruction }), seconds: 0 };
});
console.log(MACHINE);

for (const size of values.sizes.split(",").map(Number)) {
  while (labels.length < size) {
    const label = labels.at(-1)! + 1;
    const vector = quantize(variedVector(one(), one(), random));
    exact.set(label, vector);
    scan.set(label, exact.signs(label));
    labels.push(label);
  }
  for (const graph of graphs) {
    const start = performance.now();
    for (const label of labels.slice(graph.hnsw.count)) graph.hnsw.add(label, dequantize(exact.get(label)!));
    graph.seconds += (performance.now() - start) / 1_000;
  }
  console.log(
    `\n${labels.length} vectors (${real.length} of real abstracts), ${queries.length} queries; medians and 99th percentiles ` +
      "in ms, on one thread\n",
  );
  for (const k of values.k.split(",").map(Number)) compare(k);
}

type Way = { name: string; find: (query: Float32Array) => { label: number }[] };

/** Prints a table of all ways to find the k nearest. */
function compare(k: number): void {
  const truth = queries.map((query) => new Set(exact.nearest(query, k).map(({ label }) => label)));
  const row = ({ name, find }: Way) => {
    const times: number[] = [];
    let found = 0;
    queries.forEach((query, i) => {
      const start = performance.now();
      const neighbours = find(query);
      times.push(performance.now() - start);
      for (const { label } of neighbours) if (truth[i]!.has(label)) found++;
    });
    times.sort((a, b) => a - b);
    const recall = found / truth.reduce((sum, { size }) => sum + size, 0);
    console.log(
      `| ${name} | ${recall.toFixed(4)} | ${times[times.length >> 1]!.toFixed(2)} | ` +
        `${times[Math.floor(0.99 * times.length)]!.toFixed(2)} |`,
    );
  };
  console.log(`| nearest ${k} | recall@${k} | median | 99th percentile |`);
  console.log("|---|---|---|---|");
  row({ name: "all compared", find: (query) => exact.nearest(query, k) });
  for (const times of LIKELY)
    row({
      name: `signs, the likeliest ${times === 1 ? "" : `${times} x `}${Math.max(k, 500)} compared`,
      find: (query) => exact.nearest(query, k, scan.likeliest(query, times * Math.max(k, 500), null)),
    });
  for (const { m, efConstruction, seconds, hnsw } of graphs) {
    const rate = (hnsw.count / seconds).toFixed(0);
    console.log(`| **graph: M ${m}, efConstruction ${efConstruction}**, built at ${rate}/s | | | |`);
    for (const ef of EFS)
      if (ef >= k || ef === EFS.at(-1))
        row({ name: `ef ${Math.max(ef, k)}`, find: (query) => hnsw.nearest(query, k, Math.max(ef, k)) });
    if (k > EFS.at(-1)!) row({ name: `ef ${2 * k}`, find: (query) => hnsw.nearest(query, k, 2 * k) });
  }
  console.log();
}
