/** How much is worked on at once, and how much may wait: what is more is told so at once. */
import PQueue from "p-queue";
import { KindredError } from "../errors.js";

/** Requests of one kind: so many at once, so many that wait, and how long each may take in milliseconds, waiting too. */
type Limits = { atOnce: number; waiting: number; time: number };

export class Lane {
  readonly #queue;
  readonly #limits;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#queue = new PQueue({ concurrency: limits.atOnce });
  }

  get running(): number {
    return this.#queue.pending;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Does the work when its turn has come; not at all when `signal` is aborted before.
   *
   * @throws KindredError `overloaded` when too many wait, or its time is over; what runs then is told by its signal.
   */
  async run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { atOnce, waiting, time } = this.#limits;
    if (this.running >= atOnce && this.waiting >= waiting)
      throw new KindredError(
        "overloaded",
        `${this.running + this.waiting} requests of this kind are in hand or wait, which is all there is room for: try again soon`,
      );
    // Made and cleared by hand: a signal of AbortSignal.any is kept with all it holds until its sources end.
    const ended = new AbortController();
    // It leaves the queue only while it waits: what has begun may go on in its thread, and keeps its place.
    const leaving = new AbortController();
    let [begun, late] = [false, false];
    let refuse!: (error: KindredError) => void;
    const over = new Promise<never>((_, reject) => (refuse = reject));
    const end = () => {
      ended.abort();
      // What has begun and is told to end does so, and says how.
      if (begun && !late) return;
      if (!begun) leaving.abort();
      refuse(
        late
          ? new KindredError(
              "overloaded",
              `it took longer than ${time / 1_000} seconds: try again soon, or ask for less`,
            )
          : new KindredError("cancelled", "cancelled"),
      );
    };
    const timer = setTimeout(() => {
      late = true;
      end();
    }, time).unref();
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
    const start = () => {
      begun = true;
      return work(ended.signal);
    };
    const worked = this.#queue.add(start, { signal: leaving.signal });
    // Whichever is second is of no interest.
    worked.catch(() => {});
    try {
      return await Promise.race([worked, over]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }
}

/** How long an upload may take whose bytes keep coming, in milliseconds. */
export const HOURS = 12 * 3_600_000;

/** One answering thread, one that writes: what is more than they need to be always busy would wait there, and cannot be dropped. */
export const lanes = () => ({
  questions: new Lane({ atOnce: 8, waiting: 256, time: 30_000 }),
  changes: new Lane({ atOnce: 8, waiting: 256, time: HOURS }),
  imports: new Lane({ atOnce: 4, waiting: 0, time: HOURS }),
  exports: new Lane({ atOnce: 8, waiting: 0, time: HOURS }),
});
export type Lanes = ReturnType<typeof lanes>;
