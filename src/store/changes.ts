import type { Database } from "./database.js";

/** Numbers every insert, update and delete, in the same transaction as the change itself. */
export class Changes {
  readonly #row;
  readonly #vectors;
  readonly #of;
  readonly #latest;

  constructor(database: Database) {
    // 1 + sqlite_sequence: the number that AUTOINCREMENT gives next.
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

  /** Records a change to the paper. */
  record(label: number): void {
    this.#row.run(label);
  }

  /** Records that only the paper's vectors or sentences have arrived. */
  recordVectors(label: number): void {
    this.#vectors.run(label, label);
  }

  /** The number of the paper's last change; 0 if it has none. */
  of(label: number): number {
    return this.#of.get(label) ?? 0;
  }

  /** The newest change number; 0 in an empty store. */
  latest(): number {
    return this.#latest.get() ?? 0;
  }
}
