/**
 * A server to be ill-treated: serves the directory it is given and tells its parent, by messages, where; then for each
 * message it gets, what it has been like since the one before. Started by `WatchedServer`.
 */
import { readFileSync } from "node:fs";
import { openKindred } from "../../src/kindred.js";
import { serve, type ServeOptions } from "../../src/server/serve.js";

/** What a server tells of itself. */
export type Watched = {
  /** The longest that one thing had the serving thread, in milliseconds of a core. */
  held: number;
  /** Megabytes: of all threads, and of the serving thread's objects once what is not needed is gone. */
  resident: number;
  heap: number;
  /** Milliseconds of a core that all threads have had so far. */
  cpu: number;
  /** Names that objects of every kind have and did not have at the start. */
  polluted: string[];
};

/** How often it is looked whether the serving thread gets its turn, in milliseconds. */
const LOOK_EVERY = 50;

const [directory, workers = "", options = "{}"] = process.argv.slice(2);
if (directory === undefined || process.send === undefined) throw new Error("watched-server is started by scripts");
const known = prototypes();
const kindred = await openKindred({ directory, ...(workers === "" ? {} : { workers: Number(workers) }) });
const server = await serve(kindred, {
  host: "127.0.0.1",
  port: 0,
  ...(JSON.parse(options) as Partial<ServeOptions>),
});
let held = 0;
let last = onCore();
setInterval(() => {
  const now = onCore();
  held = Math.max(held, now - last);
  last = now;
}, LOOK_EVERY);
process.send({ url: server.url });
process.on("message", (message) => {
  if (message === "stop") {
    void server
      .close()
      .then(() => kindred.close())
      .then(() => process.exit());
    return;
  }
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const state: Watched = {
    held,
    resident: rss / 1e6,
    heap: heapUsed / 1e6,
    cpu: (user + system) / 1_000,
    polluted: [...prototypes()].filter((name) => !known.has(name)),
  };
  held = 0;
  last = onCore();
  process.send!(state);
});

/** Milliseconds this thread has been on a core, so that a busy machine is not taken for a busy thread; elsewhere than on Linux, time. */
function onCore(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

function prototypes(): Set<string> {
  return new Set(
    [Object.prototype, Array.prototype, Function.prototype].flatMap((one) => Object.getOwnPropertyNames(one)),
  );
}
