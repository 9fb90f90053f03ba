import { setImmediate } from "node:timers/promises";

/** How long a loop runs before others of its thread have their turn, in milliseconds. */
const TURN = 50;

/** To be awaited in every round of a long loop: lets others have their turn now and then, and ends when it is not wanted. */
export function turns(signal: AbortSignal): () => Promise<void> | undefined {
  let end = performance.now() + TURN;
  return () => {
    if (performance.now() < end) return undefined;
    return setImmediate().then(() => {
      signal.throwIfAborted();
      end = performance.now() + TURN;
    });
  };
}
