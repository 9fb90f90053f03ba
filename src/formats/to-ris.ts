import { NOTICE_WORDS } from "../core/notice.js";
import type { Paper } from "../core/paper.js";
import { kindOf, type Kind } from "./kind.js";
import { listEntry } from "./list.js";
import { familyFirst } from "./name-parts.js";
import { cleanIdentifier } from "./text.js";

/** RIS has no type for preprints; reference managers write them as unpublished work. */
const TYPES: Record<Kind, string> = { article: "JOUR", conference: "CONF", preprint: "UNPB", other: "GEN" };
/** Required by the specification. */
const NEWLINE = "\r\n";

/** Writes a paper as a RIS record in UTF-8. A value ends with its line, so white space in it becomes spaces. */
export function toRis(paper: Paper): string {
  const { arxiv, published } = paper;
  const fields: [tag: string, value: string | null | undefined][] = [
    ["TY", TYPES[kindOf(paper)]],
    ["ID", paper.id],
    ["TI", paper.title],
    ...paper.authors.map((name): [string, string] => ["AU", familyFirst(name)]),
    ["T2", paper.venue],
    ["PY", published?.slice(0, 4)],
    ["DA", published === null ? null : dateInRis(published)],
    ["DO", paper.doi],
    ["UR", paper.url],
    // RIS has no tag for it: written as accession number and name of the database.
    ["DB", arxiv === null ? null : "arXiv"],
    ["AN", arxiv],
    ...paper.keywords.map((keyword): [string, string] => ["KW", listEntry(keyword)]),
    ["N1", paper.notice === null ? null : NOTICE_WORDS[paper.notice]],
    ["AB", paper.abstract],
  ];
  const lines = fields.flatMap(([tag, value]) => (value ? [`${tag}  - ${cleanIdentifier(value)}${NEWLINE}`] : []));
  return `${lines.join("")}ER  - ${NEWLINE}`;
}

/** `2017///`, `2017/06//` or `2017/06/12/`: year, month, day, and other text, which is empty. */
function dateInRis(date: string): string {
  const [year = "", month = "", day = ""] = date.split("-");
  return `${year}/${month}/${day}/`;
}
