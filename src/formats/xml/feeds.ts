/** Feeds: RSS 1 and 2, Atom, and what arXiv answers in them. */
import { normalizeArxiv } from "../../core/identifiers.js";
import { finish, type Outcome } from "../draft.js";
import { splitNames } from "../names.js";
import { excerpt } from "../text.js";
import { finishArxiv, namesIn } from "./arxiv.js";
import type { Element } from "./element.js";
import { distinct } from "./fields.js";

/** Reads the entries of one feed, and its title, which comes before them. */
export class FeedReader {
  private title: string | undefined;

  /** An element of the feed outside its entries. */
  readHeading(element: Element): Outcome | undefined {
    const text = element.text.trim();
    if (element.name === "title") {
      this.title ??= text;
      return undefined;
    }
    // arXiv answers with a feed that has no entries.
    if (!/^feed error\b/i.test(this.title ?? "")) return undefined;
    return { problem: `the service answered with an error: ${excerpt(this.title ?? "", 200)}: ${excerpt(text, 300)}` };
  }

  /** `item` of RSS, or `entry` of Atom. */
  readEntry(entry: Element, ignored: (field: string) => void): Outcome {
    const id = entry.at(entry.name === "entry" ? "id" : "guid").text.trim();
    if (/^https?:\/\/(?:export\.)?arxiv\.org\/api\/errors/i.test(id))
      return { problem: `arXiv answered with an error: ${excerpt(entry.at("summary").text, 300)}` };
    const outcome = /^oai:arXiv\.org:/i.test(id)
      ? announced(entry, id)
      : /^https?:\/\/(?:export\.)?arxiv\.org\/abs\//i.test(id) && entry.name === "entry"
        ? found(entry, id)
        : this.plain(entry, id);
    for (const name of entry.unread()) ignored(name);
    return outcome;
  }

  private plain(entry: Element, id: string): Outcome {
    const first = (...names: string[]): string => names.map((name) => entry.at(name).text.trim()).find(Boolean) ?? "";
    const content = first("description", "summary") || first("encoded", "content");
    const { authors, upvotes, summary } = labelledParts(content);
    const url = linkIn(entry) || (/^https?:/i.test(id) ? id : "") || entry.attribute("about");
    const identifier = first("identifier");
    return finish(
      {
        id: normalizeArxiv(id) ?? (id || entry.attribute("about") || url),
        title: first("title"),
        abstract: summary ?? content,
        authors: authors ?? authorsIn(entry),
        venue: first("publicationName"),
        categories: categoriesIn(entry),
        published: [first("publicationDate"), first("pubDate", "published"), first("date"), first("updated")],
        doi: first("doi", "DOI") || (/^(?:doi:|10\.|https?:\/\/(?:dx\.)?doi\.org)/i.test(identifier) ? identifier : ""),
        url,
        source: this.title,
        upvotes,
      },
      { found: entry.elements().map(({ name }) => name) },
    );
  }
}

/** An entry of arXiv's API. */
function found(entry: Element, id: string): Outcome {
  const text = (name: string): string => entry.at(name).text.trim();
  entry.all("link", "primary_category");
  return finishArxiv(
    id,
    {
      title: text("title"),
      abstract: text("summary"),
      authors: entry.all("author").map((author) => author.at("name").text),
      venue: text("journal_ref"),
      categories: categoriesIn(entry),
      published: text("published"),
      updated: text("updated"),
      doi: text("doi"),
    },
    text("comment"),
  );
}

/** What arXiv announces each day, in RSS or Atom. */
function announced(entry: Element, id: string): Outcome {
  const text = (...names: string[]): string => names.map((name) => entry.at(name).text.trim()).find(Boolean) ?? "";
  const arxiv = id.replace(/^oai:arXiv\.org:/i, "");
  const day = text("pubDate", "published");
  entry.all("link", "updated");
  return finishArxiv(arxiv, {
    title: text("title"),
    abstract: text("description", "summary").replace(/^arXiv:\S+\s+Announce Type:\s+\S+\s+(?:Abstract:\s*)?/, ""),
    authors: entry.all("creator").flatMap((creator) => namesIn(creator.text)),
    venue: text("journal_reference"),
    categories: categoriesIn(entry),
    // New versions and cross-lists are announced later than the paper; then its id has the month.
    published: text("announce_type") === "new" ? day : monthOf(arxiv),
    doi: text("DOI"),
  });
}

/** The year and month in an id of arXiv: `2203.01250`, `hep-th/9901001`. */
function monthOf(arxiv: string): string | undefined {
  const [, year = "", month] = /(?:^|\/)(\d{2})(\d{2})/.exec(normalizeArxiv(arxiv) ?? "") ?? [];
  return month === undefined ? undefined : `${Number(year) > 90 ? 19 : 20}${year}-${month}`;
}

const categoriesIn = (entry: Element): string[] =>
  distinct(entry.all("category").map((category) => category.attribute("term") || category.text));

function linkIn(entry: Element): string {
  const links = entry.all("link");
  const page = links.find((link) => /^(?:alternate)?$/.test(link.attribute("rel")));
  return (page?.text.trim() || page?.attribute("href") || "").trim();
}

/** In Atom each author is an element; RSS has one text, sometimes with an address: "ada@example.org (Ada Smith)". */
function authorsIn(entry: Element): string[] {
  const names = entry
    .all("creator", "author")
    .map((one) => (one.at("name").text || one.text).trim())
    .map((name) => /^\S+@\S+\s+\((.+)\)$/.exec(name)?.[1] ?? name)
    .filter((name) => name !== "" && !/^\S+@\S+$/.test(name));
  return names.length === 1 ? splitNames(names[0] ?? "") : names;
}

/** The parts of a description in HTML that are labelled in bold: "<b>Authors:</b> ...", as in feeds of the Daily Papers. */
function labelledParts(html: string): { authors?: string[]; upvotes?: string; summary?: string } {
  const part = (name: string): string | undefined =>
    new RegExp(`<(b|strong)>\\s*${name}\\s*:?\\s*</\\1>\\s*:?([^]*?)(?:</p>|<br|<(?:b|strong)>|$)`, "i")
      .exec(html)?.[2]
      ?.trim();
  const [authors, upvotes, summary] = [part("Authors?"), part("Upvotes"), part("(?:Summary|Abstract)")];
  return {
    ...(authors === undefined ? {} : { authors: splitNames(authors) }),
    ...(upvotes === undefined ? {} : { upvotes }),
    ...(summary === undefined ? {} : { summary }),
  };
}
