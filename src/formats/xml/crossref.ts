/** Crossref's XML (unixref, unixsd). Elements: "Crossref unixref", data.crossref.org/reports/help/schema_doc. */
import { earliest } from "../dates.js";
import { finish, type Outcome } from "../draft.js";
import { noticeOfUpdates } from "../notice.js";
import { excerpt } from "../text.js";
import { dateIn } from "./dates.js";
import { Element } from "./element.js";
import { fullName } from "./fields.js";
import { abstractIn } from "./jats.js";

/** Elements that are not read, and may be much of a record. */
export const CROSSREF_SKIPPED = ["citation_list", "program", "component_list", "affiliations"];

/** `doi_record`, or the `crossref` in it. */
export function readCrossref(record: Element, ignored: (field: string) => void): Outcome {
  const [content] = (record.name === "crossref" ? record : record.at("crossref")).elements();
  if (content === undefined) return { problem: "this record of Crossref is empty" };
  if (content.name === "error") return { problem: `Crossref answered with an error: ${excerpt(content.text, 300)}` };
  const { work, venue } = worksIn(content);
  if (work === undefined)
    return { problem: `this record of Crossref describes a <${content.name}> as a whole, not a paper in it` };
  const titles = work.at("titles");
  const people = (role: string): string[] =>
    work
      .at("contributors")
      .all("person_name", "organization")
      .filter((one) => (one.attribute("contributor_role") || "author") === role)
      .map((one) =>
        one.name === "organization"
          ? one.text.trim()
          : fullName(one.at("given_name").text, one.at("surname").text, one.at("suffix").text),
      );
  const authors = people("author");
  const outcome = finish(
    {
      title: [titles.at("title").text.trim(), titles.at("subtitle").text.trim()]
        .filter((part) => part !== "")
        .join(": "),
      abstract: abstractIn(work),
      authors: authors.length > 0 ? authors : people("editor"),
      venue,
      published: earliest(work.all("publication_date", "posted_date", "approval_date").map(dateIn)),
      doi: work.at("doi_data", "doi").text,
      url: work.at("doi_data", "resource").text,
      notice: noticeOfUpdates(
        work.at("doi_data", "doi").text,
        [],
        work
          .at("crossmark", "updates")
          .all("update")
          .map((update) => ({ type: update.attribute("type"), DOI: update.text.trim() })),
      ),
    },
    { found: work.elements().map(({ name }) => name) },
  );
  for (const name of work.unread()) ignored(name);
  return outcome;
}

/** The element that describes a paper, and what it appeared in. */
function worksIn(content: Element): { work?: Element | undefined; venue?: string } {
  const title = (element: Element): string => element.at("titles", "title").text || element.at("full_title").text;
  switch (content.name) {
    case "journal":
      return { work: content.all("journal_article")[0], venue: title(content.at("journal_metadata")) };
    case "conference": {
      const [proceedings = new Element("")] = content.all("proceedings_metadata", "proceedings_series_metadata");
      const [paper] = content.all("conference_paper");
      return { work: paper, venue: proceedings.at("proceedings_title").text || title(proceedings) };
    }
    case "book":
    case "report-paper": {
      const [whole] = content.all(
        "book_metadata",
        "book_series_metadata",
        "book_set_metadata",
        "report-paper_metadata",
        "report-paper_series_metadata",
      );
      const [part] = content.all("content_item");
      return part === undefined || whole === undefined ? { work: part ?? whole } : { work: part, venue: title(whole) };
    }
    case "database":
      return { work: content.all("dataset")[0], venue: title(content.at("database_metadata")) };
    default:
      return { work: content };
  }
}
