/** Runs the contract of an engine against OpenSearch, if KINDRED_TEST_OPENSEARCH is the address of a cluster. */
import { test } from "node:test";
import { randomBytes } from "node:crypto";
import type { ModelDescription } from "../../src/embedding/description.js";
import type { Engine } from "../../src/engine/engine.js";
import type { Opening } from "../../src/engine/module.js";
import * as opensearch from "../../src/opensearch/module.js";
import { Cluster } from "../../src/opensearch/cluster.js";
import { contract, DIMENSIONS, type Library } from "./contract.js";

const URL = process.env["KINDRED_TEST_OPENSEARCH"];
const MODEL: ModelDescription = {
  name: "none",
  dtype: "q8",
  pooling: "mean",
  cut: 256,
  sha256: "",
  dimensions: DIMENSIONS,
  identity: "none",
};

async function open(url: string, t: { after(work: () => unknown): void }): Promise<Library> {
  const prefix = `test-${randomBytes(6).toString("hex")}`;
  const settings = { urls: [url], prefix, replicas: 0 };
  const opening: Opening = { engine: { module: "", settings }, directory: "", model: MODEL, polite: false };
  await opensearch.check(opening);
  const reader = await opensearch.openReader(opening);
  const indexers = [await opensearch.openIndexer(opening)];
  t.after(async () => {
    for (const indexer of indexers) await indexer.close();
    await reader.close();
    const cluster = new Cluster(settings);
    await cluster.request({ method: "DELETE", path: `/${prefix}-*` });
    await cluster.close();
  });
  return {
    engine: reader.engine satisfies Engine,
    writer: indexers[0]!.writer,
    another: async () => {
      const indexer = await opensearch.openIndexer(opening);
      indexers.push(indexer);
      return indexer.writer;
    },
    settled: () => reader.settle(),
  };
}

if (URL === undefined) test("the engine on OpenSearch", { skip: "KINDRED_TEST_OPENSEARCH is not set" }, () => {});
else contract("the engine on OpenSearch", (t) => open(URL, t));
