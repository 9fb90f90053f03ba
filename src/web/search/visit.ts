/** The time of the last visit, for the number of papers added since. The browser keeps it: it belongs to this visitor. */

/** Milliseconds of absence after which a new visit begins. */
const AWAY = 30 * 60_000;

/** `newest` is from the last status; `since` is what it was when this visit began, and `last` when the one before ended. */
export interface Visit {
  at: number;
  newest: number;
  since: number;
  /** Milliseconds since 1970; absent in the first visit. */
  last?: number;
}

/** The visit that continues or begins now. For a first visit nothing is new. */
export function nextVisit(before: Visit | null, now: number, newest: number): Visit {
  if (before === null) return { at: now, newest, since: newest };
  const begins = now - before.at > AWAY;
  const since = begins ? before.newest : before.since;
  const last = begins ? before.at : before.last;
  // Smaller when this address now serves another library.
  return { at: now, newest, since: Math.min(since, newest), ...(last !== undefined && { last }) };
}

/** Reads a stored visit; null for anything else. */
export function parseVisit(kept: string | null): Visit | null {
  try {
    const { at, newest, since, last }: Partial<Record<keyof Visit, unknown>> = JSON.parse(kept ?? "null") ?? {};
    const numbers = typeof at === "number" && typeof newest === "number" && typeof since === "number";
    return numbers ? { at, newest, since, ...(typeof last === "number" && { last }) } : null;
  } catch {
    return null;
  }
}
