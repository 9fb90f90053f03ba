import { Command, Option } from "commander";
import { facetSchema, type Facet } from "../api.js";
import { KindredError } from "../errors.js";
import { directoryOption, jsonOption, requestOf, reading, withFilters, withPaging, type Asked } from "./options.js";
import { printAnswer } from "./print.js";

type Options = Asked & { text?: string; title?: string; abstract?: string; facet?: Facet };

export function relatedCommand(): Command {
  const command = new Command("related")
    .description("find papers like one in the index, or like a text")
    .argument("[id]", "id of a paper in the index")
    .option("--text <text>", "any text, instead of an id")
    .option("--title <title>", "title of a paper that is not in the index")
    .option("--abstract <abstract>", "its abstract")
    .addOption(
      new Option(
        "--facet <facet>",
        "show the sentences on what they ask, how they go about it, or what they find",
      ).choices(facetSchema.options),
    );
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
      printAnswer(await reading(options.directory, (kindred) => kindred.related(request)), options.json);
    });
}
