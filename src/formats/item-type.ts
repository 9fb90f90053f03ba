/** Reference managers list the files and notes of a paper as items of their own. */

/** Whether an item is a part of another one, and no paper. */
export const isPartOfItem = (type: unknown): type is string =>
  typeof type === "string" && /^\s*(?:attachment|note|annotation)\s*$/i.test(type);

/** What such items are counted as. */
export const partOfItem = (type: string): string => `items of type "${type.trim()}"`;
