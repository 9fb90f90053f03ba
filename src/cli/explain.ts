import { Command } from "commander";
import { explainSchema, type ExplainRequest } from "../api.js";
import { directoryOption, jsonOption, reading, requestOf, withFields, type Asked } from "./options.js";
import { printExplanation } from "./print.js";

export function explainCommand(): Command {
  const command = new Command("explain")
    .description("explain the place of a paper in the answer to a search, or why it is not in it")
    .argument("<id>", "the id of the paper, which need not be among the hits")
    .argument("<query...>", "the query of the search");
  return withFields(command, explainSchema, ["q", "id"])
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (id: string, words: string[], options: Asked & Omit<ExplainRequest, "q" | "id">) => {
      const request = { id, q: words.join(" "), ...requestOf(options) };
      const explanation = await reading(options.directory, (kindred) => kindred.explain(request));
      if (options.json) console.log(JSON.stringify(explanation, null, 2));
      else printExplanation(explanation);
    });
}
