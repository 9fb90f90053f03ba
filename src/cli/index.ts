import { Command } from "commander";
import type { IndexReport, Kindred } from "../kindred.js";
import { EXIT } from "./exit.js";
import { directoryOption, expectPapers, jsonOption, using, withWorkers, type Workers } from "./options.js";
import { progress } from "./progress.js";

export function indexCommand(): Command {
  const command = new Command("index")
    .description("embed papers without vectors, and write the index")
    .option(
      "--rebuild",
      "make the files derived from papers.db again, and retry texts that failed; embeds nothing twice",
      false,
    );
  return withWorkers(command)
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nYou can stop it at any time: the next run continues from there.")
    .action(async ({ json, rebuild, ...options }: Workers & { directory: string; json: boolean; rebuild: boolean }) => {
      expectPapers(options.directory);
      const report = await using(options, (kindred) => indexing(kindred, json, rebuild));
      if (json) console.log(JSON.stringify(report, null, 2));
      else reportIndex(report);
      if (report.state === "busy") process.exitCode = EXIT.busy;
    });
}

/** Embeds and shows progress; Ctrl-C stops it cleanly. */
export async function indexing(kindred: Kindred, quiet: boolean, rebuild = false): Promise<IndexReport> {
  const shown = progress(quiet);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    return await kindred.index({
      rebuild,
      signal: stop.signal,
      onProgress: ({ phase, done, total }) =>
        shown.update(phase === "vectors" ? "abstracts" : "sentences", done, total),
    });
  } finally {
    process.removeListener("SIGINT", interrupt);
    shown.end();
  }
}

/** Embeds what a command has brought, if `index`, and prints the command's report as JSON, or what was embedded. */
export async function indexAndReport(
  kindred: Kindred,
  report: object,
  { json, index }: { json: boolean; index: boolean },
): Promise<void> {
  const indexed = index ? await indexing(kindred, json) : undefined;
  if (json) console.log(JSON.stringify({ ...report, ...(indexed && { index: indexed }) }, null, 2));
  else if (indexed !== undefined) reportIndex(indexed);
}

export function reportIndex(report: IndexReport): void {
  if (report.state === "busy")
    console.log("Another process is indexing this directory, and embeds new papers too. Nothing to do.");
  else if (report.abstracts + report.sentences === 0) console.log("Everything is embedded.");
  else console.log(`Embedded ${report.abstracts} abstracts, and the sentences of ${report.sentences} papers.`);
}
