/** DataCite's XML. Elements: "DataCite Metadata Schema 4", schema.datacite.org. */
import { earliest } from "../dates.js";
import { finish, type Outcome } from "../draft.js";
import { spokenName } from "../names.js";
import type { Element } from "./element.js";
import { distinct, fullName } from "./fields.js";
import { abstractText } from "./text.js";

/** @param id The id that a repository gives the record, if it comes from one. */
export function readDataCite(resource: Element, id: string, ignored: (field: string) => void): Outcome {
  const titles = resource.at("titles").all("title");
  const descriptions = resource.at("descriptions").all("description");
  const identifier = resource.at("identifier");
  const subjects = resource
    .at("subjects")
    .all("subject")
    .map(({ text }) => text.trim());
  const dates = resource.at("dates").all("date");
  const published = dates.filter((one) => /^(?:Issued|Available|Created|Submitted)$/.test(one.attribute("dateType")));
  const outcome = finish(
    {
      id,
      title: (titles.find((one) => one.attribute("titleType") === "") ?? titles[0])?.text,
      abstract: abstractText(
        descriptions.find((one) => one.attribute("descriptionType") === "Abstract") ??
          descriptions.find((one) => one.attribute("descriptionType") === "Other") ??
          // OpenAIRE takes it from Dublin Core.
          resource.at("description"),
      ),
      authors: resource
        .at("creators")
        .all("creator")
        .map((creator) => {
          const [given, family] = [creator.at("givenName").text, creator.at("familyName").text];
          if (family.trim() !== "") return fullName(given, family);
          const name = creator.at("creatorName");
          return name.attribute("nameType") === "Organizational" ? name.text : spokenName(name.text.trim());
        }),
      published: [
        earliest(published.filter((one) => one.attribute("dateType") === "Issued").map(({ text }) => text)) ??
          earliest(published.map(({ text }) => text)) ??
          "",
        resource.at("publicationYear").text,
      ],
      doi: identifier.attribute("identifierType").toUpperCase() === "DOI" ? identifier.text : "",
      arxiv: resource
        .at("alternateIdentifiers")
        .all("alternateIdentifier")
        .find((one) => one.attribute("alternateIdentifierType").toLowerCase() === "arxiv")?.text,
      source: resource.at("publisher").text,
      categories: subjects.flatMap((subject) => categoryOf(subject) ?? []),
      notice: dates.some((one) => one.attribute("dateType") === "Withdrawn") ? "withdrawn" : undefined,
      keywords: distinct(
        subjects.filter((subject) => categoryOf(subject) === undefined && !subject.startsWith("FOS: ")),
      ),
    },
    { found: resource.elements().map(({ name }) => name) },
  );
  for (const name of resource.unread()) ignored(name);
  return outcome;
}

/** arXiv's subjects: "Machine Learning (cs.LG)". Fields of science ("FOS: ...") repeat them. */
const categoryOf = (subject: string): string | undefined => /\(([a-z-]+(?:\.[A-Za-z-]+)?)\)$/.exec(subject)?.[1];
