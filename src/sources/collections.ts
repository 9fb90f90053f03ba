/**
 * A library whose collections become lists, and whose items may go. What a source has put where is derived from stored rows, so
 * that a run that was killed is completed by the next:
 *
 * - `id/SOURCE/ITEM`: the paper that an item of the library is, stored with the paper;
 * - `in/SOURCE/ITEM`: the collections that the item is in, stored with the paper;
 * - `placed/SOURCE/LIST\nPAPER`: a paper that the source has put in a list;
 * - `made/SOURCE/LIST`: a list that the source has made.
 */
import { z } from "zod";
import { listKey, opposite } from "../core/list.js";
import type { Own, OwnedRow, Placement, Writer } from "../engine/writer.js";
import { newListNameSchema } from "../operations/lists.js";
import type { Page } from "./kind.js";
import { ANOTHER_LIBRARY, SourceError } from "./source-error.js";

/** What it needs of a `Kindred`. */
type Library = {
  owned: (owner: string, prefix: string, limit: number, after: string) => Promise<OwnedRow[]>;
  putOwned: (rows: readonly OwnedRow[]) => Promise<void>;
  place: Writer["place"];
  release: Writer["release"];
};

/** Rows read, and papers changed, at a time. */
const READ = 10_000;
const CHANGED = 256;
const LONGEST_NAME = 200;
/** The rows of a source that this file stores. */
export const COLLECTION_ROWS = ["id", "in", "placed", "made"];

const keysSchema = z.array(z.string());

/** All rows whose key starts with `prefix`, by the rest of their key. */
export async function rowsOf(library: Pick<Library, "owned">, owner: string, prefix: string) {
  const found = new Map<string, string>();
  for (let after = ""; ;) {
    const rows = await library.owned(owner, prefix, READ, after);
    for (const { key, value } of rows) found.set(key.slice(prefix.length), value ?? "");
    if (rows.length < READ) return found;
    after = rows.at(-1)!.key;
  }
}

/** What is stored with the papers of a page that has items of a library. */
export function itemsOf(owner: string, source: string, page: Pick<Page<unknown>, "keys" | "collections">) {
  const { keys = [], collections = [] } = page;
  return {
    ids: { owner, keys: keys.map((key) => `id/${source}/${key}`) } satisfies Own["ids"],
    rows: keys.map((key, i) => ({ owner, key: `in/${source}/${key}`, value: JSON.stringify(collections[i] ?? []) })),
  };
}

/**
 * Puts the papers of a library in the lists that its collections are, and takes them out of those that they have left. If all
 * items are known, papers that are no item any more are forgotten, and removed unless somebody else has them.
 *
 * @param library.names The names of the collections by their keys.
 * @param library.existing All items.
 * @param library.list A list for all its papers.
 * @param library.others What the keys of papers of other sources, and of persons, start with.
 * @returns What a person should know.
 */
export async function settle(
  library: Library,
  owner: string,
  source: string,
  of: {
    names: Readonly<Record<string, string>>;
    existing?: readonly string[] | undefined;
    list: string | null;
    others: readonly string[];
  },
): Promise<string[]> {
  const ids = await rowsOf(library, owner, `id/${source}/`);
  const inside = await rowsOf(library, owner, `in/${source}/`);
  const existing = of.existing === undefined ? undefined : new Set(of.existing);
  if (existing !== undefined && isAnother(ids, existing))
    return [
      `the library has ${existing.size === 0 ? "no items" : "none of its items"} any more: nothing was removed here; ` +
        "remove the source if that is meant",
    ];
  const gone = [...new Set([...ids.keys(), ...inside.keys()])].filter((item) => existing?.has(item) === false);
  for (const item of gone) ids.delete(item);
  const wanted = new Map<string, Placement>();
  for (const [item, id] of ids)
    for (const list of listsOf(source, inside.get(item), of)) {
      const placement = placementOf(owner, source, list, id);
      wanted.set(placement.key, placement);
    }
  const placed = await placements(library, owner, source);
  const remarks = await change(library, {
    into: [...wanted.values()].filter(({ key }) => !placed.has(key)),
    out: [...placed.values()].filter(({ key }) => !wanted.has(key)),
  });
  if (existing === undefined) return remarks;
  const went = await forget(library, owner, source, new Set(ids.values()), of.others);
  // Last, so that a run that is killed before is repeated.
  const rows = gone.flatMap((item) =>
    ["id", "in"].map((part) => ({ owner, key: `${part}/${source}/${item}`, value: null })),
  );
  for (let i = 0; i < rows.length; i += CHANGED) await library.putOwned(rows.slice(i, i + CHANGED));
  return [...remarks, ...went];
}

