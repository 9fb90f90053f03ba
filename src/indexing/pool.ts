import { availableParallelism } from "node:os";
import { messageOf } from "../errors.js";
import { Thread } from "../thread.js";
import type { EmbedderMethods } from "./embedder.js";

/** Calls a worker has in hand: one it works on, one that waits so that it never does. */
const IN_HAND = 2;

/** Embedder threads, one a core unless told otherwise: two workers of one thread each beat one of two threads. */
export class EmbedderPool {
  readonly #embedders: { thread: Thread<EmbedderMethods>; calls: number }[];

  constructor(model: string, workers: number = availableParallelism()) {
    const module = new URL("./embedder.js", import.meta.url);
    this.#embedders = Array.from({ length: workers }, () => ({ thread: new Thread(module, model), calls: 0 }));
  }

  /** Calls that can be had in hand at once without any waiting for a free worker. */
  get capacity(): number {
    return this.#embedders.length * IN_HAND;
  }

  /** Hands a call to the worker with the fewest. */
  async call<K extends keyof EmbedderMethods>(
    method: K,
    texts: Parameters<EmbedderMethods[K]>[0],
  ): Promise<Awaited<ReturnType<EmbedderMethods[K]>>> {
    const [embedder] = this.#embedders.toSorted((a, b) => a.calls - b.calls);
    if (embedder === undefined) throw new Error("the pool has no workers");
    embedder.calls++;
    try {
      return await embedder.thread.call(method, texts);
    } catch (thrown) {
      throw new Error(`embedding failed: ${messageOf(thrown)}`, { cause: thrown });
    } finally {
      embedder.calls--;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#embedders.map(({ thread }) => thread.close()));
  }
}
