/** How far embedding has come, told from nothing but how many papers are pending each time one looks. */
export interface Progress {
  done: number;
  total: number;
}

/** The progress after one more look; null when nothing is pending. Papers that came in meanwhile add to the total. */
export function advance(before: Progress | null, pending: number): Progress | null {
  if (pending === 0) return null;
  if (before === null) return { done: 0, total: pending };
  const total = Math.max(before.total, before.done + pending);
  return { done: total - pending, total };
}
