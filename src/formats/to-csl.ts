import { NOTICE_WORDS } from "../core/notice.js";
import type { Paper } from "../core/paper.js";
import { citationKey, idNextToKey } from "./citation-key.js";
import { isEmpty } from "./draft.js";
import { kindOf, type Kind } from "./kind.js";
import { joinList, splitKeywords } from "./list.js";
import { nameParts } from "./name-parts.js";

const TYPES: Record<Kind, string> = {
  article: "article-journal",
  conference: "paper-conference",
  preprint: "article",
  other: "document",
};

/** In `custom`, which CSL-JSON keeps for fields of programs: the id of a paper whose key cannot be its id. */
export const ID_FIELD = "kindred-id";

/** Writes a paper as an item of CSL-JSON, on one line. */
export function toCsl(paper: Paper): string {
  const kind = kindOf(paper);
  const key = citationKey(paper);
  const id = idNextToKey(paper, key);
  const item = {
    // Pandoc cites by `id`, Zotero and Better BibTeX by `citation-key`.
    id: key,
    "citation-key": key,
    type: TYPES[kind],
    title: paper.title,
    author: paper.authors.map(cslName),
    "container-title": paper.venue,
    issued: paper.published === null ? null : { "date-parts": [paper.published.split("-").map(Number)] },
    DOI: paper.doi,
    // Styles print `number` as the preprint's number; in an article it means another one.
    [kind === "preprint" ? "number" : "note"]: paper.arxiv === null ? null : `arXiv:${paper.arxiv}`,
    URL: paper.url,
    abstract: paper.abstract,
    custom: id === null ? null : { [ID_FIELD]: id },
    keyword: joinList(paper.keywords, splitKeywords),
    categories: paper.categories,
    status: paper.notice === null ? null : NOTICE_WORDS[paper.notice].toLowerCase(),
  };
  return JSON.stringify(Object.fromEntries(Object.entries(item).filter(([, value]) => !isEmpty(value))));
}

function cslName(name: string): object {
  const parts = nameParts(name);
  if ("literal" in parts) return parts;
  const { commaSuffix, ...person } = parts;
  return commaSuffix === true ? { ...person, "comma-suffix": true } : person;
}
