/**
 * Likes, lists and notes, the same in every view and kept by the server. A change is shown at once, and put back when the
 * server does not take it.
 */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ListsAnswer } from "../../api.js";
import { canBeNamed, DISLIKES, LIKES } from "../../list.js";
import type { View } from "../navigation/address.js";
import { announce } from "../ui/announce.js";
import { fetchLists, GONE, pathOfEntry, pathOfList, pathOfPaper, Problem, send } from "../api/client.js";
import { holds, idsIn, nameIn, withList, withNote, withPaper } from "./lists.js";

/** Until the server has answered: nothing is kept. */
const NOTHING: ListsAnswer = {
  lists: [LIKES, DISLIKES].map((name) => ({ name, created: "", papers: 0, ids: [] })),
  notes: [],
};

type Change = (kept: ListsAnswer) => ListsAnswer;

/** As the server told it last, with what it has taken since. */
let told = NOTHING;
/** Changes that it has not answered yet, as they were made: what it says of its lists meanwhile is old. */
let pending: Change[] = [];
/** What it told, with these changes. */
let kept = NOTHING;
/** Whether it has told anything: until then, nobody knows of anything that it is not there. */
let known = false;
/** Why it did not, the last time it was asked. */
let problem: Problem | null = null;
/** Why it did not take the last change; null when it did, or nobody wants to know any more. */
let refused: string | null = null;
/** Ends when the change before has been answered: the server takes them in the order in which they were made. */
let before: Promise<unknown> = Promise.resolve();
let begun = false;
/** The look that goes on, or was the last. */
let looking = new AbortController();
let timer: ReturnType<typeof setTimeout> | undefined;
/** How long a look may take, and how long until the next after one has failed, in milliseconds. */
const PATIENCE = 20_000;
const PAUSE = 5_000;
const listeners = new Set<() => void>();
/** How often what a list holds has changed, by its name. */
const changes = new Map<string, number>();

function show(): void {
  const next = pending.reduce((before, change) => change(before), told);
  for (const name of new Set([...kept.lists, ...next.lists].map((list) => list.name)))
    if (idsIn(kept, name).join("\n") !== idsIn(next, name).join("\n")) changes.set(name, (changes.get(name) ?? 0) + 1);
  kept = next;
  for (const listener of listeners) listener();
}

export async function look(): Promise<void> {
  clearTimeout(timer);
  // What it would tell is older than what this one will.
  looking.abort();
  const mine = (looking = new AbortController());
  timer = setTimeout(() => mine.abort(), PATIENCE);
  try {
    const answer = await fetchLists(mine.signal);
    if (looking !== mine || pending.length > 0) return;
    clearTimeout(timer);
    [told, known, problem] = [answer, true, null];
  } catch (thrown) {
    if (looking !== mine) return;
    clearTimeout(timer);
    problem = thrown instanceof Problem ? thrown : new Problem(0, GONE);
    if (!document.hidden && problem.status !== 401) timer = setTimeout(() => void look(), PAUSE);
  }
  show();
}

function begin(): void {
  if (begun) return;
  begun = true;
  void look();
  // Another tab, or another program, may have changed them.
  document.addEventListener("visibilitychange", () => {
    // Unless it wants a key, for which one is asked once.
    if (!document.hidden && problem?.status !== 401) void look();
  });
}

function useHeard<T extends object | string | boolean | null>(read: () => T): T {
  const [shown, setShown] = useState(read);
  useEffect(() => {
    const listener = (): void => setShown(read);
    listeners.add(listener);
    begin();
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return shown;
}

/** What is kept so far. */
export const useLists = (): ListsAnswer => useHeard(() => kept);

/** Whether it is known: what is not there is not kept then. */
export const useKnown = (): boolean => useHeard(() => known);

/** Why it is not known. */
export const useUnknown = (): Problem | null => useHeard(() => problem);

/** Why the last change was not kept, in words; null when there is nothing to say. */
export const useRefused = (): string | null => useHeard(() => refused);

/** @returns That it was not kept. */
function refuse(why: string): false {
  refused = `Not kept. ${why}`.trim();
  announce(refused);
  show();
  return false;
}

export function forgetRefused(): void {
  refused = null;
  show();
}

/**
 * Tells what lists hold from what they held before, so that their papers are fetched anew. As it was when one came to the
 * view: what is put in or taken out while one reads stays in its place.
 */
export const useHeld = (lists: readonly string[], view: View): string =>
  useMemo(() => lists.map((name) => changes.get(nameIn(kept, name)) ?? 0).join(" "), [view]);

/** Ends when the server has answered the changes that were made so far. */
export const settled = (): Promise<unknown> => before;

/**
 * Shows a change, and makes it; says what became of it. @returns Whether the server took it.
 * @param atOnce Whether it is shown before the server has taken it.
 */
async function change(make: Change, done: string, ask: () => Promise<void>, atOnce = true): Promise<boolean> {
  const shown: Change = (now) => (atOnce ? make(now) : now);
  pending = [...pending, shown];
  refused = null;
  show();
  // A page that is being left hears no answer to wait for.
  const asked = document.hidden ? ask() : before.then(ask);
  before = asked.catch(() => {});
  try {
    await asked;
    told = make(told);
    announce(done);
    return true;
  } catch (thrown) {
    return refuse(thrown instanceof Problem ? thrown.message : "");
  } finally {
    pending = pending.filter((other) => other !== shown);
    show();
    // The server's word is the last.
    if (pending.length === 0) void look();
  }
}

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
  void change(
    (now) => withPaper(now, list, id, inside),
    words,
    () => send(inside ? "PUT" : "DELETE", pathOfEntry(list, id)),
  );
}

/** Makes a list, with a paper in it when one is named. */
export async function makeList(name: string, id?: string): Promise<boolean> {
  if (!canBeNamed(name)) return refuse(`A list cannot be called “${name}”.`);
  const make: Change = (now) => {
    const made = withList(now, name);
    return id === undefined ? made : withPaper(made, name, id, true);
  };
  return change(make, id === undefined ? `Made the list ${name}` : `Put into ${name}`, async () => {
    await send("PUT", pathOfList(name));
    if (id !== undefined) await send("PUT", pathOfEntry(name, id));
  });
}

export async function renameList(name: string, to: string): Promise<boolean> {
  if (!canBeNamed(to)) return refuse(`A list cannot be called “${to}”.`);
  return change(
    (now) => ({ ...now, lists: now.lists.map((list) => (list.name === name ? { ...list, name: to } : list)) }),
    `The list is called ${to} now`,
    () => send("PATCH", pathOfList(name), { name: to }),
    false,
  );
}

export const deleteList = (name: string): Promise<boolean> =>
  change(
    (now) => ({ ...now, lists: now.lists.filter((list) => list.name !== name) }),
    `Deleted the list ${name}`,
    () => send("DELETE", pathOfList(name)),
    false,
  );

export const keepNote = (id: string, note: string): Promise<boolean> =>
  change(
    (now) => withNote(now, id, note),
    note.trim() === "" ? "Note removed" : "Note kept",
    () => send("PUT", `${pathOfPaper(id)}/note`, { note }),
  );
