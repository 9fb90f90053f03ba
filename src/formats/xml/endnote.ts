/** EndNote's XML ("File > Export > XML"), which Zotero, Mendeley and others also write. */
import { parseDate } from "../dates.js";
import { finish, type Outcome } from "../draft.js";
import { splitKeywords } from "../list.js";
import { spokenName } from "../names.js";
import type { Element } from "./element.js";
import { distinct } from "./fields.js";

/** Elements about the library that the record comes from. */
const STRUCTURE = ["database", "source-app", "rec-number", "foreign-keys", "ref-type"];

export function readEndNoteRecord(record: Element, ignored: (field: string) => void): Outcome {
  record.all(...STRUCTURE);
  const contributors = record.at("contributors");
  const titles = record.at("titles");
  const urls = record.at("urls");
  const periodical = record.at("periodical");
  const dates = record.at("dates");
  const authors = contributors.at("authors").all("author");
  const outcome = finish(
    {
      key: record.at("label").text,
      title: titles.at("title").text,
      abstract: record.at("abstract").text,
      authors: (authors.length > 0 ? authors : contributors.at("secondary-authors").all("author"))
        .map(({ text }) => spokenName(text.trim()))
        .filter((name) => name !== ""),
      venue:
        periodical.at("full-title").text ||
        titles.at("secondary-title").text ||
        record.at("alt-periodical", "full-title").text,
      published: publishedIn(
        dates.at("year").text.trim(),
        dates
          .at("pub-dates")
          .all("date")
          .map(({ text }) => text.trim()),
      ),
      doi: record.at("electronic-resource-num").text,
      url: [...urls.at("web-urls").all("url"), ...urls.at("related-urls").all("url")]
        .map(({ text }) => text.trim())
        .find((text) => /^https?:/i.test(text)),
      keywords: distinct(
        record
          .at("keywords")
          .all("keyword")
          .flatMap(({ text }) => splitKeywords(text)),
      ),
    },
    { found: record.elements().map(({ name }) => name) },
  );
  for (const name of record.unread()) ignored(name);
  return outcome;
}

/** The date of publication often has only a day and month. */
function publishedIn(year: string, dates: string[]): string[] {
  const withYear = dates.flatMap((date) => [date, `${year} ${date}`, `${date} ${year}`]);
  const precise = withYear.find((date) => date.includes(year) && (parseDate(date)?.length ?? 0) > 4);
  return [precise ?? "", year, ...dates];
}
