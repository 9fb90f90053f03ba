/** RefWorks' tagged format: a known tag, one space, and the value. Its files start with a legend. */
import { arxivIn } from "./arxiv-in.js";
import { datesOf } from "./dates.js";
import { namesIn } from "./endnote.js";
import { splitList } from "./list.js";
import { isNoAbstract } from "./missing.js";
import type { TaggedFormat } from "./tagged.js";

/** Only these, because an abstract may have lines such as "US agencies". */
const KNOWN = new Set(
  (
    "RT SR ID A1 A2 A3 A4 A5 A6 T1 T2 T3 JF JO YR FD VO IS SP OP K1 AB NO ED PB PP SN AV AD AN LA CL SF OT LK DO CN DB DS IP " +
    "RD ST UL SL LL CR WT WV WP OL PMID PMCID U1 U2 U3 U4 U5 U6 U7 U8 U9 U10 U11 U12 U13 U14 U15"
  ).split(" "),
);
const LINE = /^([A-Z][A-Z0-9]{1,4})(?: (.*))?$/s;

export const REFWORKS: TaggedFormat = {
  tagged(line) {
    const [, tag = "", value = ""] = LINE.exec(line) ?? [];
    return KNOWN.has(tag) ? [tag, value] : undefined;
  },
  first: "RT",
  example: "RT Journal Article",
  once: new Set(["T1"]),
  read(fields) {
    const venue = fields.first(["JF", "JO", "T2", "WT"]);
    const doi = fields.first(["DO"]) ?? fields.of("NO").find((note) => /^\s*doi:\s*10\.\S+\s*$/i.test(note));
    if (fields.of("NO").length === 1 && doi === fields.of("NO")[0]) fields.use("NO");
    return {
      key: fields.first(["ID", "AN"]),
      title: fields.first(["T1"], () => false),
      abstract: fields.joined(["AB"], isNoAbstract),
      authors: fields.all("A1").flatMap(namesIn),
      venue,
      published: datesOf(fields.all("YR"), fields.all("FD")),
      doi,
      arxiv: arxivIn(venue),
      url: fields.first(["UL", "LK"]),
      keywords: fields.all("K1").flatMap((keywords) => keywords.split("\n").flatMap(splitList)),
    };
  },
};
