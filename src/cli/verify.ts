import { resolve } from "node:path";
import { Command } from "commander";
import { describeModel } from "../embedding/description.js";
import type { TEXTS as DEFAULT_TEXTS, Verified } from "../admin/verify.js";
import { EXIT } from "./exit.js";
import { directoryOption, expectPapers, integer, jsonOption } from "./options.js";
import { progress } from "./progress.js";

type Options = { directory: string; repair: boolean; texts: number; json: boolean };

const TEXTS: typeof DEFAULT_TEXTS = 20;

export function verifyCommand(): Command {
  return new Command("verify")
    .description("check papers, words, vectors and index against each other")
    .option("--repair", "rebuild what can be rebuilt from the papers and their texts; nothing else is changed", false)
    .option(
      "--texts <number>",
      "number of texts to embed again and compare with their stored vectors",
      integer(0, 1e9),
      TEXTS,
    )
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExit code 1 if there is a problem that was not repaired.")
    .action(async ({ directory, repair, texts, json }: Options) => {
      expectPapers(directory);
      const shown = progress(json);
      // The engine, which only this command needs in the main thread.
      const { verify } = await import("../admin/verify.js");
      const verified = await verify(resolve(directory), await describeModel(), {
        repair,
        texts,
        progress: (about, done) => shown.update(about, done, null),
      }).finally(() => shown.end());
      if (json) console.log(JSON.stringify(verified, null, 2));
      else print(verified, repair);
      if (verified.findings.some(({ repaired }) => !repaired)) process.exitCode = EXIT.failed;
    });
}

function print({ findings, papers, texts, failed }: Verified, repair: boolean): void {
  for (const { id, reason, tries } of failed)
    console.log(`not embedded: ${id} (tried ${tries === 1 ? "once" : `${tries} times`}): ${reason}`);
  if (failed.length > 0) console.log('  "kindred index --rebuild" retries them');
  for (const { about, what, count, examples, repairable, repaired } of findings) {
    console.log(`${about}: ${count} ${what}${examples.length === 0 ? "" : ` (${examples.join(", ")})`}`);
    if (repaired) console.log("  repaired");
    else if (!repairable) console.log("  this cannot be rebuilt: restore a backup with kindred restore");
    else if (!repair) console.log("  kindred verify --repair rebuilds it");
  }
  const looked = `${papers} papers; ${texts} of their texts were embedded again to compare`;
  console.log(findings.length === 0 ? `All is well with ${looked}.` : `${looked}.`);
  if (findings.some(({ repaired }) => repaired)) console.log("Run kindred index to embed again what was removed.");
}
