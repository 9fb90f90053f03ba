/**
 * JSON objects that describe a paper: Kindred's own records, CSL-JSON, Zotero's items, BEIR documents, arXiv's metadata
 * snapshot, Hugging Face's daily papers, and what other services answer, one file each. Detected for each object from
 * its fields.
 */
import { normalizeArxiv } from "../core/identifiers.js";
import { answerIn } from "./answers.js";
import { isBiorxivPreprint, readBiorxivPreprint } from "./biorxiv.js";
import { isCslItem, readCslItem } from "./csl.js";
import { isDataCite, readDataCite } from "./datacite.js";
import { readDblpHit } from "./dblp.js";
import { readDoajArticle } from "./doaj.js";
import { type Draft, finish, isEmpty, type Outcome, isEmptyOrMissing } from "./draft.js";
import { isEuropePmc, readEuropePmc } from "./europe-pmc.js";
import { isPartOfItem, partOfItem } from "./item-type.js";
import { Fields, isObject, type JsonObject } from "./fields.js";
import { latexToText } from "./latex.js";
import { literalNames, nameOfEntry } from "./literal-list.js";
import { splitNames } from "./names.js";
import { noticeOfComments } from "./notice.js";
import { isOpenAlexWork, readOpenAlexWork } from "./openalex.js";
import { readOpenReviewNote } from "./openreview.js";
import { describesPaper, type Inner, innerOf } from "./records.js";
import { isSemanticScholarPaper, readSemanticScholarPaper } from "./semantic-scholar.js";
import { isZoteroItem, readZoteroItem } from "./zotero.js";

/** The paper in an object; undefined for a file or a note of one. `ignored` gets the names of unused fields. */
export function readObject(object: JsonObject, ignored: (field: string) => void): Outcome | undefined {
  if (isPartOfItem(object["itemType"])) {
    ignored(partOfItem(object["itemType"]));
    return undefined;
  }
  const inner = innerOf(object);
  // Crossref's and DataCite's response for one work.
  for (const name of ["message", "data"]) {
    const only = object[name];
    if (inner === undefined && !("title" in object) && isObject(only) && describesPaper(only)) {
      return readObject(only, ignored);
    }
  }
  const fields = new Fields(object);
  const within = inner === undefined ? undefined : object[inner];
  const nested = isObject(within) ? new Fields(within, `${inner}.`) : undefined;
  const outcome =
    inner !== undefined && isObject(within) && nested !== undefined
      ? readNested(inner, { fields: nested, object: within }, { fields, object }, ignored)
      : readFields(fields, object, ignored);
  if (outcome === undefined) return undefined;
  // Its unused fields are reported one by one.
  if (inner !== undefined && nested !== undefined) fields.take(inner);
  if ("problem" in outcome) {
    const answer = answerIn(object);
    if (answer === "empty") {
      ignored("answers without papers");
      return undefined;
    }
    if (answer !== undefined) return answer;
  }
  for (const field of [...fields.unused(), ...(nested?.unused() ?? [])]) ignored(field);
  return outcome;
}

interface Level {
  fields: Fields;
  object: JsonObject;
}

function readNested(name: Inner, inner: Level, outer: Level, ignored: (field: string) => void): Outcome | undefined {
  switch (name) {
    case "paper":
      return dailyPaper(outer.fields, inner.fields);
    case "metadata":
      return "text" in outer.object
        ? beirDocument(outer.fields, inner.fields, outer.object)
        : readFields(outer.fields, outer.object, ignored);
    case "data":
      return readZoteroItem(inner.fields, inner.object, outer.fields.take("meta"), ignored);
    case "attributes":
      return readDataCite(inner.fields, inner.object);
    case "bibjson":
      return readDoajArticle(inner.fields, inner.object, outer.fields.take("id"));
    case "info":
      return readDblpHit(inner.fields, inner.object);
    case "content":
      return readOpenReviewNote(inner.fields, inner.object, outer.fields);
    default:
      return readFields(inner.fields, inner.object, ignored);
  }
}

function readFields(fields: Fields, object: JsonObject, ignored: (field: string) => void): Outcome | undefined {
  if ("summary" in object && ("publishedAt" in object || "upvotes" in object)) return dailyPaper(fields, undefined);
  if ("authors_parsed" in object || "update_date" in object || "journal-ref" in object) return arxivSnapshot(fields);
  if ("_id" in object && "text" in object) return beirDocument(fields, undefined, object);
  if (isOpenAlexWork(object)) return readOpenAlexWork(fields, object);
  if (isSemanticScholarPaper(object)) return readSemanticScholarPaper(fields, object);
  if (isZoteroItem(object)) return readZoteroItem(fields, object, undefined, ignored);
  if (isDataCite(object)) return readDataCite(fields, object);
  if (isEuropePmc(object)) return readEuropePmc(fields, object);
  if (isBiorxivPreprint(object)) return readBiorxivPreprint(fields, object);
  return isCslItem(object) ? readCslItem(fields, object) : ownRecord(fields, object);
}

