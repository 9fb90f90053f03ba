/**
 * Types and weights of word search, shared by the store's FTS5 and the index in memory, which do not know each other.
 */

/** The weight of a word in each field. Title 3 to abstract 1 was measured; the others are estimates. */
export const FIELDS = { title: 3, abstract: 1, authors: 1, venue: 0.5, keywords: 0.5 };

/** The searchable texts of a paper. */
export type Fields = Record<keyof typeof FIELDS, string>;

export type WordHit = {
  label: number;
  /** BM25, 0 or more, larger is better (SQLite's is negative). */
  bm25: number;
};

/** The prefix that `syn*` stands for; null for a word. */
export const beginningIn = (word: string): string | null => (word.endsWith("*") ? word.slice(0, -1) : null);
