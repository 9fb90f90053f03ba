import { setImmediate } from "node:timers/promises";
import { KindredError } from "./errors.js";

/** How long a loop runs before the event loop does, in milliseconds. */
const SLICE = 4;

/** To be awaited in each round of a long loop: undefined, at next to no cost, except when a time slice is over. */
export type Pause = () => Promise<void> | undefined;

/** Lets the event loop run between time slices. @throws KindredError `cancelled`, from a pause, after `signal` is aborted. */
export function pauses(signal?: AbortSignal): Pause {
  let end = performance.now() + SLICE;
  return () => {
    if (performance.now() < end) return undefined;
    return setImmediate().then(() => {
      if (signal?.aborted === true) throw new KindredError("cancelled", "cancelled", { cause: signal.reason });
      end = performance.now() + SLICE;
    });
  };
}
