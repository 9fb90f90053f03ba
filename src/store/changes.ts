import type { Database } from "./database.js";

/** The number that every insert, change and delete gets, in the same transaction as what it changed. */
export class Changes {
  readonly #bump;
  readonly #latest;

  constructor(database: Database) {
    this.#bump = database.prepare<[number]>("INSERT OR REPLACE INTO changes (label) VALUES (?)");
    this.#latest = database.prepare<[], number>("SELECT ifnull(max(change), 0) FROM changes").pluck();
  }

  /** Gives the paper's last change the next number. */
  record(label: number): void {
    this.#bump.run(label);
  }

  /** The newest change number; 0 in a store to which nothing ever happened. */
  latest(): number {
    return this.#latest.get() ?? 0;
  }
}
