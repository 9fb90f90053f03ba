/** Services on this machine that speak the protocols of all kinds of sources. What they have changes while it is read. */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mulberry32 } from "../../src/map/random.js";
import { plusDays } from "../../src/sources/days.js";
import type { KindName } from "../../src/sources/kinds.js";
import type { Asked, Reply } from "../../test/sources/service.js";
import { below, oneOf, type Random, WORDS } from "./draw.js";

const FIRST_DAY = "2026-09-01";
/** Numbers of the papers of one service. */
const NUMBERS = 3_000;

export type Change = { what: "added" | "changed" | "deleted"; number: number };

type Stored = {
  number: number;
  /** The day of each version. */
  days: string[];
  deleted: boolean;
  /** The change that it was last part of. */
  change: number;
};

/** What a service has. */
export class Holdings {
  today = FIRST_DAY;
  /** Since eight o'clock. */
  #minutes = 0;
  /** The number of changes. */
  changes = 1;
  readonly all = new Map<number, Stored>();
  /** Called after each change. @param half Whether it is under way. */
  changed: ((one: Stored, half: boolean) => void) | undefined;
  #half: Stored[] = [];
  readonly #first: number;

  constructor(kind: KindName) {
    this.#first = 1 + NUMBERS * Object.keys(SERVICES).indexOf(kind);
  }

  /** In milliseconds since 1970. */
  get now(): number {
    return Date.parse(`${this.today}T08:00:00Z`) + this.#minutes * 60_000;
  }

  get present(): Stored[] {
    return [...this.all.values()].filter(({ deleted }) => !deleted);
  }

  /**
   * What happens on the next day. Papers are changed and deleted only on days after the one on which they came, so that a library
   * that was updated on each day has had all of them.
   */
  nextDay(random: Random, { first = 60, reach = 20 }: Service): Change[] {
    this.#minutes = 0;
    const number = this.#first + this.all.size;
    const add = this.all.size === 0 ? first : 1 + below(random, 6);
    if (this.all.size > 0) this.today = plusDays(this.today, 1);
    const old = this.present.filter(({ days }) => days[0]! > plusDays(this.today, -reach));
    // Each only once: a version that is deleted on its day may have been read or not.
    const numbers = new Set(Array.from({ length: below(random, 5) }, () => oneOf(random, old)?.number));
    const some = [...numbers].flatMap((number): Change[] =>
      number === undefined ? [] : [{ what: random() < 0.3 ? "deleted" : "changed", number }],
    );
    const changes = Array.from({ length: add }, (_, i): Change => ({ what: "added", number: number + i }));
    for (const one of some) changes.splice(below(random, changes.length + 1), 0, one);
    return changes;
  }

  /** @param half Whether `settle` completes the change. */
  apply({ what, number }: Change, half = false): void {
    const one = this.all.get(number) ?? { number, days: [], deleted: false, change: 0 };
    if (one.deleted) return;
    if (what === "deleted") one.deleted = true;
    else one.days.push(this.today);
    one.change = ++this.changes;
    this.all.set(number, one);
    this.changed?.(one, half);
    if (half) this.#half.push(one);
  }

