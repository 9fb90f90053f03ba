import { Thread, tried } from "../thread.js";
import type { EmbedderData, EmbedderMethods } from "./embedder.js";

/** Calls a worker has in hand: one it works on, one that waits so that it never does. */
const IN_HAND = 2;

type Embedder = { thread: Thread<EmbedderMethods>; calls: number };

/** Embedder threads of one core each: two workers of one thread each beat one of two threads. */
export class EmbedderPool {
  readonly #embedders: Embedder[] = [];
  readonly #data: EmbedderData;
  readonly #workers: number;
  readonly #module: URL;

  /**
   * @param workers Threads at most; one is started when there is a call that none is free for.
   * @param module What the threads run.
   */
  constructor(data: EmbedderData, workers: number, module = new URL("./embedder.js", import.meta.url)) {
    this.#data = data;
    this.#workers = workers;
    this.#module = module;
  }

  /** Calls that can be had in hand at once without any waiting for a free worker. */
  get capacity(): number {
    return this.#workers * IN_HAND;
  }

  /**
   * Hands a call to a worker that has none, or to the one with the fewest; again, if the worker ends before it answers.
   *
   * @throws KindredError `interrupted` when worker after worker does.
   */
  async call<K extends keyof EmbedderMethods>(
    method: K,
    texts: Parameters<EmbedderMethods[K]>[0],
  ): Promise<Awaited<ReturnType<EmbedderMethods[K]>>> {
    return tried(async (): Promise<Awaited<ReturnType<EmbedderMethods[K]>>> => {
      const embedder = this.#freest();
      embedder.calls++;
      try {
        return await embedder.thread.call(method, texts);
      } finally {
        embedder.calls--;
      }
    });
  }

  #freest(): Embedder {
    const [freest] = this.#embedders.toSorted((a, b) => a.calls - b.calls);
    if (freest !== undefined && (freest.calls === 0 || this.#embedders.length === this.#workers)) return freest;
    const started = {
      thread: new Thread<EmbedderMethods>(this.#module, this.#data),
      calls: 0,
    };
    this.#embedders.push(started);
    return started;
  }

  async close(): Promise<void> {
    await Promise.all(this.#embedders.map(({ thread }) => thread.close()));
  }
}
