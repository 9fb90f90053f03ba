/**
 * Web of Science's tagged format: two characters and a space, wrapped lines indented, records from `PT` to `ER`, the
 * file from `FN` to `EF`. Its tables are read by `csv.ts`; the columns have the same names.
 */
import { datesOf } from "./dates.js";
import { splitList } from "./list.js";
import { isNoAbstract } from "./missing.js";
import { spokenName } from "./names.js";
import { noticeOfTypes } from "./notice.js";
import { pubmedAddress } from "./pubmed.js";
import type { TaggedFields, TaggedFormat } from "./tagged.js";

const LINE = /^([A-Z][A-Z0-9])(?: (.*))?$/s;

export const WEB_OF_SCIENCE: TaggedFormat = {
  tagged(line) {
    const [, tag, value = ""] = LINE.exec(line) ?? [];
    return tag === undefined ? undefined : [tag, value];
  },
  first: "PT",
  example: "PT J",
  once: new Set(["TI", "UT"]),
  last: "ER",
  frame: new Set(["FN", "VR", "EF"]),
  read(fields) {
    const listed = (tag: string): string[] => fields.all(tag).flatMap((list) => splitList(list.replace(/\s+/g, " ")));
    return {
      key: fields.first(["UT"]),
      title: fields.first(["TI"], () => false),
      abstract: fields.joined(["AB"], isNoAbstract),
      authors: [...namesIn(fields, fields.first(["AF"]) === undefined ? "AU" : "AF"), ...namesIn(fields, "CA")],
      venue: fields.first(["SO", "SE"]),
      categories: listed("WC"),
      published: datesOf(fields.all("PY"), fields.all("PD", "EA")),
      doi: fields.first(["DI", "D2"]),
      url: pubmedAddress(fields.first(["PM"])),
      notice: noticeOfTypes(fields.of("DT").flatMap(splitList)),
      keywords: [...listed("DE"), ...listed("ID")],
    };
  },
};

/** One name a line. */
function namesIn(fields: TaggedFields, tag: string): string[] {
  // The short names, if there are full ones.
  fields.use("AU");
  return fields.all(tag).flatMap((names) =>
    names
      .split("\n")
      .map((name) => spokenName(name.trim()))
      .filter((name) => name !== ""),
  );
}
