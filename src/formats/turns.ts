import { setImmediate } from "node:timers/promises";

/** Milliseconds of work after which others get their turn. */
const TURN_MS = 4;

/** To be awaited between small pieces of work: lets the event loop go on when a turn is over. */
export function turns(): () => Promise<void> {
  let turn = performance.now();
  return async () => {
    if (performance.now() - turn < TURN_MS) return;
    await setImmediate();
    turn = performance.now();
  };
}
