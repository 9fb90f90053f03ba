/**
 * The same papers in a folder and in an OpenSearch cluster: how fast they are copied each way, how large they are, which of the first
 * ten hits are the same, and how long answers take.
 *
 * Beside Kindred's answers stand those of the cluster itself to one bare hybrid query, a `bool` of a `match` on stems of title and
 * abstract, and of `knn` with the same filter, k = 500, and a vector that was embedded before. One form fetches the rows of ten
 * papers, as a search page would; the other the labels of 500, as many as Kindred ranks by each signal. Neither compares sentences, folds copies, corrects words,
 * nor says what matched. `embedding` is what both need before.
 *
 * DIRECTORY holds an index, which is not changed; QUERIES are JSON Lines with a `text` each. Every second query has a filter.
 * --papers takes only the first papers. Without --opensearch, a cluster of --nodes is started on this machine (needs Java and
 * Maven). With --prefix, a library that is there is measured, and kept; otherwise one is copied, by a process that is killed once and
 * run again, and back into a folder. --json writes the figures, for `npm run bench -- plan`.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Filters } from "../../src/api.js";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { openKindred, openSearch, type Kindred } from "../../src/kindred.js";
import { Cluster, type Json } from "../../src/opensearch/cluster.js";
import { namesOf } from "../../src/opensearch/indices.js";
import { idOf } from "../../src/opensearch/rows.js";
import { contentTerms } from "../../src/words/terms.js";
import { Store } from "../../src/store/store.js";
import { quantize } from "../../src/vectors/quantize.js";
import { MACHINE, readCommand } from "../common/command.js";
import { startCluster } from "../common/opensearch.js";
import { CLIENTS, percentile, perSecond, readQueries, timed, type Times } from "./load.js";

const { values, words } = readCommand(
  "npm run bench -- cluster DIRECTORY QUERIES [--papers 20000] [--queries 300] [--nodes 1] [--heap 1g] [--opensearch http://host:9200] [--prefix NAME] [--json FILE]",
  2,
  {
    papers: { type: "string" },
    queries: { type: "string", default: "300" },
    nodes: { type: "string", default: "1" },
    heap: { type: "string", default: "1g" },
    opensearch: { type: "string" },
    prefix: { type: "string" },
    json: { type: "string" },
  },
);
const [given = "", file = ""] = words;
const nodes = Number(values.nodes);
const FOUND = 10;
const WARM = 40;
/** From one that most papers pass to one that few do. */
const FILTERS: Filters[] = [
  { from: "2010" },
  { year: [2019] },
  { category: ["cs.CL"] },
  { from: "2021-06", category: ["cs.CV"] },
  { author: ["kim"] },
  { author: ["gonzalez"], from: "2020" },
];
const most = Number(values.queries);

type Asked = { text: string; filter: Filters };
const asked: Asked[] = readQueries(file)
  .slice(0, WARM + 3 * most)
  .map((text, i) => ({ text, filter: i % 2 === 1 ? FILTERS[0]! : {} }));
const figures: Record<string, number> = {};
const model = await describeModel();
const temporary = mkdtempSync(join(tmpdir(), "kindred-cluster-bench-"));
const directory = values.papers === undefined ? resolve(given) : firstOf(given, Number(values.papers));
const cluster = values.opensearch === undefined ? await startCluster(nodes, values.heap) : null;
const settings = {
  urls: cluster?.urls ?? [values.opensearch!],
  prefix: values.prefix ?? `bench-${randomBytes(4).toString("hex")}`,
  shards: nodes,
  replicas: 0,
};
const engine = openSearch(settings);
const client = new Cluster(settings);
const names = namesOf(settings);
try {
  console.log(`${MACHINE}; ${nodes} node(s) of OpenSearch on the same machine, heap ${values.heap} each, no replica`);
  if (values.prefix === undefined) await copies();
  const local = await openKindred({ directory });
  const remote = await openKindred({ directory: join(temporary, "none"), engine });
  await sizes((await remote.status()).papers);
  // No question is asked twice: answers are kept.
  const [compared, first, second] = [0, 1, 2].map((i) => asked.slice(WARM + i * most, WARM + (i + 1) * most));
  await sameHits(local, remote, compared!);
  await answers(local, remote, first!, second!);
  await local.close();
  await remote.close();
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  if (values.prefix === undefined)
    await client.request({ method: "DELETE", path: `/${settings.prefix}-*` }).catch(() => {});
  await client.close();
  await cluster?.stop();
  rmSync(temporary, { recursive: true });
}

/** @returns A folder with the first papers of another one. */
function firstOf(from: string, count: number): string {
  const to = join(temporary, "first");
  const [source, target] = [Store.openForReading(from, model), Store.open(to, model)];
  for (let [after, copied] = [0, 0]; copied < count;) {
    const papers = source.copies.papers(after, Math.min(500, count - copied));
    if (papers.length === 0) break;
    target.write(() => papers.forEach((paper) => target.copies.putPaper(paper)));
    copied += papers.length;
    after = papers.at(-1)!.label;
  }
  source.close();
  target.close();
  return to;
}

