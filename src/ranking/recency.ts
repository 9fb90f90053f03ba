/** How much a like counts in its interest by its age: what a person liked lately says more about what they want now. */

/** The part of a like's weight that goes with time halves in this many days. */
const HALF_LIFE = 180;
/** The weight of a like that is very old, relative to the newest. */
const OLD = 0.4;
const DAY = 86_400_000;

/**
 * Ages are counted in days before the newest like, so a person who stops for a while gets the same recommendations, and likes
 * that were added on one day count alike.
 *
 * @param times When each was added, in milliseconds since 1970; NaN if it is not known.
 * @param now A later time is from a clock that was ahead, and counts as this one: otherwise all other likes would be old.
 * @returns A weight for each: 1 for the newest and for those without a time, OLD or more for the others.
 */
export function weightsByAge(times: readonly number[], now: number): number[] {
  const added = times.map((time) => Math.min(time, now));
  const newest = added.reduce((last, time) => (time > last ? time : last), -Infinity);
  return added.map((time) =>
    Number.isNaN(time) ? 1 : OLD + (1 - OLD) * 0.5 ** (Math.floor((newest - time) / DAY) / HALF_LIFE),
  );
}
