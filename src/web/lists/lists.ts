/** Likes, lists and notes as the server answers them, and after a change. */
import type { ListsAnswer } from "../../api.js";
import { DISLIKES, LIKES, listKey, opposite } from "../../core/list.js";

/** The title of a list on the page. */
export function titleOfList(name: string): string {
  const key = listKey(name);
  return key === LIKES ? "Likes" : key === DISLIKES ? "Not for me" : name;
}

/** The stored spelling of a name; the name itself when there is no such list. */
export function nameIn({ lists }: ListsAnswer, name: string): string {
  if (lists.some((list) => list.name === name)) return name;
  const key = listKey(name);
  return lists.find((list) => listKey(list.name) === key)?.name ?? name;
}

export function idsIn(kept: ListsAnswer, name: string): string[] {
  const stored = nameIn(kept, name);
  return kept.lists.find((list) => list.name === stored)?.ids ?? [];
}

export const holds = (kept: ListsAnswer, name: string, id: string): boolean => idsIn(kept, name).includes(id);

/** The lists that a person has created. */
export const ownLists = ({ lists }: ListsAnswer): string[] =>
  lists.map(({ name }) => name).filter((name) => opposite(name) === undefined);

export const noteOn = ({ notes }: ListsAnswer, id: string): string => notes.find((note) => note.id === id)?.note ?? "";

/** With a paper added at the end of a list, or removed from it. */
export function withPaper(kept: ListsAnswer, name: string, id: string, inside: boolean): ListsAnswer {
  const stored = nameIn(kept, name);
  const lists = kept.lists.map((list) => {
    if (list.name !== stored && !(inside && list.name === opposite(stored))) return list;
    const others = list.ids.filter((other) => other !== id);
    const ids = inside && list.name === stored ? [...others, id] : others;
    return { ...list, ids, papers: ids.length };
  });
  return { ...kept, lists };
}

/** With a list of that name added, unless it exists. */
export function withList(kept: ListsAnswer, name: string): ListsAnswer {
  if (kept.lists.some((list) => list.name === nameIn(kept, name))) return kept;
  const [likes, dislikes, ...own] = [...kept.lists, { name, created: "", papers: 0, ids: [] }];
  const sorted = own.toSorted((a, b) => a.name.localeCompare(b.name));
  return { ...kept, lists: [likes, dislikes, ...sorted].filter((list) => list !== undefined) };
}

export function withNote(kept: ListsAnswer, id: string, note: string): ListsAnswer {
  const others = kept.notes.filter((other) => other.id !== id);
  return { ...kept, notes: note.trim() === "" ? others : [...others, { id, note, changed: "" }] };
}
