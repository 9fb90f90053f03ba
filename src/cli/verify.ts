import { resolve } from "node:path";
import { Command } from "commander";
import { describeModel } from "../embedding/description.js";
import type { TEXTS as DEFAULT_TEXTS } from "../admin/verify.js";
import type { Verified } from "../engine/module.js";
import { engineFrom } from "./engine.js";
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
      const options = { repair, texts, progress: (about: string, done: number) => shown.update(about, done, null) };
      const model = await describeModel();
      const engine = engineFrom(process.env);
      const found = async () => {
        // The engine, which only this command needs in the main thread.
        if (engine === undefined)
          return (await import("../admin/verify.js")).verify(resolve(directory), model, options);
        const { verifyEngine } = await import("../engine/open.js");
        return verifyEngine({ engine, directory: resolve(directory), model, polite: false }, options);
      };
      const verified = await found().finally(() => shown.end());
      if (json) console.log(JSON.stringify(verified, null, 2));
      else
        print(verified, repair, engine === undefined ? "a backup with kindred restore" : "a snapshot of the cluster");
      if (verified.findings.some(({ repaired }) => !repaired)) process.exitCode = EXIT.failed;
    });
}

/** @param backup What can be restored. */
function print({ findings, papers, texts, failed }: Verified, repair: boolean, backup: string): void {
  for (const { id, reason, tries } of failed)
    console.log(`not embedded: ${id} (tried ${tries === 1 ? "once" : `${tries} times`}): ${reason}`);
  if (failed.length > 0) console.log('  "kindred index --rebuild" retries them');
  for (const { about, what, count, examples, repairable, repaired } of findings) {
    console.log(`${about}: ${count} ${what}${examples.length === 0 ? "" : ` (${examples.join(", ")})`}`);
    if (repaired) console.log("  repaired");
    else if (!repairable) console.log(`  this cannot be rebuilt: restore ${backup}`);
    else if (!repair) console.log("  kindred verify --repair rebuilds it");
  }
  const looked = `${papers} papers; ${texts} of their texts were embedded again to compare`;
  console.log(findings.length === 0 ? `All is well with ${looked}.` : `${looked}.`);
  if (findings.some(({ repaired }) => repaired)) console.log("Run kindred index to embed again what was removed.");
}
