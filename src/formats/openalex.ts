/** Works from OpenAlex's API. Fields: docs.openalex.org, "Work object". */
import { normalizeArxiv } from "../core/identifiers.js";
import { CLEARED } from "../core/notice.js";
import { type Draft, finish, type Outcome } from "./draft.js";
import { type Fields, isObject, type JsonObject, listOf } from "./fields.js";

/** The request may have selected fields. */
export const isOpenAlexWork = (object: JsonObject): boolean =>
  "authorships" in object ||
  "abstract_inverted_index" in object ||
  (typeof object["id"] === "string" && /^https:\/\/openalex\.org\/W\d/.test(object["id"]));

export function readOpenAlexWork(fields: Fields, object: JsonObject): Outcome {
  const title = fields.take("title");
  const displayName = fields.take("display_name");
  const ids = fields.take("ids");
  const doi = fields.take("doi");
  const primary = fields.take("primary_location");
  const location = isObject(primary) ? primary : {};
  const draft: Draft = {
    id: fields.take("id"),
    title: title ?? displayName,
    abstract: abstractIn(fields.take("abstract_inverted_index")),
    authors: listOf(fields.take("authorships")).map(
      (one) => nameOf(one["author"]) ?? one["raw_author_name"] ?? undefined,
    ),
    venue: nameOf(location["source"]),
    categories: listOf([fields.take("primary_topic")]).flatMap((topic) => nameOf(topic["field"]) ?? []),
    published: [fields.take("publication_date"), fields.take("publication_year")],
    doi: doi ?? (isObject(ids) ? ids["doi"] : undefined),
    // Other locations of the same work.
    arxiv: [location, ...listOf(fields.take("locations"))].map(arxivAt).find((id) => id !== undefined),
    url: location["landing_page_url"],
    keywords: listOf(fields.take("keywords")).map((one) => nameOf(one) ?? one["keyword"]),
    // That it is not retracted may mean that OpenAlex has not heard of it.
    notice:
      fields.takeIf("type", (type) => (type === "retraction" ? CLEARED : undefined)) ??
      fields.takeIf("is_retracted", (retracted) => (retracted === true ? "retracted" : undefined)),
  };
  return finish(draft, { found: Object.keys(object) });
}

const nameOf = (value: unknown): unknown => (isObject(value) ? (value["display_name"] ?? undefined) : undefined);

const arxivAt = ({ landing_page_url: url }: JsonObject): string | undefined =>
  typeof url === "string" ? normalizeArxiv(url) : undefined;

/** Rebuilds a text from its words and their positions: `{"We": [0], "test": [1, 4]}`. */
function abstractIn(index: unknown): string | undefined {
  if (!isObject(index)) return undefined;
  const words = Object.entries(index).flatMap(([word, places]) =>
    Array.isArray(places) ? places.flatMap((at) => (typeof at === "number" ? [{ at, word }] : [])) : [],
  );
  return words
    .toSorted((a, b) => a.at - b.at)
    .map(({ word }) => word)
    .join(" ");
}
