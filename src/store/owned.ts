import type { Database } from "./database.js";

/** A row of a room above the engine, such as the position of a source. Null deletes it. */
export type OwnedRow = { owner: string; key: string; value: string | null };

/** Rows that rooms above the engine store with papers; only their owner knows what they mean. */
export class Owned {
  readonly #statements;

  constructor(database: Database) {
    // No character sorts after U+10FFFF.
    const range = "owner = @owner AND key BETWEEN @prefix AND @prefix || char(0x10FFFF)";
    this.#statements = {
      get: database.prepare<
        { owner: string; prefix: string; after: string; limit: number },
        OwnedRow & { value: string }
      >(`SELECT owner, key, value FROM owned WHERE ${range} AND key > @after ORDER BY key LIMIT @limit`),
      count: database
        .prepare<{ owner: string; prefix: string }, number>(`SELECT count(*) FROM owned WHERE ${range}`)
        .pluck(),
      value: database.prepare<[string, string], string>("SELECT value FROM owned WHERE owner = ? AND key = ?").pluck(),
      add: database.prepare<[string, string, string]>(
        "INSERT OR IGNORE INTO owned (owner, key, value) VALUES (?, ?, ?)",
      ),
      put: database.prepare<[string, string, string]>(
        `INSERT INTO owned (owner, key, value) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value`,
      ),
      delete: database.prepare<[string, string]>("DELETE FROM owned WHERE owner = ? AND key = ?"),
      deleteAll: database.prepare<{ owner: string; prefix: string }>(`DELETE FROM owned WHERE ${range}`),
    };
  }

  /** The rows of an owner whose key starts with `prefix` and sorts after `after`, by key. */
  rows(wanted: { owner: string; prefix: string; after: string; limit: number }): (OwnedRow & { value: string })[] {
    return this.#statements.get.all(wanted);
  }

  /** How many rows of an owner have a key that starts with `prefix`. */
  count(wanted: { owner: string; prefix: string }): number {
    return this.#statements.count.get(wanted) ?? 0;
  }

  /** The value of a row; undefined if there is none. */
  get(owner: string, key: string): string | undefined {
    return this.#statements.value.get(owner, key);
  }

  put({ owner, key, value }: OwnedRow): void {
    if (value === null) this.#statements.delete.run(owner, key);
    else this.#statements.put.run(owner, key, value);
  }

  /** Stores a row unless there is one. @returns Whether it is new. */
  add(owner: string, key: string, value: string): boolean {
    return this.#statements.add.run(owner, key, value).changes > 0;
  }

  /** Deletes the rows of an owner whose key starts with `prefix`. */
  removeAll(owner: string, prefix: string): void {
    this.#statements.deleteAll.run({ owner, prefix });
  }
}
