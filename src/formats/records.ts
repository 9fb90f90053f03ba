/** Where JSON has records: in which object, and in which lists. */
import { isDataCite } from "./datacite.js";
import { isDblpHit } from "./dblp.js";
import { isObject, type JsonObject } from "./fields.js";
import { isOpenReviewNote } from "./openreview.js";

/** Deepest nesting of the list of records in the outermost object: DBLP's `result.hits.hit` is at three. */
export const MAX_PATH = 3;

/** The field in which an object has the paper, or more about it. */
export type Inner =
  "paper" | "citedPaper" | "citingPaper" | "metadata" | "data" | "attributes" | "bibjson" | "info" | "content";

/** Undefined if the paper's fields are in the object itself. */
export function innerOf(object: JsonObject): Inner | undefined {
  if (isObject(object["paper"])) return "paper";
  if ("_id" in object && isObject(object["metadata"])) return "metadata";
  if ("title" in object) return undefined;
  const { data, attributes } = object;
  // Zotero's web API.
  if (isObject(data) && typeof data["itemType"] === "string") return "data";
  if (isObject(attributes) && isDataCite(attributes)) return "attributes";
  if (isObject(object["bibjson"])) return "bibjson";
  if (isDblpHit(object)) return "info";
  if (isOpenReviewNote(object)) return "content";
  // Semantic Scholar's references and citations.
  return (["citedPaper", "citingPaper"] as const).find((name) => isObject(object[name]));
}

/** Whether an object describes a paper itself rather than containing others that do. */
export function describesPaper(object: JsonObject): boolean {
  if ("title" in object || "preprint_title" in object || isDataCite(object)) return true;
  const inner = innerOf(object);
  return inner !== undefined && (inner !== "metadata" || "text" in object);
}

/** Lists in a record whose entries have titles, but are not papers, or are other papers; and lists of errors. */
const PARTS_OF_A_RECORD = new Set(["titles", "references", "reference", "citations", "relatedItems", "errors"]);

/** The paths of the lists of records in an object that is not a record itself. */
export function listsOfRecords(object: JsonObject, path: string[] = []): string[][] {
  if (describesPaper(object)) return [];
  return Object.entries(object).flatMap(([name, value]) => {
    const here = [...path, name];
    if (isObject(value)) return here.length < MAX_PATH ? listsOfRecords(value, here) : [];
    if (!Array.isArray(value) || PARTS_OF_A_RECORD.has(name)) return [];
    return value.some((entry) => isObject(entry) && describesPaper(entry)) ? [here] : [];
  });
}
