/** LanceDB, in process. Settings are those that its documentation recommends, or defaults where it says so. */
import { connect, Index } from "@lancedb/lancedb";
import { K } from "./papers.mjs";

/** Rows per write: each write makes a fragment, and few fragments are better. */
const BATCH = 10_000;

/** `index` gives the vector index for a number of rows; `tune` sets the options of a query. */
export const variants = [
  {
    name: "LanceDB, HNSW-SQ",
    settings:
      "one partition and ef 100, the largest recommended value (ten times k); defaults: m 20, efConstruction 300",
    index: () => Index.hnswSq({ distanceType: "cosine", numPartitions: 1 }),
    tune: (query) => query.ef(10 * K),
  },
  {
    name: "LanceDB, IVF-PQ by default",
    settings:
      "as many partitions as the square root of the rows, a sub-vector per 16 dimensions, 20 probes, not refined",
    index: () => Index.ivfPq({ distanceType: "cosine" }),
    tune: (query) => query,
  },
  {
    name: "LanceDB, IVF-PQ refined",
    settings: "as recommended: a partition per 4,096 rows, a sub-vector per 8 dimensions; refine factor 10",
    index: (rows, dimensions) =>
      Index.ivfPq({
        distanceType: "cosine",
        numPartitions: Math.max(1, Math.floor(rows / 4_096)),
        numSubVectors: dimensions / 8,
      }),
    tune: (query) => query.refineFactor(10),
  },
];

export const settings =
  "in process; cosine; full text over title and abstract in one column with its defaults (English stemming, stop words " +
  "removed) but without positions, which only phrases need; bitmap indices for the filters, applied before the search; " +
  "hybrid by its default reranker, RRF; indices prewarmed; answers with id, title and abstract";

export async function build(directory, papers, variant) {
  const database = await connect(directory);
  let table;
  let dimensions = 0;
  for await (const batch of papers(BATCH)) {
    const rows = batch.map(({ paper, text, half, rare, vector }) => ({ id: paper.id, text, half, rare, vector }));
    dimensions = batch[0].vector.length;
    if (table === undefined) table = await database.createTable("papers", rows);
    else await table.add(rows);
  }
  await table.optimize();
  await table.createIndex("vector", { config: variant.index(await table.countRows(), dimensions) });
  await table.createIndex("text", { config: Index.fts({ withPosition: false }) });
  await table.createIndex("half", { config: Index.bitmap() });
  await table.createIndex("rare", { config: Index.bitmap() });
  // Removes earlier versions, which would count as disk use.
  await table.optimize({ cleanupOlderThan: new Date() });
  database.close();
}

export async function open(directory, variant) {
  const database = await connect(directory);
  const table = await database.openTable("papers");
  for (const { name } of await table.listIndices()) await table.prewarmIndex(name);
  const nearest = (query, vector) => variant.tune(query.nearestTo(vector).distanceType("cosine"));
  return {
    pid: process.pid,
    async search({ text, vector }, group) {
      // Uses RRF by default. Naming it gives the same order, but through JavaScript and a quarter slower.
      const query = nearest(table.query().fullTextSearch(text, { columns: ["text"] }), vector);
      if (group !== undefined) query.where(`${group} = true`);
      const rows = await query.select(["id", "text"]).limit(K).toArray();
      return rows.map(({ id }) => id);
    },
    async nearest(vector) {
      const rows = await nearest(table.query(), vector).select(["id"]).limit(K).toArray();
      return rows.map(({ id }) => id);
    },
    close: async () => database.close(),
  };
}
