/** A process that runs all alerts and sends what they found, to be killed. */
import { openKindred } from "../../src/kindred.js";

const kindred = await openKindred({ directory: process.argv[2]!, workers: 1 });
// A process before this one may have been killed while it ran a job.
for (const job of ["alerts", "webhooks", "mail"]) await kindred.jobs.remove(job);
await kindred.alerts.run();
await kindred.webhooks.send();
await kindred.mail.send();
await kindred.close();
