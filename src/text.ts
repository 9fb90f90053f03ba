/** How texts are compared: without case, accents and punctuation. */

/** Lower case, compatibility forms unified, accents gone: `Poincaré` -> `poincare`; Greek has one sigma, as in FTS5. */
export const fold = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll("ς", "σ");

/** Runs of letters and digits of any script, as they stand. */
export const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];

/** The words of a text, folded, with one space between them. */
export const foldedWords = (text: string): string => wordsOf(fold(text)).join(" ");

/** Two titles with the same key are the same title. */
export const titleKey = foldedWords;
