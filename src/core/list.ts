import { fold } from "./text.js";

/** Two names with the same key denote one list. */
export const listKey = (name: string): string => fold(name.trim());

/** The built-in lists. A paper is in at most one of them. */
export const LIKES = "likes";
export const DISLIKES = "dislikes";

/** The list that a paper leaves when it is added to this one; undefined for lists that people made. */
export const opposite = (name: string): string | undefined =>
  name === LIKES ? DISLIKES : name === DISLIKES ? LIKES : undefined;

/**
 * Whether a list may have a name: not `.` or `..`, which mean folders in a URL, and no line breaks, control characters,
 * half surrogate pairs, or text direction marks.
 */
export const canBeNamed = (name: string): boolean => !/^\.{1,2}$|[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u.test(name);
