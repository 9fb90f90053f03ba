/**
 * A server in a process of its own, started by `ServerProcess`. Sends its address, and then its state for each message.
 * Takes a directory, and the task in JSON.
 */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openKindred } from "../../src/kindred.js";
import { serve, type ServeOptions } from "../../src/server/serve.js";
import { cpuTime } from "./numbers.js";

export interface ServerTask {
  /** Threads that embed; one a core by default. */
  workers?: number;
  /** Beyond what a server for this machine alone has. */
  serve?: Pick<ServeOptions, "protects" | "perMinute">;
}

/** What a server was like since it was last asked. */
export interface ServerState {
  /** The longest delay of the event loop, in milliseconds. */
  delay: number;
  /** The longest that one task had the serving thread, in milliseconds of a core. */
  held: number;
  /** Megabytes of all threads: now, and the most so far. */
  resident: number;
  peak: number;
  /** Megabytes of the serving thread's objects, after a garbage collection if Node exposes one. */
  heap: number;
  /** Milliseconds of a core that all threads have used so far. */
  cpu: number;
  /** Properties that the prototypes of objects, arrays or functions did not have at the start. */
  polluted: string[];
}

/** Milliseconds between two measurements of the event loop, which a free thread is late by. */
const RESOLUTION = 1;
/** Milliseconds between two looks at the time the serving thread has had. */
const LOOK_EVERY = 50;

const [directory, task = "{}"] = process.argv.slice(2);
if (directory === undefined || process.send === undefined) throw new Error("server-child is started by ServerProcess");
const { workers, serve: options } = JSON.parse(task) as ServerTask;
const known = prototypes();
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

/** Milliseconds this thread has been on a core, so that a busy machine does not look like a busy thread. Without Linux, time. */
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
