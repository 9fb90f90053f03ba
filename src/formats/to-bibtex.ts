import { NOTICE_WORDS } from "../core/notice.js";
import type { Paper } from "../core/paper.js";
import { idNextToKey } from "./citation-key.js";
import { kindOf, type Kind } from "./kind.js";
import { textToLatex } from "./latex.js";
import { nameParts } from "./name-parts.js";
import { inSpokenOrder } from "./names.js";

/** Abbreviations that every style knows; classic BibTeX prints a number as it is. */
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

type Field = [name: string, value: string | null | undefined];

/**
 * Writes a paper as a BibTeX entry in UTF-8, with a line break at its end. `key` is the citation key; characters that
 * are invalid in it become hyphens.
 */
export function toBibtex(paper: Paper, key: string): string {
  const date = paper.published ?? "";
  const conference = kindOf(paper) === "conference";
  return entry(paper.venue === null ? "misc" : conference ? "inproceedings" : "article", key, [
    ...titleAndAuthors(paper),
    [conference ? "booktitle" : "journal", latexOf(paper.venue)],
    ["year", date.slice(0, 4)],
    ["month", MONTHS[Number(date.slice(5, 7)) - 1]],
    ["date", date],
    ["doi", identifierOf(paper.doi)],
    ["eprint", paper.arxiv],
    ["archiveprefix", paper.arxiv === null ? null : "arXiv"],
    ["primaryclass", arxivClassOf(paper)],
    ...theRest(paper, key),
  ]);
}

const BIBLATEX: Record<Kind, [type: string, venue: string]> = {
  article: ["article", "journaltitle"],
  conference: ["inproceedings", "booktitle"],
  preprint: ["online", "organization"],
  other: ["misc", "organization"],
};

/** Writes a paper as an entry for biblatex and biber (the manual of biblatex 3.20, 2.1 and 2.2). `key` as for `toBibtex`. */
export function toBiblatex(paper: Paper, key: string): string {
  const [type, venue] = BIBLATEX[kindOf(paper)];
  return entry(type, key, [
    ...titleAndAuthors(paper),
    [venue, latexOf(paper.venue)],
    ["date", paper.published],
    ["doi", identifierOf(paper.doi)],
    ["eprint", paper.arxiv],
    ["eprinttype", paper.arxiv === null ? null : "arxiv"],
    ["eprintclass", arxivClassOf(paper)],
    ...theRest(paper, key),
  ]);
}

/** `cs.LG`, `hep-th`: styles print it after the arXiv id, so categories of other sources do not belong there. */
const ARXIV_CLASS = /^(?:[a-z-]+\.[A-Za-z-]{2,}|(?:hep|gr|nucl|math|quant)-[a-z]+)$/;
const arxivClassOf = ({ arxiv, categories }: Paper): string | undefined =>
  arxiv === null ? undefined : categories.find((category) => ARXIV_CLASS.test(category));

const titleAndAuthors = ({ title, authors }: Paper): Field[] => [
  // Double braces: BibTeX styles and reference managers keep the capitals.
  ["title", `{${textToLatex(title)}}`],
  ["author", authors.map(authorInBibtex).join(" and ")],
];

/** The field with the id of a paper whose key cannot be its id. Styles and reference managers ignore it. */
export const ID_FIELD = "kindredid";

const theRest = (paper: Paper, key: string): Field[] => [
  ["url", identifierOf(paper.url)],
  [
    "keywords",
    paper.keywords
      .map((keyword) => (/[,;]/.test(keyword) ? `{${textToLatex(keyword)}}` : textToLatex(keyword)))
      .join(", "),
  ],
  // Styles print it.
  ["note", paper.notice === null ? null : NOTICE_WORDS[paper.notice]],
  [ID_FIELD, idNextToKey(paper, key)?.replace(/[\s{}\\%@]/g, (character) => encodeURIComponent(character))],
  ["abstract", latexOf(paper.abstract)],
];

function entry(type: string, key: string, fields: readonly Field[]): string {
  const lines = fields.flatMap(([name, value]) =>
    value ? [`  ${name} = ${name === "month" ? value : `{${value}}`},\n`] : [],
  );
  const safeKey = key.replace(/[^A-Za-z0-9:._+/-]+/g, "-") || "paper";
  return `@${type}{${safeKey},\n${lines.join("")}}\n`;
}

const latexOf = (text: string | null | undefined): string | null => (text == null ? null : textToLatex(text));

/** Braces keep together the name of an organisation, and one with a comma or "and" in it. */
function authorInBibtex(name: string): string {
  const parts = nameParts(name);
  const whole = `{${textToLatex(name)}}`;
  if ("literal" in parts) return /[\s,]|^others$|^and$/i.test(name) ? whole : textToLatex(name);
  const { given, family, suffix, commaSuffix } = parts;
  if (suffix === undefined) return textToLatex(name === `${given} ${family}` ? name : `${family}, ${given}`);
  // Otherwise BibTeX would take "Jr." for the family name.
  const pieces = commaSuffix === true ? [family, suffix, given] : [`${family} ${suffix}`, given];
  return inSpokenOrder(pieces) === name ? pieces.map(textToLatex).join(", ") : whole;
}

/** URLs are read literally, except for braces, which would have to be balanced. */
const identifierOf = (text: string | null): string | null =>
  text === null ? null : text.replace(/[{}\\]/g, (character) => encodeURIComponent(character));