/** Copies into the cluster, with a kill when a third is there, and back. */
async function copies(): Promise<void> {
  const [host] = settings.urls;
  const place = `opensearch+${host}/${settings.prefix}`;
  const back = join(temporary, "back");
  const total = await papersIn(directory);
  const there = await seconds(async () => {
    const interrupted = copy(directory, place);
    for (;;) {
      await sleep(200);
      const rows = await client.read<{ count: number }>(names.rows, [idOf("counters")]).catch(() => null);
      if ((rows?.get(idOf("counters"))?.count ?? 0) > total / 3 || interrupted.child.exitCode !== null) break;
    }
    interrupted.child.kill("SIGKILL");
    await interrupted.exit.catch(() => {});
    await copy(directory, place).exit;
  });
  const here = await seconds(() => copy(place, back).exit);
  figures["copied a second"] = total / there;
  figures["copied back a second"] = total / here;
  console.log(
    `\n${total} papers copied into the cluster, killed once, continued, and all compared: ${there.toFixed(0)} s, ` +
      `${(total / there).toFixed(0)} a second; back into a folder: ${here.toFixed(0)} s, ${(total / here).toFixed(0)} a second`,
  );
  const [original, copied] = [await openKindred({ directory }), await openKindred({ directory: back })];
  let same = 0;
  for (const one of asked.slice(0, WARM))
    if (JSON.stringify(await hits(original)(one)) === JSON.stringify(await hits(copied)(one))) same++;
  console.log(`answers of the folder that came back: ${same} of ${WARM} are the same`);
  await original.close();
  await copied.close();
}

function copy(from: string, to: string) {
  const child = spawn(process.execPath, ["dist/src/cli/main.js", "copy", "--from", from, "--to", to], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, KINDRED_OPENSEARCH_SHARDS: String(nodes), KINDRED_OPENSEARCH_REPLICAS: "0" },
  });
  const exit = new Promise<void>((done, failed) =>
    child.once("exit", (code) => (code === 0 ? done() : failed(new Error(`copy: got exit code ${code}, expected 0`)))),
  );
  // An exit that is expected to fail is awaited later.
  exit.catch(() => {});
  return { child, exit };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

async function papersIn(folder: string): Promise<number> {
  const kindred = await openKindred({ directory: folder });
  const { papers } = await kindred.status();
  await kindred.close();
  return papers;
}

async function sizes(papers: number): Promise<void> {
  for (const index of Object.values(names)) await client.request({ method: "POST", path: `/${index}/_refresh` });
  const bytes = await Promise.all(Object.values(names).map(bytesOf));
  figures["papers"] = papers;
  figures["bytes of papers"] = bytes[0]! / papers;
  figures["bytes of rows"] = bytes[1]! / papers;
  const files = await filesOf(names.papers);
  figures["bytes of vectors"] = ((files["vec"] ?? 0) + (files["vex"] ?? 0)) / papers;
  figures["bytes of doc values"] = (files["dvd"] ?? 0) / papers;
  console.log(`bytes a paper: ${bytes.map((one) => Math.round(one / papers)).join(" (papers) + ")} (rows)`);
}

/** Bytes of each kind of file of an index. */
async function filesOf(index: string): Promise<Record<string, number>> {
  type Segments = { file_sizes: Record<string, { size_in_bytes: number }> };
  const { body } = await client.request<{ _all: { primaries: { segments: Segments } } }>({
    method: "GET",
    path: `/${index}/_stats/segments`,
    query: { include_segment_file_sizes: true },
  });
  // oxlint-disable-next-line no-underscore-dangle -- the cluster's name
  const sizes = Object.entries(body._all.primaries.segments.file_sizes);
  return Object.fromEntries(sizes.map(([name, { size_in_bytes: size }]) => [name, size]));
}

async function bytesOf(index: string): Promise<number> {
  type Stats = { _all: { primaries: { store: { size_in_bytes: number } } } };
  const { body } = await client.request<Stats>({ method: "GET", path: `/${index}/_stats/store` });
  // oxlint-disable-next-line no-underscore-dangle -- the cluster's name
  return body._all.primaries.store.size_in_bytes;
}

function hits(kindred: Kindred) {
  return async ({ text, filter }: Asked) =>
    (await kindred.search({ q: text, limit: FOUND, ...filter })).hits.map(({ paper }) => paper.id);
}

