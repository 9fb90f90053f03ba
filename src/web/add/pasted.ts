/** Recognises pasted text: the content of a file, identifiers, or the text of a paper. */
import { identifiersByLine } from "../../core/identifiers.js";

export type Pasted =
  { as: "nothing" } | { as: "file"; format: string } | { as: "identifiers"; count: number } | { as: "text" };

/** Characters that the server accepts in one lookup. */
export const MOST_TO_FIND = 200_000;

/** How a record starts in other tagged formats. */
const TAGGED: readonly [start: RegExp, format: string][] = [
  [/^(?:PMID|OWN) *- \w/, "PubMed"],
  [/^%0 [A-Z]/, "EndNote"],
  [/^RT [A-Z][\w, ]*\r?$/m, "RefWorks"],
  [/^(?:FN (?:Clarivate|Thomson|ISI)|PT [A-Z]\r?$)/m, "Web of Science"],
];

/**
 * Recognises a text by its beginning, like the server, which decides in the end. A text is identifiers when most of its
 * lines contain one.
 */
export function recognise(text: string): Pasted {
  const trimmed = text.trim();
  if (trimmed === "") return { as: "nothing" };
  if (/^(\{\s*["}]|\[\s*[{\]])/.test(trimmed)) return { as: "file", format: "JSON" };
  if (/^<(?:\?xml|!DOCTYPE|PubmedArticle|OAI-PMH|rss|feed|record|article|dblp|doi_record)\b/.test(trimmed))
    return { as: "file", format: "XML" };
  const bibtex = trimmed.search(/^[ \t]*@[ \t]*[a-z]+\s*[{(]/im);
  const ris = trimmed.search(/^[ \t]*TY {1,2}- ?/m);
  if (bibtex !== -1 && (ris === -1 || bibtex < ris)) return { as: "file", format: "BibTeX" };
  if (ris !== -1) return { as: "file", format: "RIS" };
  const tagged = TAGGED.find(([start]) => start.test(trimmed));
  if (tagged !== undefined) return { as: "file", format: tagged[1] };
  if (isTable(trimmed)) return { as: "file", format: "CSV" };
  if (trimmed.length > MOST_TO_FIND) return { as: "text" };
  const named = identifiersByLine(trimmed);
  const count = named.filter(({ identifiers }) => identifiers.length > 0).length;
  return count * 2 > named.length ? { as: "identifiers", count } : { as: "text" };
}

/** Whether the first line has column names, one of them the title, and more lines follow. */
function isTable(text: string): boolean {
  const end = text.indexOf("\n");
  if (end === -1 || end > 20_000) return false;
  const names = text.slice(0, end).split(/[,;\t|]/);
  return names.length > 1 && names.some((name) => /^\W*(article|document|paper|item)?[ _]?title\W*$/i.test(name));
}

/** A paper with the first line of a text as its title, and the rest as its abstract. */
export function paperIn(text: string): { title: string; abstract: string } {
  const [title = "", ...rest] = text.trim().split(/\r?\n/);
  return { title: title.trim(), abstract: rest.join("\n").trim() };
}
