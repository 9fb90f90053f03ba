import { Command } from "commander";
import { recommendSchema, type RecommendRequest } from "../api.js";
import { collect, directoryOption, jsonOption, reading, requestOf, withFields, type Asked } from "./options.js";
import { printAnswer } from "./print.js";

type Examples = { like: string[]; likeText: string[]; dislike: string[]; dislikeText: string[] };

export function recommendCommand(): Command {
  const command = new Command("recommend")
    .description("find papers like those you like and unlike those you do not; without likes, what is new and upvoted")
    .option("-l, --like <id>", "a paper you like; may be repeated", collect, [])
    .option("--like-text <text>", "a text that describes what you like; may be repeated", collect, [])
    .option("-x, --dislike <id>", "a paper you do not like; may be repeated", collect, [])
    .option("--dislike-text <text>", "a text that describes what you do not like; may be repeated", collect, []);
  return withFields(command, recommendSchema, ["positive", "negative", "facets"])
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (options: Asked & Examples & Omit<RecommendRequest, "positive" | "negative">) => {
      const { like, likeText, dislike, dislikeText, ...others } = requestOf(options);
      const positive = [...like.map((id) => ({ id })), ...likeText.map((text) => ({ text }))];
      const negative = [...dislike.map((id) => ({ id })), ...dislikeText.map((text) => ({ text }))];
      const request = { positive, negative, ...others };
      printAnswer(await reading(options.directory, (kindred) => kindred.recommend(request)), options.json);
    });
}
