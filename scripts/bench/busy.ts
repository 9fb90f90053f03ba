/** A program of one thread that computes without a pause, and reports when each piece of its work is done. */

/** A piece of work is done, by the clock that all processes share, in milliseconds. */
export type BusyNews = { at: number };

let state = 1;
for (;;) {
  // A linear congruential generator: it waits for nothing but the core.
  for (let i = 0; i < 5_000_000; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  console.log(JSON.stringify({ at: performance.timeOrigin + performance.now() } satisfies BusyNews));
}
