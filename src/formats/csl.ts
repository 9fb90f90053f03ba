/**
 * Items of CSL-JSON, used by citation processors, reference managers and Crossref. Fields: Citation Style Language
 * 1.0.2, csl-data.json.
 */
import { arxivIn } from "./arxiv-in.js";
import { isKeyFor } from "./citation-key.js";
import { type Draft, finish, type Outcome } from "./draft.js";
import { type Fields, isObject, type JsonObject, listOf } from "./fields.js";
import { splitKeywords } from "./list.js";
import { noticeIn, noticeOfUpdates } from "./notice.js";
import { ID_FIELD } from "./to-csl.js";

/** An object with only these fields, and a type, is a CSL item. */
const KNOWN = new Set(
  "type id citation-key title author abstract keyword categories note number URL status custom".split(" "),
);

export function isCslItem(object: JsonObject): boolean {
  if ("authors" in object) return false;
  const { author, issued, type } = object;
  return (
    isObject(issued) ||
    "container-title" in object ||
    "DOI" in object ||
    (Array.isArray(author) && author.some((name) => isObject(name) && ("family" in name || "literal" in name))) ||
    (typeof type === "string" && Object.keys(object).every((field) => KNOWN.has(field)))
  );
}

export function readCslItem(fields: Fields, object: JsonObject): Outcome {
  const id = fields.take("id");
  const key = fields.take("citation-key") ?? id;
  fields.take("type");
  const draft: Draft = {
    // An id is unique only in its file: some programs count "ITEM-1", "ITEM-2".
    key: fields.takeIf("custom", (custom) => originalId(custom, key)) ?? key,
    title: firstOf(fields.take("title")),
    abstract: fields.take("abstract"),
    authors: names(fields.take("author")),
    venue: firstOf(fields.take("container-title")) ?? fields.takeIf("institution", serverIn),
    categories: fields.take("categories"),
    published: dateIn(fields.take("issued")),
    doi: fields.take("DOI"),
    arxiv: fields.takeIf("number", arxivIn) ?? fields.takeIf("note", arxivIn),
    url: fields.take("URL"),
    keywords: keywords(fields.take("keyword")),
    notice:
      fields.takeIf("status", noticeIn) ??
      noticeOfUpdates(object["DOI"], listOf(object["updated-by"]), listOf(object["update-to"])),
  };
  return finish(draft, { found: Object.keys(object) });
}

/** The id of the paper whose export the item comes from. */
function originalId(custom: unknown, key: unknown): string | undefined {
  const id = isObject(custom) ? custom[ID_FIELD] : undefined;
  return typeof id === "string" && typeof key === "string" && isKeyFor(key, id) ? id : undefined;
}

/** Crossref has lists of titles; the first is the main one. */
const firstOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

/** Crossref's preprints have the server as institution. */
const serverIn = (value: unknown): unknown => listOf(value)[0]?.["name"];

const keywords = (value: unknown): unknown => (typeof value === "string" ? splitKeywords(value) : value);

/** The date in `{"date-parts": [[2017, 6, 12]]}`, which may lack day and month, or in a text. Of a range, the start. */
function dateIn(issued: unknown): unknown {
  if (!isObject(issued)) return issued;
  const { "date-parts": ranges, raw, literal } = issued;
  const [parts]: unknown[] = Array.isArray(ranges) ? ranges : [];
  const known = Array.isArray(parts) ? parts.filter((part) => part !== null && part !== "").map(String) : [];
  return known.length > 0 ? known.join("-") : (raw ?? literal);
}

function names(authors: unknown): unknown {
  return Array.isArray(authors) ? authors.map((name) => (isObject(name) ? spoken(name) : name)) : authors;
}

function spoken(name: JsonObject): unknown {
  const { given, family, suffix, literal } = name;
  if (typeof family !== "string") return literal ?? name["name"] ?? given;
  const parts = [given, name["dropping-particle"], name["non-dropping-particle"], family];
  const said = parts.filter((part) => typeof part === "string" && part !== "").join(" ");
  if (typeof suffix !== "string" || suffix === "") return said;
  return `${said}${name["comma-suffix"] ? "," : ""} ${suffix}`;
}
