/** The progress of embedding, worked out from the counts in each status. */
import type { Status } from "../../api.js";

export interface Progress {
  /** Abstracts come first, then the sentences in them. Both are counted in papers. */
  of: "abstracts" | "sentences";
  done: number;
  total: number;
  /** Recent counts, oldest first. */
  seen: readonly { at: number; embedded: number }[];
}

/** Milliseconds over which a speed is averaged, and the fewest that are enough for one. */
const WINDOW = 20_000;
const TOO_SHORT = 2_000;

/**
 * The progress after one more status; null when nothing is pending. Papers added in between increase the total.
 *
 * @param at The time of the status in milliseconds.
 */
export function advance(
  before: Progress | null,
  { papers, pending, pendingSentences }: Pick<Status, "papers" | "pending" | "pendingSentences">,
  at: number,
): Progress | null {
  const of = pending > 0 ? "abstracts" : "sentences";
  const left = pending > 0 ? pending : pendingSentences;
  if (left === 0) return null;
  const now = { at, embedded: papers - left };
  if (before === null || before.of !== of) return { of, done: 0, total: left, seen: [now] };
  const last = before.seen.at(-1);
  // Papers may have been added and embedded since the last status, so what is left does not say how many were.
  const done = before.done + Math.max(0, now.embedded - (last?.embedded ?? 0));
  // Fewer than before: papers were removed, which says nothing about the speed.
  const restarted = last === undefined || now.embedded < last.embedded;
  const seen = restarted ? [now] : [...before.seen.filter((one) => one === last || at - one.at <= WINDOW), now];
  return { of, done, total: done + left, seen };
}

/** Papers a second, averaged over the last seconds; null when that is unknown, or nothing was done. */
export function speedOf({ seen }: Progress): number | null {
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < TOO_SHORT) return null;
  const embedded = last.embedded - first.embedded;
  return embedded === 0 ? null : (embedded * 1_000) / (last.at - first.at);
}
