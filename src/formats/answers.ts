/** Answers of services that are not papers: error messages, and lists without entries or without titles. */
import { isObject, type JsonObject } from "./fields.js";
import { excerpt } from "./text.js";

/** Fields of papers, which answers do not have. */
const OF_PAPERS = ["id", "doi", "DOI", "author", "authors", "abstract", "year"];

/** What an object without a title is, if it is such an answer: a problem, or an empty list. */
export function answerIn(object: JsonObject): { problem: string } | "empty" | undefined {
  if (OF_PAPERS.some((field) => field in object)) return undefined;
  const error = errorIn(object);
  if (error !== undefined) {
    return { problem: `this is an error message of a service, not a paper: ${excerpt(error, 200)}` };
  }
  const results = resultsIn(object);
  if (results === undefined) return undefined;
  if (results.list.length === 0) return "empty";
  const fields = results.list.find(isObject);
  if (fields === undefined) return undefined;
  const found = Object.keys(fields).slice(0, 10).join(", ");
  return {
    problem: `no titles: the ${results.list.length} entries of "${results.name}" have only ${excerpt(found, 200)}; request the titles, too`,
  };
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value : undefined;

function errorIn(object: JsonObject): string | undefined {
  const { error, errors, errMsg, message, status } = object;
  const said = text(message);
  if (text(error) !== undefined) return said === undefined ? text(error) : `${text(error)}: ${said}`;
  if (isObject(error)) return text(error["message"]);
  if (text(errMsg) !== undefined) return text(errMsg);
  // DataCite has one or several.
  const [first]: unknown[] = Array.isArray(errors) ? errors : [errors];
  if (isObject(first)) return text(first["title"]) ?? text(first["message"]) ?? text(first["detail"]);
  if (said !== undefined && ["code", "status", "name"].some((field) => field in object)) return said;
  if (said !== undefined && Object.keys(object).length === 1) return said;
  // Crossref lists what is wrong.
  const [wrong]: unknown[] = status === "failed" && Array.isArray(message) ? message : [];
  return isObject(wrong) ? text(wrong["message"]) : undefined;
}

/** The names that services give to their lists of results. */
const RESULTS = [
  "results",
  "result",
  "items",
  "data",
  "notes",
  "hit",
  "collection",
  "recommendedPapers",
  "papers",
  "records",
  "docs",
];
const TOTALS = ["total", "@total", "hitCount"];

function resultsIn(object: JsonObject, depth = 0): { name: string; list: unknown[] } | undefined {
  for (const name of RESULTS) {
    const list = object[name];
    if (Array.isArray(list)) return { name, list };
  }
  for (const value of Object.values(object)) {
    const found = isObject(value) && depth < 2 ? resultsIn(value, depth + 1) : undefined;
    if (found !== undefined) return found;
  }
  // Some leave out the list if it is empty.
  return TOTALS.some((name) => String(object[name]) === "0") ? { name: "results", list: [] } : undefined;
}
