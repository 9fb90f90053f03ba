/** How a paper's words are searched: the store's FTS5 and the index in memory weigh them alike, and neither knows the other. */

/** What a word counts in each field: title 3 to abstract 1 was measured, the rest is modest. */
export const FIELDS = { title: 3, abstract: 1, authors: 1, venue: 0.5, keywords: 0.5 };

/** The texts of a paper whose words are searched. */
export type Fields = Record<keyof typeof FIELDS, string>;

export type WordHit = {
  label: number;
  /** BM25, 0 upwards, larger is better (SQLite's own is negative). */
  bm25: number;
};

/** The beginning of words that `syn*` stands for; null for a word. */
export const beginningIn = (word: string): string | null => (word.endsWith("*") ? word.slice(0, -1) : null);
