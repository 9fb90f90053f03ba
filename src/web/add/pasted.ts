/** What somebody has pasted, told before anything is sent: what a file may hold, identifiers, or the text of a paper. */
import { identifiersByLine } from "../../identifiers.js";

export type Pasted =
  { as: "nothing" } | { as: "file"; format: string } | { as: "identifiers"; count: number } | { as: "text" };

/** Characters that are looked up at once: what the server takes. */
export const MOST_TO_FIND = 200_000;

/**
 * By how it begins, as the server tells the format of a file; the server has the last word. Identifiers are a text with
 * one in most of its lines.
 */
export function recognise(text: string): Pasted {
  const trimmed = text.trim();
  if (trimmed === "") return { as: "nothing" };
  if (/^(\{\s*["}]|\[\s*[{\]])/.test(trimmed)) return { as: "file", format: "JSON" };
  const bibtex = trimmed.search(/^[ \t]*@[ \t]*[a-z]+\s*[{(]/im);
  const ris = trimmed.search(/^[ \t]*TY {1,2}- ?/m);
  if (bibtex !== -1 && (ris === -1 || bibtex < ris)) return { as: "file", format: "BibTeX" };
  if (ris !== -1) return { as: "file", format: "RIS" };
  if (isTable(trimmed)) return { as: "file", format: "CSV" };
  if (trimmed.length > MOST_TO_FIND) return { as: "text" };
  const named = identifiersByLine(trimmed);
  const count = named.filter(({ identifiers }) => identifiers.length > 0).length;
  return count * 2 > named.length ? { as: "identifiers", count } : { as: "text" };
}

/** A line of names with a title among them, and more lines. */
function isTable(text: string): boolean {
  const end = text.indexOf("\n");
  if (end === -1 || end > 20_000) return false;
  const names = text.slice(0, end).split(/[,;\t|]/);
  return names.length > 1 && names.some((name) => /^\W*(article|document|paper|item)?[ _]?title\W*$/i.test(name));
}

/** The first line of a text as a title, the rest as an abstract. */
export function paperIn(text: string): { title: string; abstract: string } {
  const [title = "", ...rest] = text.trim().split(/\r?\n/);
  return { title: title.trim(), abstract: rest.join("\n").trim() };
}
