/** Days as `2026-11-30`, in UTC, as services count them. */

const DAY = 24 * 60 * 60 * 1000;

export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

export const plusDays = (day: string, days: number): string => dayOf(Date.parse(day) + days * DAY);

export const daysBetween = (from: string, until: string): number =>
  Math.round((Date.parse(until) - Date.parse(from)) / DAY);

export const earlier = (a: string, b: string): string => (a < b ? a : b);
export const later = (a: string, b: string): string => (a > b ? a : b);

/** The server's day: our own clock may be wrong. */
export function serverDay(headers: Record<string, string>, now: number): string {
  const time = Date.parse(headers["date"] ?? "");
  return dayOf(Number.isNaN(time) ? now : time);
}
