/** How far embedding has come, told from nothing but the counts each time one looks. */
import type { Status } from "../../api.js";

export interface Progress {
  /** Abstracts come first, then the sentences in them. Both are counted in papers. */
  of: "abstracts" | "sentences";
  done: number;
  total: number;
  /** What was seen in the last while, oldest first. */
  seen: readonly { at: number; embedded: number }[];
}

/** Milliseconds that a speed is the mean of, and the fewest that say anything. */
const WHILE = 20_000;
const TOO_SHORT = 2_000;

/**
 * The progress after one more look; null when nothing is pending. Papers that came in meanwhile add to the total.
 *
 * @param at The time of the look, in milliseconds.
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
  // Papers may have come in and been embedded since the last look: what is left does not tell how many.
  const done = before.done + Math.max(0, now.embedded - (last?.embedded ?? 0));
  // Fewer than before: papers were taken away, which says nothing of how fast others are embedded.
  const restarted = last === undefined || now.embedded < last.embedded;
  const seen = restarted ? [now] : [...before.seen.filter((one) => one === last || at - one.at <= WHILE), now];
  return { of, done, total: done + left, seen };
}

/** Papers a second, a mean of the last while; null when that is not known yet, or nothing was done in it. */
export function speedOf({ seen }: Progress): number | null {
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < TOO_SHORT) return null;
  const embedded = last.embedded - first.embedded;
  return embedded === 0 ? null : (embedded * 1_000) / (last.at - first.at);
}
