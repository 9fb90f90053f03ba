import type { Database } from "./database.js";

/**
 * Which derived files belong to this database. A change number is not enough: after a restore from a backup, the
 * database may have gone on to other changes with the same numbers. So each file has a token of its own, which is
 * written here once the database contains everything in the file. A copy of the database that knows the token contains
 * it too.
 */
export class Snapshots {
  readonly #add;
  readonly #keep;
  readonly #has;

  constructor(database: Database) {
    this.#add = database.prepare<[string, number]>("INSERT INTO snapshots (token, change) VALUES (?, ?)");
    this.#keep = database.prepare<[string]>(
      "DELETE FROM snapshots WHERE token NOT IN (SELECT value FROM json_each(?))",
    );
    this.#has = database
      .prepare<[string, number], number>("SELECT 1 FROM snapshots WHERE token = ? AND change = ?")
      .pluck();
  }

  add(token: string, change: number): void {
    this.#add.run(token, change);
  }

  /** Forgets all other tokens, whose files are gone. */
  keepOnly(tokens: readonly string[]): void {
    this.#keep.run(JSON.stringify(tokens));
  }

  has(token: string, change: number): boolean {
    return this.#has.get(token, change) !== undefined;
  }
}
