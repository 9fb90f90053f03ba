import { Command } from "commander";
import {
  collect,
  directoryOption,
  jsonOption,
  requestOf,
  reading,
  withFilters,
  withPaging,
  type Asked,
} from "./options.js";
import { printAnswer } from "./print.js";

type Options = Asked & { like: string[]; likeText: string[]; dislike: string[]; dislikeText: string[] };

export function recommendCommand(): Command {
  const command = new Command("recommend")
    .description("find papers like those you like, and unlike those you do not; without any, what is new and noted")
    .option("-l, --like <id>", "a paper you like; may be repeated", collect, [])
    .option("--like-text <text>", "a text that says what you like; may be repeated", collect, [])
    .option("-x, --dislike <id>", "a paper that is not for you; may be repeated", collect, [])
    .option("--based-on <list>", "a list whose papers you like: likes, or your own; may be repeated", collect)
    .option("--dislike-text <text>", "a text that says what is not for you; may be repeated", collect, []);
  return withFilters(withPaging(command))
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async ({ like, likeText, dislike, dislikeText, ...options }: Options) => {
      const positive = [...like.map((id) => ({ id })), ...likeText.map((text) => ({ text }))];
      const negative = [...dislike.map((id) => ({ id })), ...dislikeText.map((text) => ({ text }))];
      const request = { positive, negative, ...requestOf(options) };
      printAnswer(await reading(options.directory, (kindred) => kindred.recommend(request)), options.json);
    });
}
