/** Publications from DBLP's search API: `{info: {authors: {author: [{text}]}, title, venue, year, ...}}`. */
import { type Draft, finish, type Outcome } from "./draft.js";
import { type Fields, isObject, type JsonObject } from "./fields.js";
import { withoutStop } from "./pubmed.js";

export const isDblpHit = ({ info }: JsonObject): boolean =>
  isObject(info) && "title" in info && ["authors", "venue", "year", "key"].some((field) => field in info);

export function readDblpHit(fields: Fields, object: JsonObject): Outcome {
  const authors = fields.take("authors");
  const venue = fields.take("venue");
  const key = fields.take("key");
  const volume = fields.take("volume");
  const draft: Draft = {
    id: typeof key === "string" ? `DBLP:${key}` : key,
    title: withoutStop(textOf(fields.take("title"))),
    authors: oneOrMore(isObject(authors) ? authors["author"] : authors).map(textOf),
    venue: Array.isArray(venue) ? venue[0] : venue,
    published: fields.take("year"),
    doi: fields.take("doi"),
    arxiv: typeof volume === "string" ? /^abs\/(.+)$/.exec(volume)?.[1] : undefined,
    url: oneOrMore(fields.take("ee"))[0] ?? fields.take("url"),
  };
  return finish(draft, { found: Object.keys(object) });
}

const oneOrMore = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** Made from XML: a text with attributes is an object. */
const textOf = (value: unknown): unknown => (isObject(value) ? value["text"] : value);
