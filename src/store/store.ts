import { Changes } from "./changes.js";
import { Check } from "./check.js";
import { openDatabase, openForReading, openingError, refuseReplaced, storageError, type Database } from "./database.js";
import { registerFilterFunctions } from "./filters.js";
import { Facets } from "./facets.js";
import { Imports } from "./imports.js";
import { Lists } from "./lists.js";
import { PaperMap } from "./map.js";
import { Papers } from "./papers.js";
import { Snapshots } from "./snapshots.js";
import { Vectors } from "./vectors.js";
import { Words } from "./words.js";

/** What a store has to know of the model whose vectors it keeps. */
export type ModelIdentity = { identity: string; dimensions: number };

/** Pages copied at a time: others get their turn in between. */
const PAGES = 2_000;

/** The only truth: papers, their words, their vectors, and the number of each change, in one SQLite database. */
export class Store {
  readonly papers: Papers;
  readonly words: Words;
  readonly vectors: Vectors;
  readonly changes: Changes;
  readonly facets: Facets;
  readonly lists: Lists;
  readonly imports: Imports;
  readonly snapshots: Snapshots;
  readonly map: PaperMap;
  readonly #database: Database;
  readonly #model: ModelIdentity;
  #replaced = false;

  private constructor(database: Database, model: ModelIdentity) {
    this.#database = database;
    this.#model = model;
    registerFilterFunctions(database, model.identity);
    this.papers = new Papers(database);
    this.words = new Words(database);
    this.vectors = new Vectors(database, model.identity, model.dimensions);
    this.changes = new Changes(database);
    this.facets = new Facets(database);
    this.lists = new Lists(database);
    this.imports = new Imports(database, this.papers);
    this.snapshots = new Snapshots(database);
    this.map = new PaperMap(database, model.identity);
  }

  /** Opens for reading and writing, making the directory and the database where they are missing. */
  static open(directory: string, model: ModelIdentity): Store {
    return Store.#of(openDatabase(directory), model);
  }

  /**
   * Opens an existing store; what other connections commit is seen by the next query. Where SQLite has to write beside it, and
   * this user may not, it is a copy that is read: as it is now.
   */
  static openForReading(directory: string, model: ModelIdentity): Store {
    return Store.#of(openForReading(directory), model);
  }

  /** A damaged database is found out here at the latest; it is not kept open. */
  static #of(database: Database, model: ModelIdentity): Store {
    try {
      return new Store(database, model);
    } catch (thrown) {
      database.close();
      throw openingError(thrown, database.name);
    }
  }

  /**
   * Runs `work` in one transaction: all of it is stored, durably, or nothing.
   *
   * @throws KindredError `storage` when the disk is full, or does not take it for another reason; `damaged` when the file was
   *   removed or replaced since it was opened.
   */
  write<T>(work: () => T): T {
    this.refuseReplaced();
    try {
      return this.#database.transaction(work).immediate();
    } catch (thrown) {
      throw storageError(thrown, this.#database.name);
    }
  }

  /**
   * To be asked now and then by who writes: what is in the log goes into the file that was opened, so that it is not lost
   * with the log, nor taken for changes of the file that has its name now.
   *
   * @throws KindredError `damaged` when another file, or none, has its name by now: what is written would be lost.
   */
  refuseReplaced(): void {
    try {
      refuseReplaced(this.#database);
    } catch (thrown) {
      if (!this.#replaced && !this.#database.readonly) this.#emptyLog();
      this.#replaced = true;
      throw thrown;
    }
  }

  #emptyLog(): void {
    try {
      this.#database.pragma("wal_checkpoint(TRUNCATE)");
    } catch {
      // There is nothing better to be done with it.
    }
  }

  /** What reading it failed of, in words where that is not Kindred's doing. */
  explained(thrown: unknown): unknown {
    return storageError(thrown, this.#database.name);
  }

  /** Checks of all that it holds. */
  check(): Check {
    return new Check(this.#database, this.papers, this.#model);
  }

  /** Copies the database, as it is at one moment, into a new file, while others read and write. @returns Its pages. */
  async copyTo(path: string, progress: (done: number, total: number) => void): Promise<number> {
    const { totalPages } = await this.#database.backup(path, {
      progress: ({ totalPages: total, remainingPages }) => {
        progress(total - remainingPages, total);
        return PAGES;
      },
    });
    return totalPages;
  }

  /** Whether it has all that a file beside it holds, which was written with this token when it was at this change. */
  vouchesFor(token: string, change: number): boolean {
    return change <= this.changes.latest() && this.snapshots.has(token, change);
  }

  /** A number that is another one when any other connection has committed something since: cheap enough for each query. */
  dataVersion(): number {
    return Number(this.#database.pragma("data_version", { simple: true }));
  }

  close(): void {
    try {
      this.refuseReplaced();
    } catch {
      // Nothing is written any more.
    }
    this.#database.close();
  }
}
