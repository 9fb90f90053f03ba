import type { Store } from "../store/store.js";
import { Thread } from "../core/thread.js";
import type { MapperData, MapperMethods } from "./mapper.js";

/** A long run makes the first map of this many papers, and another whenever there are AGAIN times as many. */
const FIRST = 2_000;
const AGAIN = 4;

/**
 * Makes the map in a thread of its own: during embedding, after all abstracts, and at the end; with `polite`, only at
 * the end.
 */
export class Mapping {
  readonly #store;
  readonly #data;
  readonly #closing = new AbortController();
  readonly #signal;
  #thread: Thread<MapperMethods> | undefined;
  /** How many papers the next map waits for. */
  #next;
  #last: Promise<void> = Promise.resolve();

  /** @param signal Stops it; papers that are not on the map yet wait for another run. */
  constructor(store: Store, data: MapperData, signal: AbortSignal) {
    this.#store = store;
    this.#data = data;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#next = Math.max(FIRST, AGAIN * (store.map.get()?.laidOut ?? 0));
  }

  /** Call whenever these numbers change: how many papers have a vector, and how many do not. */
  embedded(count: number, pending: number): void {
    // One more thread during embedding would take a core from other programs.
    if (this.#data.polite || (pending > 0 && count < this.#next)) return;
    this.#next = Math.max(FIRST, AGAIN * count);
    this.#enqueue(pending > 0);
    // Reported by `finish`.
    this.#last.catch(() => {});
  }

  /** Puts every paper with a vector on the map. */
  async finish(): Promise<void> {
    this.#enqueue(false);
    try {
      await this.#last;
    } catch (thrown) {
      if (!this.#signal.aborted) throw thrown;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#thread?.close();
  }

  /** Runs after the previous one has ended. */
  #enqueue(early: boolean): void {
    this.#last = this.#last.then(() => this.#run(early));
  }

  async #run(early: boolean): Promise<void> {
    const { map } = this.#store;
    if (this.#signal.aborted) return;
    if (map.countPending() === 0 && (early || map.get()?.early !== true)) return;
    this.#thread ??= new Thread<MapperMethods>(new URL("./mapper.js", import.meta.url), this.#data);
    const mapped = await this.#thread.call("map", early, { signal: this.#signal });
    this.#store.write(() => map.put(mapped));
  }
}
