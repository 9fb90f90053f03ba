import { resolve } from "node:path";
import { Command } from "commander";
import { describeModel } from "../embedding/description.js";
import { directoryOption, expectPapers, jsonOption } from "./options.js";
import { expectFolder } from "./engine.js";
import { progress } from "./progress.js";

export function backupCommand(): Command {
  return new Command("backup")
    .description("copy all papers, lists and vectors into one file, even while a server runs")
    .argument("<file>", "a new file")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (file: string, { directory, json }: { directory: string; json: boolean }) => {
      expectFolder("backup");
      expectPapers(directory);
      const shown = progress(json);
      const { backup } = await import("../admin/backup.js");
      const model = await describeModel();
      await backup(resolve(directory), model, file, (done, total) => shown.update("pages", done, total)).finally(() =>
        shown.end(),
      );
      if (json) console.log(JSON.stringify({ file: resolve(file) }, null, 2));
      else console.log(`${file} holds everything that cannot be rebuilt. To restore it: kindred restore ${file}`);
    });
}

export function restoreCommand(): Command {
  return new Command("restore")
    .description("replace the papers of a directory by a backup; the replaced papers are kept next to it")
    .argument("<file>", "a file that kindred backup wrote")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (file: string, { directory, json }: { directory: string; json: boolean }) => {
      expectFolder("restore");
      const { restore } = await import("../admin/backup.js");
      const kept = await restore(resolve(directory), file);
      if (json) return console.log(JSON.stringify({ directory: resolve(directory), kept }, null, 2));
      console.log(`Restored ${directory} from ${file}.`);
      if (kept !== null) console.log(`What was there before is in ${kept}; delete it when you no longer need it.`);
      console.log("Run kindred index or kindred serve: it rebuilds the index from the restored vectors.");
    });
}
