/**
 * PubMed's format (nbib, MEDLINE), which ERIC also exports: tags of up to four letters, a hyphen in the fifth column,
 * wrapped lines indented. Tags: nlm.nih.gov/bsd/mms/medlineelements.html.
 */
import { earliest } from "./dates.js";
import { isNoAbstract } from "./missing.js";
import { spokenName } from "./names.js";
import { noticeOfTypes } from "./notice.js";
import { pubmedAddress, pubmedId, pubmedTitle } from "./pubmed.js";
import type { TaggedFields, TaggedFormat } from "./tagged.js";

/** ERIC writes `ISBN - 1`. */
const LINE = /^([A-Z][A-Z0-9 ]{3}|IS[BS]N )-(?: (.*))?$/s;

export const NBIB: TaggedFormat = {
  tagged(line) {
    const [, tag, value = ""] = LINE.exec(line) ?? [];
    return tag === undefined ? undefined : [tag.trimEnd(), value];
  },
  first: "PMID",
  example: "PMID- 12345678",
  // ERIC's records start with OWN.
  once: new Set(["OWN", "TI"]),
  read(fields) {
    const book = fields.first(["BTI"], () => false);
    const title = fields.first(["TI"], () => false) ?? book;
    const pmid = fields.first(["PMID"])?.trim();
    const ids = fields.all("LID", "AID").map((id) => id.trim());
    return {
      id: pubmedId(pmid),
      title: pubmedTitle(title),
      abstract: fields.joined(["AB", "OAB"], isNoAbstract),
      authors: authorsIn(fields),
      venue: fields.first(["JT", "TA"]) ?? (book === title ? undefined : book) ?? fields.first(["CTI"]),
      published: earliest(fields.all("DP", "DEP")),
      doi: ids.find((id) => id.endsWith("[doi]"))?.replace("[doi]", ""),
      arxiv: ids.find((id) => /^arxiv:/i.test(id))?.replace("[pii]", ""),
      url: pubmedAddress(pmid) ?? ids.find((id) => /^https?:/.test(id)),
      notice: noticeOfTypes([
        ...fields.of("PT"),
        ...LINKS.filter(([tag]) => fields.of(tag).length > 0).map(([, type]) => type),
      ]),
      keywords: [...new Set([...fields.all("OT").map(oneLine), ...fields.all("MH").map(heading)])],
    };
  },
};

/** Tags of links to other publications that say something of this one. */
const LINKS = [
  ["RIN", "Retraction in"],
  ["ROF", "Retraction of"],
  ["RRI", "Retracted and republished in"],
  ["ECI", "Expression of concern in"],
] as const;

/** Full names (FAU), each followed by the short one (AU), and collective names (CN), in their order. */
function authorsIn(fields: TaggedFields): string[] {
  const names = fields.inOrder("FAU", "AU", "CN");
  const full = names.some(({ tag }) => tag === "FAU");
  return names.flatMap(({ tag, value }) =>
    tag === "CN" ? [oneLine(value)] : tag === (full ? "FAU" : "AU") ? [spokenName(oneLine(value))] : [],
  );
}

/** A subject heading without its qualifiers: "Aurovertins/*chemistry/metabolism", where asterisks mark major topics. */
const heading = (value: string): string => oneLine(value).replace(/\/.*$/, "").replaceAll("*", "");

const oneLine = (value: string): string => value.replace(/\s*\n\s*/g, " ").trim();
