import type { Database } from "./database.js";

/** How long a process may go without renewing its lease of a job, in milliseconds: afterwards another may run it. */
export const LEASE = 60_000;
/** Pause after the first failure, doubled after each further one up to the longest, in milliseconds. */
const PAUSE = { first: 60_000, longest: 6 * 3_600_000 };
/** Times this far in the future, in milliseconds, were written before the clock was set back. */
const TOLERANCE = 60_000;
/** Longest stored outcome, in characters. */
const OUTCOME = 1_000;
const UNFINISHED = "its process ended before it finished";

/** A job. Times are in milliseconds since 1970. */
export type StoredJob = {
  name: string;
  /** When it is due. */
  next: number;
  /** When its last run started and ended; null if there was none. */
  started: number | null;
  ended: number | null;
  /** What the last run that ended did, or why it failed; null if there was none. */
  outcome: string | null;
  /** How many runs have failed since the last that did not. */
  failures: number;
  running: boolean;
};

/** Who asks for a job: a name that no other process has, and the time. */
export type Asking = { holder: string; now: number };

/** Which job to take: the first of these that is due, or this one in any case. */
export type Wanted = Asking & ({ due: string[] } | { name: string });

/** The job that was taken, the one that is running, in any process, and when the next of the wanted ones is due. */
export type Turn = { taken: string | null; running: string | null; next: number | null };

/** `next` is when the job is due again; after a failure, not before the pause that it costs. */
export type Ended = Asking & { name: string; outcome: string; failed: boolean; next: number };

/** Background jobs: when each is due, how its last run ended, and which process runs one now. At most one runs at a time. */
export class Jobs {
  readonly #statements;

  constructor(database: Database) {
    // A lease from the far future is from before the clock was set back. Times are taken before a call reaches the database,
    // so the lease of a process that was faster may be from a little later.
    const running = `holder IS NOT NULL AND expires BETWEEN @now + 1 AND @now + ${LEASE + TOLERANCE}`;
    this.#statements = {
      all: database.prepare<{ now: number }, Omit<StoredJob, "running"> & { running: 0 | 1 }>(
        `SELECT name, next, started, ended, failures - (${running}) AS failures, ${running} AS running,
           CASE WHEN holder IS NULL OR ${running} THEN outcome ELSE '${UNFINISHED}' END AS outcome
         FROM jobs ORDER BY name`,
      ),
      add: database.prepare<{ name: string; next: number; latest: number; now: number }>(
        `INSERT INTO jobs (name, next, planned) VALUES (@name, @next, @now)
         ON CONFLICT DO UPDATE SET next = @latest, planned = @now WHERE next > @latest AND failures = 0`,
      ),
      remove: database.prepare<[string]>("DELETE FROM jobs WHERE name = ?"),
      running: database.prepare<{ now: number }, string>(`SELECT name FROM jobs WHERE ${running}`).pluck(),
      due: database
        .prepare<{ due: string; now: number }, string>(
          `SELECT name FROM jobs WHERE name IN (SELECT value FROM json_each(@due))
           AND (next <= @now OR planned > @now + ${TOLERANCE}) ORDER BY next, name LIMIT 1`,
        )
        .pluck(),
      next: database
        .prepare<[string], number | null>("SELECT min(next) FROM jobs WHERE name IN (SELECT value FROM json_each(?))")
        .pluck(),
      failures: database.prepare<[string], number>("SELECT failures FROM jobs WHERE name = ?").pluck(),
      take: database.prepare<Asking & { name: string; next: number }>(
        `UPDATE jobs SET holder = @holder, expires = @now + ${LEASE}, started = @now, planned = @now, next = @next,
           failures = failures + 1 WHERE name = @name`,
      ),
      renew: database.prepare<Asking & { name: string }>(
        `UPDATE jobs SET expires = @now + ${LEASE} WHERE name = @name AND holder = @holder`,
      ),
      finish: database.prepare<Omit<Ended, "failed"> & { failures: number }>(
        `UPDATE jobs SET holder = NULL, expires = NULL, ended = @now, planned = @now, next = @next, outcome = @outcome,
           failures = @failures WHERE name = @name AND holder = @holder`,
      ),
    };
  }

  /** All jobs, by name. */
  all(now: number): StoredJob[] {
    return this.#statements.all.all({ now }).map((job) => ({ ...job, running: job.running === 1 }));
  }

  /**
   * Adds a job that is due now. If there is one of that name, it keeps its time, but at the latest `latest`.
   */
  add({ name, latest, now }: { name: string; latest: number; now: number }): void {
    this.#statements.add.run({ name, next: now, latest, now });
  }

  remove(name: string): void {
    this.#statements.remove.run(name);
  }

  /**
   * Takes a job, unless one is running. Until it is finished, it counts as failed: a job that ends its process must not do
   * so again and again.
   *
   * @param write Runs the work in a transaction; only called when there is something to take.
   */
  take(wanted: Wanted, write: <T>(work: () => T) => T): Turn {
    return this.#found(wanted) === null ? this.#waiting(wanted) : write(() => this.#take(wanted));
  }

  #take(wanted: Wanted): Turn {
    // Again, because another process may have taken it meanwhile.
    const name = this.#found(wanted);
    if (name === null) return this.#waiting(wanted);
    const { holder, now } = wanted;
    const next = retryAt(now, 1 + this.#failures(name));
    this.#statements.take.run({ name, holder, now, next });
    return { taken: name, running: name, next: null };
  }

  #found(wanted: Wanted): string | null {
    const { now } = wanted;
    if (this.#statements.running.get({ now }) !== undefined) return null;
    if ("name" in wanted) return this.#statements.failures.get(wanted.name) === undefined ? null : wanted.name;
    return this.#statements.due.get({ due: JSON.stringify(wanted.due), now }) ?? null;
  }

  #waiting(wanted: Wanted): Turn {
    const names = "name" in wanted ? [wanted.name] : wanted.due;
    return {
      taken: null,
      running: this.#statements.running.get({ now: wanted.now }) ?? null,
      next: this.#statements.next.get(JSON.stringify(names)) ?? null,
    };
  }

  /** False if the job was removed, or another process has taken it. */
  renew({ name, holder, now }: Asking & { name: string }): boolean {
    return this.#statements.renew.run({ name, holder, now }).changes === 1;
  }

  /** Ends a run; does nothing if the job was removed, or another process has taken it. */
  finish({ name, holder, now, outcome, failed, next }: Ended): void {
    const failures = failed ? this.#failures(name) : 0;
    this.#statements.finish.run({
      name,
      holder,
      now,
      failures,
      next: failed ? Math.max(next, retryAt(now, failures)) : next,
      outcome: outcome.slice(0, OUTCOME),
    });
  }

  #failures(name: string): number {
    return this.#statements.failures.get(name) ?? 0;
  }
}

/** When a job that has failed `failures` times in a row is tried again. */
const retryAt = (now: number, failures: number): number =>
  now + Math.min(PAUSE.longest, PAUSE.first * 2 ** (failures - 1));
