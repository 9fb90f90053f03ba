/** How records say that a paper was retracted or withdrawn. The notice of a retraction is itself not retracted. */
import { normalizeDoi } from "../core/identifiers.js";
import { CLEARED, NOTICE_WORDS, NOTICES, type SaidNotice, strongest } from "../core/notice.js";
import type { JsonObject } from "./fields.js";

/** A field that says nothing else: a note "Retracted." as exports have it, or the name of a notice. */
export function noticeIn(value: unknown): SaidNotice | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim().replace(/\.$/, "").toLowerCase();
  return text === CLEARED ? text : NOTICES.find((one) => one === text || NOTICE_WORDS[one].toLowerCase() === text);
}

/** Words that publishers put before a title: "RETRACTED ARTICLE: ...", "[Retracted] ..."; or, as Web of Science, after it. */
const IN_TITLE = [
  /^[\s\p{P}]*(retracted|withdrawn)(?: (?:article|paper|chapter|manuscript))?\s*:/iu,
  /^\[(retracted|withdrawn)\]/i,
  /[([](retracted|withdrawn)(?: (?:article|paper|chapter)\b[^()[\]]*)?[)\]]\.?$/i,
];
const WORK = "(?:paper|article|submission|manuscript|preprint|work|chapter)";
/** An abstract that was replaced: "This article has been withdrawn at the request of its authors." */
const IN_ABSTRACT = [
  new RegExp(`^[\\s\\p{P}]*th(?:is|e) ${WORK} (?:has been|was|is) (retracted|withdrawn)\\b(?! from)`, "iu"),
  new RegExp(`^[\\s\\p{P}]*(?:the )?authors? ha(?:ve|s) (retracted|withdrawn) (?:this|their|the) ${WORK}\\b`, "iu"),
];
const IN_COMMENTS = new RegExp(
  `\\b${WORK} (?:has been |was |is )?withdrawn\\b(?! from)|^\\s*withdrawn\\b(?! from)`,
  "i",
);

/** Characters of an abstract in which it would say so. */
const START = 200;

export function noticeOfTexts(title: string, abstract = ""): SaidNotice | undefined {
  const start = abstract.slice(0, START);
  const said = `${title}\n${start}`.toLowerCase();
  if (!said.includes("retracted") && !said.includes("withdrawn")) return undefined;
  const found = [...IN_TITLE.map((words) => words.exec(title)), ...IN_ABSTRACT.map((words) => words.exec(start))];
  return strongest(found.map((one) => noticeIn(one?.[1])));
}

/** What the authors say of a paper of arXiv: "This paper has been withdrawn due to an error in Lemma 2". */
export const noticeOfComments = (comments: unknown): SaidNotice | undefined =>
  typeof comments === "string" && IN_COMMENTS.test(comments) ? "withdrawn" : undefined;

/** Types of publications and of links to others, in letters only, in PubMed, Europe PMC, Web of Science and Scopus. */
const TYPES = new Map<string, SaidNotice>([
  ["retracted", "retracted"],
  ["retractedpublication", "retracted"],
  ["retractionin", "retracted"],
  ["retractedandrepublishedin", "retracted"],
  ["withdrawnpublication", "withdrawn"],
  ["publicationwithexpressionofconcern", "concern"],
  ["expressionofconcernin", "concern"],
  ["retraction", CLEARED],
  ["retractionofpublication", CLEARED],
  ["retractionof", CLEARED],
]);

const lettersIn = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]/g, "");

export const noticeOfTypes = (types: readonly unknown[]): SaidNotice | undefined =>
  strongest(types.map((type) => TYPES.get(lettersIn(String(type)))));

/** Types of Crossref's updates. A correction, and the retraction of a part, leave the paper as it is. */
const UPDATES = new Map<unknown, SaidNotice>([
  ["retraction", "retracted"],
  ["withdrawal", "withdrawn"],
  ["removal", "withdrawn"],
  ["expression_of_concern", "concern"],
]);

/**
 * @param by Updates of this work, as `{type}`.
 * @param to The works that this one updates, as `{type, DOI}`: others if it is a notice, itself if a publisher has put the
 *   notice in its place.
 */
export function noticeOfUpdates(
  doi: unknown,
  by: readonly JsonObject[],
  to: readonly JsonObject[],
): SaidNotice | undefined {
  const own = typeof doi === "string" ? normalizeDoi(doi) : undefined;
  const isOwn = ({ DOI: other }: JsonObject) =>
    own !== undefined && typeof other === "string" && normalizeDoi(other) === own;
  const updates = (list: readonly JsonObject[]) => list.map(({ type }) => UPDATES.get(type));
  const said = strongest(updates([...by, ...to.filter(isOwn)]));
  return said ?? (updates(to).some((one) => one !== undefined) ? CLEARED : undefined);
}
