import type { Database } from "./database.js";

/**
 * Which files beside the database belong to it. A number of a change says little of a file: the database may have been put
 * back from a copy since, and have gone on to other changes of the same numbers. So each file has a token of its own,
 * which is written here when the database has all that the file holds: a copy that knows the token has it too.
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

  /** Forgets all others: their files are gone. */
  keepOnly(tokens: readonly string[]): void {
    this.#keep.run(JSON.stringify(tokens));
  }

  has(token: string, change: number): boolean {
    return this.#has.get(token, change) !== undefined;
  }
}
