import type { Store } from "../store/store.js";
import { Thread } from "../thread.js";
import type { MapperData, MapperMethods } from "./mapper.js";

/** A long run makes a first map of so many papers, and others when there are so many times more. */
const FIRST = 2_000;
const AGAIN = 4;

/**
 * Makes the map in a thread of its own: while papers are embedded, when all abstracts are, and of what is left at the end;
 * when polite, only then.
 */
export class Mapping {
  readonly #store;
  readonly #data;
  readonly #closing = new AbortController();
  readonly #signal;
  #thread: Thread<MapperMethods> | undefined;
  /** How many papers the next map is made of. */
  #next;
  #last: Promise<void> = Promise.resolve();

  /** @param signal Stops it; then what is not on the map yet waits for another run. */
  constructor(store: Store, data: MapperData, signal: AbortSignal) {
    this.#store = store;
    this.#data = data;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#next = Math.max(FIRST, AGAIN * (store.map.get()?.laidOut ?? 0));
  }

  /** To be told how many papers have a vector, and how many have none, whenever these numbers change. */
  embedded(count: number, pending: number): void {
    // Another thread beside those that embed is one core fewer for other programs.
    if (this.#data.polite || (pending > 0 && count < this.#next)) return;
    this.#next = Math.max(FIRST, AGAIN * count);
    this.#begin(pending > 0);
    // Told by `finish`.
    this.#last.catch(() => {});
  }

  /** Puts every paper that has a vector on the map. */
  async finish(): Promise<void> {
    this.#begin(false);
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

  /** One after the other. */
  #begin(early: boolean): void {
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
