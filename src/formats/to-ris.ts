import type { Paper } from "../paper.js";
import { kindOf, type Kind } from "./kind.js";
import { listEntry } from "./list.js";
import { familyFirst } from "./name-parts.js";
import { cleanIdentifier } from "./text.js";

/** Unpublished work is how reference managers write preprints, for which RIS has no type. */
const TYPES: Record<Kind, string> = { article: "JOUR", conference: "CONF", preprint: "UNPB", other: "GEN" };
/** The specification asks for this one. */
const NEWLINE = "\r\n";

/** A paper as a RIS record, in UTF-8. A value goes to the end of its line, so white space in it becomes spaces. */
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
    // RIS has no tag for it: a number in a database, and that database.
    ["DB", arxiv === null ? null : "arXiv"],
    ["AN", arxiv],
    ...paper.keywords.map((keyword): [string, string] => ["KW", listEntry(keyword)]),
    ["AB", paper.abstract],
  ];
  const lines = fields.flatMap(([tag, value]) => (value ? [`${tag}  - ${cleanIdentifier(value)}${NEWLINE}`] : []));
  return `${lines.join("")}ER  - ${NEWLINE}`;
}

/** `2017///`, `2017/06//` or `2017/06/12/`: year, month, day and a text for the rest, which may be empty. */
function dateInRis(date: string): string {
  const [year = "", month = "", day = ""] = date.split("-");
  return `${year}/${month}/${day}/`;
}
