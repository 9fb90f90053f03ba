/**
 * A server to be measured: serves the directory it is given and tells its parent, by messages, where; then for each
 * message it gets, what its serving thread and its memory have been like since the one before. Started by the benchmarks.
 */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openKindred } from "../../src/kindred.js";
import { serve } from "../../src/server/serve.js";

/** What a server tells of itself. */
export type ServerState = {
  /** The longest the serving thread was held by one thing, and at the 99th percentile of all, in milliseconds. */
  held: { longest: number; percentile99: number };
  /** Megabytes of all threads: now, and at most so far. */
  memory: { now: number; peak: number };
};

/** The histogram's own interval, in milliseconds: a thread that is held by nothing is this late. */
const RESOLUTION = 1;

const directory = process.argv[2];
if (directory === undefined || process.send === undefined) throw new Error("bench-server is started by benchmarks");
const kindred = await openKindred({ directory });
const server = await serve(kindred, { host: "127.0.0.1", port: 0 });
const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
delay.enable();
process.send({ url: server.url });
process.on("message", (message) => {
  if (message === "stop") {
    void server
      .close()
      .then(() => kindred.close())
      .then(() => process.disconnect());
    return;
  }
  const milliseconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
  const state: ServerState = {
    held: { longest: milliseconds(delay.max), percentile99: milliseconds(delay.percentile(99)) },
    memory: { now: megabytes("VmRSS"), peak: megabytes("VmHWM") },
  };
  delay.reset();
  process.send!(state);
});

/** Linux tells; elsewhere what Node knows. */
function megabytes(field: "VmRSS" | "VmHWM"): number {
  try {
    const found = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"));
    return Number(found![1]) / 1_000;
  } catch {
    return process.memoryUsage.rss() / 1e6;
  }
}
