/** Results of Europe PMC's API, lite or core. Fields: europepmc.org/RestfulWebService. */
import { type Draft, finish, type Outcome } from "./draft.js";
import { type Fields, isObject, type JsonObject, listOf } from "./fields.js";
import { splitNames } from "./names.js";
import { noticeOfTypes } from "./notice.js";
import { pubmedAddress, pubmedId, pubmedTitle } from "./pubmed.js";

export const isEuropePmc = (object: JsonObject): boolean =>
  "authorString" in object || isObject(object["authorList"]) || ("source" in object && "pubYear" in object);

export function readEuropePmc(fields: Fields, object: JsonObject): Outcome {
  const [id, source] = [fields.take("id"), fields.take("source")];
  const journalInfo = within(fields.take("journalInfo"));
  const authors = listOf(within(fields.take("authorList"))["author"]).map(nameOf);
  const authorString = fields.take("authorString");
  const mesh = listOf(within(fields.take("meshHeadingList"))["meshHeading"]);
  const words = within(fields.take("keywordList"))["keyword"];
  const pmid = fields.take("pmid");
  const known = typeof id === "string" && typeof source === "string";
  const draft: Draft = {
    id: pubmedId(pmid) ?? (known ? `${source}:${id}` : undefined),
    title: pubmedTitle(fields.take("title")),
    abstract: fields.take("abstractText"),
    authors:
      authors.length === 0 && typeof authorString === "string"
        ? splitNames(authorString.replace(/\.\s*$/, ""))
        : authors,
    venue:
      within(journalInfo["journal"])["title"] ??
      fields.take("journalTitle") ??
      // The server of a preprint.
      within(fields.take("bookOrReportDetails"))["publisher"],
    published: [fields.take("firstPublicationDate"), journalInfo["printPublicationDate"], fields.take("pubYear")],
    doi: fields.take("doi"),
    url: pubmedAddress(pmid) ?? (known ? `https://europepmc.org/article/${source}/${id}` : undefined),
    notice: noticeOfTypes([
      ...oneOrMore(within(object["pubTypeList"])["pubType"]),
      ...(typeof object["pubType"] === "string" ? object["pubType"].split(";") : []),
      ...listOf(within(object["commentCorrectionList"])["commentCorrection"]).map(({ type }) => type),
    ]),
    keywords: [...(Array.isArray(words) ? words : []), ...mesh.map(({ descriptorName }) => descriptorName)],
  };
  return finish(draft, { found: Object.keys(object) });
}

const oneOrMore = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

const within = (value: unknown): JsonObject => (isObject(value) ? value : {});

const nameOf = ({ collectiveName, firstName, lastName, fullName }: JsonObject): unknown =>
  collectiveName ?? (typeof lastName === "string" ? [firstName, lastName].filter(Boolean).join(" ") : fullName);
