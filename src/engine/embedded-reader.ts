import { setImmediate } from "node:timers/promises";
import { EmbeddedEngine } from "./embedded.js";
import type { Engine } from "./engine.js";
import type { Opening, Reader, Saved } from "./module.js";
import { Reading, type Hold } from "./reading.js";

/** How long a slice of catching up takes between two questions, and how often to check for changes, in milliseconds. */
const SLICE = 5;
const LOOK_EVERY = 250;
/** How long a question may wait for catching up, in milliseconds. */
const BEFORE_ANSWER = 10;

/** The embedded engine in the search thread: it catches up with the store in slices, between answers. */
export class EmbeddedReader implements Reader {
  readonly engine: EmbeddedEngine;
  readonly #reading: Reading;
  readonly #opened: Promise<void>;
  #looking: NodeJS.Timeout | undefined;
  #advancing = false;
  /** Why advancing failed: every question fails with this until advancing succeeds. */
  #failed: { thrown: unknown } | null = null;

  constructor({ directory, model }: Pick<Opening, "directory" | "model">) {
    this.engine = new EmbeddedEngine(directory, model);
    this.#reading = new Reading(
      () => this.#failed !== null || this.engine.stale,
      () => this.#catchUp(),
    );
    this.#opened = this.engine.openGraph().then(() => {
      this.#advance();
      this.#looking = setInterval(() => {
        // The next question meets the same error and reports it.
        if (!this.#advancing) this.#advance();
      }, LOOK_EVERY);
    });
    this.#opened.catch(() => {});
  }

  get version(): number {
    return this.engine.version;
  }

  begin(): Promise<Hold> {
    return this.#reading.begin();
  }

  async latest(): Promise<Engine> {
    if (this.#reading.free) this.#catchUp();
    return this.engine;
  }

  async settle(milliseconds = Infinity): Promise<void> {
    const end = performance.now() + milliseconds;
    // One look is enough: where files may only be read, SQLite reports a change each time it is asked.
    (await this.begin()).end();
    for (;;) {
      await this.latest();
      if (this.engine.current || performance.now() >= end) return;
      await setImmediate();
    }
  }

  async notice(): Promise<string | null> {
    await this.#opened;
    return this.engine.index().notice;
  }

  async written({ change, again }: Saved): Promise<void> {
    await this.#opened;
    await this.engine.written(change, again);
  }

  explained(thrown: unknown): unknown {
    return this.engine.explained(thrown);
  }

  async close(): Promise<void> {
    // Ending a thread inside native code ends the whole process.
    await this.#opened.catch(() => {});
    clearInterval(this.#looking);
    this.engine.close();
  }

  /** Catches up in slices between answers, so that a question waits for one slice at most. */
  #advance(): void {
    if (!this.#reading.free) {
      this.#advancing = true;
      void this.#reading.whenFree().then(() => this.#advance());
      return;
    }
    try {
      this.#advancing = this.engine.advance(SLICE);
      this.#failed = null;
    } catch (thrown) {
      this.#advancing = false;
      this.#failed = { thrown: this.explained(thrown) };
    }
    if (this.#advancing) void setImmediate().then(() => this.#advance());
  }

  /**
   * Catches up with the store as far as BEFORE_ANSWER allows: during a large import the newest papers may be missing for a
   * while.
   */
  #catchUp(): void {
    this.engine.catchUp(BEFORE_ANSWER);
    if (this.#failed !== null) this.#advance();
    if (this.#failed !== null) throw this.#failed.thrown;
    if (!this.engine.current && !this.#advancing) {
      this.#advancing = true;
      void setImmediate().then(() => this.#advance());
    }
  }
}
