import { Command } from "commander";
import type { Mode } from "../api.js";
import {
  directoryOption,
  jsonOption,
  modeOption,
  requestOf,
  reading,
  withFilters,
  withPaging,
  type Asked,
} from "./options.js";
import { printAnswer } from "./print.js";

export function searchCommand(): Command {
  const command = new Command("search")
    .description("find papers by words and meaning")
    .argument("<query...>", "plain words, a title, a DOI, an arXiv id or a URL")
    .addOption(modeOption());
  return withFilters(withPaging(command))
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (words: string[], options: Asked & { mode: Mode }) => {
      const request = { q: words.join(" "), ...requestOf(options) };
      printAnswer(await reading(options.directory, (kindred) => kindred.search(request)), options.json);
    });
}
