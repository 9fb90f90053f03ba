import { resolve } from "node:path";
import { Command } from "commander";
import { KindredError } from "../core/errors.js";
import { describeModel } from "../embedding/description.js";
import { engineFrom } from "./engine.js";
import { directoryOption, jsonOption } from "./options.js";
import { progress } from "./progress.js";

type Options = { directory: string; json: boolean };

export function migrateCommand(): Command {
  return new Command("migrate")
    .description("store the papers of a cluster as this version and KINDRED_OPENSEARCH_SHARDS want them")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nSearches and imports go on. A migration that was interrupted continues.")
    .action(async ({ directory, json }: Options) => {
      const engine = engineFrom(process.env);
      if (engine === undefined)
        throw new KindredError(
          "invalid",
          "migrate is about an OpenSearch cluster: a folder is migrated when it is opened",
        );
      const model = await describeModel();
      const shown = progress(json);
      const opening = { engine, directory: resolve(directory), model, polite: false };
      const { migrateEngine } = await import("../engine/open.js");
      const options = { progress: (done: number, total: number) => shown.update("papers", done, total) };
      const done = await migrateEngine(opening, options).finally(() => shown.end());
      if (json) console.log(JSON.stringify(done, null, 2));
      else if (done.migrated) console.log(`Migrated ${done.papers} papers.`);
      else console.log(`The ${done.papers} papers are stored as they should be: nothing to do.`);
    });
}
