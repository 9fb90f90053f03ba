import { threadModule } from "../core/root.js";
import { IDLE, Thread } from "../core/thread.js";
import { Store } from "../store/store.js";
import type { BuilderMethods } from "./builder.js";
import { embeddedCopying, type Copying } from "./copying.js";
import { embeddedWriter } from "./embedded-writer.js";
import type { Indexer, Opening, Saved } from "./module.js";
import type { Writer } from "./writer.js";

/** How often papers.db is checked for being replaced, in milliseconds. Each write checks too. */
const CHECK_EVERY = 2_000;

/** The embedded engine in the indexing thread. A thread of its own writes the derived files. */
export class EmbeddedIndexer implements Indexer {
  readonly writer: Writer;
  readonly copying: Copying;
  readonly #builder;
  readonly #store;
  readonly #checking: NodeJS.Timeout;

  constructor(opening: Opening) {
    this.#builder = new Thread<BuilderMethods>(threadModule("engine/builder"), opening, IDLE);
    this.#store = Store.open(opening.directory, opening.model);
    this.writer = embeddedWriter(this.#store);
    this.copying = embeddedCopying(this.#store);
    this.#checking = setInterval(() => {
      try {
        this.#store.refuseReplaced();
      } catch {
        // Reported to the next write or request for the status.
      }
    }, CHECK_EVERY);
  }

  async save(again: boolean, signal: AbortSignal): Promise<Saved | null> {
    const change = await this.#builder.call("build", again, { signal });
    return change === null ? null : { change, again };
  }

  async close(): Promise<void> {
    clearInterval(this.#checking);
    await this.#builder.close();
    await this.writer.stopIndexing();
    this.#store.close();
  }
}
