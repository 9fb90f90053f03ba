/** How papers are copied from one engine into another, with their labels, their vectors, and everything that refers to them. */
import type { CopiedMap, CopiedPaper, Kept } from "../store/copies.js";
import type { Store } from "../store/store.js";
import type { OwnedRow } from "./writer.js";

export type { CopiedMap, CopiedPaper, Kept };

export interface Copying {
  /** The number given last to a paper, even if it has been removed. */
  newest(): Promise<number>;
  /** Papers with a label above `after`, by label. */
  papers(after: number, limit: number): Promise<CopiedPaper[]>;
  kept(): Promise<Kept>;
  /** Rows of all owners, by owner and key, after one of them. */
  owned(after: { owner: string; key: string }, limit: number): Promise<OwnedRow[]>;
  map(): Promise<CopiedMap | null>;

  /** Stores papers with labels above all others. */
  putPapers(papers: readonly CopiedPaper[]): Promise<void>;
  /** Replaces all lists and notes, and makes sure that no paper receives a label up to `newest`. */
  putKept(kept: Kept, newest: number): Promise<void>;
}

export const embeddedCopying = (store: Store): Copying => ({
  newest: async () => store.papers.newest(),
  papers: async (after, limit) => store.copies.papers(after, limit),
  kept: async () => store.copies.kept(),
  owned: async (after, limit) => store.copies.owned(after, limit),
  map: async () => store.copies.map(),
  putPapers: async (papers) => store.write(() => papers.forEach((paper) => store.copies.putPaper(paper))),
  putKept: async (kept, newest) => store.write(() => store.copies.putKept(kept, newest)),
});
