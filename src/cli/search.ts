import { Command } from "commander";
import { searchSchema, type SearchRequest } from "../api.js";
import { directoryOption, jsonOption, reading, requestOf, withFields, type Asked } from "./options.js";
import { printAnswer } from "./print.js";

export function searchCommand(): Command {
  const command = new Command("search")
    .description("find papers by words and meaning")
    .argument("<query...>", "plain words, a title, a DOI, an arXiv id or a URL; see below");
  return withFields(command, searchSchema, ["q", "facets"])
    .addHelpText(
      "after",
      `
A query can also contain the following; a "-" before one excludes the papers it matches:
  "exact phrase"   -word   author:hinton   author:"van der maaten"   title:graph
  venue:nature     category:cs.LG          year:2019   year:2019..2022   year:2019..
  syn* (words that start with syn)         "neck pain" OR ("knee pain" NOT children)
Anything that cannot be parsed is searched as plain words. In a shell, quote the whole query with single quotes.`,
    )
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (words: string[], options: Asked & Omit<SearchRequest, "q">) => {
      const request = { q: words.join(" "), ...requestOf(options) };
      printAnswer(await reading(options.directory, (kindred) => kindred.search(request)), options.json);
    });
}
