/** The job of one way to send what alerts find, such as mail: it is due when the next message is. */
import { messageOf } from "../core/errors.js";
import type { Jobs } from "../jobs/jobs.js";

/** How often a server looks for what is to be sent, in milliseconds. */
const LOOK_EVERY = 15_000;
const LATER = 86_400_000;

export type Way = {
  /** The name of the job. */
  job: string;
  /** When the next message is due, 0 for at once, Infinity if none is; null if this way is not used. */
  nextDue: () => Promise<number | null>;
  /** Sends what is due. @param forced Whether to send also what is not due. @returns What was done, in words. */
  run: (signal: AbortSignal, forced: boolean) => Promise<string>;
};

export class Sending {
  readonly #jobs;
  readonly #now;
  readonly #way;
  /** When the job was last said to be due. */
  #registered: number | null | undefined;
  #next: number | null = null;
  /** Whether the next run sends also what is not due. */
  #forced = false;
  #looking: NodeJS.Timeout | undefined;

  /** @param now Milliseconds since 1970. */
  constructor(jobs: Pick<Jobs, "register" | "run">, now: () => number, way: Way) {
    this.#jobs = jobs;
    this.#now = now;
    this.#way = way;
  }

  /** Sends what is due from now on. Needs `jobs.start`. */
  start(failed: (thrown: unknown) => void): void {
    let last = "";
    const look = () =>
      void this.look().then(
        () => (last = ""),
        (thrown: unknown) => {
          // Until it is fixed, it would be the same every time.
          if (messageOf(thrown) !== last) failed(thrown);
          last = messageOf(thrown);
        },
      );
    look();
    this.#looking = setInterval(look, LOOK_EVERY).unref();
  }

  /** Stops looking for what is to be sent. */
  stop(): void {
    clearInterval(this.#looking);
  }

  /** Makes the job due when the next message is. */
  async look(): Promise<void> {
    const next = await this.#way.nextDue();
    if (this.#registered === next || (next === null && this.#registered === undefined)) return;
    this.#registered = next;
    await this.#register(next);
  }

  /** Sends everything that waits, now. @throws KindredError `busy` when another process is sending; what the way throws. */
  async send(signal?: AbortSignal): Promise<void> {
    await this.#register(this.#now());
    this.#forced = true;
    try {
      // A run that was under way has sent only what was due.
      while (this.#forced) await this.#jobs.run(this.#way.job, signal);
    } finally {
      this.#forced = false;
    }
  }

  async #register(next: number | null): Promise<void> {
    this.#next = next;
    await this.#jobs.register({
      name: this.#way.job,
      next: () => Math.min(this.#next ?? Infinity, this.#now() + LATER),
      paused: next === null,
      run: async (signal) => {
        const forced = this.#forced;
        this.#forced = false;
        const done = await this.#way.run(signal, forced);
        this.#next = await this.#way.nextDue();
        // What is found from now on is due earlier than this, which the next look must notice.
        if (this.#next !== null) this.#registered = this.#next;
        return done;
      },
    });
  }
}
