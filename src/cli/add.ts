import { Command } from "commander";
import type { AddReport } from "../api.js";
import { EXIT } from "./exit.js";
import { indexAndReport } from "./index.js";
import { directoryOption, jsonOption, using, withWorkers, type Workers } from "./options.js";
import { plain } from "./print.js";
import { progress } from "./progress.js";

export function addCommand(): Command {
  const command = new Command("add")
    .description("add papers by their DOIs, arXiv ids or PMIDs: services on the network are asked for them")
    .argument("<identifier...>", "10.1000/xyz, 2401.01234, PMID:123, or an address that contains one")
    .option("--no-index", "do not embed the papers now");
  return withWorkers(command)
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Only identifiers of papers that are not here are asked for: arXiv, Crossref, DataCite or PubMed for the paper, and OpenAlex,
Semantic Scholar and PubMed for a missing abstract. Exit code 3 if no service knows one of them, 1 if a service failed.`,
    )
    .action(
      async (
        identifiers: string[],
        { json, index, ...options }: Workers & { directory: string; json: boolean; index: boolean },
      ) => {
        await using(options, async (kindred) => {
          const shown = progress(json);
          const report = await kindred
            .add(identifiers, { onProgress: ({ done, total }) => shown.update("asked for", done, total) })
            .finally(() => shown.end());
          if (!json) printAdded(report);
          const { added, updated } = report;
          await indexAndReport(kindred, report, { json, index: index && added + updated > 0 });
          const has = (outcome: string) => report.identifiers.some((one) => one.outcome === outcome);
          if (has("failed")) process.exitCode = EXIT.failed;
          else if (has("not-found")) process.exitCode = EXIT.notFound;
        });
      },
    );
}

const SAID = { added: "added", updated: "updated", here: "here already" } as const;

function printAdded({ identifiers, remarks }: AddReport): void {
  for (const { given, outcome, paper, reason } of identifiers)
    if (outcome === "not-found" || outcome === "failed")
      console.error(plain(`${given}: ${outcome === "failed" ? "failed" : "not found"}: ${reason}`));
    else console.log(plain(`${given}: ${SAID[outcome]}: ${paper?.title} (${paper?.id})`));
  for (const remark of remarks) console.error(plain(`  ${remark}`));
}
