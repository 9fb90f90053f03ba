/** The list a paper was opened from: what "previous" and "next" on its page go through. */

export interface Trail {
  /** The papers of the list by id, in its order, as far as it was shown. */
  papers: string[];
  /** Whether there were more to come. */
  more: boolean;
  /** The entry of the history that has the list. */
  list: string;
}

/** Characters of all ids together: browsers keep little more with an entry of the history. */
const LONGEST = 100_000;

/** The list in which a link leads to the paper it stands for; null for any other link. */
export function trailOf(link: Element, id: string, list: string): Trail | null {
  if (link.closest<HTMLElement>("[data-result]")?.dataset["paper"] !== id) return null;
  const papers = [...document.querySelectorAll<HTMLElement>("[data-result]")].map((one) => one.dataset["paper"] ?? "");
  if (papers.join("").length > LONGEST) return null;
  return { papers, more: document.querySelector("button.more") !== null, list };
}

/** Where a paper stands on the trail, from 1, with those before and behind it; null when it is not on it. */
export function stepsFrom(
  trail: Trail,
  id: string,
): { place: number; of: number; previous: string | null; next: string | null } | null {
  const at = trail.papers.indexOf(id);
  if (at === -1) return null;
  return {
    place: at + 1,
    of: trail.papers.length,
    previous: trail.papers[at - 1] ?? null,
    next: trail.papers[at + 1] ?? null,
  };
}
