/** Background work that is due at times: runs one job at a time, in one process at a time. */
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { KindredError, messageOf } from "../core/errors.js";
import type { Writer } from "../engine/writer.js";
import { LEASE, type Asking, type Ended, type Turn } from "../store/jobs.js";

export type Job = {
  /** Identifies the job in the directory, in every process. */
  name: string;
  /** When it is due after a run that started at this time, both in milliseconds since 1970. */
  next: (started: number) => number;
  /** Not run when it is due, only by `Jobs.run`. */
  paused?: boolean;
  /**
   * Does the work.
   *
   * @param signal Aborted when Kindred closes, the job is removed, or another process has taken it over.
   * @returns What was done, in words.
   * @throws The reason of a failure: the job is tried again after a pause that doubles with each failure. Everybody who can read
   *   the status sees the message of a `KindredError` or a `TryLater`; of any other error only its name.
   */
  run: (signal: AbortSignal) => Promise<string>;
};

/** A failure after which the job must not be tried again before a time, for example because a service said so. */
export class TryLater extends Error {
  override readonly name = "TryLater";
  /** In milliseconds since 1970. */
  readonly at: number;

  constructor(message: string, at: number, options?: ErrorOptions) {
    super(message, options);
    this.at = at;
  }
}

/** Where jobs are stored. */
export type JobStore = Pick<Writer, "addJob" | "removeJob" | "takeJob" | "renewJob" | "finishJob">;

/** Time and chance; tests replace them. */
export type Clock = {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Resolves after some milliseconds, or rejects when the signal aborts. @param options.ref Whether it keeps the process alive. */
  sleep: (milliseconds: number, options: { signal: AbortSignal; ref: boolean }) => Promise<unknown>;
  /** From 0 to 1. */
  random: () => number;
};

const CLOCK: Clock = {
  now: Date.now,
  sleep: (milliseconds, options) => setTimeout(milliseconds, undefined, options),
  random: Math.random,
};

/** Longest sleep, in milliseconds: the clock may be set, and another process may change a job. Below, the shortest. */
const LONGEST_SLEEP = 60_000;
const SHORTEST_SLEEP = 1_000;
/** Shortest time between two runs of a job, in milliseconds. */
const SHORTEST_PAUSE = 60_000;
/** A run starts up to this share of its interval late, at most this many milliseconds, so that services are not all asked at once. */
const JITTER = { share: 0.05, most: 300_000 };
/** How often to check whether a job of another process has ended, in milliseconds. */
const CHECK_EVERY = 1_000;
/** How long a run may take to end after it was aborted, in milliseconds. */
const GRACE = 5_000;

/** A run under way; `signal` is aborted when it is stopped. */
type Run = { name: string; outcome: Promise<string>; signal: AbortSignal; abort: () => void };

/** The jobs of a directory, as one process runs them. */
export class Jobs {
  readonly #store;
  readonly #clock;
  /** The name of this process in leases. */
  readonly #holder = randomUUID();
  readonly #jobs = new Map<string, Job>();
  #running: Run | undefined;
  /** Aborted by `stop`; a new one after that. Below, whether jobs are run when they are due. */
  #stopping = new AbortController();
  #started = false;
  /** Ends the sleep between two runs. */
  #wake = new AbortController();
  /** Resolves when no job is being taken: one at a time, so that `#running` is set when the next is. */
  #taken: Promise<unknown> = Promise.resolve();

  constructor(store: JobStore, clock: Clock = CLOCK) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Makes a job known to this process, which runs it when it is due. A job that the directory does not have yet is due at
   * once.
   */
  async register(job: Job): Promise<void> {
    const now = this.#clock.now();
    await this.#store.addJob({ name: job.name, latest: Math.round(job.next(now)), now });
    this.#jobs.set(job.name, job);
    this.#wake.abort();
  }

