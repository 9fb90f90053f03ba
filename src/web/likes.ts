/** What a person thinks of papers: liked, or not for them. */

export type Verdict = "like" | "dislike";

/** The title is kept so that a recommendation can say which liked paper it is close to. */
export interface Opinion {
  id: string;
  title: string;
  verdict: Verdict;
}

/** Reads what was kept. Anything that is no opinion is dropped: the place it is kept in can be written by others. */
export function parseOpinions(kept: string | null): Opinion[] {
  if (kept === null) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(kept);
  } catch {
    return [];
  }
  return Array.isArray(parsed) ? parsed.filter(isOpinion) : [];
}

function isOpinion(value: unknown): value is Opinion {
  if (typeof value !== "object" || value === null) return false;
  const { id, title, verdict } = value as Partial<Record<keyof Opinion, unknown>>;
  return typeof id === "string" && typeof title === "string" && (verdict === "like" || verdict === "dislike");
}

export const verdictOn = (opinions: readonly Opinion[], id: string): Verdict | null =>
  opinions.find((opinion) => opinion.id === id)?.verdict ?? null;

/** The opinions with this one, as the newest and last; null takes the opinion on the paper back. */
export function withVerdict(
  opinions: readonly Opinion[],
  paper: { id: string; title: string },
  verdict: Verdict | null,
): Opinion[] {
  const others = opinions.filter((opinion) => opinion.id !== paper.id);
  return verdict === null ? others : [...others, { id: paper.id, title: paper.title, verdict }];
}
