import { resolve } from "node:path";
import { Command } from "commander";
import { backup, restore } from "../backup.js";
import { describeModel } from "../embedding/description.js";
import { directoryOption, expectPapers, jsonOption } from "./options.js";
import { progress } from "./progress.js";

export function backupCommand(): Command {
  return new Command("backup")
    .description("copy all papers, lists and vectors into one file, also while a server runs")
    .argument("<file>", "a new file")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (file: string, { directory, json }: { directory: string; json: boolean }) => {
      expectPapers(directory);
      const shown = progress(json);
      const model = await describeModel();
      await backup(resolve(directory), model, file, (done, total) => shown.update("pages", done, total)).finally(() =>
        shown.end(),
      );
      if (json) console.log(JSON.stringify({ file: resolve(file) }, null, 2));
      else console.log(`${file} holds all that cannot be made again. kindred restore ${file} puts it back.`);
    });
}

export function restoreCommand(): Command {
  return new Command("restore")
    .description("put a backup in the place of the papers that are there; those are kept beside it")
    .argument("<file>", "what kindred backup wrote")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (file: string, { directory, json }: { directory: string; json: boolean }) => {
      const kept = await restore(resolve(directory), file);
      if (json) return console.log(JSON.stringify({ directory: resolve(directory), kept }, null, 2));
      console.log(`${directory} is as it was when ${file} was made.`);
      if (kept !== null) console.log(`What was there before is in ${kept}; delete it when you are sure.`);
      console.log("Run kindred index, or kindred serve: the index is made again from the vectors that are in it.");
    });
}
