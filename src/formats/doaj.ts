/** Articles of the Directory of Open Access Journals: `{id, bibjson: {title, author, journal, ...}}`. */
import { type Draft, finish, type Outcome } from "./draft.js";
import { type Fields, isObject, type JsonObject, listOf } from "./fields.js";

export function readDoajArticle(bibjson: Fields, object: JsonObject, id: unknown): Outcome {
  const year = textOf(bibjson.take("year"));
  const month = textOf(bibjson.take("month"));
  const identifiers = listOf(bibjson.take("identifier"));
  const links = listOf(bibjson.take("link"));
  const journal = bibjson.take("journal");
  const draft: Draft = {
    title: bibjson.take("title"),
    abstract: bibjson.take("abstract"),
    authors: listOf(bibjson.take("author")).map(({ name }) => name),
    venue: isObject(journal) ? journal["title"] : journal,
    categories: listOf(bibjson.take("subject")).map(({ term }) => term),
    // The month is a number, or its name.
    published: [/^\d+$/.test(month) ? `${year}-${month}` : `${month} ${year}`, year],
    doi: identifiers.find(({ type }) => typeof type === "string" && type.toLowerCase() === "doi")?.["id"],
    url:
      links.find(({ url }) => typeof url === "string")?.["url"] ??
      (typeof id === "string" ? `https://doaj.org/article/${id}` : undefined),
    keywords: bibjson.take("keywords"),
  };
  return finish(draft, { found: Object.keys(object) });
}

const textOf = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? `${value}` : "");
