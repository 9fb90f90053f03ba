/**
 * The same papers in a folder and in an OpenSearch cluster: how fast they are copied, how large they are, how long answers take, and
 * which of the first ten hits are the same. Beside them a bare hybrid query of the cluster: words and nearest neighbours, with
 * nothing above it.
 *
 * DIRECTORY holds an index, which is not changed; QUERIES are JSON Lines with a `text` each. Every second query has a filter.
 * Without --opensearch, a cluster of --nodes is started on this machine (needs Java and Maven).
 */
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { copyLibrary } from "../../src/admin/copy.js";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { openKindred, openSearch, type Kindred } from "../../src/kindred.js";
import { Cluster, type Json } from "../../src/opensearch/cluster.js";
import { namesOf } from "../../src/opensearch/indices.js";
import { MACHINE, readCommand } from "../common/command.js";
import { startCluster } from "../common/opensearch.js";
import { CLIENTS, percentile, perSecond, readQueries, timed, type Times } from "./load.js";

const { values, words } = readCommand(
  "npm run bench -- cluster DIRECTORY QUERIES [--queries 300] [--nodes 1] [--heap 1g] [--opensearch http://host:9200]",
  2,
  {
    queries: { type: "string", default: "300" },
    nodes: { type: "string", default: "1" },
    heap: { type: "string", default: "1g" },
    opensearch: { type: "string" },
  },
);
const [directory = "", file = ""] = words;
const nodes = Number(values.nodes);
const YEARS = { from: "2010" };
const FOUND = 10;
const WARM = 20;

type Asked = { text: string; filtered: boolean };
const asked: Asked[] = readQueries(file)
  .slice(0, WARM + 2 * Number(values.queries))
  .map((text, i) => ({ text, filtered: i % 2 === 1 }));
const cluster = values.opensearch === undefined ? await startCluster(nodes, values.heap) : null;
const urls = cluster?.urls ?? [values.opensearch!];
const settings = {
  urls,
  prefix: `bench-${randomBytes(4).toString("hex")}`,
  shards: nodes,
  replicas: nodes > 1 ? 1 : 0,
};
const engine = openSearch(settings);
const client = new Cluster(settings);
const names = namesOf(settings);
try {
  const model = await describeModel();
  const place = resolve(directory);
  const start = performance.now();
  const { papers } = await copyLibrary(
    { engine: undefined, directory: place, model, polite: false },
    { engine, directory: "", model, polite: false },
    (about, done, total) => process.stderr.write(`\r${about} ${done} of ${total}   `),
  );
  const seconds = (performance.now() - start) / 1_000;
  for (const index of Object.values(names))
    await client.request({ method: "POST", path: `/${index}/_forcemerge`, query: { max_num_segments: 1 } });
  const bytes = await Promise.all(Object.values(names).map(bytesOf));
  console.log(`${MACHINE}; ${nodes} node(s) of OpenSearch on the same machine, heap ${values.heap} each`);
  console.log(
    `\n${papers} papers, copied and compared in ${seconds.toFixed(0)} s: ${(papers / seconds).toFixed(0)} a second`,
  );
  console.log(
    `bytes a paper, without replicas: ${bytes.map((one) => Math.round(one / papers)).join(" (papers) + ")} (rows)`,
  );

  const local = await openKindred({ directory: place });
  const remote = await openKindred({ directory: `${place}-none`, engine });
  const embedding = await EmbeddingModel.load();
  const vectors = new Map<string, Float32Array>();
  for (const { text } of asked) vectors.set(text, await embedding.embed(text));
  const hits =
    (kindred: Kindred) =>
    async ({ text, filtered }: Asked) =>
      (await kindred.search({ q: text, limit: FOUND, ...(filtered && YEARS) })).hits.map(({ paper }) => paper.id);
  const bare = async ({ text, filtered }: Asked) => {
    const { hits: found } = await client.search(names.papers, bareQuery(text, vectors.get(text)!, filtered));
    return found.hits.map(({ _id }) => _id);
  };
  for (const one of asked.slice(0, WARM)) for (const ask of [hits(local), hits(remote), bare]) await ask(one);
  const [first, second] = [
    asked.slice(WARM, WARM + Number(values.queries)),
    asked.slice(WARM + Number(values.queries)),
  ];

  let [same, all, short] = [0, 0, 0];
  for (const one of first) {
    const [here, there] = await Promise.all([hits(local)(one), hits(remote)(one)]);
    same += here.filter((id) => there.includes(id)).length;
    all += here.length;
    if (there.length < here.length) short++;
  }
  console.log(
    `\nof the first ten hits of ${first.length} queries, ${((100 * same) / all).toFixed(1)}% are the same; ${short} answers have fewer hits`,
  );
  console.log("\n| what | median ms | 99th percentile ms | answers/s |\n|---|---|---|---|");
  for (const clients of [1, CLIENTS])
    for (const [what, ask] of [
      ["folder", hits(local)],
      ["cluster", hits(remote)],
      ["bare hybrid query", bare],
    ] as const)
      row(`${what}, ${clients} client(s)`, await timed(clients === 1 ? first : second, clients, ask));
  await local.close();
  await remote.close();
} finally {
  await client.request({ method: "DELETE", path: `/${settings.prefix}-*` }).catch(() => {});
  await client.close();
  await cluster?.stop();
}

async function bytesOf(index: string): Promise<number> {
  type Stats = { _all: { primaries: { store: { size_in_bytes: number } } } };
  const { body } = await client.request<Stats>({ method: "GET", path: `/${index}/_stats/store` });
  // oxlint-disable-next-line no-underscore-dangle -- the cluster's name
  return body._all.primaries.store.size_in_bytes;
}

/** What a cluster is asked without Kindred: the texts of the first ten papers that words and vectors find. */
function bareQuery(text: string, vector: Float32Array, filtered: boolean): Json {
  const filter = filtered ? [{ range: { published: { gte: YEARS.from } } }] : [];
  const knn = { vector: Array.from(vector), k: 500, ...(filtered && { filter: { bool: { filter } } }) };
  return {
    query: {
      bool: {
        should: [
          { match: { "terms.abstract": text.toLowerCase() } },
          { match: { "terms.title": text.toLowerCase() } },
          { knn: { vector: knn } },
        ],
        minimum_should_match: 1,
        filter,
      },
    },
    size: FOUND,
    _source: ["row"],
  };
}

function row(what: string, times: Times): void {
  const [middle, slow] = [0.5, 0.99].map((share) => percentile(times, share).toFixed(1));
  console.log(`| ${what} | ${middle} | ${slow} | ${perSecond(times).toFixed(1)} |`);
}
