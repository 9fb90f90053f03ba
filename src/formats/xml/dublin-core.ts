/** Dublin Core: `oai_dc` of OAI-PMH, which every repository offers, and RDF. */
import { earliest } from "../dates.js";
import { normalizeArxiv, normalizeDoi } from "../../core/identifiers.js";
import { finish, type Outcome } from "../draft.js";
import { spokenName } from "../names.js";
import { finishArxiv } from "./arxiv.js";
import type { Element } from "./element.js";
import { distinct, fullName } from "./fields.js";

/** @param id The id that the repository gives the record. */
export function readDublinCore(record: Element, id: string, ignored: (field: string) => void): Outcome {
  const texts = (...names: string[]): string[] =>
    record
      .all(...names)
      .map(({ text }) => text.trim())
      .filter((text) => text !== "");
  const titles = texts("title");
  const identifiers = [...texts("identifier", "doi"), record.attribute("about")];
  const addresses = identifiers.filter((one) => /^https?:/i.test(one));
  const arxiv = addresses.map(normalizeArxiv).find((one) => one !== undefined);
  const dates = texts("date", "issued");
  const descriptions = texts("description", "abstract");
  const draft = {
    title: titles[0],
    abstract: descriptions.find((one) => !one.startsWith("Comment:")),
    authors: inOneScript(authorsIn(record), titles),
    venue: texts("publicationName")[0] ?? texts("source").map((source) => source.split(";")[0])[0],
    published: earliest(dates),
    doi: identifiers.find(namesDoi) ?? texts("relation").find((one) => /altIdentifier\/doi\//.test(one)),
    keywords: distinct(texts("subject")),
  };
  const outcome =
    arxiv === undefined
      ? finish(
          { id, ...draft, url: addresses.find((one) => !namesDoi(one)) ?? addresses[0] },
          { found: record.elements().map(({ name }) => name) },
        )
      : finishArxiv(
          arxiv,
          {
            ...draft,
            updated: dates.length > 1 ? dates.at(-1) : undefined,
            // arXiv has no element for it.
            venue: identifiers.find((one) => one !== "" && !/^https?:/i.test(one) && !namesDoi(one)),
          },
          descriptions.find((one) => one.startsWith("Comment:"))?.slice("Comment:".length),
        );
  for (const name of record.unread()) ignored(name);
  return outcome;
}

const namesDoi = (text: string): boolean =>
  /^(?:doi\s*:|info:doi\/|10\.\d|https?:\/\/(?:dx\.|www\.)?doi\.org\/)/i.test(text) && normalizeDoi(text) !== undefined;

/** Names as text, or people with their names; where there are both, they are the same people. */
function authorsIn(record: Element): string[] {
  const creators = record.all("creator");
  const people = creators.filter((one) => one.elements().some(({ name }) => name === "Person"));
  if (people.length === 0) return creators.map(({ text }) => spokenName(text.trim())).filter((name) => name !== "");
  return people.map((one) => {
    const person = one.at("Person");
    const [whole, given, family] = ["name", "givenName", "familyName"].map((name) => person.at(name).text.trim());
    return given === "" || family === "" || isEastAsian(family ?? "")
      ? (whole ?? "")
      : fullName(given ?? "", family ?? "");
  });
}

const isEastAsian = (text: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(text);

/** Japanese sources give title and names in two scripts each: those of the title are kept. */
function inOneScript(names: string[], titles: string[]): string[] {
  const same = names.filter((name) => isEastAsian(name) === isEastAsian(titles[0] ?? ""));
  return titles.length > 1 && same.length * 2 === names.length ? same : names;
}
