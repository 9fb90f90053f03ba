import { resolve } from "node:path";
import { Command } from "commander";
import { KindredError } from "../core/errors.js";
import { describeModel } from "../embedding/description.js";
import type { Opening } from "../engine/module.js";
import { engineAt } from "./engine.js";
import { expectPapersIn, jsonOption } from "./options.js";
import { progress } from "./progress.js";

type Options = { from: string; to: string; json: boolean };

export function copyCommand(): Command {
  return new Command("copy")
    .description(
      "copy a library into an OpenSearch cluster, or back, with its vectors; continues if it was interrupted",
    )
    .requiredOption("--from <place>", "a folder, or opensearch://user@host:9200/prefix")
    .requiredOption("--to <place>", "an empty folder or prefix, or an unfinished copy")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
opensearch:// means https; opensearch+http:// means http. Several nodes are separated by commas: opensearch://one:9200,two:9200/prefix
The password is read from KINDRED_OPENSEARCH_PASSWORD or KINDRED_OPENSEARCH_PASSWORD_FILE, unless the address has it.
Stop what imports into the library that is copied: papers that change meanwhile are reported as different.`,
    )
    .action(async ({ from, to, json }: Options) => {
      if (from === to) throw new KindredError("invalid", "--from and --to are the same place: name two");
      const model = await describeModel();
      const openingOf = (place: string): Opening => {
        const engine = engineAt(place, process.env);
        return { engine, directory: resolve(engine === undefined ? place : "index"), model, polite: false };
      };
      const source = openingOf(from);
      if (source.engine === undefined) expectPapersIn(from);
      const shown = progress(json);
      // The engines, which only this command needs in the main thread.
      const { copyLibrary } = await import("../admin/copy.js");
      const copied = await copyLibrary(source, openingOf(to), (about, done, total) =>
        shown.update(about, done, total),
      ).finally(() => shown.end());
      if (json) console.log(JSON.stringify(copied, null, 2));
      else console.log(`Copied ${copied.copied} papers; all ${copied.papers} were compared and are the same.`);
    });
}
