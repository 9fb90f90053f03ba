import { Command, Option } from "commander";
import type { Mode } from "../api.js";
import { directoryOption, jsonOption, requestOf, using, withFilters, withPaging, type Asked } from "./options.js";
import { printAnswer } from "./print.js";

export function searchCommand(): Command {
  const command = new Command("search")
    .description("find papers by words and meaning")
    .argument("<query...>", "plain words, a title, a DOI, an arXiv id or a URL")
    .addOption(
      new Option("--mode <mode>", "by words and meaning, by meaning, or by words")
        .choices(["hybrid", "semantic", "lexical"])
        .default("hybrid"),
    );
  return withFilters(withPaging(command))
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (words: string[], options: Asked & { mode: Mode }) => {
      const request = { q: words.join(" "), ...requestOf(options) };
      printAnswer(await using(options.directory, (kindred) => kindred.search(request)), options.json);
    });
}
