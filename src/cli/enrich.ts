import { Command } from "commander";
import { EXIT } from "./exit.js";
import { indexAndReport } from "./index.js";
import { directoryOption, expectPapers, integer, jsonOption, using, withWorkers, type Workers } from "./options.js";
import { plain } from "./print.js";
import { progress } from "./progress.js";

type Options = Workers & { directory: string; json: boolean; index: boolean; max: number; list?: string };

export function enrichCommand(): Command {
  const command = new Command("enrich")
    .description("ask OpenAlex for abstracts, dates and DOIs that papers lack")
    .option("--max <number>", "papers to ask for at most", integer(1, 10_000_000), 10_000)
    .option("--list <name>", "only the papers of this list")
    .option("--no-index", "do not embed the abstracts now");
  return withWorkers(command)
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Changes nothing that is there, and can be undone like an import. Can be stopped at any time: the next run goes on from there.
Papers for which nothing is found are asked for again after 30 days.`,
    )
    .action(async ({ json, index, max, list, ...options }: Options) => {
      expectPapers(options.directory);
      await using(options, async (kindred) => {
        const shown = progress(json);
        const report = await kindred
          .enrich({
            max,
            ...(list !== undefined && { list }),
            onProgress: ({ asked }) => shown.update("asked for", asked, null),
          })
          .finally(() => shown.end());
        const { asked, updated, abstracts, dates, dois, error, remarks } = report;
        if (!json) {
          console.log(
            `${asked} papers asked for, ${updated} updated: ${abstracts} abstracts, ${dates} dates, ${dois} DOIs`,
          );
          for (const remark of remarks) console.log(plain(`  ${remark}`));
        }
        if (error !== null) {
          if (!json) console.error(`kindred: ${plain(error)}`);
          process.exitCode = EXIT.failed;
        }
        await indexAndReport(kindred, report, { json, index: index && updated > 0 });
      });
    });
}
