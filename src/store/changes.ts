import type { Database } from "./database.js";

/** The number that every insert, change and delete gets, in the same transaction as what it changed. */
export class Changes {
  readonly #row;
  readonly #vectors;
  readonly #of;
  readonly #latest;

  constructor(database: Database) {
    // The number AUTOINCREMENT gives next.
    this.#row = database.prepare<[number]>(
      `INSERT OR REPLACE INTO changes (label, row)
       VALUES (?, 1 + ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0))`,
    );
    this.#vectors = database.prepare<[number, number]>(
      `INSERT OR REPLACE INTO changes (label, row)
       VALUES (?, ifnull((SELECT row FROM changes WHERE label = ?), 0))`,
    );
    this.#of = database.prepare<[number], number>("SELECT change FROM changes WHERE label = ?").pluck();
    this.#latest = database.prepare<[], number>("SELECT ifnull(max(change), 0) FROM changes").pluck();
  }

  /** Gives the paper's last change the next number. */
  record(label: number): void {
    this.#row.run(label);
  }

  /** The same, where nothing of the paper has changed but that its vectors, or its sentences, have come. */
  recordVectors(label: number): void {
    this.#vectors.run(label, label);
  }

  /** The number of the paper's last change; 0 when it never was. */
  of(label: number): number {
    return this.#of.get(label) ?? 0;
  }

  /** The newest change number; 0 in a store to which nothing ever happened. */
  latest(): number {
    return this.#latest.get() ?? 0;
  }
}
