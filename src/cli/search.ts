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
    .argument("<query...>", "plain words, a title, a DOI, an arXiv id or a URL; see below")
    .addOption(modeOption());
  return withFilters(withPaging(command))
    .addHelpText(
      "after",
      `
With the words may stand, each also behind a "-" for papers of which it is not true:
  "exact phrase"   -word   author:hinton   author:"van der maaten"   title:graph
  venue:nature     category:cs.LG          year:2019   year:2019..2022   year:2019..
  syn* (a beginning of words)              "neck pain" OR ("knee pain" NOT children)
Whatever does not parse is searched as words. In a shell, put the whole query in single quotes.`,
    )
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (words: string[], options: Asked & { mode: Mode }) => {
      const request = { q: words.join(" "), ...requestOf(options) };
      printAnswer(await reading(options.directory, (kindred) => kindred.search(request)), options.json);
    });
}
