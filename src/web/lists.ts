/** What a person keeps, as the server tells it, and as it will be once a change is made. */
import type { ListsAnswer } from "../api.js";
import { DISLIKES, LIKES, opposite } from "../list.js";

/** What a list is called on the page. */
export const titleOfList = (name: string): string =>
  name === LIKES ? "Likes" : name === DISLIKES ? "Not for me" : name;

export const idsIn = ({ lists }: ListsAnswer, name: string): string[] =>
  lists.find((list) => list.name === name)?.ids ?? [];

export const holds = (kept: ListsAnswer, name: string, id: string): boolean => idsIn(kept, name).includes(id);

/** Lists that a person has made. */
export const ownLists = ({ lists }: ListsAnswer): string[] =>
  lists.map(({ name }) => name).filter((name) => opposite(name) === undefined);

export const noteOn = ({ notes }: ListsAnswer, id: string): string => notes.find((note) => note.id === id)?.note ?? "";

/** With a paper put into a list, as the newest and last, or taken out of it. */
export function withPaper(kept: ListsAnswer, name: string, id: string, inside: boolean): ListsAnswer {
  const lists = kept.lists.map((list) => {
    if (list.name !== name && !(inside && list.name === opposite(name))) return list;
    const others = list.ids.filter((other) => other !== id);
    const ids = inside && list.name === name ? [...others, id] : others;
    return { ...list, ids, papers: ids.length };
  });
  return { ...kept, lists };
}

/** With a list of that name; the same where there is one. */
export function withList(kept: ListsAnswer, name: string): ListsAnswer {
  const key = name.toLowerCase();
  if (kept.lists.some((list) => list.name.toLowerCase() === key)) return kept;
  const [likes, dislikes, ...own] = [...kept.lists, { name, created: "", papers: 0, ids: [] }];
  const sorted = own.toSorted((a, b) => a.name.localeCompare(b.name));
  return { ...kept, lists: [likes, dislikes, ...sorted].filter((list) => list !== undefined) };
}

export function withNote(kept: ListsAnswer, id: string, note: string): ListsAnswer {
  const others = kept.notes.filter((other) => other.id !== id);
  return { ...kept, notes: note.trim() === "" ? others : [...others, { id, note, changed: "" }] };
}
