/**
 * Zotero's items: as its web API and a running Zotero answer (`{key, data: {itemType, ...}}`), and as Better BibTeX
 * exports them (`{items: [{itemType, ...}]}`). Fields: api.zotero.org/schema.
 */
import { arxivIn } from "./arxiv-in.js";
import { type Draft, finish, isEmptyOrMissing, type Outcome } from "./draft.js";
import { type Fields, isObject, type JsonObject, listOf } from "./fields.js";
import { isPartOfItem, partOfItem } from "./item-type.js";

export const isZoteroItem = (object: JsonObject): boolean =>
  typeof object["itemType"] === "string" &&
  ["creators", "abstractNote", "dateAdded", "dateModified", "itemKey"].some((field) => field in object);

/** @param meta What the web API says about the item. */
export function readZoteroItem(
  fields: Fields,
  object: JsonObject,
  meta: unknown,
  ignored: (field: string) => void,
): Outcome | undefined {
  const type = fields.take("itemType");
  if (isPartOfItem(type)) {
    ignored(partOfItem(type));
    return undefined;
  }
  // 1 in the web API.
  if (fields.take("deleted")) {
    ignored("items in the trash");
    return undefined;
  }
  const first = (names: readonly string[]): unknown => {
    const name = names.find((one) => !isEmptyOrMissing(object[one]));
    return name === undefined ? undefined : fields.take(name);
  };
  const extra = fields.takeIf("extra", identifiersInExtra);
  const itemKey = fields.take("key") ?? fields.take("itemKey");
  const draft: Draft = {
    key: first(["citationKey", "citekey"]) ?? extra?.key ?? itemKey,
    title: first(TITLES),
    abstract: fields.take("abstractNote"),
    authors: authorsIn(listOf(fields.take("creators"))),
    venue: first(VENUES),
    // A date in words, which Zotero has parsed.
    published: [isObject(meta) ? meta["parsedDate"] : undefined, fields.take("date")],
    doi: first(["DOI"]) ?? extra?.doi,
    arxiv: fields.takeIf("archiveID", arxivIn) ?? extra?.arxiv,
    url: fields.take("url"),
    keywords: listOf(fields.take("tags")).map(({ tag }) => tag),
  };
  return finish(draft, { found: Object.keys(object) });
}

/** Cases, laws and mails have other titles. */
const TITLES = ["title", "caseName", "nameOfAct", "subject"];
const VENUES = [
  "publicationTitle",
  "proceedingsTitle",
  "bookTitle",
  "conferenceName",
  "repository",
  "university",
  "institution",
  "encyclopediaTitle",
  "dictionaryTitle",
  "websiteTitle",
  "blogTitle",
  "forumTitle",
  "meetingName",
];

const NOT_AUTHORS = new Set<unknown>(
  "editor seriesEditor translator contributor reviewedAuthor bookAuthor commenter recipient cosponsor counsel castMember guest wordsBy producer scriptwriter".split(
    " ",
  ),
);

/** The authors, or in their place inventors, presenters, programmers, ... */
function authorsIn(creators: readonly JsonObject[]): unknown[] {
  const authors = creators.filter(({ creatorType }) => creatorType === "author");
  const kept = authors.length > 0 ? authors : creators.filter(({ creatorType }) => !NOT_AUTHORS.has(creatorType));
  return kept.map(({ name, firstName, lastName }) => name ?? [firstName, lastName].filter(Boolean).join(" "));
}

/** Identifiers for which the type of an item has no field are lines in `extra`. */
export function identifiersInExtra(
  extra: unknown,
): { key: string | undefined; doi: string | undefined; arxiv: string | undefined } | undefined {
  if (typeof extra !== "string") return undefined;
  const found = {
    key: /^citation key:[ \t]*(\S+)/im.exec(extra)?.[1],
    doi: /^doi:[ \t]*(10\.\S+)/im.exec(extra)?.[1],
    arxiv: arxivIn(extra),
  };
  return Object.values(found).some((one) => one !== undefined) ? found : undefined;
}
