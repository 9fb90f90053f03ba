/**
 * The child process that `ServerProcess` starts. Arguments: a directory, and the task as JSON. Sends its address once, then
 * its state in reply to each message.
 */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { limitHeaps } from "../../src/core/heaps.js";
import { openKindred } from "../../src/kindred.js";
import { serve, type ServeOptions } from "../../src/server/serve.js";
import { cpuTime } from "./numbers.js";

export interface ServerTask {
  /** Embedding threads; one per core by default. */
  workers?: number;
  /** Options beyond those of a server that only this machine can reach. */
  serve?: Pick<ServeOptions, "protects" | "perMinute">;
}

/** The server's state; maxima are since the last request for it. */
export interface ServerState {
  /** Longest event loop delay, in milliseconds. */
  delay: number;
  /** Longest time that one task held the serving thread, in milliseconds of CPU time. */
  held: number;
  /** Memory of the whole process in megabytes: now, and the peak. */
  resident: number;
  peak: number;
  /** Heap of the serving thread in megabytes, after a garbage collection if `gc` is exposed. */
  heap: number;
  /** CPU time of all threads so far, in milliseconds. */
  cpu: number;
  /** Properties added to the prototypes of objects, arrays or functions since the start. */
  polluted: string[];
}

/** Sampling interval of the event loop delay in milliseconds; an idle thread shows this much delay. */
const RESOLUTION = 1;
/** Sampling interval of the serving thread's CPU time, in milliseconds. */
const LOOK_EVERY = 50;

const [directory, task = "{}"] = process.argv.slice(2);
if (directory === undefined || process.send === undefined) throw new Error("server-child is started by ServerProcess");
const { workers, serve: options } = JSON.parse(task) as ServerTask;
const known = prototypes();
limitHeaps();
const kindred = await openKindred({ directory, ...(workers === undefined ? {} : { workers }) });
const server = await serve(kindred, { host: "127.0.0.1", port: 0, ...options });
const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
delay.enable();
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
  const state: ServerState = {
    delay: Math.max(0, delay.max / 1e6 - RESOLUTION),
    held,
    resident: rss / 1e6,
    peak: (process.resourceUsage().maxRSS * 1_024) / 1e6,
    heap: heapUsed / 1e6,
    cpu: cpuTime(),
    polluted: [...prototypes()].filter((name) => !known.has(name)),
  };
  delay.reset();
  held = 0;
  last = onCore();
  process.send!(state);
});

/** CPU time of this thread in milliseconds (not wall time, which other load affects); wall time if not on Linux. */
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
