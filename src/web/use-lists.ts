/**
 * Likes, lists and notes, the same in every view and kept by the server. A change is shown at once, and made good when the
 * server does not take it.
 */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ListsAnswer } from "../api.js";
import { DISLIKES, LIKES } from "../list.js";
import type { View } from "./address.js";
import { announce } from "./announce.js";
import { fetchLists, Problem, send } from "./client.js";
import { holds, idsIn, withList, withNote, withPaper } from "./lists.js";

/** Until the server has answered: nothing is kept. */
const NOTHING: ListsAnswer = {
  lists: [LIKES, DISLIKES].map((name) => ({ name, created: "", papers: 0, ids: [] })),
  notes: [],
};

let kept = NOTHING;
/** Changes that the server has not answered yet: what it says of its lists meanwhile is old. */
let changing = 0;
/** Ends when the change before has been answered: the server takes them in the order in which they were made. */
let before: Promise<unknown> = Promise.resolve();
let begun = false;
const listeners = new Set<() => void>();
/** How often what a list holds has changed, by its name. */
const changes = new Map<string, number>();

function set(next: ListsAnswer): void {
  for (const name of new Set([...kept.lists, ...next.lists].map((list) => list.name)))
    if (idsIn(kept, name).join("\n") !== idsIn(next, name).join("\n")) changes.set(name, (changes.get(name) ?? 0) + 1);
  kept = next;
  for (const listener of listeners) listener();
}

async function look(): Promise<void> {
  try {
    const told = await fetchLists(AbortSignal.timeout(20_000));
    if (changing === 0) set(told);
  } catch {
    // Whoever asked the server for papers says that it is gone.
  }
}

function begin(): void {
  if (begun) return;
  begun = true;
  void look();
  // Another tab, or another program, may have changed them.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void look();
  });
}

/** What is kept so far. */
export function useLists(): ListsAnswer {
  const [shown, setShown] = useState(kept);
  useEffect(() => {
    const listener = (): void => setShown(kept);
    listeners.add(listener);
    begin();
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return shown;
}

/**
 * Tells what lists hold from what they held before, so that their papers are fetched anew. As it was when one came to the
 * view: what is put in or taken out while one reads stays in its place.
 */
export const useHeld = (lists: readonly string[], view: View): string =>
  useMemo(() => lists.map((name) => changes.get(name) ?? 0).join(" "), [view]);

/** Ends when the server has answered the changes that were made so far. */
export const settled = (): Promise<unknown> => before;

/** Shows a change, and makes it; says what became of it. @returns Whether the server took it. */
async function change(next: ListsAnswer, done: string, ask: () => Promise<void>): Promise<boolean> {
  set(next);
  changing++;
  const asked = before.then(ask);
  before = asked.catch(() => {});
  try {
    await asked;
    announce(done);
    return true;
  } catch (thrown) {
    announce(thrown instanceof Problem ? `Not kept. ${thrown.message}` : "Not kept.");
    return false;
  } finally {
    changing--;
    // The server's word is the last.
    if (changing === 0) void look();
  }
}

const pathOf = (list: string, id: string): string =>
  `api/lists/${encodeURIComponent(list)}/papers/${encodeURIComponent(id)}`;

/** Puts a paper into a list; out of it when it is in. */
export function toggle(list: string, id: string): void {
  const inside = !holds(kept, list, id);
  const own = list !== LIKES && list !== DISLIKES;
  const words = inside
    ? own
      ? `Put into ${list}`
      : list === LIKES
        ? "Liked"
        : "Marked as not for me"
    : own
      ? `Taken out of ${list}`
      : "Taken back";
  void change(withPaper(kept, list, id, inside), words, () => send(inside ? "PUT" : "DELETE", pathOf(list, id)));
}

/** Makes a list, with a paper in it when one is named. */
export async function makeList(name: string, id?: string): Promise<boolean> {
  const made = withList(kept, name);
  const next = id === undefined ? made : withPaper(made, name, id, true);
  return change(next, id === undefined ? `Made the list ${name}` : `Put into ${name}`, async () => {
    await send("PUT", `api/lists/${encodeURIComponent(name)}`);
    if (id !== undefined) await send("PUT", pathOf(name, id));
  });
}

export const renameList = (name: string, to: string): Promise<boolean> =>
  change(
    { ...kept, lists: kept.lists.map((list) => (list.name === name ? { ...list, name: to } : list)) },
    `The list is called ${to} now`,
    () => send("PATCH", `api/lists/${encodeURIComponent(name)}`, { name: to }),
  );

export const deleteList = (name: string): Promise<boolean> =>
  change({ ...kept, lists: kept.lists.filter((list) => list.name !== name) }, `Deleted the list ${name}`, () =>
    send("DELETE", `api/lists/${encodeURIComponent(name)}`),
  );

export const keepNote = (id: string, note: string): Promise<boolean> =>
  change(withNote(kept, id, note), note.trim() === "" ? "Note removed" : "Note kept", () =>
    send("PUT", `api/papers/${encodeURIComponent(id)}/note`, { note }),
  );
