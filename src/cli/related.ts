import { Command } from "commander";
import { KindredError } from "../errors.js";
import { directoryOption, jsonOption, requestOf, using, withFilters, withPaging, type Asked } from "./options.js";
import { printAnswer } from "./print.js";

type Options = Asked & { text?: string; title?: string; abstract?: string };

export function relatedCommand(): Command {
  const command = new Command("related")
    .description("find papers like one in the index, or like a text")
    .argument("[id]", "id of a paper in the index")
    .option("--text <text>", "any text, instead of an id")
    .option("--title <title>", "title of a paper that is not in the index")
    .option("--abstract <abstract>", "its abstract");
  return withFilters(withPaging(command))
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (id: string | undefined, options: Options) => {
      if (id === undefined && (options.text ?? options.title ?? options.abstract) === undefined)
        throw new KindredError(
          "invalid",
          "got nothing to relate to, expected an id, --text, or --title and --abstract",
        );
      const request = { ...(id === undefined ? {} : { id }), ...requestOf(options) };
      printAnswer(await using(options.directory, (kindred) => kindred.related(request)), options.json);
    });
}
