/** Papers from Semantic Scholar's API. Fields: api.semanticscholar.org/api-docs/graph. */
import { type Draft, finish, type Outcome } from "./draft.js";
import { type Fields, isObject, type JsonObject } from "./fields.js";

/** The request selects the fields; the id is always present. */
export const isSemanticScholarPaper = ({ paperId, externalIds, corpusId }: JsonObject): boolean =>
  isObject(externalIds) ||
  typeof corpusId === "number" ||
  (typeof paperId === "string" && /^[0-9a-f]{40}$/.test(paperId));

export function readSemanticScholarPaper(fields: Fields, object: JsonObject): Outcome {
  const external = fields.take("externalIds");
  const { DOI: doi, ArXiv: arxiv } = isObject(external) ? external : {};
  const authors = fields.take("authors");
  const draft: Draft = {
    id: fields.take("paperId"),
    title: fields.take("title"),
    abstract: fields.take("abstract"),
    authors: Array.isArray(authors) ? authors.map((author) => (isObject(author) ? author["name"] : author)) : authors,
    venue: fields.take("venue") || nameOf(fields.take("publicationVenue")) || nameOf(fields.take("journal")),
    categories: fields.take("fieldsOfStudy"),
    published: [fields.take("publicationDate"), fields.take("year")],
    doi,
    arxiv,
    url: fields.take("url"),
  };
  return finish(draft, { found: Object.keys(object) });
}

const nameOf = (value: unknown): unknown => (isObject(value) ? value["name"] : undefined);
