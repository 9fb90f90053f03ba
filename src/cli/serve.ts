import { join } from "node:path";
import { Command, Option } from "commander";
import { openKindred } from "../kindred.js";
import { ROOT } from "../root.js";
import { serve, type Serving } from "../server/serve.js";
import { directoryOption, integer, withWorkers, type Workers } from "./options.js";
import { progress } from "./progress.js";

export const SAMPLE = join(ROOT, "src", "sample", "papers.jsonl");

type Options = Workers & { directory: string; host: string; port: number; sample: boolean };

export function serveCommand(): Command {
  const command = new Command("serve")
    .description("serve the page and the API")
    .addOption(new Option("--host <host>", "address to listen on").default("127.0.0.1").env("HOST"))
    .addOption(
      new Option("--port <port>", "port to listen on; 0 for any free one")
        .default(3000)
        .env("PORT")
        .argParser(integer(0, 65_535)),
    )
    .option("--sample", "fill an empty directory with the sample of landmark papers", false);
  return withWorkers(command).addOption(directoryOption()).action(run);
}

async function run({ host, port, sample, ...options }: Options): Promise<void> {
  const stopped = new Promise<void>((stop) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop());
  });
  let closing: Serving | undefined;
  const kindred = await openKindred(options);
  const shown = progress();
  try {
    const { papers, index } = await kindred.status();
    // Only where nothing ever was: who has deleted the sample does not want it back.
    if (sample && papers === 0 && index.storeChange === 0) {
      const { added } = await kindred.import(SAMPLE, { name: "sample" });
      console.log(`Filled ${options.directory} with ${added} landmark papers to try.`);
    }
    const server = await serve(kindred, {
      host,
      port,
      log: (line) => console.error(line),
      onProgress: ({ phase, done, total }) =>
        shown.update(phase === "vectors" ? "abstracts" : "sentences", done, total),
      onIndexed: () => {
        shown.end();
        console.log("Everything is embedded.");
      },
    });
    console.log(`Kindred is at ${server.url} (Ctrl-C stops it)`);
    closing = server;
    const found = await kindred.found();
    if (found !== null) console.log(found);
    if (!/^http:\/\/(localhost|127\.|\[::1\])/.test(server.url))
      console.log("Whoever can reach this address can read, add and remove papers.");
    await stopped;
  } finally {
    shown.end();
    await closing?.close();
    await kindred.close();
  }
}
