/**
 * EndNote's tagged format, which Google Scholar and others also export, and refer(1) before it: a percent sign and one
 * character, then the value, which may have several lines.
 */
import { arxivIn } from "./arxiv-in.js";
import { datesOf } from "./dates.js";
import { splitList } from "./list.js";
import { isNoAbstract } from "./missing.js";
import { spokenName } from "./names.js";
import type { TaggedFormat } from "./tagged.js";

const LINE = /^%([0-9A-Z@!#$&()*+<=>?[\]^~])(?:[ \t](.*))?$/s;

export const ENDNOTE: TaggedFormat = {
  tagged(line) {
    const [, tag, value = ""] = LINE.exec(line) ?? [];
    return tag === undefined ? undefined : [`%${tag}`, value];
  },
  first: "%0",
  example: "%0 Journal Article",
  // refer has no types.
  once: new Set(["%T"]),
  read(fields) {
    const venue = fields.first(["%J", "%B", "%S"]);
    const arxiv = fields.of("%~").some((database) => /^\s*arxiv\s*$/i.test(database));
    if (arxiv) fields.use("%~");
    const number = fields.first(["%M"]);
    return {
      key: fields.first(["%F"]) ?? number,
      title: fields.first(["%T"], () => false),
      abstract: fields.joined(["%X"], isNoAbstract),
      authors: fields.all("%A").flatMap(namesIn),
      venue,
      published: datesOf(fields.all("%D"), fields.all("%8")),
      doi: fields.first(["%R"]),
      arxiv: arxiv ? number : arxivIn(venue),
      url: fields.first(["%U", "%>"]),
      keywords: fields.all("%K").flatMap((keywords) => keywords.split("\n").flatMap(splitList)),
    };
  },
};

/** One name, or several separated by semicolons or line breaks. */
export const namesIn = (value: string): string[] =>
  value
    .split("\n")
    .flatMap(splitList)
    .map(spokenName)
    .filter((name) => name !== "");
