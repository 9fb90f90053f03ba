import { Thread, type Methods } from "./thread.js";

/** Calls a thread has in hand: one it works on, one that waits so that it never does. */
const IN_HAND = 2;

/** Threads that do the same work. */
export class Pool<M extends Methods> {
  readonly #threads: { thread: Thread<M>; calls: number }[];

  /** @param module URL of the threads' module, which calls `answerCalls`. */
  constructor(module: URL, workerData: unknown, threads: number) {
    this.#threads = Array.from({ length: threads }, () => ({ thread: new Thread<M>(module, workerData), calls: 0 }));
  }

  /** Calls that can be had in hand at once without any waiting for a free thread. */
  get capacity(): number {
    return this.#threads.length * IN_HAND;
  }

  /** Hands a call to the thread with the fewest. */
  async call<K extends keyof M & string>(method: K, argument: Parameters<M[K]>[0]): Promise<Awaited<ReturnType<M[K]>>> {
    const [least] = this.#threads.toSorted((a, b) => a.calls - b.calls);
    if (least === undefined) throw new Error("the pool has no threads");
    least.calls++;
    try {
      return await least.thread.call(method, argument);
    } finally {
      least.calls--;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ thread }) => thread.close()));
  }
}
