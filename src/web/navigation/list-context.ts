/** The list a paper was opened from: what "previous" and "next" on its page go through. */

export interface ListContext {
  /** Ids of the papers that the list showed, in its order. */
  papers: string[];
  /** Whether the list had more pages. */
  more: boolean;
  /** The key of the history entry that shows the list. */
  entry: string;
}

/** Characters of all ids together: browsers limit the state of a history entry. */
const MAX_LENGTH = 100_000;

/** The list in which a link leads to its own paper; null for any other link. */
export function listContextOf(link: Element, id: string, entry: string): ListContext | null {
  if (link.closest<HTMLElement>("[data-result]")?.dataset["paper"] !== id) return null;
  const papers = [...document.querySelectorAll<HTMLElement>("[data-result]")].map((one) => one.dataset["paper"] ?? "");
  if (papers.join("").length > MAX_LENGTH) return null;
  return { papers, more: document.querySelector("button.more") !== null, entry };
}

interface Steps {
  /** From 1. */
  place: number;
  of: number;
  previous: string | null;
  next: string | null;
}

/** Where a paper is in the list, and its neighbours; null when it is not in it. */
export function stepsFrom({ papers }: ListContext, id: string): Steps | null {
  const at = papers.indexOf(id);
  if (at === -1) return null;
  return { place: at + 1, of: papers.length, previous: papers[at - 1] ?? null, next: papers[at + 1] ?? null };
}