function ownRecord(fields: Fields, object: JsonObject): Outcome {
  const draft: Draft = {};
  for (const field of TEXT_FIELDS) draft[field] = fields.take(field);
  draft.authors = names(fields.take("authors"));
  draft.categories = list(fields.take("categories"));
  draft.keywords = list(fields.take("keywords"));
  if (isEmptyOrMissing(draft.published)) draft.published = fields.take("year");
  // Written for every paper by Kindred; derived from the abstract.
  fields.take("basis");
  return finish(draft, { found: Object.keys(object) });
}

const TEXT_FIELDS = [
  "id",
  "key",
  "title",
  "abstract",
  "venue",
  "published",
  "updated",
  "doi",
  "arxiv",
  "url",
  "source",
  "organization",
  "listed",
  "upvotes",
  "comments",
  "notice",
] as const;

function beirDocument(fields: Fields, metadata: Fields | undefined, object: JsonObject): Outcome {
  return finish(
    {
      id: fields.take("_id"),
      title: fields.take("title"),
      abstract: fields.take("text"),
      authors: names(metadata?.take("authors") ?? metadata?.take("author")),
      venue: metadata?.take("venue"),
      doi: metadata?.take("doi"),
      url: metadata?.take("url"),
      published: metadata?.take("year"),
    },
    { found: Object.keys(object) },
  );
}

function arxivSnapshot(fields: Fields): Outcome {
  const id = fields.take("id");
  const arxiv = typeof id === "string" ? normalizeArxiv(id) : undefined;
  const parsed = fields.take("authors_parsed");
  const authors = fields.take("authors");
  const categories = fields.take("categories");
  const versions = fields.take("versions");
  return finish(
    {
      id,
      arxiv,
      title: fields.take("title"),
      abstract: fields.take("abstract"),
      authors:
        parsedNames(parsed) ??
        (typeof authors === "string" ? splitNames(withoutAffiliations(authors)) : names(authors)),
      venue: fields.take("journal-ref"),
      categories: typeof categories === "string" ? categories.split(/\s+/) : categories,
      published: firstVersion(versions) ?? fields.take("published"),
      updated: fields.take("update_date"),
      doi: fields.take("doi"),
      url: arxiv === undefined ? undefined : `https://arxiv.org/abs/${arxiv}`,
      source: "arXiv",
      notice: fields.takeIf("comments", noticeOfComments),
    },
    { decode: (text) => latexToText(text, "arxiv") },
  );
}

/** `[["Erd\\H{o}s", "Paul", ""]]`: family name, given names, suffix. */
function parsedNames(parsed: unknown): string[] | undefined {
  if (!Array.isArray(parsed) || parsed.length === 0) return undefined;
  return parsed.flatMap((entry: unknown) => {
    const [family, given, suffix] = Array.isArray(entry)
      ? entry.map((part: unknown) => (typeof part === "string" ? part : ""))
      : [];
    return [[given, family, suffix].filter(Boolean).join(" ")].filter(Boolean);
  });
}

const withoutAffiliations = (authors: string): string => authors.replace(/\s+/g, " ").replace(/ ?\([^()]*\)/g, "");

function firstVersion(versions: unknown): unknown {
  const first: unknown = Array.isArray(versions) ? versions[0] : undefined;
  return isObject(first) ? first["created"] : undefined;
}

/**
 * An entry of the list contains a `paper`; fields missing there may be in the entry. A bare `paper` is accepted too.
 */
function dailyPaper(entry: Fields, nested: Fields | undefined): Outcome {
  const paper = nested ?? entry;
  const either = (name: string): unknown => {
    const inner = paper.take(name);
    const outer = entry.take(name);
    return (name === "title" ? isEmpty : isEmptyOrMissing)(inner) ? outer : inner;
  };
  const text = (name: string): unknown => {
    const value = either(name);
    return typeof value === "string" ? value : undefined;
  };
  const organization = either("organization");
  const arxiv = text("id");
  return finish({
    id: paper.take("id"),
    title: either("title"),
    abstract: either("summary"),
    authors: names(either("authors")),
    published: either("publishedAt"),
    listed: either("submittedOnDailyAt"),
    upvotes: either("upvotes"),
    comments: either("numComments"),
    organization: isObject(organization) ? (organization["fullname"] ?? organization["name"]) : organization,
    keywords: list(either("ai_keywords")),
    url: typeof arxiv === "string" && arxiv !== "" ? `https://huggingface.co/papers/${arxiv}` : undefined,
    source: "Hugging Face Daily Papers",
  });
}

/** Names as strings: from strings, `{name}`, or `{given, family}`. Hidden authors of a daily paper are included. */
function names(value: unknown): unknown {
  if (typeof value === "string") return splitNames(value);
  return Array.isArray(value) ? value.map(nameOfEntry) : value;
}

function list(value: unknown): unknown {
  return typeof value === "string" ? (literalNames(value) ?? value.split(/[;,]/)) : value;
}
