/** Kindred as it is used: its server, over HTTP, which embeds the query and ranks by words, abstracts and sentences. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describeModel } from "../../dist/src/embedding/description.js";
import { openKindred } from "../../dist/src/kindred.js";
import { ROOT } from "../../dist/src/core/root.js";
import { EmbeddedEngine } from "../../dist/src/engine/embedded.js";
import { textHash } from "../../dist/src/store/row.js";
import { Store } from "../../dist/src/store/store.js";
import { asker } from "./http.mjs";
import { K } from "./papers.mjs";

const BATCH = 1_000;

export const variants = [{ name: "Kindred" }];

export const settings =
  "its server, over HTTP; times include embedding the query, except when the same query is repeated with a filter; ranks " +
  "by words, abstracts and best sentence, and answers with whole papers and matches; defaults: up to two million papers a scan " +
  "of signs, then the likeliest compared as 8-bit vectors; built from given vectors and sentences, so build times do not " +
  "include embedding";

/** Imports the papers, then stores the vectors that they already have. */
export async function build(directory, papers) {
  const kindred = await openKindred({ directory });
  async function* lines() {
    for await (const batch of papers(BATCH))
      for (const { paper, half, rare } of batch) {
        const categories = [...(half ? ["half"] : []), ...(rare ? ["rare"] : [])];
        yield Buffer.from(`${JSON.stringify({ ...paper, categories })}\n`);
      }
  }
  const { rejected } = await kindred.import(lines(), { name: "papers.jsonl" });
  if (rejected > 0) throw new Error(`${rejected} papers could not be imported`);
  const store = Store.open(directory, await describeModel());
  for await (const batch of papers(BATCH))
    store.write(() => {
      for (const { paper, stored, sentences } of batch) {
        const found = sentences();
        if (found === undefined) throw new Error("the sentences of the index are still pending: run kindred index");
        const hash = textHash(paper.title, paper.abstract ?? null);
        const record = (label) => store.changes.recordVectors(label);
        if (!store.vectors.putVector(hash, stored, record) || !store.vectors.putSentences(hash, found, record))
          throw new Error(`${paper.id}: the import changed its text`);
      }
    });
  store.close();
  const { abstracts, sentences } = await kindred.index();
  if (abstracts + sentences > 0) throw new Error(`${abstracts} abstracts and ${sentences} sentences had no vector`);
  await kindred.close();
}

export async function open(directory) {
  const program = join(ROOT, "dist", "src", "cli", "main.js");
  const server = spawn(process.execPath, [program, "serve", "--directory", directory, "--port", "0"], {
    env: { ...process.env, KINDRED_HOST: "127.0.0.1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  process.once("exit", () => server.kill());
  const url = await new Promise((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`the server exited with code ${code}`)));
    createInterface(server.stdout).on("line", (line) => {
      const found = /http:\/\/\S+/.exec(line)?.[0];
      if (found !== undefined) resolve(found);
    });
  });
  const { ask, close } = asker(url);
  let engine;
  return {
    pid: server.pid,
    async search({ text }, group) {
      const filter = group === undefined ? "" : `&category=${group}`;
      const { hits } = JSON.parse(await ask(`api/search?q=${encodeURIComponent(text)}&limit=${K}${filter}`));
      return hits.map(({ paper }) => paper.id);
    },
    // The API has no search by a given vector, so this uses the engine in this process.
    async nearest(vector) {
      if (engine === undefined) {
        engine = new EmbeddedEngine(directory, await describeModel());
      }
      return engine.nearest(vector, {}, K).neighbours.map(({ label }) => engine.fetch(label).id);
    },
    async close() {
      engine?.close();
      close();
      server.kill("SIGTERM");
      await ended;
    },
  };
}
