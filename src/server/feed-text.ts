/** Writes feeds: Atom (RFC 4287), JSON Feed 1.1 and OPML 2.0. */
import { createHash } from "node:crypto";
import { arxivAddress, doiAddress } from "../core/identifiers.js";
import type { Paper } from "../core/paper.js";

export type Entry = {
  paper: Pick<Paper, "id" | "title"> & Partial<Paper>;
  /** When it came into the feed, as far as it is known: a time, or a date of any precision. */
  updated: string | null;
  /** Why it is in the feed. */
  why: string | null;
};

export type Feed = {
  title: string;
  /** Its own address, and that of the page of Kindred. */
  self: string;
  home: string;
  /** Names the feed for ever: its address without host and secret. */
  name: string;
  /** When it last changed if it is empty. */
  updated: string | null;
  entries: readonly Entry[];
};

/** Authors, and categories, of an entry: papers of particle physics have thousands. */
const MOST_NAMES = 50;
/** Characters of an abstract: a feed has up to 500, and is fetched as a whole. */
const MOST_CHARACTERS = 5_000;

export const FORMATS = {
  atom: { type: "application/atom+xml", write: atom },
  json: { type: "application/feed+json", write: json },
} as const;

/** The same text always gives the same URN, which needs no host name: a UUID of version 8 (RFC 9562). */
export function urnOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = "89ab"[Number.parseInt(hex[16]!, 16) % 4];
  return `urn:uuid:${[hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-")}`;
}

function atom({ title, self, home, name, updated, entries }: Feed): string {
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>${urnOf(`feed ${name}`)}</id>`,
    element("title", title),
    `<updated>${latest(entries, updated)}</updated>`,
    "<author><name>Kindred</name></author>",
    "<generator>Kindred</generator>",
    `<link rel="self" type="${FORMATS.atom.type}" href="${escaped(self)}"/>`,
    `<link rel="alternate" type="text/html" href="${escaped(home)}"/>`,
    ...entries.map((entry) => atomEntry(entry, home)),
    "</feed>\n",
  ].join("\n");
}

function atomEntry(entry: Entry, home: string): string {
  const { paper, updated } = entry;
  const { authors = [], categories = [], published = null } = paper;
  return [
    "<entry>",
    `<id>${urnOf(`paper ${paper.id}`)}</id>`,
    element("title", paper.title),
    `<updated>${timeOf(updated)}</updated>`,
    ...(published === null ? [] : [`<published>${timeOf(published)}</published>`]),
    ...authors.slice(0, MOST_NAMES).map((author) => `<author>${element("name", author)}</author>`),
    ...categories.slice(0, MOST_NAMES).map((category) => `<category term="${escaped(category)}"/>`),
    `<link rel="alternate" type="text/html" href="${escaped(urlOf(paper, home))}"/>`,
    `<content type="html">${escaped(htmlOf(entry, home))}</content>`,
    "</entry>",
  ].join("\n");
}

function json({ title, self, home, entries }: Feed): string {
  const feed = {
    version: "https://jsonfeed.org/version/1.1",
    title,
    home_page_url: home,
    feed_url: self,
    authors: [{ name: "Kindred" }],
    items: entries.map((entry) => {
      const { paper, updated } = entry;
      const { authors = [], categories = [], published = null } = paper;
      return {
        id: urnOf(`paper ${paper.id}`),
        url: urlOf(paper, home),
        title: paper.title,
        content_html: htmlOf(entry, home),
        ...(published !== null && { date_published: timeOf(published) }),
        date_modified: timeOf(updated),
        ...(authors.length > 0 && { authors: authors.slice(0, MOST_NAMES).map((author) => ({ name: author })) }),
        ...(categories.length > 0 && { tags: categories.slice(0, MOST_NAMES) }),
      };
    }),
  };
  return `${JSON.stringify(feed, (_, value: unknown) => (typeof value === "string" ? wellFormed(value) : value), 1)}\n`;
}

/** A list of feeds. */
export function opml(title: string, feeds: readonly { title: string; url: string }[], home: string): string {
  const outlines = feeds.map(({ title, url }) => {
    const text = escaped(title);
    return `<outline type="rss" text="${text}" title="${text}" xmlUrl="${escaped(url)}" htmlUrl="${escaped(home)}"/>`;
  });
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<opml version="2.0">',
    `<head>${element("title", title)}</head>`,
    "<body>",
    ...outlines,
    "</body>",
    "</opml>\n",
  ].join("\n");
}

/** The address of a paper: where it is published, or else in Kindred. */
function urlOf({ id, doi, arxiv, url }: Entry["paper"], home: string): string {
  if (url != null && /^https?:/i.test(url) && URL.canParse(url)) return new URL(url).href;
  if (arxiv != null) return arxivAddress(arxiv);
  if (doi != null) return doiAddress(doi);
  return pageOf(id, home);
}

const pageOf = (id: string, home: string): string => `${home}?${new URLSearchParams({ paper: id }).toString()}`;

function htmlOf({ paper, why }: Entry, home: string): string {
  const { id, authors = [], venue = null, published = null, abstract = null } = paper;
  const names = authors.slice(0, MOST_NAMES).join(", ") + (authors.length > MOST_NAMES ? ", and others" : "");
  const about = [names, venue, published].filter((part) => part !== null && part !== "").join(" · ");
  const paragraphs = [about, why, abstract && shortened(abstract)].filter((part) => part !== null && part !== "");
  return (
    paragraphs.map((part) => `<p>${escaped(part!)}</p>`).join("") +
    `<p><a href="${escaped(pageOf(id, home))}">In Kindred</a></p>`
  );
}

const element = (name: string, text: string): string => `<${name}>${escaped(text)}</${name}>`;

const shortened = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS).trimEnd()} …` : text;

/** Text without halves of surrogate pairs, which neither XML nor JSON between programs can contain. */
const wellFormed = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, "\ufffd");

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text for XML and HTML, without the characters that XML cannot contain. */
export const escaped = (text: string): string =>
  wellFormed(text)
    // oxlint-disable-next-line no-control-regex -- these are the characters to replace
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, " ")
    .replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);

/** RFC 3339: the beginning of a year or month that has no day. A missing or impossible date is the beginning of time. */
function timeOf(date: string | null): string {
  const time = Date.parse(date === null ? "" : date.length === 4 ? `${date}-01-01` : date);
  return `${new Date(Number.isNaN(time) ? 0 : time).toISOString().slice(0, 19)}Z`;
}

const latest = (entries: readonly Entry[], otherwise: string | null): string =>
  entries.map(({ updated }) => timeOf(updated)).reduce((last, time) => (time > last ? time : last), timeOf(otherwise));
