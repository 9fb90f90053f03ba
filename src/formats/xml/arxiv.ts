/** Records of arXiv, from its OAI-PMH and its API. */
import { normalizeArxiv } from "../../core/identifiers.js";
import { type Draft, finish, type Outcome } from "../draft.js";
import { latexToText } from "../latex.js";
import { splitNames } from "../names.js";
import type { Element } from "./element.js";
import { fullName, remarked } from "./fields.js";

const WITHDRAWN =
  /\b(?:paper|article|submission|manuscript|preprint|work) (?:has been |was |is )?withdrawn\b|^\s*withdrawn\b/i;

/** A paper of arXiv from its fields, whose texts were LaTeX. `comments` are the authors' remarks about the paper. */
export function finishArxiv(arxiv: string, draft: Draft, comments = ""): Outcome {
  const id = normalizeArxiv(arxiv);
  const outcome = finish(
    {
      id: id ?? arxiv,
      arxiv: id,
      ...draft,
      url: id === undefined ? draft.url : `https://arxiv.org/abs/${id}`,
      source: "arXiv",
    },
    { decode: (text) => latexToText(text, "arxiv"), found: Object.keys(draft) },
  );
  return WITHDRAWN.test(comments) ? remarked(outcome, "its authors have withdrawn this paper") : outcome;
}

/** The metadata formats `arXiv` and `arXivRaw` of OAI-PMH. */
export function readArxivRecord(record: Element, ignored: (field: string) => void): Outcome {
  const text = (name: string): string => record.at(name).text.trim();
  const versions = record.all("version").map((version) => version.at("date").text);
  const outcome = finishArxiv(
    text("id"),
    {
      title: text("title"),
      abstract: text("abstract"),
      authors: authorsIn(record.at("authors")),
      venue: text("journal-ref"),
      categories: text("categories")
        .split(/\s+/)
        .filter((category) => category !== ""),
      published: text("created") || versions[0],
      updated: text("updated") || (versions.length > 1 ? versions.at(-1) : undefined),
      // There may be several.
      doi: text("doi").split(/\s+/)[0],
    },
    text("comments"),
  );
  for (const name of record.unread()) ignored(name);
  return outcome;
}

function authorsIn(authors: Element): string[] {
  const people = authors.all("author");
  if (people.length === 0) return namesIn(authors.text);
  return people.map((one) => fullName(one.at("forenames").text, one.at("keyname").text, one.at("suffix").text));
}

/** One text with all names, and affiliations in parentheses. */
export const namesIn = (text: string): string[] =>
  splitNames(
    latexToText(text, "arxiv")
      .replace(/\s+/g, " ")
      .replace(/ ?\([^()]*\)/g, ""),
  );
