import { Command } from "commander";
import type { Filters, Mode } from "../api.js";
import { directoryOption, jsonOption, modeOption, requestOf, reading, withFilters } from "./options.js";
import { printExplanation } from "./print.js";

type Options = Filters & { directory: string; json: boolean; mode: Mode };

export function explainCommand(): Command {
  const command = new Command("explain")
    .description("say why a paper stands where it stands in the answer to a search, or is not in it")
    .argument("<id>", "id of the paper, whether it is among the hits or not")
    .argument("<query...>", "what was searched for")
    .addOption(modeOption());
  return withFilters(command)
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (id: string, words: string[], options: Options) => {
      const request = { id, q: words.join(" "), ...requestOf(options) };
      const explanation = await reading(options.directory, (kindred) => kindred.explain(request));
      if (options.json) console.log(JSON.stringify(explanation, null, 2));
      else printExplanation(explanation);
    });
}
