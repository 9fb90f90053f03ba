/** Updates sources of several libraries at once: all that Kindred does, but in one thread, so that a killed process costs little. */
import { setTimeout } from "node:timers/promises";
import type { ModelDescription } from "../../src/embedding/description.js";
import { embeddedWriter } from "../../src/engine/embedded-writer.js";
import { importPapers } from "../../src/indexing/import.js";
import { Jobs } from "../../src/jobs/jobs.js";
import { find } from "../../src/questions/find.js";
import { Network } from "../../src/sources/network.js";
import { SourceError } from "../../src/sources/source-error.js";
import { type NewSource, Sources } from "../../src/sources/sources.js";
import { Store } from "../../src/store/store.js";

/** @param now Milliseconds since 1970. */
export type Task = { directory: string; source: string; now: number };

type Library = { sources: Sources; network: Network; store: Store; clock: { time: number } };

/** Short, because nothing is far away. In milliseconds. */
const TIMEOUTS = { connect: 5_000, headers: 400, idle: 400, answer: 5_000 };
/** In bytes. */
const LARGEST = 4_000_000;

export class Updates {
  readonly #libraries = new Map<string, Library>();
  readonly #model;

  constructor(model: ModelDescription) {
    this.#model = model;
  }

  async add(directory: string, source: NewSource): Promise<void> {
    await this.#library(directory).sources.add(source);
  }

  /** Runs a source until one run comes to its end. @param failed Receives why others did not. */
  async update({ directory, source, now }: Task, failed: (message: string) => void): Promise<void> {
    const { sources, clock } = this.#library(directory);
    clock.time = Math.max(clock.time, now);
    for (;;)
      try {
        await sources.update(source);
        return;
      } catch (thrown) {
        if (!(thrown instanceof SourceError)) throw thrown;
        failed(thrown.message);
      }
  }

  async close(): Promise<void> {
    for (const { network, store } of this.#libraries.values()) {
      await network.close();
      store.close();
    }
  }

  #library(directory: string): Library {
    let library = this.#libraries.get(directory);
    if (library === undefined) this.#libraries.set(directory, (library = this.#open(directory)));
    return library;
  }

  #open(directory: string): Library {
    const store = Store.open(directory, this.#model);
    const writer = embeddedWriter(store);
    const clock = { time: 0 };
    const now = (): number => clock.time;
    const limits = { sent: LARGEST, answer: LARGEST, download: LARGEST };
    // Pauses are a thousand times shorter.
    const sleep = async (milliseconds: number, signal: AbortSignal | undefined) => {
      clock.time += Math.ceil(milliseconds);
      await setTimeout(milliseconds / 1_000, undefined, signal === undefined ? {} : { signal });
    };
    const network = new Network({ clock: { now, sleep }, timeouts: TIMEOUTS, limits });
    const waiting = {
      sleep: (wait: number, options: object) => setTimeout(wait, undefined, options),
      random: Math.random,
    };
    const library: ConstructorParameters<typeof Sources>[0] = {
      import: (bytes, { name, ...options }) => importPapers(writer, name, bytes, { ...options, progress: () => {} }),
      endImport: async (number, name) => void (await writer.importBatch({ number, name, records: [], last: true })),
      owned: (owner, prefix = "", limit = 10_000, after = "") =>
        Promise.resolve(store.owned.rows({ owner, prefix, after, limit })),
      countOwned: (owner, prefix = "") => Promise.resolve(store.owned.count({ owner, prefix })),
      putOwned: (rows) => writer.putOwned(rows),
      removeOwned: (owner, prefix = "") => writer.removeOwned({ owner, prefix }),
      place: (change) => writer.place(change),
      release: (change) => writer.release(change),
      find: (text) =>
        find(
          {
            resolve: (names) => Promise.resolve(names.map((name) => store.papers.find(name))),
            papers: (labels) => Promise.resolve(labels.map((label) => store.papers.get(label)!)),
          },
          text,
        ),
      paper: (id) => Promise.resolve(store.papers.get(store.papers.find({ kind: "id", value: id })!)!),
      status: () => Promise.resolve({ jobs: [] }),
      jobs: new Jobs(writer, { now, ...waiting }),
    };
    return { sources: new Sources(library, network), network, store, clock };
  }
}