/** Whether none of the items that are known exist, as when another profile is open. */
const isAnother = (ids: ReadonlyMap<string, string>, existing: ReadonlySet<string>): boolean =>
  ids.size > 0 && ![...ids.keys()].some((item) => existing.has(item));

/** Call before the items of a library are imported. @throws SourceError if it is another library. */
export async function expectSame(
  library: Pick<Library, "owned">,
  owner: string,
  source: string,
  existing: readonly string[],
): Promise<void> {
  if (isAnother(await rowsOf(library, owner, `id/${source}/`), new Set(existing)))
    throw new SourceError(ANOTHER_LIBRARY);
}

/** Takes all papers out of the lists in which a source has put them. */
export async function takeOut(library: Library, owner: string, source: string): Promise<void> {
  await change(library, { into: [], out: [...(await placements(library, owner, source)).values()] });
}

/**
 * Forgets papers of a source, and removes those that it has added and nobody else has.
 *
 * @param of.papers Their ids, and what the source did with them first.
 * @param of.lists Lists that do not count.
 * @returns How many were removed.
 */
export async function removeAdded(
  library: Pick<Library, "release">,
  of: {
    owner: string;
    source: string;
    papers: readonly (readonly [string, string])[];
    others: readonly string[];
    lists: readonly string[];
  },
): Promise<number> {
  const { owner, source, papers, others, lists } = of;
  let removed = 0;
  for (let i = 0; i < papers.length; i += CHANGED) {
    const some = papers.slice(i, i + CHANGED);
    removed += await library.release({
      owner,
      keys: some.map(([id]) => `paper/${source}/${id}`),
      // Others were here before.
      ids: some.filter(([, outcome]) => outcome === "added").map(([id]) => id),
      others,
      lists,
    });
  }
  return removed;
}

/** Forgets the papers of a source that are no item any more. @returns What a person should know. */
async function forget(
  library: Library,
  owner: string,
  source: string,
  items: ReadonlySet<string>,
  others: readonly string[],
): Promise<string[]> {
  const papers = await rowsOf(library, owner, `paper/${source}/`);
  const went = [...papers].filter(([id]) => !items.has(id));
  const removed = await removeAdded(library, { owner, source, papers: went, others, lists: [] });
  if (went.length === 0) return [];
  const kept = went.length - removed;
  return [
    `no longer in the library: ${removed} removed here` +
      (kept === 0 ? "" : `, ${kept} kept because of a list, a note, or where else they came from`),
  ];
}

async function placements(library: Library, owner: string, source: string): Promise<Map<string, Placement>> {
  const placed = new Map<string, Placement>();
  for (const rest of (await rowsOf(library, owner, `placed/${source}/`)).keys()) {
    const end = rest.indexOf("\n");
    const placement = placementOf(owner, source, rest.slice(0, end), rest.slice(end + 1));
    placed.set(placement.key, placement);
  }
  return placed;
}

/** @returns What a person should know. */
async function change(
  library: Library,
  { into, out }: { into: readonly Placement[]; out: readonly Placement[] },
): Promise<string[]> {
  const remarks = new Set<string>();
  for (let i = 0; i < out.length; i += CHANGED) await library.place({ into: [], out: out.slice(i, i + CHANGED) });
  for (let i = 0; i < into.length; i += CHANGED)
    for (const remark of await library.place({ into: into.slice(i, i + CHANGED), out: [] })) remarks.add(remark);
  return [...remarks];
}

/** A list is known by its key, which is also a name of it. */
function placementOf(owner: string, source: string, list: string, id: string): Placement {
  const key = listKey(list);
  return { owner, key: `placed/${source}/${key}\n${id}`, made: `made/${source}/${key}`, list, id };
}

function listsOf(
  source: string,
  collections: string | undefined,
  { names, list }: { names: Readonly<Record<string, string>>; list: string | null },
): string[] {
  const keys = keysSchema.safeParse(JSON.parse(collections ?? "[]"));
  const lists = (keys.data ?? []).flatMap((key) => (names[key] === undefined ? [] : [listNameOf(names[key], source)]));
  return list === null ? lists : [...lists, list];
}

/** The name of the list that a collection becomes: one that a list may have, and not that of the likes or dislikes. */
export function listNameOf(collection: string, source: string): string {
  const name = collection
    .replaceAll(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]+/gu, " ")
    .trim()
    .slice(0, LONGEST_NAME)
    // Half a surrogate pair.
    .replace(/\p{Cs}$/u, "")
    .trim();
  const usable = newListNameSchema.safeParse(name).success && opposite(listKey(name)) === undefined;
  return usable ? name : `${name.slice(0, LONGEST_NAME - source.length - 3)} (${source})`.trim();
}
