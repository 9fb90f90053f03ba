/** A single-threaded program that computes without pause, and reports when each piece of work is done. */

/** When a piece of work was done: milliseconds since the epoch. */
export type BusyMessage = { at: number };

let state = 1;
for (;;) {
  // A linear congruential generator: limited by the core alone, not by memory.
  for (let i = 0; i < 5_000_000; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  console.log(JSON.stringify({ at: performance.timeOrigin + performance.now() } satisfies BusyMessage));
}
