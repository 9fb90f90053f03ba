import { randomUUID } from "node:crypto";
import type { Writer } from "../engine/writer.js";
import type { Thread } from "../core/thread.js";
import type { MapperMethods } from "./mapper.js";

/** A long run makes the first map of this many papers, and another whenever there are AGAIN times as many. */
const FIRST = 2_000;
const AGAIN = 4;
/** Papers read at a time. */
const SLICE = 1_000;
/** How long nobody else makes a map after this process has ended; and how often it says that it has not, in milliseconds. */
const LEASE = 90_000;
const RENEW_EVERY = 30_000;

/**
 * Makes the map in a thread of its own: during embedding, after all abstracts, and at the end; with `polite`, only at
 * the end.
 */
export class Mapping {
  readonly #writer;
  readonly #thread;
  readonly #polite;
  readonly #closing = new AbortController();
  readonly #signal;
  /** How many papers the next map waits for. */
  #next;
  #last: Promise<void> = Promise.resolve();
  readonly #holder = randomUUID();
  /** Whether the last map was left to another process. */
  #held = false;

  /**
   * @param thread Runs `mapper.ts`, for nobody else until this is closed.
   * @param laidOut How many papers the present map was laid out with; 0 without a map.
   * @param signal Stops it; papers that are not on the map yet wait for another run.
   */
  constructor(writer: Writer, thread: Thread<MapperMethods>, polite: boolean, laidOut: number, signal: AbortSignal) {
    this.#writer = writer;
    this.#thread = thread;
    this.#polite = polite;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#next = Math.max(FIRST, AGAIN * laidOut);
  }

  /** Call whenever these numbers change: how many papers have a vector, and how many do not. */
  embedded(count: number, pending: number): void {
    // One more thread during embedding would take a core from other programs.
    if (this.#polite || (pending > 0 && count < this.#next)) return;
    this.#next = Math.max(FIRST, AGAIN * count);
    this.#enqueue(pending > 0);
    // Reported by `finish`.
    this.#last.catch(() => {});
  }

  /** Puts every paper with a vector on the map. @returns Whether that is left to another process. */
  async finish(): Promise<boolean> {
    this.#enqueue(false);
    try {
      await this.#last;
    } catch (thrown) {
      if (!this.#signal.aborted) throw thrown;
    }
    return this.#held;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last.catch(() => {});
  }

  /** Runs after the previous one has ended. */
  #enqueue(early: boolean): void {
    this.#last = this.#last.then(() => this.#run(early));
  }

  async #run(early: boolean): Promise<void> {
    if (this.#signal.aborted || (await this.#due(early)) === null) return;
    this.#held = !(await this.#lease());
    if (this.#held) return;
    // An error here occurs again when the map is stored, where it is reported.
    const renewing = setInterval(() => void this.#lease().catch(() => {}), RENEW_EVERY);
    try {
      await this.#make(early);
    } finally {
      clearInterval(renewing);
      // Otherwise it expires.
      await this.#writer.releaseMap(this.#holder).catch(() => {});
    }
  }

  #lease(): Promise<boolean> {
    const now = Date.now();
    return this.#writer.leaseMap({ holder: this.#holder, now, until: now + LEASE });
  }

  /** What a map is made from; null if there is nothing to do. */
  async #due(early: boolean): Promise<Awaited<ReturnType<Writer["mapState"]>> | null> {
    const state = await this.#writer.mapState();
    return state.pending === 0 && (early || state.map?.early !== true) ? null : state;
  }

  async #make(early: boolean): Promise<void> {
    // Another process may have made it just before.
    const due = await this.#due(early);
    if (due === null) return;
    const { map, change } = due;
    const options = { signal: this.#signal };
    await this.#thread.call("clear", undefined, options);
    for (let after = 0; ;) {
      const papers = await this.#writer.mappable({ after, limit: SLICE });
      const last = papers.at(-1);
      if (last === undefined) break;
      await this.#thread.call("add", papers, options);
      after = last.label;
    }
    await this.#writer.putMap(await this.#thread.call("map", { early, map, change }, options));
    await this.#thread.call("clear", undefined);
  }
}
