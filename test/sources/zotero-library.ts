/** A Zotero library, and the service that serves it. */
import assert from "node:assert/strict";
import type { Answers } from "./service.js";

export interface Item {
  version: number;
  title: string;
  collections: string[];
  itemType?: string;
  DOI?: string;
  trashed?: boolean;
}

export const keyOf = (i: number): string => `K${String(i).padStart(7, "0")}`;

/** A library as Zotero serves it, on the web or locally. */
export class Library {
  readonly items = new Map<string, Item>();
  version = 100;
  server: string | undefined;
  /** A pause of so many seconds that each answer with items asks for. */
  backoff: string | undefined = "2";
  /** Collections by their keys; each is within another, or in none. */
  readonly collections = new Map<string, { name: string; parent: string | false }>();

  constructor(count = 0) {
    for (let i = 0; i < 120; i++)
      this.collections.set(`C${String(i).padStart(7, "0")}`, { name: `Topic ${i}`, parent: false });
    this.collections.set("COLLAAAA", { name: "Reading", parent: "C0000007" });
    for (let i = 0; i < count; i++)
      this.items.set(keyOf(i * 37), {
        version: 1 + (i % 90),
        title: `Paper ${i}`,
        collections: i % 2 ? ["COLLAAAA"] : [],
      });
  }

  change(key: string, change: Partial<Item>): void {
    this.items.set(key, { title: key, collections: [], ...this.items.get(key), ...change, version: ++this.version });
  }

  answers: Answers = ({ url, query, headers }) => {
    const sent = {
      "last-modified-version": String(this.version),
      ...(this.server === undefined ? {} : { "zotero-server-id": this.server }),
    };
    assert.equal(headers["zotero-api-version"], "3");
    const within = /^\/(?:users|groups)\/\d+(?:\/collections\/(\w+))?\/items(?:\/top)?$/.exec(url.pathname);
    if (/^\/\w+\/\d+\/collections$/.test(url.pathname)) {
      const all = [...this.collections].map(([key, { name, parent }]) => ({
        key,
        data: { name, parentCollection: parent },
      }));
      const [start, limit] = [Number(query.get("start")), Math.min(100, Number(query.get("limit") ?? 25))];
      const link = start + limit < all.length ? { link: `<${url.href}&start=${start + limit}>; rel="next"` } : {};
      return { headers: { ...sent, ...link }, body: all.slice(start, start + limit) };
    }
    if (within === null) return { status: 404, body: "Not found" };
    if (Number(headers["if-modified-since-version"] ?? -1) >= this.version) return { status: 304, headers: sent };
    const items = [...this.items].filter(
      ([, { trashed, collections }]) =>
        trashed !== true && (within[1] === undefined || collections.includes(within[1])),
    );
    if (query.get("format") === "versions")
      return { headers: sent, body: Object.fromEntries(items.map(([key, { version }]) => [key, version])) };
    const wanted = new Set(query.get("itemKey")?.split(","));
    assert.ok(wanted.size > 0 && wanted.size <= 50);
    return {
      headers: { ...sent, ...(this.backoff === undefined ? {} : { backoff: this.backoff }) },
      body: items
        .filter(([key]) => wanted.has(key))
        .map(([key, { version, title, collections, itemType = "journalArticle", DOI }]) => ({
          key,
          version,
          data: { key, version, itemType, title, creators: [], collections, DOI },
        })),
    };
  };
}
