/**
 * What a library of many papers would need in a cluster: extrapolates from figures that were measured here, and says how.
 *
 * FIGURES are files that `npm run bench -- cluster --json` wrote, of one node, for different numbers of papers. Bytes and vectors grow with the papers. Times of
 * a shard grow with the logarithm of its papers, as those of a graph do: through two sizes that is a line, through one a constant.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { readCommand } from "../common/command.js";

const { values, words } = readCommand(
  "npm run bench -- plan FIGURES... [--papers 100000,1000000,10000000,40000000,200000000] [--embedded 58]",
  1,
  {
    papers: { type: "string", default: "100000,1000000,10000000,40000000,200000000" },
    // Papers, with the sentences of their abstracts, that one machine of two cores embeds in a second.
    embedded: { type: "string", default: "58" },
  },
);
/** Copies of each shard. */
const COPIES = 2;
/** The largest shard that OpenSearch recommends for searching, in bytes. */
const SHARD = 50e9;
/** Memory and disk of a node, in bytes; half of the memory is left for files. */
const NODE = { memory: 64e9, disk: 4e12 };
const DAYS = [7, 30];
const DIMENSIONS = 384;

const figuresOf = z.record(z.string(), z.number());
const measured = words
  .map((path) => figuresOf.parse(JSON.parse(readFileSync(path, "utf8"))))
  .toSorted((a, b) => a["papers"]! - b["papers"]!);
const largest = measured.at(-1)!;

/** A figure at some number of papers in a shard: a + b ln(papers) through the two largest sizes. */
function at(name: string, papers: number): number {
  const [one, other] = [measured.at(-2), largest];
  const slope = one === undefined ? 0 : (other[name]! - one[name]!) / Math.log(other["papers"]! / one["papers"]!);
  return other[name]! + Math.max(0, slope) * Math.log(papers / other["papers"]!);
}

const short = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(2));
const bytes = (value: number): string =>
  value >= 1e12 ? `${short(value / 1e12)} TB` : value >= 1e9 ? `${short(value / 1e9)} GB` : `${short(value / 1e6)} MB`;
const table = (rows: (string | number)[][]) => {
  const [head, ...rest] = rows.map((row) => `| ${row.join(" | ")} |`);
  console.log(`\n${head}\n|${"---|".repeat(rows[0]!.length)}\n${rest.join("\n")}`);
};

console.log(`Measured: ${measured.map((one) => `${one["papers"]} papers`).join(", ")}`);
table([
  ["of a paper", "bytes"],
  ["index of papers, on disk", Math.round(largest["bytes of papers"]!)],
  ["rows, on disk", Math.round(largest["bytes of rows"]!)],
  ["of which vector and graph, best kept in memory", Math.round(largest["bytes of vectors"]!)],
  ["the same with vectors of floats", Math.round(largest["bytes of vectors"]! + 3 * DIMENSIONS)],
  ["of which doc values, read for candidates", Math.round(largest["bytes of doc values"]!)],
]);
const plan = values.papers.split(",").map((given) => {
  const papers = Number(given);
  const disk = papers * (largest["bytes of papers"]! + largest["bytes of rows"]!);
  const vectors = papers * largest["bytes of vectors"]!;
  const docValues = papers * largest["bytes of doc values"]!;
  const shards = Math.max(1, Math.ceil((papers * largest["bytes of papers"]!) / SHARD));
  const nodes = Math.max(
    COPIES + 1,
    Math.ceil((COPIES * (vectors + docValues)) / (NODE.memory / 2)),
    Math.ceil((COPIES * disk) / (NODE.disk / 2)),
  );
  return { papers, disk, vectors, docValues, shards, nodes };
});
table([
  [
    "papers",
    "disk, with one replica",
    "shards",
    "vectors and graphs, with replica",
    "doc values of candidates, with replica",
    "nodes of 64 GB memory, 4 TB disk",
  ],
  ...plan.map(({ papers, disk, vectors, docValues, shards, nodes }) => [
    papers.toLocaleString("en"),
    bytes(COPIES * disk),
    shards,
    bytes(COPIES * vectors),
    bytes(COPIES * docValues),
    nodes,
  ]),
]);
table([
  [
    "papers",
    "processor time of a query in all shards, ms",
    "median of the slowest shard, ms",
    "answers a second per 100 cores",
  ],
  ...plan.map(({ papers, shards }) => {
    const cost = shards * at("bare hybrid query, 500 labels, 16 clients, processor ms of nodes", papers / shards);
    return [
      papers.toLocaleString("en"),
      short(cost),
      short(at("bare hybrid query, 500 labels, 1 client, median ms", papers / shards)),
      short(100_000 / (cost + largest["cluster, 16 clients, processor ms here"]!)),
    ];
  }),
]);
table([
  [
    "papers",
    "days to embed on one machine of two cores",
    ...DAYS.map((days) => `machines for ${days} days`),
    "days to write, one change after the other, as measured",
  ],
  ...plan.map(({ papers }) => {
    const days = papers / Number(values.embedded) / 86_400;
    return [
      papers.toLocaleString("en"),
      short(days),
      ...DAYS.map((some) => Math.ceil(days / some)),
      short(papers / largest["copied a second"]! / 86_400),
    ];
  }),
]);
