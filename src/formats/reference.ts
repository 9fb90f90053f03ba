import { doiAddress } from "../core/identifiers.js";
import { NOTICE_WORDS } from "../core/notice.js";
import type { Paper } from "../core/paper.js";
import { inPandoc } from "./citing.js";
import { cleanIdentifier } from "./text.js";

/** With more names than this: all but the last of these, then "et al.". */
const MAX_NAMES = 20;
/** Punctuation that ends a sentence, in any script. */
const ENDED = /[.!?…。！？؟।][”"’'»)\]]*$/u;

/**
 * A paper as a readable reference: "Ada Smith and Bo Li (2017). On testing. Journal of Tests.
 * https://doi.org/10.1000/abc".
 */
export const toReference = (paper: Paper): string =>
  cleanIdentifier([...wordsOf(paper), addressOf(paper), noticeOf(paper)].filter((part) => part !== null).join(" "));

/** The same as an entry of a list in Markdown, with the citation key as pandoc and Obsidian's plugins read it. */
export function toMarkdown(paper: Paper, key: string): string {
  const address = addressOf(paper);
  const link = address === null ? null : URL.canParse(address) ? `<${new URL(address).href}>` : inMarkdown(address);
  const words = inMarkdown([...wordsOf(paper), noticeOf(paper)].filter((part) => part !== null).join(" "));
  return cleanIdentifier(["-", words, link, inPandoc(key)].filter((part) => part !== null).join(" "));
}

function wordsOf({ title, authors, published, venue }: Paper): string[] {
  const year = `(${published?.slice(0, 4) ?? "n.d."}).`;
  return [
    ...(authors.length === 0 ? [`${title} ${year}`] : [`${namesIn(authors)} ${year}`, sentence(title)]),
    ...(venue === null ? [] : [sentence(venue)]),
  ];
}

const addressOf = ({ doi, arxiv, url }: Paper): string | null =>
  doi !== null ? doiAddress(doi) : arxiv !== null ? `https://arxiv.org/abs/${arxiv}` : url;

const noticeOf = ({ notice }: Paper): string | null => (notice === null ? null : `[${NOTICE_WORDS[notice]}]`);

/**
 * Formulas stay, except that a space after "<" keeps it from being read as HTML by programs that know no formulas. A number or sign at
 * the start would be an item of another list, "@" a citation.
 */
const inMarkdown = (text: string): string =>
  text
    .replace(/\$[^$]+\$|[\\`*_[\]<>#|~$^@]|&(?=#?\w+;)/g, (found) =>
      found.length > 1 ? found.replace(/<(?=[A-Za-z/!?])/g, "< ") : `\\${found}`,
    )
    .replace(/^(\d+)(?=[.)](?:\s|$))|^(?=[+-](?:\s|$))/, "$1\\");

const sentence = (text: string): string => (ENDED.test(text) ? text : `${text}.`);

function namesIn(authors: readonly string[]): string {
  if (authors.length > MAX_NAMES) return `${authors.slice(0, MAX_NAMES - 1).join(", ")} et al.`;
  const last = authors.at(-1) ?? "";
  return authors.length === 1 ? last : `${authors.slice(0, -1).join(", ")} and ${last}`;
}
