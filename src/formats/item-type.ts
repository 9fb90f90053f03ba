/** Reference managers export the files and notes of a paper as separate items. */

/** Whether an item is a part of another one rather than a paper. */
export const isPartOfItem = (type: unknown): type is string =>
  typeof type === "string" && /^\s*(?:attachment|note|annotation)\s*$/i.test(type);

/** How such items are reported. */
export const partOfItem = (type: string): string => `items of type "${type.trim()}"`;