async function sameHits(local: Kindred, remote: Kindred, queries: readonly Asked[]): Promise<void> {
  let [same, all] = [0, 0];
  for (const one of queries) {
    const [here, there] = await Promise.all([hits(local)(one), hits(remote)(one)]);
    same += here.filter((id) => there.includes(id)).length;
    all += here.length;
  }
  let [answered, fewer, hitsInAll] = [0, 0, 0];
  for (const [i, { text }] of queries.entries()) {
    const one = { text, filter: FILTERS[i % FILTERS.length]! };
    const [here, there] = await Promise.all([hits(local)(one), hits(remote)(one)]);
    answered++;
    hitsInAll += there.length;
    if (there.length < here.length) fewer++;
  }
  figures["same hits"] = same / all;
  console.log(
    `\nof the first ten hits of ${queries.length} queries, ${((100 * same) / all).toFixed(1)}% are the same; with filters that many or ` +
      `few papers pass, ${fewer} of ${answered} answers have fewer hits (${hitsInAll} hits in all)`,
  );
}

async function answers(local: Kindred, remote: Kindred, first: readonly Asked[], second: readonly Asked[]) {
  const embedding = await EmbeddingModel.load();
  const vectors = new Map<string, Float32Array>();
  for (const { text } of asked) vectors.set(text, await embedding.embed(text));
  const bare = (more: Json) => (one: Asked) =>
    client.search(names.papers, { ...bareQuery(one, vectors.get(one.text)!), ...more });
  const ten = bare({ size: FOUND, _source: ["row"] });
  const many = bare({ size: 500, _source: false, stored_fields: "_none_", docvalue_fields: ["label"] });
  for (const one of asked.slice(0, WARM)) for (const ask of [hits(local), hits(remote), ten, many]) await ask(one);
  console.log(
    "\n| what | median ms | 99th percentile ms | answers/s | processor ms an answer, here + nodes |\n|---|---|---|---|---|",
  );
  const ways = [
    ["folder", hits(local)],
    ["cluster", hits(remote)],
    ["bare hybrid query, 10 papers", ten],
    ["bare hybrid query, 500 labels", many],
    ["embedding", ({ text }: Asked) => embedding.embed(text)],
  ] as const;
  // One client asks in turns, so that whatever else the machine does slows all of them.
  const alone = ways.map((): Times & { used: number[] } => ({ each: [], whole: 0, used: [0, 0] }));
  for (const one of first)
    for (const [i, [, ask]] of ways.entries()) {
      const { times, used } = await measured([one], 1, ask);
      alone[i]!.each.push(...times.each);
      alone[i]!.whole += times.whole;
      alone[i]!.used = alone[i]!.used.map((sum, part) => sum + used[part]! / first.length);
    }
  for (const [i, [what]] of ways.entries()) {
    const { each, whole, used } = alone[i]!;
    row(`${what}, 1 client`, { each: each.toSorted((a, b) => a - b), whole }, used);
  }
  for (const [what, ask] of ways) {
    const { times, used } = await measured(second, CLIENTS, ask);
    row(`${what}, ${CLIENTS} clients`, times, used);
  }
  await embedding.close();
}

function bareQuery({ text, filter: { from } }: Asked, vector: Float32Array): Json {
  const filter = from === undefined ? [] : [{ range: { published: { gte: from } } }];
  const knn = {
    vector: Array.from(quantize(vector).vector),
    k: 500,
    ...(filter.length > 0 && { filter: { bool: { filter } } }),
  };
  const stems = contentTerms(text)
    .map(({ stem }) => stem)
    .join(" ");
  const match = ["abstract", "title"].map((field) => ({ match: { [`stemmed.${field}`]: stems } }));
  return { query: { bool: { should: [...match, { knn: { vector: knn } }], minimum_should_match: 1, filter } } };
}

/** Asks, and measures the processor time of an answer. */
async function measured(queries: readonly Asked[], clients: number, ask: (one: Asked) => Promise<unknown>) {
  const before = await processors();
  const times = await timed(queries, clients, ask);
  return { times, used: (await processors()).map((after, i) => (after - before[i]!) / queries.length) };
}

/** Milliseconds of processor time of this process, and of all nodes. */
async function processors(): Promise<[number, number]> {
  type Stats = { nodes: Record<string, { process: { cpu: { total_in_millis: number } } }> };
  const { body } = await client.request<Stats>({ method: "GET", path: "/_nodes/stats/process" });
  const { user, system } = process.cpuUsage();
  const ofNodes = Object.values(body.nodes).map((node) => node.process.cpu.total_in_millis);
  return [(user + system) / 1_000, ofNodes.reduce((sum, one) => sum + one, 0)];
}

function row(what: string, times: Times, [here, there]: number[]): void {
  const [middle, slow] = [0.5, 0.99].map((share) => percentile(times, share));
  figures[`${what}, median ms`] = middle!;
  figures[`${what}, 99th percentile ms`] = slow!;
  figures[`${what}, processor ms here`] = here!;
  figures[`${what}, processor ms of nodes`] = there!;
  const cells = [
    what,
    middle!.toFixed(1),
    slow!.toFixed(1),
    perSecond(times).toFixed(1),
    `${here!.toFixed(1)} + ${there!.toFixed(1)}`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
