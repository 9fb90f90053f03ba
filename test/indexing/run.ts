/** A separate process that tests kill: imports a file into a directory, embeds it, and prints progress. */
import { openKindred } from "../../src/kindred.js";

const [directory = "", file = ""] = process.argv.slice(2);
const kindred = await openKindred({ directory });
const { added } = await kindred.import(file);
console.log(`imported ${added}`);
const report = await kindred.index({ onProgress: ({ phase, done }) => console.log(`${phase} ${done}`) });
console.log(report.state);
await kindred.close();
