/** Answers of OAI-PMH: records with a header and metadata in one of several formats, and errors. */
import type { Outcome } from "../draft.js";
import { excerpt } from "../text.js";
import { readArxivRecord } from "./arxiv.js";
import { readCrossref } from "./crossref.js";
import { readDataCite } from "./datacite.js";
import { readDublinCore } from "./dublin-core.js";
import type { Element } from "./element.js";
import { readJatsArticle } from "./jats.js";

export const isOaiRecord = (record: Element): boolean =>
  record.elements().some(({ name }) => name === "header" || name === "metadata");

export function readOaiRecord(record: Element, ignored: (field: string) => void): Outcome {
  const header = record.at("header");
  const id = header.at("identifier").text.trim();
  if (header.attribute("status") === "deleted")
    return {
      problem: `the repository has deleted ${id === "" ? "this record" : excerpt(id)}: remove the paper if you have it`,
    };
  const [metadata] = record.at("metadata").elements();
  switch (metadata?.name) {
    case "arXiv":
    case "arXivRaw":
      return readArxivRecord(metadata, ignored);
    case "dc":
    case "qualifieddc":
      return readDublinCore(metadata, id, ignored);
    case "resource":
      return readDataCite(metadata, id, ignored);
    case "oai_datacite":
      return readDataCite(metadata.at("payload", "resource"), id, ignored);
    case "crossref":
      return readCrossref(metadata, ignored);
    case "article":
      return readJatsArticle(metadata, ignored);
    default:
      return {
        problem:
          metadata === undefined
            ? "this record has no metadata"
            : `metadata in the format <${excerpt(metadata.name)}> cannot be read: ask the repository for metadataPrefix=oai_dc`,
      };
  }
}

export function readOaiError(error: Element): Outcome {
  const code = error.attribute("code") || error.attribute("type");
  return {
    problem: `the service answered with an error: ${[code, excerpt(error.text, 300)].filter((one) => one !== "").join(": ")}`,
  };
}
