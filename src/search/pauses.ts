import { setImmediate } from "node:timers/promises";
import { KindredError } from "../errors.js";

/** How long a question works before others of its thread have their turn, in milliseconds. */
const TURN = 4;

/** Called between pieces of work: lets others have their turn now and then, and throws when the answer is not wanted. */
export type Pause = () => Promise<void> | undefined;

/** @throws KindredError `cancelled`, from a pause, after `signal` is aborted. */
export function pauses(signal: AbortSignal): Pause {
  let end = performance.now() + TURN;
  return () => {
    if (performance.now() < end) return undefined;
    return setImmediate().then(() => {
      if (signal.aborted) throw new KindredError("cancelled", "cancelled");
      end = performance.now() + TURN;
    });
  };
}
