/** How texts are compared: without case, accents and punctuation. */

/** Lower case, compatibility forms unified, accents gone: `Poincaré` -> `poincare`; Greek has one sigma, as in FTS5. */
export const fold = (text: string): string =>
  ASCII.test(text)
    ? text.toLowerCase()
    : text
        .normalize("NFKD")
        .replace(/\p{M}+/gu, "")
        .toLowerCase()
        .replaceAll("ς", "σ");

/** Nothing in it to unify: most texts, in a tenth of the time. */
// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\u0000-\u007f]*$/;

/** Runs of letters and digits of any script, as they stand. */
export const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];

/** The words of a text, folded, with one space between them. */
export const foldedWords = (text: string): string => wordsOf(fold(text)).join(" ");

/** Two titles with the same key are the same title. */
export const titleKey = foldedWords;
