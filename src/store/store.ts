import { Changes } from "./changes.js";
import { openDatabase, openForReading, storageError, type Database } from "./database.js";
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

  private constructor(database: Database, model: ModelIdentity) {
    this.#database = database;
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
    return new Store(openDatabase(directory), model);
  }

  /** Opens an existing store; what other connections commit is seen by the next query. */
  static openForReading(directory: string, model: ModelIdentity): Store {
    return new Store(openForReading(directory), model);
  }

  /**
   * Runs `work` in one transaction: all of it is stored, durably, or nothing.
   *
   * @throws KindredError `storage` when the disk is full, or does not take it for another reason.
   */
  write<T>(work: () => T): T {
    try {
      return this.#database.transaction(work).immediate();
    } catch (thrown) {
      throw storageError(thrown, this.#database.name);
    }
  }

  /** A number that is another one when any other connection has committed something since: cheap enough for each query. */
  dataVersion(): number {
    return Number(this.#database.pragma("data_version", { simple: true }));
  }

  close(): void {
    this.#database.close();
  }
}
