import { IDLE, Thread, retried } from "../core/thread.js";
import type { EmbedderData, EmbedderMethods } from "./embedder.js";

/** Calls per worker: one that runs, and one that waits so that the worker is never idle. */
const CALLS_PER_WORKER = 2;

type Embedder = { thread: Thread<EmbedderMethods>; calls: number };

/** Embedder threads with one core each: two workers of one thread are faster than one worker of two threads. Idle ones end. */
export class EmbedderPool {
  readonly #embedders: Embedder[] = [];
  readonly #data: EmbedderData;
  readonly #workers: number;
  readonly #module: URL;

  /**
   * @param workers Most threads; one is started when a call finds no idle one.
   * @param module The module that the threads run.
   */
  constructor(data: EmbedderData, workers: number, module = new URL("./embedder-thread.js", import.meta.url)) {
    this.#data = data;
    this.#workers = workers;
    this.#module = module;
  }

  /** Calls that keep all workers busy. */
  get capacity(): number {
    return this.#workers * CALLS_PER_WORKER;
  }

  /**
   * Passes a call to an idle worker, or to the one with the fewest calls; again, if the worker ends before it answers.
   *
   * @throws KindredError `interrupted` when that happens repeatedly.
   */
  async call<K extends keyof EmbedderMethods>(
    method: K,
    texts: Parameters<EmbedderMethods[K]>[0],
  ): Promise<Awaited<ReturnType<EmbedderMethods[K]>>> {
    return retried(async (): Promise<Awaited<ReturnType<EmbedderMethods[K]>>> => {
      const embedder = this.#leastBusy();
      embedder.calls++;
      try {
        return await embedder.thread.call(method, texts);
      } finally {
        embedder.calls--;
      }
    });
  }

  /** Starts all workers, so that they load the model before the first call. */
  start(): void {
    while (this.#embedders.length < this.#workers) this.#add();
    for (const { thread } of this.#embedders) thread.start();
  }

  #leastBusy(): Embedder {
    const [freest] = this.#embedders.toSorted((a, b) => a.calls - b.calls);
    if (freest !== undefined && (freest.calls === 0 || this.#embedders.length === this.#workers)) return freest;
    return this.#add();
  }

  #add(): Embedder {
    const added = { thread: new Thread<EmbedderMethods>(this.#module, this.#data, IDLE), calls: 0 };
    this.#embedders.push(added);
    return added;
  }

  async close(): Promise<void> {
    await Promise.all(this.#embedders.map(({ thread }) => thread.close()));
  }
}
