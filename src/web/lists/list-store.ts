/**
 * Likes, lists and notes, the same in every view and kept by the server. A change shows at once, and is reverted when the
 * server refuses it.
 */
import type { ListsAnswer } from "../../api.js";
import { canBeNamed, DISLIKES, LIKES } from "../../core/list.js";
import { fetchLists, pathOfEntry, pathOfList, pathOfPaper } from "../api/client.js";
import { GONE, Problem, send } from "../api/http.js";
import { announce } from "../ui/announce.js";
import { holds, idsIn, nameIn, withList, withNote, withPaper } from "./lists.js";

/** Until the server has answered. */
const NOTHING: ListsAnswer = {
  lists: [LIKES, DISLIKES].map((name) => ({ name, created: "", papers: 0, ids: [] })),
  notes: [],
};
/** How long a fetch may take, and the pause after a failed one, in milliseconds. */
const PATIENCE = 20_000;
const PAUSE = 5_000;

type Change = (kept: ListsAnswer) => ListsAnswer;

export class ListStore {
  /** What the server last answered, with the pending changes applied. */
  kept = NOTHING;
  /** Whether the server has answered: until then, an absent list may exist. */
  known = false;
  /** Why the last fetch failed; null when it did not. */
  problem: Problem | null = null;
  /** Why the last change was refused, in words; null when it was not, or the message was closed. */
  refused: string | null = null;

  /** What the server last answered, with the changes it has accepted since. */
  #answered = NOTHING;
  /** Changes that the server has not answered yet. While there are any, what it says of its lists is out of date. */
  #pending: Change[] = [];
  /** Settles when the last change is answered: the server gets changes in the order in which they were made. */
  #last: Promise<unknown> = Promise.resolve();
  #begun = false;
  #fetching = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  /** How often the papers of a list have changed, by its name. */
  readonly #changes = new Map<string, number>();

  /** Calls back on every change; the first call fetches the lists. @returns A function that ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#begin();
    return () => void this.#listeners.delete(listener);
  }

  async fetch(): Promise<void> {
    clearTimeout(this.#timer);
    // The answer to an earlier request would be older.
    this.#fetching.abort();
    const mine = (this.#fetching = new AbortController());
    this.#timer = setTimeout(() => mine.abort(), PATIENCE);
    try {
      const answer = await fetchLists(mine.signal);
      if (this.#fetching !== mine || this.#pending.length > 0) return;
      clearTimeout(this.#timer);
      this.#answered = answer;
      this.known = true;
      this.problem = null;
    } catch (thrown) {
      if (this.#fetching !== mine) return;
      clearTimeout(this.#timer);
      this.problem = thrown instanceof Problem ? thrown : new Problem(0, GONE);
      if (!document.hidden && this.problem.status !== 401) this.#timer = setTimeout(() => void this.fetch(), PAUSE);
    }
    this.#show();
  }

  forgetRefused(): void {
    this.refused = null;
    this.#show();
  }

  /** Changes with the papers of any of these lists. */
  revisionOf(names: readonly string[]): string {
    return names.map((name) => this.#changes.get(nameIn(this.kept, name)) ?? 0).join(" ");
  }

  /** Settles when the server has answered all changes made so far. */
  settled(): Promise<unknown> {
    return this.#last;
  }

  /** Adds a paper to a list, or removes it. */
  toggle(list: string, id: string): void {
    const adds = !holds(this.kept, list, id);
    const isOwn = list !== LIKES && list !== DISLIKES;
    const done = isOwn
      ? `${adds ? "Added to" : "Removed from"} ${list}`
      : adds
        ? list === LIKES
          ? "Liked"
          : "Marked as not for me"
        : "Mark removed";
    void this.#change(
      (now) => withPaper(now, list, id, adds),
      done,
      () => send(adds ? "PUT" : "DELETE", pathOfEntry(list, id)),
    );
  }

  /** Creates a list, with a paper in it when one is given. @returns Whether the server accepted it. */
  async make(name: string, id?: string): Promise<boolean> {
    if (!canBeNamed(name)) return this.#refuse(`A list cannot be called “${name}”.`);
    const make: Change = (now) => {
      const made = withList(now, name);
      return id === undefined ? made : withPaper(made, name, id, true);
    };
    return this.#change(make, id === undefined ? `Created the list ${name}` : `Added to ${name}`, async () => {
      await send("PUT", pathOfList(name));
      if (id !== undefined) await send("PUT", pathOfEntry(name, id));
    });
  }

  async rename(name: string, to: string): Promise<boolean> {
    if (!canBeNamed(to)) return this.#refuse(`A list cannot be called “${to}”.`);
    return this.#change(
      (now) => ({ ...now, lists: now.lists.map((list) => (list.name === name ? { ...list, name: to } : list)) }),
      `The list is now called ${to}`,
      () => send("PATCH", pathOfList(name), { name: to }),
      false,
    );
  }

  delete(name: string): Promise<boolean> {
    return this.#change(
      (now) => ({ ...now, lists: now.lists.filter((list) => list.name !== name) }),
      `Deleted the list ${name}`,
      () => send("DELETE", pathOfList(name)),
      false,
    );
  }

  saveNote(id: string, note: string): Promise<boolean> {
    return this.#change(
      (now) => withNote(now, id, note),
      note.trim() === "" ? "Note removed" : "Note saved",
      () => send("PUT", `${pathOfPaper(id)}/note`, { note }),
    );
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    void this.fetch();
    // Another tab, or another program, may have changed them. A missing key is asked for only once.
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.problem?.status !== 401) void this.fetch();
    });
  }

  #show(): void {
    const next = this.#pending.reduce((before, change) => change(before), this.#answered);
    for (const name of new Set([...this.kept.lists, ...next.lists].map((list) => list.name)))
      if (idsIn(this.kept, name).join("\n") !== idsIn(next, name).join("\n"))
        this.#changes.set(name, (this.#changes.get(name) ?? 0) + 1);
    this.kept = next;
    for (const listener of this.#listeners) listener();
  }

  #refuse(why: string): false {
    this.refused = `Not saved. ${why}`.trim();
    announce(this.refused);
    this.#show();
    return false;
  }

  /**
   * Makes a change, and announces what became of it.
   *
   * @param atOnce Whether it shows before the server has accepted it.
   * @returns Whether the server accepted it.
   */
  async #change(make: Change, done: string, ask: () => Promise<void>, atOnce = true): Promise<boolean> {
    const shown: Change = (now) => (atOnce ? make(now) : now);
    this.#pending = [...this.#pending, shown];
    this.refused = null;
    this.#show();
    // A page that is being left cannot wait for earlier answers.
    const asked = document.hidden ? ask() : this.#last.then(ask);
    this.#last = asked.catch(() => {});
    try {
      await asked;
      this.#answered = make(this.#answered);
      announce(done);
      return true;
    } catch (thrown) {
      return this.#refuse(thrown instanceof Problem ? thrown.message : "");
    } finally {
      this.#pending = this.#pending.filter((other) => other !== shown);
      this.#show();
      if (this.#pending.length === 0) void this.fetch();
    }
  }
}
