/**
 * A separate process with a job that logs when it starts and ends, for tests of several processes.
 *
 * Arguments: a directory, a file for the log, and how often to run the job; or "hold", to run it until the process is killed.
 */
import "../tiny.js";
import { appendFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { KindredError } from "../../src/core/errors.js";
import { openKindred } from "../../src/kindred.js";

const [directory = "", file = "", times = ""] = process.argv.slice(2);
const log = (what: string) => appendFileSync(file, `${what} ${process.pid}\n`);
const kindred = await openKindred({ directory, workers: 1 });
await kindred.jobs.register({
  name: "count",
  next: (started) => started + 3_600_000,
  run: async (signal) => {
    log("start");
    console.log("started");
    if (times === "hold") await new Promise(() => setInterval(() => {}, 1_000));
    await setTimeout(3, undefined, { signal });
    log("end");
    return "counted";
  },
});
const most = times === "hold" ? 1 : Number(times);
for (let runs = 0; runs < most;)
  try {
    await kindred.jobs.run("count");
    runs++;
  } catch (thrown) {
    if (!(thrown instanceof KindredError && thrown.code === "busy")) throw thrown;
    await setTimeout(1);
  }
await kindred.close();
