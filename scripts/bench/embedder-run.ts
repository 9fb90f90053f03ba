/** The process that `embedders` starts: embeds what is pending in a cluster when it is told to, and reports its progress. */
import { openKindred, openSearch } from "../../src/kindred.js";
import type { Phase } from "../../src/indexing/embed.js";

/** What it sends: `ready` first, then its progress, `end` last. */
export type EmbedderMessage = { phase: Phase; done: number } | "ready" | "end";

const [directory = "", settings = "{}"] = process.argv.slice(2);
const send = (message: EmbedderMessage): void => void process.send!(message);
const engine = openSearch(JSON.parse(settings) as Parameters<typeof openSearch>[0]);
const kindred = await openKindred({ directory, workers: 1, engine });
process.once("message", () => {
  const run = async () => {
    await kindred.index({ onProgress: ({ phase, done }) => send({ phase, done }) });
    await kindred.close();
    send("end");
    process.disconnect();
  };
  void run();
});
send("ready");
