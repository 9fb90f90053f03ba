import { Command } from "commander";
import { relatedSchema, type RelatedRequest } from "../api.js";
import { KindredError } from "../core/errors.js";
import { directoryOption, jsonOption, reading, requestOf, withFields, type Asked } from "./options.js";
import { printAnswer } from "./print.js";

export function relatedCommand(): Command {
  const command = new Command("related")
    .description("find papers like one in the index, or like a text")
    .argument("[id]", "the id of a paper in the index");
  return withFields(command, relatedSchema, ["id", "facets"])
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (id: string | undefined, options: Asked & Omit<RelatedRequest, "id">) => {
      if (id === undefined && (options.text ?? options.title ?? options.abstract) === undefined)
        throw new KindredError(
          "invalid",
          "got no paper and no text, expected an id, --text, or --title and --abstract",
        );
      const request = { ...(id === undefined ? {} : { id }), ...requestOf(options) };
      printAnswer(await reading(options.directory, (kindred) => kindred.related(request)), options.json);
    });
}
