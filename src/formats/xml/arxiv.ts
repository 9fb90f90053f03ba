/** Records of arXiv, from its OAI-PMH and its API. */
import { normalizeArxiv } from "../../core/identifiers.js";
import { CLEARED, type SaidNotice } from "../../core/notice.js";
import { type Draft, finish, type Outcome } from "../draft.js";
import { latexToText } from "../latex.js";
import { splitNames } from "../names.js";
import type { Element } from "./element.js";
import { noticeOfComments } from "../notice.js";
import { fullName } from "./fields.js";

/** A paper of arXiv from its fields, whose texts were LaTeX. `comments` are the authors' remarks about the paper. */
export function finishArxiv(arxiv: string, draft: Draft, comments = ""): Outcome {
  const id = normalizeArxiv(arxiv);
  return finish(
    {
      id: id ?? arxiv,
      arxiv: id,
      ...draft,
      url: id === undefined ? draft.url : `https://arxiv.org/abs/${id}`,
      source: "arXiv",
      notice: draft.notice ?? noticeOfComments(comments),
    },
    { decode: (text) => latexToText(text, "arxiv"), found: Object.keys(draft) },
  );
}

/** The metadata formats `arXiv` and `arXivRaw` of OAI-PMH. */
export function readArxivRecord(record: Element, ignored: (field: string) => void): Outcome {
  const text = (name: string): string => record.at(name).text.trim();
  const versions = record
    .all("version")
    .map((version) => ({ date: version.at("date").text, type: version.at("source_type").text }));
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
      published: text("created") || versions[0]?.date,
      updated: text("updated") || (versions.length > 1 ? versions.at(-1)?.date : undefined),
      // There may be several.
      doi: text("doi").split(/\s+/)[0],
      notice: noticeOfVersions(versions.map(({ type }) => type)),
    },
    text("comments"),
  );
  for (const name of record.unread()) ignored(name);
  return outcome;
}

/** A version that withdraws the paper has the type "I"; a later one brings it back. */
function noticeOfVersions(types: readonly string[]): SaidNotice | undefined {
  if (!types.some(withdraws)) return undefined;
  return withdraws(types.at(-1) ?? "") ? "withdrawn" : CLEARED;
}

const withdraws = (type: string): boolean => type.includes("I");

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