  /** Removes a job from the directory, and stops it if this process is running it; another process does within a minute. */
  async remove(name: string): Promise<void> {
    this.#jobs.delete(name);
    await this.#store.removeJob(name);
    if (this.#running?.name === name) await this.#end(this.#running);
  }

  /**
   * Runs a job now, or as soon as no other job is running, and plans its next run.
   *
   * @returns What was done, in words.
   * @throws KindredError `busy` if another process is running this job; `not-found`; `cancelled`; what the job throws.
   */
  async run(name: string, signal: AbortSignal = new AbortController().signal): Promise<string> {
    const stop = AbortSignal.any([signal, this.#stopping.signal]);
    while (this.#jobs.has(name)) {
      if (stop.aborted) throw new KindredError("cancelled", `${name} was cancelled before it ran`);
      const { run, turn } = await this.#take({ name }, stop);
      if (run !== null) return run.outcome;
      if (this.#running?.name === name) return this.#running.outcome;
      // The directory does not have it.
      if (turn.next === null) break;
      if (turn.running === name)
        throw new KindredError("busy", `another process is running ${name}: wait until it is done`);
      // If none is running, one has ended at this moment.
      if (turn.running !== null) await this.#sleep(CHECK_EVERY, stop, true);
    }
    throw new KindredError("not-found", `there is no job called ${name}`);
  }

  /**
   * Runs jobs whenever they are due, until `stop`. A job that was due several times while nothing ran it runs once.
   *
   * @param failed Receives failures of jobs, and of reading or writing when they are due.
   */
  start(failed: (message: string, thrown: unknown) => void): void {
    if (!this.#started) void this.#keepRunning(failed);
    this.#started = true;
  }

  /** Aborts the job that is running, and resolves when it has ended. It is due again at once, but nothing runs it here. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopping = new AbortController();
    this.#started = false;
    this.#wake.abort();
    await this.#taken;
    if (this.#running !== undefined) await this.#end(this.#running);
  }

  async #keepRunning(failed: (message: string, thrown: unknown) => void): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // Before jobs are read, so that one that is registered meanwhile is not slept through.
      this.#wake = new AbortController();
      let pause = LONGEST_SLEEP;
      try {
        const { run, turn } = await this.#take({ due: this.#awaited() }, signal);
        await run?.outcome.catch((thrown: unknown) => {
          if (!run.signal.aborted) failed(`${run.name} failed: ${messageOf(thrown)}`, thrown);
        });
        if (run !== null) continue;
        if (turn.next !== null && turn.running === null) pause = turn.next - this.#clock.now();
      } catch (thrown) {
        if (!signal.aborted) failed(`no job could be started: ${messageOf(thrown)}`, thrown);
      }
      await this.#sleep(Math.min(LONGEST_SLEEP, Math.max(SHORTEST_SLEEP, pause)), this.#wake.signal);
    }
  }

  /** The names of the jobs that are run when they are due. */
  #awaited(): string[] {
    return [...this.#jobs.values()].filter(({ paused }) => paused !== true).map(({ name }) => name);
  }

  /** Takes a job and starts it. @param signal Aborts it. */
  #take(wanted: { due: string[] } | { name: string }, signal: AbortSignal): Promise<{ run: Run | null; turn: Turn }> {
    const taken = this.#taken.then(async () => {
      const turn = await this.#store.takeJob({ ...wanted, ...this.#asking() });
      const job = turn.taken === null ? undefined : this.#jobs.get(turn.taken);
      return { turn, run: job === undefined ? null : this.#begin(job, signal) };
    });
    this.#taken = taken.catch(() => {});
    return taken;
  }

  #begin(job: Job, signal: AbortSignal): Run {
    const aborting = new AbortController();
    const either = AbortSignal.any([signal, aborting.signal]);
    const outcome = this.#perform(job, aborting, either);
    const run = { name: job.name, outcome, signal: either, abort: () => aborting.abort() };
    this.#running = run;
    void settled(outcome).then(() => (this.#running = undefined));
    return run;
  }

  /** Runs a job that was taken, and stores how it ended. @param lost Aborted if another process takes it over. */
  async #perform(job: Job, lost: AbortController, signal: AbortSignal): Promise<string> {
    const { name } = job;
    const { now: started } = this.#asking();
    const ended = new AbortController();
    void this.#keepLease(name, lost, ended.signal);
    let end: Pick<Ended, "outcome" | "failed" | "next">;
    try {
      signal.throwIfAborted();
      const outcome = await job.run(signal);
      end = { outcome, failed: false, next: this.#nextOf(job, started) };
    } catch (thrown) {
      const { now } = this.#asking();
      end = signal.aborted
        ? { outcome: "it was stopped before it finished", failed: false, next: now }
        : { outcome: reasonOf(thrown), failed: true, next: thrown instanceof TryLater ? Math.round(thrown.at) : now };
      throw thrown;
    } finally {
      ended.abort();
      await this.#store.finishJob({ name, ...end!, ...this.#asking() });
    }
    return end.outcome;
  }

  async #keepLease(name: string, lost: AbortController, ended: AbortSignal): Promise<void> {
    for (;;) {
      await this.#sleep(LEASE / 3, ended);
      if (ended.aborted) return;
      // Without a lease another process may run the job, for whatever reason it could not be renewed.
      if (!(await this.#store.renewJob({ name, ...this.#asking() }).catch(() => false))) return lost.abort();
    }
  }

  #nextOf(job: Job, started: number): number {
    const next = job.next(started);
    const late = this.#clock.random() * Math.min(JITTER.most, JITTER.share * (next - started));
    return Math.round(Math.max(next + late, this.#clock.now() + SHORTEST_PAUSE));
  }

  async #end(run: Run): Promise<void> {
    run.abort();
    const ended = new AbortController();
    await Promise.race([settled(run.outcome), this.#sleep(GRACE, ended.signal, true)]);
    ended.abort();
  }

  #asking(): Asking {
    return { holder: this.#holder, now: this.#clock.now() };
  }

  #sleep(milliseconds: number, signal: AbortSignal, ref = false): Promise<void> {
    return settled(this.#clock.sleep(milliseconds, { signal, ref }));
  }
}

/** Why a job failed, for everybody: an error that was not expected may name files or addresses. */
const reasonOf = (thrown: unknown): string =>
  thrown instanceof KindredError || thrown instanceof TryLater
    ? thrown.message
    : `it failed with an unexpected ${thrown instanceof Error ? thrown.name : "error"}: see the log of the process that ran it`;

/** Resolves when the promise has been kept or broken. */
const settled = (promise: Promise<unknown>): Promise<void> =>
  promise.then(
    () => {},
    () => {},
  );
