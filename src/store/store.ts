import { dirname, join } from "node:path";
import { Changes } from "./changes.js";
import { Check } from "./check.js";
import { Copies } from "./copies.js";
import { DerivedFiles } from "./derived.js";
import {
  openDatabase,
  openForReading,
  openInMemory,
  openingError,
  partPath,
  refuseReplaced,
  removeDatabase,
  storageError,
  tryLock,
  type Database,
} from "./database.js";
import { registerFilterFunctions } from "./filters.js";
import { Facets } from "./facets.js";
import { Imports } from "./imports.js";
import { Jobs } from "./jobs.js";
import { Lists } from "./lists.js";
import { PaperMap } from "./map.js";
import { Orders } from "./orders.js";
import { Owned } from "./owned.js";
import { Papers } from "./papers.js";
import { Vectors } from "./vectors.js";
import { Words } from "./words.js";

/** The embedding model whose vectors a store keeps. */
export type ModelIdentity = { identity: string; dimensions: number };

/** Pages copied per step: other work runs in between. */
const PAGES = 2_000;

/** The only source of truth: papers, their words, vectors and change numbers, in one SQLite database. */
export class Store {
  readonly papers: Papers;
  readonly words: Words;
  readonly vectors: Vectors;
  readonly changes: Changes;
  readonly facets: Facets;
  readonly orders: Orders;
  readonly jobs: Jobs;
  readonly lists: Lists;
  readonly owned: Owned;
  readonly imports: Imports;
  readonly derived: DerivedFiles;
  readonly map: PaperMap;
  readonly copies: Copies;
  readonly #database: Database;
  readonly #model: ModelIdentity;
  readonly #dataVersion;
  #replaced = false;

  private constructor(database: Database, model: ModelIdentity) {
    this.#database = database;
    this.#model = model;
    registerFilterFunctions(database, model.identity);
    this.papers = new Papers(database);
    this.words = new Words(database);
    this.vectors = new Vectors(database, model.identity, model.dimensions);
    this.#dataVersion = database.prepare<[], number>("PRAGMA data_version").pluck();
    this.changes = new Changes(database);
    this.facets = new Facets(database);
    this.orders = new Orders(database);
    this.jobs = new Jobs(database);
    this.lists = new Lists(database);
    this.owned = new Owned(database);
    this.imports = new Imports(database, this.papers);
    this.derived = new DerivedFiles(database);
    this.map = new PaperMap(database, model.identity);
    this.copies = new Copies(database, this.papers, this.vectors, this.map);
  }

  /** Opens for reading and writing; creates the directory and the database if they are missing. */
  static open(directory: string, model: ModelIdentity): Store {
    return Store.#of(openDatabase(directory), model);
  }

  /**
   * Opens an existing store; each query sees what other connections have committed. If this user may not create the
   * files that SQLite needs in the directory, it opens a copy of the present state instead.
   */
  static openForReading(directory: string, model: ModelIdentity): Store {
    return Store.#of(openForReading(directory), model);
  }

  /** An empty store in memory, and its database. */
  static inMemory(model: ModelIdentity): { store: Store; database: Database } {
    const database = openInMemory();
    return { store: Store.#of(database, model), database };
  }

  /** Closes a database that turns out to be damaged only here. */
  static #of(database: Database, model: ModelIdentity): Store {
    try {
      return new Store(database, model);
    } catch (thrown) {
      database.close();
      throw openingError(thrown, database.name);
    }
  }

  /**
   * Runs `work` in one transaction: all of it is stored, durably, or none.
   *
   * @throws KindredError `storage` when the disk is full or refuses the write; `damaged` when the file was removed or
   *   replaced since it was opened.
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
   * Refuses to write into a file that has lost its name. Long-running writers call it now and then. The log is first
   * merged into the file that was opened, so that it is neither lost nor mistaken for changes to the file that has the
   * name now.
   *
   * @throws KindredError `damaged` when the name belongs to another file, or to none.
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
      // Nothing better can be done with it.
    }
  }

  /** Takes the directory's indexing lock. @returns A function that releases it; null if another process or store has it. */
  lock(): (() => void) | null {
    const directory = dirname(this.#database.name);
    const unlock = tryLock(join(directory, "indexing.lock"));
    // A restore holds the lock too, so this file is left from one that was killed.
    if (unlock !== null) removeDatabase(partPath(directory));
    return unlock;
  }

  /** A failed read as a KindredError, if the disk or the file is the cause; any other error unchanged. */
  explained(thrown: unknown): unknown {
    return storageError(thrown, this.#database.name);
  }

  check(): Check {
    return new Check(this.#database, this.papers, this.#model);
  }

  /**
   * Copies the database, as it is at one moment, into a new file, while others read and write. @returns Its number of
   * pages.
   */
  async copyTo(path: string, progress: (done: number, total: number) => void): Promise<number> {
    const { totalPages } = await this.#database.backup(path, {
      progress: ({ totalPages: total, remainingPages }) => {
        progress(total - remainingPages, total);
        return PAGES;
      },
    });
    return totalPages;
  }

  /** A number that changes when another connection commits: cheap enough to ask before each query. */
  dataVersion(): number {
    return this.#dataVersion.get()!;
  }

  close(): void {
    try {
      this.refuseReplaced();
    } catch {
      // Nothing more is written.
    }
    this.#database.close();
  }
}