  /** Two minutes pass: longer than the lease of a killed process. Changes under way go on. */
  wait(): void {
    this.#minutes += 2;
    for (const one of this.#half) this.changed?.(one, true);
  }

  settle(): void {
    for (const one of this.#half) this.changed?.(one, false);
    this.#half = [];
  }
}

/** What can be wrong with an answer in the terms of its protocol. */
export type Own = "expired" | "error in 200" | "repeated" | "fewer" | "disk gone" | "disk empty" | "half written";

/** @param has Whether the answer is to have this fault. The fault counts if it is asked for. */
type Answering = (asked: Asked, has: (own: Own) => boolean) => Reply;

export type Service = {
  /** @param folder For files. */
  options: (baseUrl: string, folder: string) => Record<string, unknown>;
  own: readonly Own[];
  /** Papers on the first day. */
  first?: number;
  /** Days after a paper came on which a change to it is noticed. */
  reach?: number;
  start: (holdings: Holdings, folder: string) => Answering;
};

function textOf({ number, days }: Stored, version = days.length) {
  const random = mulberry32(number);
  const [one, other] = [oneOf(random, WORDS), oneOf(random, WORDS)];
  return {
    title: `Paper ${number} about ${one} and ${other}`,
    abstract: `Version ${version} of paper ${number} is about ${one}, and says something about ${other}.`,
    venue: `Journal of ${version > 2 ? one : other}`,
    // Some get their DOI later.
    doi: number % 3 === 0 || version > 2 ? `10.1000/p${number}` : undefined,
    family: `Author${number}`,
  };
}

const dayOf = ({ days }: Stored): string => days[0]!;
const changedOn = ({ days }: Stored): string => days.at(-1)!;
const arxivOf = ({ number }: Stored): string => `2611.${10_000 + number}`;
const byNumber = (a: Stored, b: Stored): number => a.number - b.number;
const newestFirst = (one: Stored): string =>
  `${99_999_999 - Number(dayOf(one).replaceAll("-", ""))}.${one.number + 100_000}`;

/** The part of a list after a mark. @param repeated Whether the record before it comes again. */
function after(all: Stored[], keyOf: (one: Stored) => string, mark: string, size: number, repeated: boolean) {
  const sorted = all.map((one) => ({ one, key: keyOf(one) })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const found = sorted.findIndex(({ key }) => key > mark);
  const at = found < 0 ? sorted.length : found;
  const page = sorted.slice(Math.max(0, at - (repeated ? 1 : 0)), at + size);
  return { page: page.map(({ one }) => one), last: page.at(-1)?.key, ended: at + size >= sorted.length };
}

const bound = (text: string | null, pattern: RegExp): string =>
  pattern.exec(text ?? "")?.[1]?.replaceAll("/", "-") ?? "";
const xml = (tag: string, text: string | undefined): string => (text === undefined ? "" : `<${tag}>${text}</${tag}>`);

function risOf(one: Stored): string {
  const { title, abstract, venue, doi, family } = textOf(one);
  const lines = ["TY  - JOUR", `TI  - ${title}`, `AU  - ${family}, Ada`, `AB  - ${abstract}`, `JO  - ${venue}`];
  return [...lines, ...(doi === undefined ? [] : [`DO  - ${doi}`]), `PY  - ${dayOf(one)}`, "ER  - ", "", ""].join("\n");
}

export const SERVICES: Record<KindName, Service> = {
  arxiv: {
    options: (baseUrl) => ({ baseUrl, category: ["cs.CL", "stat.ML"], since: FIRST_DAY }),
    own: ["expired", "error in 200", "repeated"],
    start: (holdings) => {
      const wrap = (inner: string): Reply => ({
        body: `<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>${holdings.today}T08:00:00Z</responseDate>${inner}</OAI-PMH>`,
      });
      const error = (code: string): Reply => wrap(`<error code="${code}">No luck</error>`);
      const record = (one: Stored): string => {
        const { title, abstract, doi, family } = textOf(one);
        const header = `<identifier>oai:arXiv.org:${arxivOf(one)}</identifier><datestamp>${changedOn(one)}</datestamp>`;
        if (one.deleted) return `<record><header status="deleted">${header}</header></record>`;
        const updated = xml("updated", one.days.length > 1 ? changedOn(one) : undefined);
        return `<record><header>${header}</header><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>${arxivOf(one)}</id><created>${dayOf(one)}</created>${updated}<authors><author><keyname>${family}</keyname></author></authors><title>${title}</title><categories>cs.CL</categories>${xml("doi", doi)}<abstract>${abstract}</abstract></arXiv></metadata></record>`;
      };
      return ({ query }, has) => {
        const token = query.get("resumptionToken");
        if (token !== null && has("expired")) return error("badResumptionToken");
        if (has("error in 200")) return error("internalError");
        const asked = token === null ? query : new URLSearchParams(token);
        const [from, until, skip] = [asked.get("from")!, asked.get("until") ?? "9999", Number(asked.get("skip"))];
        if (from > holdings.today) return error("badArgument");
        const found = [...holdings.all.values()]
          .filter((one) => changedOn(one) >= from && changedOn(one) <= until)
          .filter(({ number }) => (number % 3 === 0 ? "stat:stat:ML" : "cs:cs:CL") === asked.get("set"))
          .toSorted((a, b) => (changedOn(a) < changedOn(b) ? -1 : changedOn(a) > changedOn(b) ? 1 : byNumber(a, b)));
        if (found.length === 0) return error("noRecordsMatch");
        const end = skip + 7;
        const page = found.slice(skip > 0 && has("repeated") ? skip - 1 : skip, end).map(record);
        const next = new URLSearchParams({ set: asked.get("set")!, from, until, skip: String(end) }).toString();
        const more = end < found.length ? next.replaceAll("&", "&amp;") : undefined;
        return wrap(
          `<ListRecords>${page.join("")}${skip > 0 || more !== undefined ? xml("resumptionToken", more ?? "") : ""}</ListRecords>`,
        );
      };
    },
  },
  "daily-papers": {
    options: (baseUrl) => ({ baseUrl, since: FIRST_DAY }),
    own: ["error in 200"],
    reach: 5,
    start:
      (holdings) =>
      ({ query }, has) => {
        if (has("error in 200")) return { body: { error: "Internal error" } };
        const [day, page] = [query.get("date"), Number(query.get("p"))];
        const listed = holdings.present.filter((one) => dayOf(one) === day).toSorted((a, b) => byNumber(b, a));
        const papers = listed.slice(page * 5, (page + 1) * 5).map((one) => {
          const { title, abstract, family } = textOf(one);
          const upvotes = one.days.length * 3;
          return {
            paper: { id: arxivOf(one), title, summary: abstract, upvotes, authors: [{ name: family }] },
            numComments: 2,
          };
        });
        return { body: papers };
      },
  },
  openalex: {
    options: (baseUrl) => ({ baseUrl, filter: "type:article" }),
    own: ["expired", "error in 200", "repeated"],
    start:
      (holdings) =>
      ({ query }, has) => {
        const cursor = query.get("cursor")!;
        if (cursor !== "*" && has("expired")) return { status: 400, body: { error: "Invalid", message: "Bad cursor" } };
        if (has("error in 200")) return { body: { error: "Internal", message: "Something went wrong" } };
        const from = bound(query.get("filter"), /from_publication_date:([\d-]+)/);
        const to = bound(query.get("filter"), /to_publication_date:([\d-]+)/) || "9999";
        const found = holdings.present.filter((one) => dayOf(one) >= from && dayOf(one) <= to);
        const mark = cursor === "*" ? "" : Buffer.from(cursor, "base64").toString();
        const { page, last } = after(found, newestFirst, mark, 9, has("repeated"));
        const results = page.map((one) => {
          const { title, abstract, doi, family, venue } = textOf(one);
          const words = abstract.split(" ");
          return {
            id: `https://openalex.org/W${one.number}`,
            title,
            doi: doi === undefined ? null : `https://doi.org/${doi}`,
            publication_date: dayOf(one),
            authorships: [{ author: { display_name: `Ada ${family}` } }],
            primary_location: { source: { display_name: venue } },
            abstract_inverted_index: Object.fromEntries(
              words.map((word) => [word, words.flatMap((other, at) => (other === word ? [at] : []))]),
            ),
          };
        });
        // Only the page after the last has no cursor.
        const next = mark === last || last === undefined ? null : Buffer.from(last).toString("base64");
        return { body: { meta: { count: found.length, next_cursor: next }, results } };
      },
  },
  "semantic-scholar": {
    options: (baseUrl) => ({ baseUrl, query: "paper" }),
    own: ["expired", "error in 200", "repeated"],
    start:
      (holdings) =>
      ({ query }, has) => {
        const token = query.get("token");
        if (token !== null && has("expired")) return { status: 400, body: { error: "Invalid token" } };
        if (has("error in 200")) return { body: { message: "Internal Server Error" } };
        const from = bound(query.get("publicationDateOrYear"), /^([\d-]+):/);
        const found = holdings.present.filter((one) => dayOf(one) >= from);
        const { page, last, ended } = after(found, newestFirst, token ?? "", 8, has("repeated"));
        const data = page.map((one) => {
          const { title, abstract, doi, family, venue } = textOf(one);
          const authors = [{ authorId: null, name: `Ada ${family}` }];
          const paperId = one.number.toString(16).padStart(40, "0");
          return { paperId, title, abstract, venue, publicationDate: dayOf(one), externalIds: { DOI: doi }, authors };
        });
        // The total is an estimate.
        return { body: { total: found.length + 9, token: ended ? null : last, data } };
      },
  },
  crossref: {
    options: (baseUrl) => ({ baseUrl, query: "paper", since: FIRST_DAY }),
    own: ["expired", "error in 200"],
    start: (holdings) => {
      // The server remembers where each list is read; its cursor stays the same.
      const lists = new Map<string, { at: number; found: Stored[] }>();
      return ({ query }, has) => {
        let cursor = query.get("cursor")!;
        if (has("error in 200")) return { body: { status: "failed", message: "Internal error" } };
        if (cursor === "*") {
          const from = bound(query.get("filter"), /from-created-date:([\d-]+)/);
          const changed = bound(query.get("filter"), /from-update-date:([\d-]+)/);
          const found = holdings.present.filter((one) => dayOf(one) >= from && changedOn(one) >= changed);
          const key = (one: Stored): string => dayOf(one) + (one.number + 100_000);
          lists.set((cursor = `scroll/${lists.size}`), {
            at: 0,
            found: found.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)),
          });
        } else if (has("expired"))
          return { status: 404, body: { status: "failed", message: [{ type: "cursor-invalid", message: "Invalid" }] } };
        const list = lists.get(cursor)!;
        const page = list.found.slice(list.at, (list.at += 9));
        const items = page.map((one) => {
          const { title, abstract, family, venue } = textOf(one);
          return {
            DOI: `10.1000/p${one.number}`,
            title: [title],
            abstract: `<jats:p>${abstract}</jats:p>`,
            author: [{ given: "Ada", family }],
            "container-title": [venue],
            issued: { "date-parts": [dayOf(one).split("-").map(Number)] },
            type: "journal-article",
            created: { "date-time": `${dayOf(one)}T07:00:00Z` },
          };
        });
        return {
          body: { status: "ok", message: { "total-results": list.found.length, "next-cursor": cursor, items } },
        };
      };
    },
  },
  pubmed: {
    options: (baseUrl) => ({ baseUrl, query: "paper", since: FIRST_DAY }),
    own: ["error in 200", "repeated", "fewer"],
    first: 250,
    start: (holdings) => {
      let fewer = false;
      return ({ url, form }, has) => {
        const found = holdings.present;
        if (url.pathname === "/esearch.fcgi") {
          if (has("error in 200")) return { body: { esearchresult: { ERROR: "Search Backend failed" } } };
          const date = form.get("datetype") === "mdat" ? changedOn : dayOf;
          const [from, until] = [form.get("mindate"), form.get("maxdate")].map((day) => day!.replaceAll("/", "-"));
          const start = bound(form.get("term"), /AND (\S+):3000\[edat\]/);
          const listed = found.filter((one) => date(one) >= from! && date(one) <= until! && dayOf(one) >= start);
          const idlist = listed.map(({ number }) => String(number));
          return { body: { esearchresult: { count: String(idlist.length), idlist } } };
        }
        const wanted = new Set(form.get("id")!.split(",").map(Number));
        const records = found.filter(({ number }) => wanted.has(number));
        // Some do not come, but when they are asked for again.
        fewer = !fewer && records.length > 1 && has("fewer");
        if (fewer) records.length = records.length >> 1;
        if (records.length > 0 && has("repeated")) records.push(records[0]!);
        const articles = records.map((one) => {
          const { title, abstract, doi, family, venue } = textOf(one);
          const [year, month, day] = dayOf(one).split("-");
          const id = doi === undefined ? "" : `<ArticleId IdType="doi">${doi}</ArticleId>`;
          return `<PubmedArticle><MedlineCitation><PMID Version="1">${one.number}</PMID><Article><Journal><Title>${venue}</Title><JournalIssue><PubDate><Year>${year}</Year><Month>${month}</Month><Day>${day}</Day></PubDate></JournalIssue></Journal><ArticleTitle>${title}</ArticleTitle><Abstract><AbstractText>${abstract}</AbstractText></Abstract><AuthorList><Author><LastName>${family}</LastName><ForeName>Ada</ForeName></Author></AuthorList></Article></MedlineCitation><PubmedData><ArticleIdList>${id}</ArticleIdList></PubmedData></PubmedArticle>`;
        });
        return { body: `<?xml version="1.0" ?><PubmedArticleSet>${articles.join("")}</PubmedArticleSet>` };
      };
    },
  },
  europepmc: {
    options: (baseUrl) => ({ baseUrl, query: "paper" }),
    own: ["expired", "error in 200", "repeated"],
    start:
      (holdings) =>
      ({ query }, has) => {
        const cursor = query.get("cursorMark")!;
        if (cursor !== "*" && has("expired")) return { body: { errCode: 404, errMsg: "Invalid cursor mark" } };
        if (has("error in 200")) return { body: { errCode: 500, errMsg: "Internal error" } };
        const since = bound(query.get("query"), /UPDATE_DATE:\[([\d-]+) TO/);
        const found = holdings.present.filter((one) => changedOn(one) >= since);
        const { page, last } = after(
          found,
          newestFirst,
          cursor === "*" ? "" : cursor,
          9,
          cursor !== "*" && has("repeated"),
        );
        const result = page.map((one) => {
          const { title, abstract, doi, family } = textOf(one);
          const source = one.number % 2 === 0 ? "PPR" : "MED";
          const [id, authorString] = [String(one.number), `${family} A.`];
          return { source, id, doi, title, authorString, abstractText: abstract, firstPublicationDate: dayOf(one) };
        });
        return { body: { hitCount: found.length, nextCursorMark: last ?? cursor, resultList: { result } } };
      },
  },
  biorxiv: {
    options: (baseUrl) => ({ baseUrl, since: FIRST_DAY }),
    own: ["error in 200"],
    start:
      (holdings) =>
      ({ url }, has) => {
        if (has("error in 200")) return { body: { messages: [{ status: "error" }] } };
        const [, , , day, , offset] = url.pathname.split("/");
        const posts = holdings.present.toSorted(byNumber).flatMap((one) =>
          one.days.flatMap((posted, i) => {
            const { title, abstract, family } = textOf(one, i + 1);
            const doi = `10.1101/2026.11.01.${100_000 + one.number}`;
            const post = { title, abstract, authors: `${family}, A.`, doi, date: posted, version: String(i + 1) };
            return posted === day ? [{ ...post, category: "cancer biology", server: "biorxiv" }] : [];
          }),
        );
        const collection = posts.slice(Number(offset), Number(offset) + 5);
        const message =
          collection.length === 0 ? { status: "no posts found" } : { status: "ok", count: collection.length };
        return { body: { messages: [message], collection } };
      },
  },
  datacite: {
    options: (baseUrl) => ({ baseUrl, client: "arxiv.content", since: FIRST_DAY }),
    own: ["expired", "error in 200", "repeated"],
    start:
      (holdings) =>
      ({ query }, has) => {
        if (has("error in 200")) return { body: { errors: [{ status: "500", title: "Internal error" }] } };
        const cursor = query.get("page[cursor]")!;
        // A cursor that is none begins the list.
        const mark = cursor === "1" || has("expired") ? "" : cursor;
        const updated = bound(query.get("query"), /updated:\[([\d-]+) TO/);
        const found = holdings.present.filter((one) => changedOn(one) >= updated);
        const key = (one: Stored): string => `${one.change + 100_000}`;
        const { page, last, ended } = after(found, key, mark, 9, has("repeated"));
        const data = page.map((one) => {
          const { title, abstract, family } = textOf(one);
          const doi = `10.1000/p${one.number}`;
          const descriptions = [{ description: abstract, descriptionType: "Abstract" }];
          const dates = [{ date: dayOf(one), dateType: "Issued" }];
          return {
            id: doi,
            attributes: { doi, titles: [{ title }], creators: [{ name: `${family}, Ada` }], descriptions, dates },
          };
        });
        const next = `https://api.datacite.org/dois?page%5Bcursor%5D=${last}`;
        return { body: { data, meta: { total: found.length }, links: ended ? {} : { next } } };
      },
  },
  dblp: {
    options: (baseUrl) => ({ baseUrl, query: "paper" }),
    own: ["error in 200"],
    start:
      (holdings) =>
      ({ query }, has) => {
        if (has("error in 200")) return { body: { result: { status: { "@code": "500", text: "Internal error" } } } };
        const found = holdings.present.toSorted((a, b) => byNumber(b, a));
        const at = Number(query.get("f"));
        const hit = found.slice(at, at + 20).map((one) => {
          const { title, doi, family, venue } = textOf(one);
          const key = `journals/x/${one.number}`;
          return { info: { key, title: `${title}.`, authors: { author: { text: family } }, venue, year: "2026", doi } };
        });
        const numbers = { "@total": String(found.length), "@sent": String(hit.length), "@first": String(at) };
        return { body: { result: { hits: hit.length === 0 ? numbers : { ...numbers, hit } } } };
      },
  },
  zotero: {
    options: (baseUrl) => ({ baseUrl, user: "475425" }),
    own: ["error in 200"],
    first: 110,
    start:
      (holdings) =>
      ({ url, query, headers }, has) => {
        if (has("error in 200")) return { body: { error: "An error occurred" } };
        const sent = {
          "last-modified-version": String(holdings.changes),
          ...(holdings.changes % 3 === 0 && { backoff: "2" }),
        };
        if (url.pathname.endsWith("/collections")) {
          const [outer, inner] = ["AAAAAAAA", "BBBBBBBB"];
          const collections = [
            { key: outer, data: { name: "Outer", parentCollection: false } },
            { key: inner, data: { name: "Inner", parentCollection: outer } },
          ];
          return { headers: sent, body: collections };
        }
        if (Number(headers["if-modified-since-version"] ?? -1) >= holdings.changes)
          return { status: 304, headers: sent };
        const keyOf = ({ number }: Stored): string => `K${String(number).padStart(7, "0")}`;
        const items = holdings.present;
        if (query.get("format") === "versions")
          return { headers: sent, body: Object.fromEntries(items.map((one) => [keyOf(one), one.change])) };
        const wanted = new Set(query.get("itemKey")?.split(","));
        const body = items
          .filter((one) => wanted.has(keyOf(one)))
          .map((one) => {
            const { title, abstract, doi, family, venue } = textOf(one);
            const collections = [["AAAAAAAA"], ["BBBBBBBB"], []][(one.number + one.days.length) % 3];
            const creators = [{ creatorType: "author", firstName: "Ada", lastName: family }];
            const data = {
              itemType: "journalArticle",
              title,
              abstractNote: abstract,
              DOI: doi ?? "",
              creators,
              collections,
            };
            const key = keyOf(one);
            return { key, version: one.change, data: { key, ...data, publicationTitle: venue, date: dayOf(one) } };
          });
        return { headers: sent, body };
      },
  },
  feed: {
    options: (base) => ({ url: `${base}/feed.xml` }),
    own: ["error in 200"],
    start:
      (holdings) =>
      ({ headers }, has) => {
        if (has("error in 200")) return { body: "<error>Try again later</error>" };
        const etag = `"${holdings.changes}"`;
        if (headers["if-none-match"] === etag) return { status: 304 };
        const items = holdings.present
          .toSorted((a, b) => b.change - a.change)
          .slice(0, 60)
          .map((one) => {
            const { title, abstract } = textOf(one);
            const address = `https://journal.example/papers/${one.number}`;
            return `<item><title>${title}</title><link>${address}</link><guid>${address}</guid><description>${abstract}</description></item>`;
          });
        return {
          headers: { etag },
          body: `<rss version="2.0"><channel><title>Papers</title>${items.join("")}</channel></rss>`,
        };
      },
  },
  url: {
    options: (base) => ({ url: `${base}/papers.ris` }),
    own: ["error in 200"],
    first: 300,
    start:
      (holdings) =>
      ({ headers }, has) => {
        if (has("error in 200")) return { body: { error: "Quota exceeded" } };
        const etag = `"${holdings.changes}"`;
        if (headers["if-none-match"] === etag) return { status: 304 };
        return { headers: { etag }, body: holdings.present.map(risOf).join("") };
      },
  },
  folder: {
    options: (_, path) => ({ path }),
    own: ["disk gone", "disk empty", "half written"],
    first: 110,
    start: (holdings, folder) => {
      holdings.changed = (one, half) => {
        if (one.deleted) return;
        const within = join(folder, `year ${one.number % 3}`);
        mkdirSync(within, { recursive: true });
        const file = join(within, `${one.number}.ris`);
        const text = risOf(one);
        writeFileSync(file, half ? text.slice(0, text.length / 2) : text);
        const written = half ? holdings.now / 1_000 : Date.parse(holdings.today) / 1_000 + one.change;
        utimesSync(file, written, written);
      };
      return () => ({ status: 404 });
    },
  },
};
