/** JATS, which PubMed Central and publishers use for full texts. Only what is in front of the text is read. */
import { earliest } from "../dates.js";
import { finish, type Outcome } from "../draft.js";
import { dateIn } from "./dates.js";
import { Element } from "./element.js";
import { CLEARED } from "../../core/notice.js";
import { distinct, fullName } from "./fields.js";
import { abstractText } from "./text.js";

/** Parts of an article whose content is not read, and may be large. */
export const JATS_SKIPPED = ["body", "back", "floats-group", "sub-article", "response", "permissions"];

export const isJats = (element: Element): boolean =>
  ["front", "article-meta"].includes(element.name) ||
  element.elements().some(({ name }) => name === "front" || name === "article-meta");

/** `article`, `front` or `article-meta`. */
export function readJatsArticle(article: Element, ignored: (field: string) => void): Outcome {
  const front = article.name === "article" ? article.at("front") : article;
  const meta = front.name === "article-meta" ? front : front.at("article-meta");
  const journal = front.at("journal-meta");
  const titles = meta.at("title-group");
  const id = (...types: string[]): string =>
    meta
      .all("article-id")
      .find((one) => types.includes(one.attribute("pub-id-type")))
      ?.text.trim() ?? "";
  const pmc = id("pmc", "pmcid").replace(/^PMC/i, "");
  const pmid = id("pmid");
  const retracted = meta
    .all("related-article")
    .some((one) => /^(?:retraction-forward|retracted)$/.test(one.attribute("related-article-type")));
  const outcome = finish(
    {
      id: pmid !== "" ? `PMID:${pmid}` : pmc !== "" ? `PMC${pmc}` : "",
      title: [titles.at("article-title").text.trim(), titles.at("subtitle").text.trim()]
        .filter((part) => part !== "")
        .join(": "),
      abstract: abstractIn(meta),
      authors: authorsIn(meta),
      venue:
        journal.at("journal-title-group", "journal-title").text ||
        journal.at("journal-title").text ||
        journal.all("journal-id").find((one) => one.attribute("journal-id-type") === "nlm-ta")?.text,
      categories: distinct(
        meta
          .at("article-categories")
          .all("subj-group")
          // A heading says what kind of article it is, as in "Research Article".
          .filter((group) => group.attribute("subj-group-type") !== "heading")
          .flatMap((group) => group.all("subject").map(({ text }) => text)),
      ),
      published: earliest(
        meta
          .all("pub-date")
          .filter(
            (date) =>
              !/retract|correct|nihms|pmc|preprint/i.test(date.attribute("pub-type") + date.attribute("date-type")),
          )
          .map((date) => dateIn(date) || date.attribute("iso-8601-date") || date.at("string-date").text),
      ),
      doi: id("doi"),
      arxiv: id("arxiv"),
      url: pmc === "" ? addressIn(meta) : `https://pmc.ncbi.nlm.nih.gov/articles/PMC${pmc}/`,
      keywords: distinct(
        meta
          .all("kwd-group")
          .filter((group) => !/abbr/i.test(group.attribute("kwd-group-type")))
          .flatMap((group) => group.all("kwd", "compound-kwd").map(({ text }) => text)),
      ),
      notice: retracted
        ? "retracted"
        : article.attribute("article-type").startsWith("retraction")
          ? CLEARED
          : undefined,
    },
    { found: [...front.elements(), ...meta.elements()].map(({ name }) => name) },
  );
  for (const element of new Set([article, front, meta])) for (const name of element.unread()) ignored(name);
  return outcome;
}

/** The abstract itself rather than its summary for others or its figure; one in another language if there is no other. */
export function abstractIn(meta: Element): string {
  const abstracts = meta.all("abstract");
  const main = abstracts.find((one) => /^(?:abstract|section)?$/i.test(one.attribute("abstract-type")));
  const other = abstracts.find((one) => !/graphic/i.test(one.attribute("abstract-type")));
  const text = abstractText(main ?? other ?? new Element(""));
  if (text !== "") return text;
  const translated = meta.all("trans-abstract");
  return abstractText(translated.find((one) => one.attribute("lang") === "en") ?? translated[0] ?? new Element(""));
}

function authorsIn(meta: Element): string[] {
  const people = (types: RegExp): string[] =>
    meta
      .all("contrib-group")
      .flatMap((group) =>
        group.all("contrib").filter((one) => types.test(one.attribute("contrib-type") || typeOf(group))),
      )
      .map(nameOf)
      .filter((name) => name !== "");
  const authors = people(/^(?:author|collab.*|)$/i);
  return authors.length > 0 ? authors : people(/^editor/i);
}

const typeOf = (group: Element): string => group.attribute("content-type").replace(/s$/, "");

function nameOf(contributor: Element): string {
  const named =
    contributor.at("name-alternatives").elements().length > 0 ? contributor.at("name-alternatives") : contributor;
  const [name] = named.all("name", "string-name");
  if (name === undefined) return named.at("collab").text.trim();
  const [given, family] = [name.at("given-names").text, name.at("surname").text];
  if (family === "") return name.text.trim() || named.at("collab").text.trim();
  return name.attribute("name-style") === "eastern" && given !== "" && /\p{Script=Han}/u.test(family)
    ? `${family}${given}`
    : fullName(given, family, name.at("suffix").text);
}

const addressIn = (meta: Element): string =>
  meta
    .all("self-uri")
    .filter((one) => one.attribute("content-type") !== "pdf")
    .map((one) => one.attribute("href"))
    .find((address) => /^https?:/.test(address)) ?? "";
