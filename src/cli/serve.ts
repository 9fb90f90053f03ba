import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { limitHeaps } from "../core/heaps.js";
import { ROOT } from "../core/root.js";
import { listKeys } from "../server/keys.js";
import type { Protected } from "../server/access.js";
import type { Level } from "../server/log.js";
import type { Serving } from "../server/serve.js";
import { collect, directoryOption, integer, listening, open, withWorkers, type Workers } from "./options.js";
import { progress } from "./progress.js";

export const SAMPLE = join(ROOT, "src", "sample", "papers.jsonl");

type Options = Workers & {
  directory: string;
  host: string;
  port: number;
  sample: boolean;
  requireKey?: "writes" | "all";
  allowHost?: string[];
  basePath?: string;
  rateLimit?: number;
  log: Level;
};

const LEVELS: readonly Level[] = ["error", "warn", "info", "debug"];

export function serveCommand(): Command {
  const command = listening(new Command("serve").description("serve the page and the API"))
    .addOption(
      new Option(
        "--require-key <for>",
        "which requests need a key (kindred key): those that write, or all (default: those that write, if others or a proxy can reach the server)",
      ).choices(["writes", "all"]),
    )
    .option(
      "--allow-host <name>",
      "another host name to accept, such as that of a proxy; may be repeated",
      collectNames,
    )
    .addOption(
      new Option(
        "--base-path <path>",
        "path at which a proxy serves it, such as /papers/ (default: that of KINDRED_URL)",
      ).env("KINDRED_BASE_PATH"),
    )
    .option(
      "--rate-limit <number>",
      "requests per client and minute (default: 1,200 if others can reach the server)",
      integer(1, 1e9),
    )
    .addOption(
      new Option(
        "--log <level>",
        "JSON lines on standard error: error for defects, warn also for refused requests and failed jobs, info for all requests, debug with their URLs",
      )
        .choices(LEVELS)
        .default("error"),
    )
    .option("--sample", "fill an empty directory with the sample of landmark papers", false);
  return withWorkers(command).addOption(directoryOption()).action(run);
}

async function run({
  host,
  port,
  sample,
  requireKey,
  allowHost,
  basePath,
  rateLimit,
  log,
  ...options
}: Options): Promise<void> {
  const stopped = new Promise<void>((stop) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop());
  });
  // Only this command needs the server's libraries: loading them would slow down every other one.
  const libraries = Promise.all([import("../server/serve.js"), import("../server/log.js")]);
  // Reported after the papers were opened.
  libraries.catch(() => {});
  let closing: Serving | undefined;
  limitHeaps();
  const kindred = await open(options);
  // The first request that needs what cannot be prepared reports the error.
  kindred.prepare().catch(() => {});
  const shown = progress();
  try {
    const [{ serve }, { createLogger }] = await libraries;
    const { papers, index } = await kindred.status();
    // Only if nothing was ever imported: a user who deleted the sample does not want it back.
    if (sample && papers === 0 && index.storeChange === 0) {
      const { added } = await kindred.import(SAMPLE, { name: "sample" });
      console.log(`Filled ${options.directory} with ${added} landmark papers to try.`);
    }
    const server = await serve(kindred, {
      host,
      port,
      ...(allowHost === undefined ? {} : { allowedHosts: allowHost }),
      ...(basePath === undefined ? {} : { basePath }),
      ...(requireKey === undefined ? {} : { protects: requireKey }),
      ...(rateLimit === undefined ? {} : { perMinute: rateLimit }),
      log: createLogger(log),
      onProgress: ({ phase, done, total }) =>
        shown.update(phase === "vectors" ? "abstracts" : "sentences", done, total),
      onIndexed: () => {
        shown.end();
        console.log("Everything is embedded.");
      },
    });
    console.log(`Kindred is at ${server.url} (Ctrl-C stops it)`);
    closing = server;
    if (kindred.readOnly !== null) console.log(`It answers questions but refuses changes: ${kindred.readOnly}.`);
    const found = await kindred.openingNotice();
    if (found !== null) console.log(found);
    if (server.protects !== "nothing") console.log(whoMay(server.protects, listKeys(kindred.directory).length));
    await stopped;
  } finally {
    shown.end();
    await closing?.close();
    await kindred.close();
  }
}

/** Names are compared without the port, so one with a port would never match. */
function collectNames(name: string, before: string[] = []): string[] {
  if (!/^([^\s:/]+|\[[^\]]+\])$/.test(name))
    throw new InvalidArgumentError(`got "${name}", expected a name alone, without a port.`);
  return collect(name, before);
}

/** Who can do what, if others can reach the server. */
function whoMay(protects: Protected, keys: number): string {
  const none = keys === 0 ? "; there is none yet" : "";
  const make = `"kindred key add NAME" creates one${none}`;
  return protects === "all"
    ? `Clients with a key can read and change papers: ${make}.`
    : `Every client that can reach this address can read papers; changes need a key: ${make}.`;
}
