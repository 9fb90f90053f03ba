/** Limits how many requests of one kind run at once and how many wait; the rest are refused at once. */
import { KindredError } from "../core/errors.js";

/** `time` is in milliseconds for each request, waiting included. */
type Limits = { atOnce: number; waiting: number; time: number };

export class Lane {
  readonly #limits;
  /** Starts each request that waits, in the order they came. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Runs `work` when there is room; never if `signal` is aborted before. Work that has started keeps its place until it
   * ends, even if its time is over: it may still occupy its thread.
   *
   * @throws KindredError `overloaded` when too many wait or the time is over, which also aborts the signal of `work`;
   *   `cancelled` when `signal` is aborted while it waits.
   */
  async run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { atOnce, waiting, time } = this.#limits;
    if (this.running >= atOnce && this.waiting >= waiting)
      throw new KindredError(
        "overloaded",
        `${this.running + this.waiting} requests of this kind are running or waiting, which is the limit: try again soon`,
      );
    // Not AbortSignal.any: its signal is kept, with all it refers to, until its sources end.
    const ended = new AbortController();
    let started = false;
    let start!: () => void;
    let refuse!: (error: KindredError) => void;
    const result = new Promise<T>((resolve, reject) => {
      refuse = reject;
      start = () => {
        started = true;
        this.#running++;
        void (async () => work(ended.signal))()
          .finally(() => this.#release())
          .then(resolve, reject);
      };
    });
    const end = (error: KindredError) => {
      ended.abort();
      this.#waiting.delete(start);
      refuse(error);
    };
    // Work that has started reports its own end.
    const cancel = () => (started ? ended.abort() : end(new KindredError("cancelled", "cancelled")));
    const timer = setTimeout(() => {
      const message = `it took longer than ${time / 1_000} seconds: try again soon, or ask for less`;
      end(new KindredError("overloaded", message));
    }, time).unref();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      if (signal.aborted) cancel();
      else if (this.running < atOnce) start();
      else this.#waiting.add(start);
      return await result;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    }
  }

  #release(): void {
    this.#running--;
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    next();
  }
}

/** How long an upload whose bytes keep coming may take, in milliseconds. */
export const HOURS = 12 * 3_600_000;

/**
 * One thread answers and one writes. Only as many requests run as keep them busy: more would wait inside the thread, where
 * they cannot be dropped.
 */
export const lanes = () => ({
  questions: new Lane({ atOnce: 8, waiting: 256, time: 30_000 }),
  changes: new Lane({ atOnce: 8, waiting: 256, time: HOURS }),
  imports: new Lane({ atOnce: 4, waiting: 0, time: HOURS }),
  exports: new Lane({ atOnce: 8, waiting: 0, time: HOURS }),
});
export type Lanes = ReturnType<typeof lanes>;
