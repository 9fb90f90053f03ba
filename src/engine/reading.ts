/**
 * Running answers share one state of an engine, which catches up only while no answer is running. A new answer that arrives
 * when the state is stale waits for the running ones, so neither answers nor catching up can wait forever.
 */
export class Reading {
  readonly #isStale;
  readonly #catchUp;
  #underWay = 0;
  #waiting: (() => void)[] = [];

  /**
   * @param isStale Whether there is something to catch up with.
   * @param catchUp Called only while no answer is running; an error fails the answer that was about to start.
   */
  constructor(isStale: () => boolean, catchUp: () => void) {
    this.#isStale = isStale;
    this.#catchUp = catchUp;
  }

  /** Whether no answer is running. */
  get free(): boolean {
    return this.#underWay === 0;
  }

  /** Resolves as soon as no answer is running. */
  whenFree(): Promise<void> {
    return this.free ? Promise.resolve() : new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** Starts an answer: the state does not change until it is released. */
  async begin(): Promise<Hold> {
    const hold = new Held(
      () => this.#enter(),
      () => this.#leave(),
    );
    await hold.resume();
    return hold;
  }

  async #enter(): Promise<void> {
    while (!this.free && this.#isStale()) await this.whenFree();
    if (this.free) this.#catchUp();
    this.#underWay++;
  }

  #leave(): void {
    if (--this.#underWay > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** An answer's hold on the state. */
export interface Hold {
  /** Lets the state change while the answer waits for something else. */
  release(): void;
  /** Holds the state again, which may have changed meanwhile; does nothing after `end`. */
  resume(): Promise<void>;
  end(): void;
}

class Held implements Hold {
  readonly #enter;
  readonly #leave;
  #held = false;
  #ended = false;

  constructor(enter: () => Promise<void>, leave: () => void) {
    this.#enter = enter;
    this.#leave = leave;
  }

  release(): void {
    if (this.#held) this.#leave();
    this.#held = false;
  }

  async resume(): Promise<void> {
    if (this.#held || this.#ended) return;
    await this.#enter();
    // The answer may have ended meanwhile.
    if (this.#ended) this.#leave();
    else this.#held = true;
  }

  end(): void {
    this.release();
    this.#ended = true;
  }
}
