import { NOTICE_WORDS } from "../core/notice.js";
import type { Paper } from "../core/paper.js";
import { kindOf } from "./kind.js";
import { textToLatex } from "./latex.js";
import { nameParts } from "./name-parts.js";
import { inSpokenOrder } from "./names.js";

/** Abbreviations that every style knows; classic BibTeX prints a number as it is. */
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/**
 * Writes a paper as a BibTeX entry in UTF-8, with a line break at its end. `key` is the citation key; characters that
 * are invalid in it become hyphens.
 */
export function toBibtex(paper: Paper, key: string): string {
  const date = paper.published ?? "";
  const conference = kindOf(paper) === "conference";
  const fields: [name: string, value: string | undefined][] = [
    // Double braces: BibTeX styles and reference managers keep the capitals.
    ["title", `{${textToLatex(paper.title)}}`],
    ["author", paper.authors.map(authorInBibtex).join(" and ")],
    [conference ? "booktitle" : "journal", paper.venue === null ? undefined : textToLatex(paper.venue)],
    ["year", date.slice(0, 4)],
    ["month", MONTHS[Number(date.slice(5, 7)) - 1]],
    ["date", date],
    ["doi", paper.doi === null ? undefined : escapedIdentifier(paper.doi)],
    ["eprint", paper.arxiv ?? undefined],
    ["archiveprefix", paper.arxiv === null ? undefined : "arXiv"],
    ["primaryclass", paper.arxiv === null ? undefined : paper.categories[0] && textToLatex(paper.categories[0])],
    ["url", paper.url === null ? undefined : escapedIdentifier(paper.url)],
    [
      "keywords",
      paper.keywords
        .map((keyword) => (/[,;]/.test(keyword) ? `{${textToLatex(keyword)}}` : textToLatex(keyword)))
        .join(", "),
    ],
    // Styles print it.
    ["note", paper.notice === null ? undefined : NOTICE_WORDS[paper.notice]],
    ["abstract", paper.abstract === null ? undefined : textToLatex(paper.abstract)],
  ];
  const lines = fields.flatMap(([name, value]) =>
    value ? [`  ${name} = ${name === "month" ? value : `{${value}}`},\n`] : [],
  );
  const safeKey = key.replace(/[^A-Za-z0-9:._+/-]+/g, "-") || "paper";
  const type = paper.venue === null ? "misc" : conference ? "inproceedings" : "article";
  return `@${type}{${safeKey},\n${lines.join("")}}\n`;
}

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
const escapedIdentifier = (text: string): string =>
  text.replace(/[{}\\]/g, (character) => encodeURIComponent(character));
