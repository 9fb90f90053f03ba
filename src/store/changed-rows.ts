import type { Database } from "./database.js";

/** Changed papers read per statement. */
const BATCH = 200;

/** A changed paper; its columns are null if it was deleted. */
export type ChangedRow<R> = { label: number } & (({ id: string } & R) | { id: null });

/** Reads the rows of papers that have changed since the last time. Arriving vectors do not change a row. */
export class ChangedRows<R> {
  readonly #newest;
  readonly #rows;
  /** Everything up to this change has been read. */
  #change;
  /** An update under way: how far it has come, and the change up to which everything is read when it ends. */
  #update: { from: number; to: number } | null = null;

  /**
   * @param columns In SQL, of a paper `p`.
   * @param all Whether the papers that are there already are to be read, too.
   */
  constructor(database: Database, columns: string, all: boolean) {
    this.#newest = database.prepare<[], number>("SELECT ifnull(max(change), 0) FROM changes").pluck();
    this.#rows = database.prepare<[number, number, number], { change: number } & ChangedRow<R>>(
      `SELECT c.change, c.label, p.id, ${columns} FROM changes c LEFT JOIN papers p ON p.label = c.label
       WHERE c.change > ? AND c.row > ? ORDER BY c.change LIMIT ?`,
    );
    this.#change = all ? 0 : (this.#newest.get() as number);
  }

  /** About how many changes have not been read, at most. */
  get unread(): number {
    return (this.#newest.get() as number) - (this.#update?.from ?? this.#change);
  }

  /**
   * Reads changed papers until a time on the clock of `performance.now()`.
   *
   * @returns Whether there is more to do.
   */
  read(end: number, apply: (row: ChangedRow<R>) => void): boolean {
    // Read before the papers: what changes in between is read again next time.
    if (this.#update === null) {
      const to = this.#newest.get() as number;
      if (to === this.#change) return false;
      this.#update = { from: this.#change, to };
    }
    for (;;) {
      // A row that changed before the update started may have a later number by now, because its vectors arrived since.
      const changed = this.#rows.all(this.#update.from, this.#change, BATCH);
      for (const row of changed) apply(row);
      if (changed.length < BATCH) break;
      this.#update.from = changed.at(-1)!.change;
      if (performance.now() > end) return true;
    }
    this.#change = this.#update.to;
    this.#update = null;
    return false;
  }
}
