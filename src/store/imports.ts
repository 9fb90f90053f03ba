import type { ImportsAnswer, Undone } from "../api.js";
import { KindredError } from "../core/errors.js";
import type { Database } from "./database.js";
import { beforeSchema, type Before, type Outcome, type Papers } from "./papers.js";

/** The newest imports, which can be undone. Records of older ones are deleted. */
const KEPT = 20;
/** Papers restored per transaction: other writers run in between. */
const BATCH = 200;

/** Records read per step to check that they are readable before anything is restored. */
const LOOKED_AT = 1_000;

type ImportRecord = ImportsAnswer["imports"][number];

type Done = { label: number; outcome: string; before: string | null; later: 0 | 1 };

/** Parses the record of one paper in an import; undefined if it cannot be read, so that it must not be undone. */
export function recordOf(outcome: string, before: string | null): { outcome: Outcome; before?: Before } | undefined {
  if (outcome !== "updated")
    return before === null && (outcome === "added" || outcome === "unchanged") ? { outcome } : undefined;
  try {
    return { outcome, before: beforeSchema.parse(JSON.parse(before ?? "")) };
  } catch {
    return undefined;
  }
}

/** Records what each import did to each paper, so that it can be undone. */
export class Imports {
  readonly #papers;
  readonly #statements;

  constructor(database: Database, papers: Papers) {
    this.#papers = papers;
    this.#statements = {
      isRunning: database.prepare<[number], 0 | 1>("SELECT finished IS NULL FROM imports WHERE import = ?").pluck(),
      finish: database.prepare<[string, number]>(
        "UPDATE imports SET finished = ? WHERE import = ? AND finished IS NULL",
      ),
      begin: database.prepare<[string, string]>("INSERT INTO imports (name, began) VALUES (?, ?)"),
      forget: database.prepare<[number]>("DELETE FROM imported WHERE import <= ?"),
      // The first change to a paper records its state before the import.
      record: database.prepare<[number, number, Outcome, string | null]>(
        `INSERT INTO imported (import, label, outcome, before) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET outcome = excluded.outcome, before = excluded.before WHERE outcome = 'unchanged'`,
      ),
      all: database.prepare<[number], ImportRecord>(
        `SELECT i.import, i.name, i.began, i.undone,
           count(iif(d.outcome = 'added', 1, NULL)) AS added, count(iif(d.outcome = 'updated', 1, NULL)) AS updated
         FROM imports i LEFT JOIN imported d ON d.import = i.import
         GROUP BY i.import ORDER BY i.import DESC LIMIT ?`,
      ),
      find: database.prepare<[number], { undone: string | null }>("SELECT undone FROM imports WHERE import = ?"),
      done: database.prepare<[number, number, number], Done>(
        `SELECT d.label, d.outcome, d.before, EXISTS (
           SELECT 1 FROM imported l JOIN imports i ON i.import = l.import
           WHERE l.label = d.label AND l.import > d.import AND i.undone IS NULL) AS later
         FROM imported d WHERE d.import = ? AND d.label > ? AND d.outcome <> 'unchanged' ORDER BY d.label LIMIT ?`,
      ),
      undo: database.prepare<[string, number]>("UPDATE imports SET undone = ? WHERE import = ?"),
      forgetAllBut: database.prepare<[number, string]>(
        "DELETE FROM imported WHERE import = ? AND label NOT IN (SELECT value FROM json_each(?))",
      ),
    };
  }

  /** Starts an import. Call inside a transaction. @returns Its number. */
  begin(name: string): number {
    const number = Number(this.#statements.begin.run(name, new Date().toISOString()).lastInsertRowid);
    this.#statements.forget.run(number - KEPT);
    return number;
  }

  /**
   * Call before each further batch of an import: an undo stops it.
   *
   * @throws KindredError `busy` when it was undone, by this or another process.
   */
  expectRunning(number: number): void {
    if (this.#statements.isRunning.get(number) !== 1)
      throw new KindredError("busy", `import ${number} was undone while it was running: it has been stopped`);
  }

  /** Marks an import as finished. One whose process was killed is never marked, and can be undone all the same. */
  finish(number: number): void {
    this.#statements.finish.run(new Date().toISOString(), number);
  }

  /** @param before The state of an updated paper before the import. */
  record(number: number, label: number, outcome: Outcome, before?: Before): void {
    this.#statements.record.run(number, label, outcome, before === undefined ? null : JSON.stringify(before));
  }

  /** The imports that can be undone, newest first. */
  all(): ImportRecord[] {
    return this.#statements.all.all(KEPT);
  }

  /**
   * Undoes an import, step by step, and stops it if it is still running. Papers that a later import has also brought
   * stay as they are; they can be undone after that import has been. An undo that was interrupted can be repeated.
   *
   * @param write Runs one step in a transaction.
   * @throws KindredError `not-found`; `invalid` when it is already undone, or too old; `damaged` when its records
   *   cannot be read: then nothing is undone.
   */
  *undo(number: number, write: <T>(work: () => T) => T): Generator<Undone, Undone> {
    const undone = { removed: 0, restored: 0, kept: 0 };
    const kept: number[] = [];
    for (let after = 0; ;) {
      const looked = this.#statements.done.all(number, after, LOOKED_AT);
      for (const one of looked) readable(number, one);
      if (looked.length < LOOKED_AT) break;
      after = looked.at(-1)!.label;
      yield undone;
    }
    for (let after = 0; ;) {
      const steps = write(() => {
        if (after === 0) {
          this.#refuse(number);
          this.finish(number);
        }
        // Read inside the transaction, because another process may import the same papers meanwhile.
        const steps = this.#statements.done.all(number, after, BATCH);
        for (const one of steps) {
          const { outcome, before } = readable(number, one);
          if (one.later === 1) undone.kept = kept.push(one.label);
          else if (before !== undefined) undone.restored += this.#papers.restore(one.label, before) ? 1 : 0;
          else if (outcome === "added") undone.removed += this.#papers.removeLabel(one.label) ? 1 : 0;
        }
        if (steps.length === BATCH) return steps;
        if (kept.length > 0) this.#statements.forgetAllBut.run(number, JSON.stringify(kept));
        else this.#statements.undo.run(new Date().toISOString(), number);
        return steps;
      });
      if (steps.length < BATCH) return undone;
      after = steps.at(-1)!.label;
      yield undone;
    }
  }

  /** @throws KindredError when the import cannot be undone. */
  #refuse(number: number): void {
    const found = this.#statements.find.get(number);
    if (found === undefined)
      throw new KindredError("not-found", `there is no import ${number}: api/imports lists them`, {
        parameter: "import",
      });
    if (found.undone !== null)
      throw new KindredError("invalid", `import ${number} was already undone`, { parameter: "import" });
    if (!this.all().some(({ import: known }) => known === number))
      throw new KindredError("invalid", `import ${number} is too old: the last ${KEPT} can be undone`, {
        parameter: "import",
      });
  }
}

/** @throws KindredError `damaged`. */
function readable(number: number, { label, outcome, before }: Done): NonNullable<ReturnType<typeof recordOf>> {
  const record = recordOf(outcome, before);
  if (record === undefined)
    throw new KindredError(
      "damaged",
      `import ${number} was not undone: its record of the paper with label ${label} cannot be read; ` +
        `restore a backup, or run "kindred verify --repair" so that an undo leaves such papers unchanged`,
    );
  return record;
}
