/** Chroma: its own server, queried through its client over HTTP, as it is used from Node. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ChromaClient } from "chromadb";
import { freePort } from "./http.mjs";
import { K } from "./papers.mjs";

/** How long its server may take to start, in milliseconds. */
const PATIENCE = 30_000;

export const variants = [{ name: "Chroma" }];

/** Chroma has no hybrid search that runs locally, so it is only asked for the nearest vectors. */
export const hybrid = false;

/** The package's own command, unless CHROMA names another. */
const COMMAND = process.env.CHROMA ?? join(dirname(fileURLToPath(import.meta.url)), "node_modules", ".bin", "chroma");

const server =
  process.env.CHROMA === undefined
    ? "its server"
    : `a server that is not the package's (${spawnSync(COMMAND, ["--version"], { encoding: "utf8" }).stdout?.trim()})`;

export const settings =
  `${server}, over HTTP; cosine; its defaults: HNSW with 16 neighbours, ef 100 to build and to search; no local ` +
  "hybrid search, so times are for vectors alone; answers with id, title and abstract";

export async function build(directory, papers) {
  const { client, stop } = await start(directory);
  try {
    const collection = await client.createCollection({
      name: "papers",
      embeddingFunction: null,
      configuration: { hnsw: { space: "cosine" } },
    });
    const most = await client.getMaxBatchSize();
    for await (const batch of papers(most))
      await collection.add({
        ids: batch.map(({ paper }) => paper.id),
        documents: batch.map(({ text }) => text),
        metadatas: batch.map(({ half, rare }) => ({ half, rare })),
        embeddings: batch.map(({ vector }) => [...vector]),
      });
  } finally {
    await stop();
  }
}

export async function open(directory) {
  const { client, pid, stop } = await start(directory);
  const collection = await client.getCollection({ name: "papers", embeddingFunction: null });
  const ask = async (vector, include, group) => {
    const where = group === undefined ? {} : { where: { [group]: true } };
    const { ids } = await collection.query({ queryEmbeddings: [[...vector]], nResults: K, include, ...where });
    return ids[0];
  };
  return {
    pid,
    search: ({ vector }, group) => ask(vector, ["documents", "distances"], group),
    nearest: (vector) => ask(vector, ["distances"]),
    close: stop,
  };
}

async function start(directory) {
  const port = await freePort();
  const server = spawn(COMMAND, ["run", "--path", directory, "--host", "127.0.0.1", "--port", String(port)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  server.stderr.on("data", (bytes) => (stderr = `${stderr}${bytes}`.slice(-10_000)));
  const ended = once(server, "exit");
  process.once("exit", () => server.kill());
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
  };
  const client = new ChromaClient({ host: "127.0.0.1", port, ssl: false });
  const late = performance.now() + PATIENCE;
  while (performance.now() < late && server.exitCode === null) {
    if (await client.heartbeat().catch(() => undefined)) return { client, pid: server.pid, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (server.exitCode === null) await stop();
  const why = /^.*Error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
  throw new Error(`its server does not run here: ${why || "no answer"} (CHROMA names another chroma command)`);
}
