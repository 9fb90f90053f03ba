/** When one was last here, so that what has come since can be told. Kept by the browser: it is of this visitor. */

/** Whoever comes back sooner has never been away, in milliseconds. */
const AWAY = 30 * 60_000;

/** `newest` as the last status told it; `since` as it was when this visit began. */
export interface Visit {
  at: number;
  newest: number;
  since: number;
}

/** The visit that goes on, or that begins now; the first one has seen all there is. */
export function nextVisit(before: Visit | null, now: number, newest: number): Visit {
  if (before === null) return { at: now, newest, since: newest };
  const since = now - before.at > AWAY ? before.newest : before.since;
  // Another directory is served at this address, which has given fewer numbers.
  return { at: now, newest, since: Math.min(since, newest) };
}

/** Reads what was kept; null for nothing, or for what is no visit. */
export function parseVisit(kept: string | null): Visit | null {
  try {
    const { at, newest, since }: Partial<Record<keyof Visit, unknown>> = JSON.parse(kept ?? "null") ?? {};
    const numbers = typeof at === "number" && typeof newest === "number" && typeof since === "number";
    return numbers ? { at, newest, since } : null;
  } catch {
    return null;
  }
}
