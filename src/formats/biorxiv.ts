/** Preprints from the API of bioRxiv and medRxiv: of `/details`, and of `/pubs`, whose fields have a prefix. */
import { type Draft, finish, type Outcome } from "./draft.js";
import type { Fields, JsonObject } from "./fields.js";
import { splitNames } from "./names.js";

export const isBiorxivPreprint = (object: JsonObject): boolean =>
  "preprint_doi" in object || ("server" in object && "doi" in object && "version" in object);

export function readBiorxivPreprint(fields: Fields, object: JsonObject): Outcome {
  const prefix = "preprint_doi" in object ? "preprint_" : "";
  const take = (name: string): unknown => fields.take(prefix + name);
  const authors = take("authors");
  const date = take("date");
  const server = fields.take(prefix === "" ? "server" : "preprint_platform");
  const draft: Draft = {
    title: take("title"),
    abstract: take("abstract"),
    authors: typeof authors === "string" ? splitNames(authors) : authors,
    venue: server,
    categories: [take("category")],
    // Of this version: the date of the first one is in its own record only.
    published: date,
    updated: Number(fields.take("version")) > 1 ? date : undefined,
    doi: take("doi"),
  };
  return finish(draft, { found: Object.keys(object) });
}
