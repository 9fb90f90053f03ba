/** A clock that only moves when a test moves it. */
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/jobs/jobs.js";

type Sleeper = { until: number; wake: () => void };

export class TestClock implements Clock {
  time: number;
  /** What `random` returns. */
  chance = 0;
  /** Elapsed time, which does not jump when the clock is set. */
  #elapsed = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(time = Date.UTC(2030, 0, 1)) {
    this.time = time;
  }

  readonly now = (): number => this.time;
  readonly random = (): number => this.chance;

  readonly sleep = (milliseconds: number, { signal }: { signal: AbortSignal }): Promise<void> =>
    new Promise((resolve, reject) => {
      const sleeper = {
        until: this.#elapsed + milliseconds,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener("abort", abort);
          resolve();
        },
      };
      const abort = () => {
        this.#sleepers.delete(sleeper);
        reject(new Error("aborted"));
      };
      if (signal.aborted) return abort();
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", abort, { once: true });
    });

  /** Lets time pass, sleepers waking in turn; everything that they do takes no time. */
  async pass(milliseconds: number): Promise<void> {
    await setImmediate();
    const end = this.#elapsed + milliseconds;
    for (;;) {
      const [next] = [...this.#sleepers].toSorted((a, b) => a.until - b.until);
      const until = next === undefined || next.until > end ? end : next.until;
      this.time += until - this.#elapsed;
      this.#elapsed = until;
      if (next === undefined || next.until > end) return;
      next.wake();
      await setImmediate();
    }
  }
}
