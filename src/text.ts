/** How texts are compared: without case, accents and punctuation. */

/** Lower case, compatibility forms unified, accents gone: `Poincaré` -> `poincare`. */
export const fold = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();

/** Runs of letters and digits of any script, as they stand. */
export const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];

/** Two titles with the same key are the same title: folded words with one space between them. */
export const titleKey = (title: string): string => wordsOf(fold(title)).join(" ");
