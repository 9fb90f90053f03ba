/** A library of Zotero: through the web, or from a Zotero that runs on this machine. */
import { z } from "zod";
import type { Fetcher } from "./fetch.js";
import { commonOptions, type Kind, textSchema } from "./kind.js";
import { addressOf, numberAt, part, recordsIn, recordsOf, textAt, unexpected } from "./parts.js";
import { ANOTHER_LIBRARY, SourceError } from "./source-error.js";

/** Items of one request, and collections of one page: the service cuts more off without a word. */
const ITEMS = 50;
const COLLECTIONS = 100;
const MOST_COLLECTIONS = 100_000;
/** What is not a paper of its own. */
const PARTS = new Set(["attachment", "note", "annotation"]);

const number = z.string().regex(/^\d{1,12}$/, "expected a number");
const keySchema = z.string().regex(/^[A-Z0-9]{8}$/, "expected eight capital letters and digits");

const options = z
  .strictObject({
    ...commonOptions,
    local: z.boolean().optional().describe("Ask the Zotero that runs on this machine."),
    user: number.optional().describe("The number of a user."),
    group: number.optional().describe("The number of a group."),
    collection: keySchema.optional().describe("The key of a collection; the whole library by default."),
  })
  .refine(({ local, user, group }) => local === true || (user === undefined) !== (group === undefined), {
    path: ["user"],
    message: "expected the number of a user or of a group",
  });

const version = z.number().int().min(0);
const position = z.object({
  /** The library's version at the last walk. Versions belong to the server that gave them. */
  version,
  server: textSchema.optional(),
  walk: z.object({ version, server: textSchema.optional(), after: textSchema }).optional(),
});
type Position = z.infer<typeof position>;

export const zotero: Kind<z.infer<typeof options>, Position> = {
  name: "zotero",
  summary: "a Zotero library, on the web or on this machine",
  base: ({ local }) => (local === true ? "http://127.0.0.1:23119/api" : "https://api.zotero.org"),
  local: ({ local }) => local === true,
  options,
  position,
  headers: { "zotero-api-version": "3" },
  keyHeaders: (key) => ({ "zotero-api-key": key }),
  async *pages(options, saved, { fetcher, base }) {
    const { local, user = "0", group, collection } = options;
    const library = `${base}${group === undefined ? `/users/${user}` : `/groups/${group}`}`;
    const items = collection === undefined ? "/items/top" : `/collections/${collection}/items/top`;
    // All keys with their versions in one answer: what is not among them was deleted or moved to the trash.
    const url = addressOf(library, items, { format: "versions" });
    const ifChanged = local !== true && saved !== undefined && saved.walk === undefined;
    const answer = await fetcher.ask(url, {
      expect: "json",
      ...(ifChanged ? { headers: { "if-modified-since-version": String(saved.version) } } : {}),
    });
    if (answer.unchanged) {
      yield { count: 0, position: saved!, done: true };
      return;
    }
    const now = numberAt(answer.headers, "last-modified-version");
    if (typeof answer.json !== "object" || answer.json === null) throw unexpected(answer.json, url.hostname);
    if (now === undefined) throw new SourceError(`${url.hostname} does not say which version its library has`);
    const server = answer.headers["zotero-server-id"];
    const before = saved?.server ?? saved?.walk?.server;
    if (before !== undefined && server !== undefined && before !== server) throw new SourceError(ANOTHER_LIBRARY);
    const known = saved?.server === server ? saved : undefined;
    const walk = known?.walk?.server === server ? known?.walk : undefined;
    const versions = Object.entries(answer.json).filter(([key]) => keySchema.safeParse(key).success);
    const existing = versions.map(([key]) => key);
    // A library whose versions went back was restored from a copy.
    const mark = known === undefined || known.version > now ? -1 : known.version;
    const changed = versions
      // An item that was never synchronised has the version 0, also when it changes.
      .filter(([key, version]) => (Number(version) > mark || version === 0) && key > (walk?.after ?? ""))
      .map(([key]) => key)
      .toSorted();
    const at = { version: walk?.version ?? now, server };
    // On this machine, another profile may be open. On the web, the address names the library.
    const mayBeAnother = local === true && collection === undefined;
    const collectionNames = await namesOf(library, fetcher);
    for (let i = 0; i < changed.length; i += ITEMS) {
      const keys = changed.slice(i, i + ITEMS);
      const asked = addressOf(library, "/items", { itemKey: keys.join(","), format: "json", limit: COLLECTIONS });
      const papers = recordsIn(await fetcher.ask(asked, { expect: "json" }), url.hostname).filter(
        (item) => !PARTS.has(textAt(item, "data", "itemType") ?? ""),
      );
      yield {
        ...recordsOf(papers),
        keys: papers.map((item) => textAt(item, "key") ?? ""),
        // Of other collections than the one asked for, this would be a part only.
        collections: papers.map((item) =>
          stringsIn(part(item, "data", "collections")).filter((one) => collection === undefined || one === collection),
        ),
        collectionNames,
        ...(mayBeAnother && { existing }),
        position: { version: mark < 0 ? 0 : mark, server, walk: { ...at, after: keys.at(-1)! } },
      };
    }
    yield { count: 0, existing, collectionNames, position: at, done: true };
  },
};

const stringsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

/** The names of all collections, those within others as `outer / inner`. */
async function namesOf(library: string, fetcher: Fetcher): Promise<Record<string, string>> {
  const found = new Map<string, { name: string; parent: string | undefined }>();
  for (let start = 0; start < MOST_COLLECTIONS; start += COLLECTIONS) {
    const url = addressOf(library, "/collections", { format: "json", limit: COLLECTIONS, start });
    const answer = await fetcher.ask(url, { expect: "json" });
    const page = recordsIn(answer, url.hostname);
    for (const one of page) {
      const key = textAt(one, "key");
      if (key === undefined) continue;
      found.set(key, { name: textAt(one, "data", "name") ?? key, parent: textAt(one, "data", "parentCollection") });
    }
    if (page.length === 0 || !/rel="?next"?/.test(answer.headers["link"] ?? "")) break;
  }
  const path = (key: string, depth: number): string => {
    const { name, parent } = found.get(key)!;
    return parent === undefined || depth > 20 || !found.has(parent) ? name : `${path(parent, depth + 1)} / ${name}`;
  };
  return Object.fromEntries([...found.keys()].map((key) => [key, path(key, 0)]));
}
