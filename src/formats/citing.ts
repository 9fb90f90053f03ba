/** How documents cite a paper by its key. */

/** Keys that pandoc reads without braces: single punctuation, between letters and digits. */
const PLAIN_IN_PANDOC = /^\w+(?:[:.+/-]\w+)*$/;
/** Keys that end where Typst thinks that they end. */
const PLAIN_IN_TYPST = /^[\w:.-]*[\w-]$/;

export const inLatex = (key: string): string => `\\cite{${key}}`;

/** For pandoc, and the plugins of Obsidian that read its citations. */
export const inPandoc = (key: string): string => (PLAIN_IN_PANDOC.test(key) ? `[@${key}]` : `[@{${key}}]`);

export const inTypst = (key: string): string => (PLAIN_IN_TYPST.test(key) ? `@${key}` : `#cite(label("${key}"))`);
