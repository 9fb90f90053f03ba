import { fold } from "./text.js";

/** Two names with the same key are one list. */
export const listKey = (name: string): string => fold(name.trim());

/** Lists that are always there, by their names. A paper is in one of them at most. */
export const LIKES = "likes";
export const DISLIKES = "dislikes";

/** The list that a paper leaves when it is put into the other; undefined for lists that people make. */
export const opposite = (name: string): string | undefined =>
  name === LIKES ? DISLIKES : name === DISLIKES ? LIKES : undefined;

/**
 * Whether a list can be given a name: not one that leads to a folder where an address holds it, nor one with line breaks,
 * control characters, halves of characters, or marks that change the direction of what is written after them.
 */
export const canBeNamed = (name: string): boolean => !/^\.{1,2}$|[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u.test(name);
