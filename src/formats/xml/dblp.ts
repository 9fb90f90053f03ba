/** DBLP: its dump, pages of people, single records, and answers of its search. It has no abstracts. */
import { normalizeArxiv, normalizeDoi } from "../../core/identifiers.js";
import { finish, type Outcome } from "../draft.js";
import type { Element } from "./element.js";
import { withoutFullStop } from "../text.js";

export const DBLP_RECORDS = [
  "article",
  "inproceedings",
  "proceedings",
  "book",
  "incollection",
  "phdthesis",
  "mastersthesis",
  "data",
];

/** A record, or the `info` in a hit of the search. */
export function readDblp(record: Element, ignored: (field: string) => void): Outcome {
  const people = (name: string): string[] =>
    [...record.all(name), ...record.at(`${name}s`).all(name)].map(({ text }) => text.trim());
  const first = (...names: string[]): string => record.all(...names)[0]?.text.trim() ?? "";
  const authors = people("author");
  const links = record.all("ee").map(({ text }) => text.trim());
  const key = record.attribute("key") || first("key");
  record.all("url", "crossref", "type");
  const outcome = finish(
    {
      id: key === "" ? "" : `DBLP:${key}`,
      title: withoutFullStop(record.at("title").text),
      authors: authors.length > 0 ? authors : people("editor"),
      venue: first("journal", "venue") || first("booktitle") || first("school", "publisher"),
      published: [`${first("year")} ${first("month")}`, first("year")],
      doi: first("doi") || links.map(doiIn).find((doi) => doi !== undefined),
      // Preprints of arXiv are in the journal "CoRR", their ids where others have the volume.
      arxiv: normalizeArxiv(first("volume").replace(/^abs\//, "")),
      url: links.find((link) => /^https?:\/\/\S+$/.test(link)),
      notice: /\bwithdrawn\b/.test(record.attribute("publtype")) ? "withdrawn" : undefined,
    },
    { found: record.elements().map(({ name }) => name) },
  );
  for (const name of record.unread()) ignored(name);
  return outcome;
}

/** Where a link contains a blank, the DOI is not complete. */
const doiIn = (link: string): string | undefined =>
  /^https?:\/\/[^/]*doi\S*$/i.test(link) ? normalizeDoi(link) : undefined;
