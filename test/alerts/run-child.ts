/** A process that runs all alerts, to be killed. */
import { openKindred } from "../../src/kindred.js";

const kindred = await openKindred({ directory: process.argv[2]!, workers: 1 });
// A process before this one may have been killed while it ran the job.
await kindred.jobs.remove("alerts");
await kindred.prepare();
console.log("ready");
await kindred.alerts.run();
