/** DOIs from DataCite's API, also bare. Fields: support.datacite.org, "DataCite metadata schema". */
import { type Draft, finish, type Outcome } from "./draft.js";
import { type Fields, isObject, type JsonObject, listOf } from "./fields.js";
import { spokenName } from "./names.js";

export const isDataCite = ({ titles, creators, types, descriptions }: JsonObject): boolean =>
  Array.isArray(titles) && (Array.isArray(creators) || isObject(types) || Array.isArray(descriptions));

export function readDataCite(fields: Fields, object: JsonObject): Outcome {
  const titles = entries(fields.take("titles"), "title");
  const title = titles.find(({ titleType }) => titleType === undefined || titleType === null) ?? titles[0];
  const dates = listOf(fields.take("dates"));
  const dated = (type: string): unknown => dates.find(({ dateType }) => dateType === type)?.["date"];
  const container = fields.take("container");
  const publisher = fields.take("publisher");
  const subjects = entries(fields.take("subjects"), "subject").flatMap(({ subject }) =>
    typeof subject === "string" ? [subject] : [],
  );
  const draft: Draft = {
    title: title?.["title"],
    abstract: abstractIn(listOf(fields.take("descriptions")), title?.["lang"] ?? object["language"]),
    authors: listOf(fields.take("creators")).map(nameOf),
    venue: isObject(container) ? container["title"] : undefined,
    source: isObject(publisher) ? publisher["name"] : publisher,
    categories: subjects.flatMap((subject) => categoryOf(subject) ?? []),
    published: [
      ...["Issued", "Submitted", "Available", "Created"].map(dated),
      fields.take("publicationYear"),
      fields.take("published"),
    ],
    updated: dated("Updated"),
    doi: fields.take("doi"),
    arxiv: listOf(fields.take("identifiers")).find(({ identifierType }) => identifierType === "arXiv")?.["identifier"],
    url: fields.take("url"),
    notice: dated("Withdrawn") !== undefined || object["isActive"] === false ? "withdrawn" : undefined,
    keywords: subjects.filter((subject) => categoryOf(subject) === undefined && !subject.startsWith("FOS: ")),
  };
  return finish(draft, { found: Object.keys(object) });
}

/** The entries of a list, which may be texts. */
const entries = (value: unknown, name: string): JsonObject[] =>
  Array.isArray(value) ? value.map((one: unknown) => (isObject(one) ? one : { [name]: one })) : [];

/** The abstract in the language of the title, or the first. */
function abstractIn(descriptions: readonly JsonObject[], language: unknown): unknown {
  const abstracts = descriptions.filter(({ descriptionType }) => descriptionType === "Abstract");
  return (abstracts.find(({ lang }) => lang === language) ?? abstracts[0])?.["description"];
}

function nameOf({ name, nameType, givenName, familyName }: JsonObject): unknown {
  if (typeof familyName === "string" && familyName !== "") return [givenName, familyName].filter(Boolean).join(" ");
  return typeof name === "string" && nameType !== "Organizational" ? spokenName(name) : name;
}

/** arXiv's subjects: "Machine Learning (cs.LG)". */
const categoryOf = (subject: string): string | undefined => /\(([a-z-]+(?:\.[A-Za-z-]+)?)\)$/.exec(subject)?.[1];
