/**
 * The process that one peer is measured in. The first message is the task: build its database, or open it and query it. Sends
 * one message with the result.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readPapers } from "./papers.mjs";

process.once("disconnect", () => process.exit());
const [{ work, ...task }] = await once(process, "message");
const result = await (work === "build" ? build(task) : answer(task)).catch((thrown) => ({
  failed: thrown instanceof Error ? thrown.message : String(thrown),
}));
process.send(result, () => process.exit());

async function build({ module, variant, source, limit, directory }) {
  const peer = await import(module);
  // Time spent reading papers does not count for the peer.
  let reading = 0;
  async function* papers(batchSize) {
    const batches = readPapers(source, limit, batchSize);
    for (;;) {
      const start = performance.now();
      const { done, value } = await batches.next();
      reading += performance.now() - start;
      if (done) return;
      yield value;
    }
  }
  const start = performance.now();
  await peer.build(directory, papers, peer.variants[variant]);
  return { seconds: (performance.now() - start - reading) / 1_000 };
}

async function answer({ module, variant, directory, warm, queries }) {
  const peer = await import(module);
  const start = performance.now();
  const opened = await peer.open(directory, peer.variants[variant]);
  const opening = (performance.now() - start) / 1_000;
  try {
    const asked = {};
    for (const group of [undefined, "half", "rare"]) {
      for (const query of warm) await opened.search(query, group);
      const times = [];
      let hits = 0;
      for (const query of queries) {
        const begin = performance.now();
        const ids = await opened.search(query, group);
        times.push(performance.now() - begin);
        hits += ids.length;
      }
      asked[group ?? "all"] = { times, hits: hits / queries.length };
    }
    const memory = peakMemory(opened.pid);
    const nearest = [];
    for (const { vector } of queries) nearest.push(await opened.nearest(vector));
    return { opening, asked, nearest, memory };
  } finally {
    await opened.close();
  }
}

/** Peak memory of a process in MB; undefined for another process where the system does not expose it. */
function peakMemory(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1_000;
  } catch {
    return pid === process.pid ? process.resourceUsage().maxRSS / 1_000 : undefined;
  }
}
