/** A process that runs a source, to be killed. */
import { openKindred } from "../../src/kindred.js";

const [, , directory, source = "openalex"] = process.argv;
const kindred = await openKindred({ directory: directory!, workers: 1 });
// A process before this one may have been killed while it ran the job.
await kindred.jobs.remove(`source ${source}`);
await kindred.sources.update(source);
