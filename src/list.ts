import { fold } from "./text.js";

/** Two names with the same key are one list. */
export const listKey = (name: string): string => fold(name.trim());

/** Lists that are always there, by their names. A paper is in one of them at most. */
export const LIKES = "likes";
export const DISLIKES = "dislikes";

/** The list that a paper leaves when it is put into the other; undefined for lists that people make. */
export const opposite = (name: string): string | undefined =>
  name === LIKES ? DISLIKES : name === DISLIKES ? LIKES : undefined;
