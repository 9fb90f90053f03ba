import type { ListsAnswer } from "../api.js";
import { KindredError } from "../core/errors.js";
import { listKey, opposite } from "../core/list.js";
import type { Database } from "./database.js";

/** Most papers in one list, and most lists. */
const MOST = { papers: 10_000, lists: 1_000 };

type Note = ListsAnswer["notes"][number];

/** What a person keeps: likes, named lists, notes. They refer to a paper's id, and outlive the paper. */
export class Lists {
  readonly #statements;

  constructor(database: Database) {
    this.#statements = {
      all: database.prepare<[], { list: number; name: string; created: string }>(
        "SELECT list, name, created FROM lists ORDER BY min(list, 3), name_key",
      ),
      entries: database.prepare<[number], { id: string; added: string }>(
        "SELECT id, added FROM entries WHERE list = ? ORDER BY added, id",
      ),
      find: database.prepare<[string], number>("SELECT list FROM lists WHERE name_key = ?").pluck(),
      create: database.prepare<[string, string, string]>(
        "INSERT INTO lists (name, name_key, created) VALUES (?, ?, ?)",
      ),
      rename: database.prepare<[string, string, number]>("UPDATE lists SET name = ?, name_key = ? WHERE list = ?"),
      delete: [
        database.prepare<[number]>("DELETE FROM entries WHERE list = ?"),
        database.prepare<[number]>("DELETE FROM lists WHERE list = ?"),
      ],
      last: database.prepare<[number], string | null>("SELECT max(added) FROM entries WHERE list = ?").pluck(),
      times: database.prepare<[number], string>("SELECT added FROM entries WHERE list = ? ORDER BY added DESC").pluck(),
      size: database.prepare<[number], number>("SELECT count(*) FROM entries WHERE list = ?").pluck(),
      holds: database.prepare<[number, string], 1>("SELECT 1 FROM entries WHERE list = ? AND id = ?").pluck(),
      add: database.prepare<[number, string, string]>(
        "INSERT OR IGNORE INTO entries (list, id, added) VALUES (?, ?, ?)",
      ),
      remove: database.prepare<[number, string]>("DELETE FROM entries WHERE list = ? AND id = ?"),
      refersTo: database
        .prepare<{ id: string; except: string }, 0 | 1>(
          "SELECT EXISTS (SELECT 1 FROM entries WHERE id = @id AND list NOT IN (SELECT value FROM json_each(@except))) OR EXISTS (SELECT 1 FROM notes WHERE id = @id)",
        )
        .pluck(),
      notes: database.prepare<[], Note>("SELECT id, note, changed FROM notes ORDER BY id"),
      write: database.prepare<[string, string, string]>(
        "INSERT INTO notes (id, note, changed) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET note = excluded.note, changed = excluded.changed",
      ),
      erase: database.prepare<[string]>("DELETE FROM notes WHERE id = ?"),
    };
  }

  all(): ListsAnswer {
    const lists = this.#statements.all.all().map(({ list, name, created }) => {
      const ids = this.#statements.entries.all(list).map(({ id }) => id);
      return { name, created, papers: ids.length, ids };
    });
    return { lists, notes: this.#statements.notes.all() };
  }

  /** @throws KindredError `not-found`. */
  ids(name: string): string[] {
    return this.entries(name).map(({ id }) => id);
  }

  /** The papers of a list and when they were added, last added last. @throws KindredError `not-found`. */
  entries(name: string): { id: string; added: string }[] {
    return this.#statements.entries.all(this.#list(name));
  }

  /** Makes a list unless one of that name exists. @returns Whether it did. @throws KindredError `too-large` when there are too many. */
  create(name: string): boolean {
    if (this.#statements.find.get(listKey(name)) !== undefined) return false;
    const count = this.#statements.all.all().length;
    if (count >= MOST.lists)
      throw new KindredError("too-large", `there are ${count} lists, the limit is ${MOST.lists}: delete one`);
    this.#statements.create.run(name.trim(), listKey(name), now());
    return true;
  }

  /** @throws KindredError `not-found`; `invalid` when the name is taken, or the list is built in. */
  rename(name: string, to: string): void {
    const list = this.#own(name);
    const taken = this.#statements.find.get(listKey(to));
    if (taken !== undefined && taken !== list)
      throw new KindredError("invalid", `there is already a list called "${to}": choose another name`, {
        parameter: "name",
      });
    this.#statements.rename.run(to.trim(), listKey(to), list);
  }

  /** Deletes a list; its papers stay. @throws KindredError `not-found`; `invalid` when the list is built in. */
  delete(name: string): void {
    const list = this.#own(name);
    for (const statement of this.#statements.delete) statement.run(list);
  }

  /**
   * Adds a paper, and removes it from the opposite list.
   *
   * @returns Whether it was not in the list before.
   * @throws KindredError `not-found`, `too-large`.
   */
  add(name: string, id: string): boolean {
    const list = this.#list(name);
    if ((this.#statements.size.get(list) ?? 0) >= MOST.papers && this.#statements.holds.get(list, id) === undefined)
      throw new KindredError(
        "too-large",
        `${name} has ${MOST.papers} papers, which is the limit of a list: remove some, or use another list`,
      );
    const other = opposite(listKey(name));
    if (other !== undefined) this.#statements.remove.run(this.#list(other), id);
    // Lists are in the order in which papers were added, even if the clock was set back.
    const last = this.#lastAdded(list);
    const added = now();
    const time = added > last ? added : new Date(Date.parse(last) + 1).toISOString();
    return this.#statements.add.run(list, id, time).changes > 0;
  }

  /** @throws KindredError `not-found` when there is no such list. */
  remove(name: string, id: string): void {
    this.#statements.remove.run(this.#list(name), id);
  }

  /** How many papers a list has; undefined if there is no such list. */
  size(name: string): number | undefined {
    const list = this.#statements.find.get(listKey(name));
    return list === undefined ? undefined : this.#statements.size.get(list);
  }

  /** Whether a list, none of `except`, or a note refers to a paper by this id. */
  refersTo(id: string, except: readonly string[] = []): boolean {
    const lists = except.flatMap((name) => this.#statements.find.get(listKey(name)) ?? []);
    return this.#statements.refersTo.get({ id, except: JSON.stringify(lists) }) === 1;
  }

  /** Sets the note on a paper; an empty one deletes it. */
  note(id: string, note: string): void {
    if (note.trim() === "") this.#statements.erase.run(id);
    else this.#statements.write.run(id, note, now());
  }

  #lastAdded(list: number): string {
    const last = this.#statements.last.get(list) ?? "";
    if (last === "" || isTime(last)) return last;
    // A damaged time is skipped.
    for (const added of this.#statements.times.iterate(list)) if (isTime(added)) return added;
    return "";
  }

  #list(name: string): number {
    const key = listKey(name);
    const list =
      this.#statements.find.get(key) ??
      // Names with half a surrogate pair were once stored as given; here they are compared as they are read back.
      this.#statements.all.all().find((one) => listKey(one.name) === key)?.list;
    if (list === undefined)
      throw new KindredError("not-found", `there is no list "${name.slice(0, 200)}": create it first`, {
        parameter: "list",
      });
    return list;
  }

  #own(name: string): number {
    if (opposite(listKey(name)) !== undefined)
      throw new KindredError("invalid", `${listKey(name)} is built in: it can neither be renamed nor deleted`, {
        parameter: "list",
      });
    return this.#list(name);
  }
}

/** Whether a stored date or time is valid. `Date.parse` alone accepts nearly any text. */
export const isTime = (text: string): boolean =>
  /^\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z)?)?)?$/.test(text) && !Number.isNaN(Date.parse(text));

const now = (): string => new Date().toISOString();
