/** The only importer of better-sqlite3: opens papers.db, migrates its schema, and refuses files it cannot read. */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Sqlite from "better-sqlite3";
import { KindredError, messageOf } from "../core/errors.js";
import { writingError } from "../core/files.js";
import { stemsIn, stemsInList } from "./match.js";

export type Database = Sqlite.Database;
export type Statement<P extends unknown[], R = unknown> = Sqlite.Statement<P, R>;

/** "Kndr" in ASCII: marks an SQLite file as a Kindred database. */
const APPLICATION_ID = 0x4b6e6472;

/** FTS5 is given stems and splits at spaces, so its words are exactly those of `text.ts` and `words/stem.ts`. */
const REWRITE_WORDS = `
  DROP TABLE vocabulary;
  DROP TABLE words;
  CREATE VIRTUAL TABLE words USING fts5(
    title, abstract, authors, venue, keywords, content='', contentless_delete=1, tokenize="ascii"
  );
  CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, row);
  INSERT INTO words (rowid, title, abstract, authors, venue, keywords)
    SELECT label, stems_in(title), stems_in(ifnull(abstract, '')), stems_in_list(authors), stems_in(ifnull(venue, '')),
      stems_in_list(keywords)
    FROM papers;
`;

/**
 * Each step brings a database from version i to i + 1. A released step is never edited.
 *
 * - `papers.label` is never reused (AUTOINCREMENT), so a label in an old index can only mean the paper it meant.
 * - `changes` has one row per label: the number of its last change. A label without a row in `papers` is deleted.
 * - Vectors belong to a text, not to a paper: the same abstract from two sources is embedded once.
 * - `changes.row` is the number of the last change to the row itself, so that an index of words need not read a paper
 *   again when only its vectors have arrived.
 * - `derived` records which derived files were written at which change, by their SHA-256. A file that the database does not
 *   know is damaged, or belongs to another database, or to another history of this one.
 * - `entries` and `notes` refer to a paper's id, not its label: lists and notes outlive the paper.
 * - `imported.before` is an updated paper as it was before, as JSON.
 * - `failed` holds texts that could not be embedded, the reason, and the number of tries: they are no longer pending.
 * - `identifiers.kind` is `id`, `doi`, `arxiv`, `url`, or `given`: an id or key that a file gave to a paper although it
 *   already belonged to another.
 * - `imports.finished` is when an import ended; NULL while it runs, and forever if its process was killed.
 * - `points` are the papers' positions on the map; `maps.map` is its other data, as JSON, and `version` changes with
 *   every write.
 * - `jobs` has times in milliseconds since 1970: when a job runs next, when that was decided, and when its last run
 *   started and ended. `holder` runs it until `expires`, unless it renews that.
 * - `owned` has rows of rooms above the store, which only their owner can read.
 * - `papers.notice` is one of `NOTICES`. Before, retracted papers of PubMed had a keyword, and others only their title.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE papers (
    label INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    abstract TEXT,
    authors TEXT NOT NULL,
    venue TEXT,
    categories TEXT NOT NULL,
    published TEXT,
    updated TEXT,
    doi TEXT,
    arxiv TEXT,
    url TEXT,
    source TEXT,
    organization TEXT,
    listed TEXT,
    upvotes INTEGER,
    comments INTEGER,
    keywords TEXT NOT NULL,
    text_hash BLOB NOT NULL
  ) STRICT;
  CREATE INDEX papers_by_title ON papers(title_key);
  CREATE INDEX papers_by_text ON papers(text_hash);
  CREATE INDEX papers_by_date ON papers(published, label);
  CREATE INDEX papers_by_upvotes ON papers(upvotes, label);
  CREATE INDEX papers_by_source ON papers(source, label);
  CREATE TABLE categories (
    category TEXT NOT NULL COLLATE NOCASE,
    label INTEGER NOT NULL,
    PRIMARY KEY (category, label)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE identifiers (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    label INTEGER NOT NULL,
    PRIMARY KEY (kind, value, label)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX identifiers_by_label ON identifiers(label);
  CREATE VIRTUAL TABLE words USING fts5(
    title, abstract, authors, venue, keywords,
    content='', contentless_delete=1, tokenize="porter unicode61 remove_diacritics 2"
  );
  CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, row);
  CREATE TABLE changes (
    change INTEGER PRIMARY KEY AUTOINCREMENT,
    label INTEGER NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE models (
    model INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE vectors (
    model INTEGER NOT NULL,
    text_hash BLOB NOT NULL,
    scale REAL NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (model, text_hash)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sentences (
    model INTEGER NOT NULL,
    text_hash BLOB NOT NULL,
    spans BLOB NOT NULL,
    sketches BLOB NOT NULL,
    PRIMARY KEY (model, text_hash)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE changes ADD COLUMN row INTEGER NOT NULL DEFAULT 0;
  UPDATE changes SET row = change;
  CREATE TABLE snapshots (
    token TEXT PRIMARY KEY,
    change INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE INDEX papers_by_listed ON papers(listed, label);
  CREATE INDEX papers_by_venue ON papers(venue);
  CREATE TABLE lists (
    list INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL
  ) STRICT;
  INSERT INTO lists (name, name_key, created)
    SELECT name, name, strftime('%Y-%m-%dT%H:%M:%fZ') FROM (SELECT 'likes' AS name UNION ALL SELECT 'dislikes');
  CREATE TABLE entries (
    list INTEGER NOT NULL,
    id TEXT NOT NULL,
    added TEXT NOT NULL,
    PRIMARY KEY (list, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entries_by_id ON entries(id);
  CREATE TABLE notes (
    id TEXT PRIMARY KEY,
    note TEXT NOT NULL,
    changed TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE imports (
    import INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    began TEXT NOT NULL,
    undone TEXT
  ) STRICT;
  CREATE TABLE imported (
    import INTEGER NOT NULL,
    label INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    before TEXT,
    PRIMARY KEY (import, label)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX imported_by_label ON imported(label);
  `,
  `
  CREATE TABLE points (
    model INTEGER NOT NULL,
    label INTEGER NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    PRIMARY KEY (model, label)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE maps (
    model INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    map TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE failed (
    model INTEGER NOT NULL,
    text_hash BLOB NOT NULL,
    reason TEXT NOT NULL,
    tries INTEGER NOT NULL,
    PRIMARY KEY (model, text_hash)
  ) STRICT, WITHOUT ROWID;
  -- Imports that end, and DOIs without a suffix, which made one paper of several.
  ALTER TABLE imports ADD COLUMN finished TEXT;
  UPDATE imports SET finished = began;
  DELETE FROM identifiers WHERE kind = 'doi' AND value GLOB '10.*/' AND value NOT GLOB '10.*/?*';
  UPDATE papers SET doi = NULL WHERE doi GLOB '10.*/' AND doi NOT GLOB '10.*/?*';
  ${REWRITE_WORDS}
  `,
  `
  DROP TABLE snapshots;
  CREATE TABLE derived (
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    change INTEGER NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (file, sha256)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE jobs (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL,
    planned INTEGER NOT NULL,
    started INTEGER,
    ended INTEGER,
    outcome TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    holder TEXT,
    expires INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE owned (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (owner, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entries_by_time ON entries(list, added);
  `,
  `
  ALTER TABLE papers ADD COLUMN notice TEXT;
  UPDATE papers SET notice = 'retracted' WHERE keywords LIKE '%"Retracted Publication"%'
    OR title GLOB 'RETRACTED: *' OR title GLOB 'RETRACTED ARTICLE: *' OR title GLOB '[[]Retracted[]] *';
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;
/** The last version whose words are indexed again when it is migrated. */
const OTHER_WORDS = 4;

/** How long a writer waits for another process to finish its transaction, in milliseconds. */
const BUSY_TIMEOUT = 30_000;

/** Attempts to open a file that is replaced each time. */
const TRIES = 3;

/** The version of SQLite, which also shows that it can be used at all. */
export function sqliteVersion(): string {
  const database = new Sqlite(":memory:");
  try {
    return database.prepare<[], string>("SELECT sqlite_version()").pluck().get()!;
  } finally {
    database.close();
  }
}

export const databasePath = (directory: string): string => join(directory, "papers.db");

/** The file that will become papers.db. Only the holder of indexing.lock may touch it. */
export const partPath = (directory: string): string => `${databasePath(directory)}.part`;

/** Suffixes of the files that hold changes not yet in the database file, or to be rolled back from it. */
export const LOGS = ["-wal", "-journal"];

/** Removes a database and all files that SQLite keeps with it. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", ...LOGS, "-shm"]) rmSync(path + suffix, { force: true });
}

/**
 * Opens the database in `directory`, creating both if they are missing, and migrates its schema.
 *
 * @throws KindredError `damaged` when the file is not an SQLite database, not Kindred's, or from a newer version. The
 *   file is then left unchanged.
 */
export function openDatabase(directory: string): Database {
  const path = databasePath(directory);
  try {
    if (!existsSync(directory)) mkdirSync(directory, { recursive: true });
    if (existsSync(path)) {
      refuseEmptied(path);
      refuseForeign(path);
    }
    return inPlace(path, () => {
      const database = new Sqlite(path, { timeout: BUSY_TIMEOUT });
      // WAL lets readers continue while one process writes; FULL makes a commit survive a power loss.
      database.pragma("journal_mode = WAL");
      database.pragma("synchronous = FULL");
      database.pragma("cache_size = -32000");
      migrate(database);
      return database;
    });
  } catch (thrown) {
    throw openingError(thrown, path);
  }
}

/** Opens an empty database in memory. */
export function openInMemory(): Database {
  const database = new Sqlite(":memory:");
  migrate(database);
  return database;
}

/** Whether this user may read the database in a directory, but not write it or create files in the directory. */
export const mayOnlyBeRead = (directory: string): boolean =>
  existsSync(databasePath(directory)) && [directory, databasePath(directory)].some((place) => !mayBeWritten(place));

/**
 * Opens an existing database for reading only. SQLite creates files in its directory even for that. If this user may
 * not, and they do not exist, a copy is opened instead.
 *
 * @throws KindredError `damaged` like `openDatabase`, and when the database is of an earlier version; `storage` when
 *   there is no room for a copy.
 */
export function openForReading(directory: string): Database {
  const path = databasePath(directory);
  try {
    const version = refuseForeign(path);
    if (version < SCHEMA_VERSION && mayOnlyBeRead(directory)) return openCopy(path);
    if (version < SCHEMA_VERSION)
      throw new KindredError(
        "damaged",
        `${path} is empty or was written by an older Kindred (schema ${version}, expected ${SCHEMA_VERSION}): ` +
          `run "kindred status" to migrate it`,
      );
    return inPlace(path, () => {
      const database = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT });
      database.pragma("cache_size = -4000");
      // Waits for a restore that is under way.
      database.pragma("user_version");
      return database;
    });
  } catch (thrown) {
    if (thrown instanceof Sqlite.SqliteError && mayOnlyBeRead(directory)) return openCopy(path);
    throw openingError(thrown, path);
  }
}

/** Copies the database as it is now into a temporary folder, which is removed as soon as the copy is open. */
function openCopy(path: string): Database {
  const folder = mkdtempSync(join(tmpdir(), "kindred-"));
  const copy = databasePath(folder);
  try {
    copyStill(path, copy);
    // Replays the log and migrates the schema.
    const database = openDatabase(folder);
    // Makes the one file complete.
    database.pragma("journal_mode = DELETE");
    database.close();
    const reading = new Sqlite(copy, { readonly: true });
    reading.pragma("cache_size = -4000");
    reading.pragma("user_version");
    return reading;
  } catch (thrown) {
    const error = writingError(storageError(thrown, copy), copy);
    if (!(error instanceof KindredError && error.code === "storage")) throw openingError(thrown, path);
    throw new KindredError(
      "storage",
      `${path} is read-only for this user, so it has to be copied to be read, and that failed: ${error.message}; ` +
        `set TMPDIR to a folder with room for it`,
      { cause: thrown },
    );
  } finally {
    removeFolder(folder);
  }
}

/** Copies a database and its log, provided that neither changes meanwhile. */
function copyStill(path: string, copy: string): void {
  const stamp = () =>
    ["", "-wal"].map((suffix) => {
      const { size = 0, mtimeMs = 0 } = statSync(path + suffix, { throwIfNoEntry: false }) ?? {};
      return `${size} ${mtimeMs}`;
    });
  for (let tries = 1; tries <= TRIES; tries++) {
    const before = stamp().join();
    removeDatabase(copy);
    for (const suffix of ["", ...LOGS])
      if (existsSync(path + suffix)) {
        copyFileSync(path + suffix, copy + suffix, constants.COPYFILE_FICLONE);
        // A copied file has the permissions of the original.
        chmodSync(copy + suffix, 0o600);
      }
    if (stamp().join() === before) return;
  }
  throw new KindredError("busy", `${path} is being written, so it cannot be copied for reading: try again`);
}

/** Removes a folder with open files. Windows refuses that until the process ends. */
function removeFolder(folder: string): void {
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    remove();
  } catch {
    process.once("exit", () => {
      try {
        remove();
      } catch {
        // The system cleans its temporary folder itself.
      }
    });
  }
}

/** For each open database, the identity of its file and its log at the time it was opened. */
const opened = new WeakMap<Database, { path: string; number: string }[]>();

/** Device and inode of a file; undefined if there is none. */
function numberOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev} ${stats.ino}`;
}

/** Opens the file at `path`, and again if a restore replaced it while it was being opened. */
export function inPlace(path: string, open: () => Database): Database {
  for (let tries = 1; ; tries++) {
    const before = numberOf(path);
    const stayed = () => numberOf(path) === before;
    let database: Database | undefined;
    try {
      database = open();
    } catch (thrown) {
      if (stayed() || tries === TRIES) throw thrown;
    }
    // On some disks an inode number is not stable. There, a replaced file cannot be detected later either.
    if (database !== undefined && (stayed() || tries === TRIES)) {
      const file = stayed() ? realpathSync(path) : undefined;
      const files = file === undefined ? [] : [file, `${file}-wal`];
      opened.set(
        database,
        files.flatMap((one) => {
          const number = numberOf(one);
          return number === undefined ? [] : [{ path: one, number }];
        }),
      );
      return database;
    }
    database?.close();
  }
}

/**
 * Checks that the open database still has its name. A process continues to write into a file that was removed or
 * replaced, and what it writes is lost: call this first.
 *
 * @throws KindredError `damaged` when the name of the database or its log now belongs to another file, or to none.
 */
export function refuseReplaced(database: Database): void {
  for (const { path, number } of opened.get(database) ?? []) {
    const now = numberOf(path);
    if (now === number) continue;
    throw new KindredError(
      "damaged",
      `${path} was ${now === undefined ? "removed" : "replaced by another file"} while Kindred had it open: nothing more is ` +
        `written, because it would be lost; stop Kindred, put the right file in its place, and start it again`,
    );
  }
}

/**
 * Checks that a copy is complete, and merges its log into it.
 *
 * @param of The path of the original, which error messages name.
 * @throws KindredError `damaged` when it is not a complete Kindred database, or from a newer version.
 */
export function checkCopy(path: string, of: string): void {
  try {
    refuseForeign(path, of);
    const database = new Sqlite(path);
    try {
      database.pragma("journal_mode = DELETE");
      const said = database.pragma("integrity_check(1)", { simple: true });
      const empty = database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'papers'").pluck().get() === 0;
      if (said !== "ok" || empty)
        throw new KindredError("damaged", `${of} is incomplete${empty ? "" : ` (${String(said)})`}: use another copy`);
    } finally {
      database.close();
    }
  } catch (thrown) {
    throw openingError(thrown, of);
  }
}

/**
 * Takes a database out of use: all of it is in its one file, nobody has it open, and anyone who opens it waits. If the
 * file loses its name meanwhile, SQLite lets none of them write to it. The lock is lost if this process opens and
 * closes the file by other means.
 *
 * @returns A function that releases it.
 * @throws KindredError `busy` while anyone has it open.
 */
export function holdAlone(path: string): () => void {
  const database = new Sqlite(path, { timeout: 1_000 });
  const mode = (statement: string) => database.pragma(statement, { simple: true });
  try {
    // SQLite leaves the write-ahead log only if no other connection is open.
    if (mode("journal_mode = DELETE") !== "delete") throw inUse(path);
    database.exec("BEGIN EXCLUSIVE");
    // Another connection may have opened it in between.
    if (mode("journal_mode") !== "delete") throw inUse(path);
    return () => database.close();
  } catch (thrown) {
    database.close();
    if (thrown instanceof Sqlite.SqliteError && thrown.code.startsWith("SQLITE_BUSY")) throw inUse(path);
    throw openingError(thrown, path);
  }
}

export const inUse = (path: string): KindredError =>
  new KindredError("busy", `${path} is in use: stop the server and any other program that has it open, then try again`);

/** Refuses an empty file that was not always empty: SQLite would even delete the log of its last changes. */
function refuseEmptied(path: string): void {
  if (statSync(path).size > 0) return;
  const derived = ["papers.db-wal", "tables.bin", "vectors.hnsw"].find((name) => {
    const { size } = statSync(join(dirname(path), name), { throwIfNoEntry: false }) ?? { size: 0 };
    return size > 0;
  });
  if (derived !== undefined)
    throw new KindredError(
      "damaged",
      `${path} is empty, but ${derived} in the same folder was made from papers: restore a copy with "kindred restore", ` +
        `or delete both to start with an empty library`,
    );
}

/** Opens read-only, so that a database of another version is refused without being touched. @returns Its version. */
function refuseForeign(path: string, of = path): number {
  // Read from the bytes, because SQLite creates files to open a database with a write-ahead log, even read-only.
  const header = headerOf(path);
  if (header !== null && header.application === APPLICATION_ID && header.version > SCHEMA_VERSION)
    throw newer(of, header.version);
  try {
    return versionOf(path, of, true);
  } catch (thrown) {
    // The last writer was killed in a transaction without a write-ahead log: only a writer can roll it back.
    if (thrown instanceof Sqlite.SqliteError && thrown.code === "SQLITE_READONLY_ROLLBACK")
      return versionOf(path, of, false);
    throw thrown;
  }
}

/**
 * Reads the first page, in SQLite's file format: user_version at byte 60, application_id at byte 68.
 *
 * On POSIX, closing the file drops this process's locks on it. That is safe while it has the database open: SQLite then
 * also locks the -shm file, which is what other processes check. It is not safe during `holdAlone`.
 */
function headerOf(path: string): { version: number; application: number } | null {
  const bytes = Buffer.alloc(72);
  const file = openSync(path, "r");
  try {
    if (readSync(file, bytes, 0, bytes.length, 0) < bytes.length) return null;
  } catch {
    // SQLite reports the reason when it opens the file.
    return null;
  } finally {
    closeSync(file);
  }
  return { version: bytes.readUInt32BE(60), application: bytes.readUInt32BE(68) };
}

const newer = (path: string, version: number): KindredError =>
  new KindredError(
    "damaged",
    `${path} was written by a newer Kindred (schema ${version}; this one reads up to ${SCHEMA_VERSION}): ` +
      `update Kindred, or name another folder with --directory`,
  );

function versionOf(path: string, of: string, readonly: boolean): number {
  const database = new Sqlite(path, { readonly, timeout: BUSY_TIMEOUT });
  try {
    const version = Number(database.pragma("user_version", { simple: true }));
    const application = Number(database.pragma("application_id", { simple: true }));
    const tables = database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() as number;
    // Other applications number their versions too, so the application is checked first.
    if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || tables > 0))
      throw new KindredError(
        "damaged",
        `${of} is a SQLite database, but not Kindred's: name another folder with --directory`,
      );
    if (version > SCHEMA_VERSION) throw newer(of, version);
    return version;
  } finally {
    database.close();
  }
}

/** From this many papers on, a migration is announced: it may take seconds. */
const MANY = 20_000;

function migrate(database: Database): void {
  const step = database.transaction(() => {
    const version = Number(database.pragma("user_version", { simple: true }));
    const rewrites = version > 0 && version <= OTHER_WORDS;
    const papers = rewrites ? Number(database.prepare("SELECT count(*) FROM papers").pluck().get()) : 0;
    if (papers >= MANY)
      console.error(
        `migrating papers.db to this version: the words of ${papers} papers are indexed again. This takes up to a minute, once; ` +
          `no paper is embedded again.`,
      );
    database.function("stems_in", { deterministic: true }, stemsIn);
    database.function("stems_in_list", { deterministic: true }, stemsInList);
    for (const statements of MIGRATIONS.slice(version)) database.exec(statements);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${SCHEMA_VERSION}`);
  });
  if (Number(database.pragma("user_version", { simple: true })) < SCHEMA_VERSION) step.immediate();
}

/** The error of a failed open as a KindredError. */
export function openingError(thrown: unknown, path: string): KindredError {
  const error = storageError(thrown, path);
  // SQLITE_IOERR on open means that it could not be read, not that it could not be written.
  const unread = thrown instanceof Sqlite.SqliteError && thrown.code.startsWith("SQLITE_IOERR");
  if (error instanceof KindredError && !(unread && error.code === "storage")) return error;
  const locked = [dirname(path), path].find((place) => existsSync(place) && !mayBeWritten(place));
  if (locked !== undefined)
    return new KindredError("storage", `${path} could not be opened: this user may not write ${locked}`, {
      cause: thrown,
    });
  const unwritten = writingError(thrown, path);
  if (unwritten instanceof KindredError) return unwritten;
  return new KindredError("damaged", `${path} could not be opened: ${messageOf(thrown)}`, { cause: thrown });
}

function mayBeWritten(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The error of a failed read or write as a KindredError, if the cause is the disk or the file; any other error
 * unchanged.
 */
export function storageError(thrown: unknown, path: string): unknown {
  const code = thrown instanceof Sqlite.SqliteError ? thrown.code : "";
  // A short read means that the file was truncated.
  if (/^SQLITE_(NOTADB|CORRUPT|IOERR_SHORT_READ)/.test(code))
    return new KindredError(
      "damaged",
      `${path} is damaged or not a database (${messageOf(thrown)}): it was left unchanged; restore a copy of it, ` +
        `or name another folder with --directory`,
      { cause: thrown },
    );
  const why = Object.entries({
    SQLITE_FULL: "the disk is full: make room",
    SQLITE_IOERR: "the disk reports an error",
    SQLITE_READONLY: "this user may not write it",
    SQLITE_BUSY: "another process has been writing for half a minute: try again when it is done",
  }).find(([prefix]) => code.startsWith(prefix))?.[1];
  if (why === undefined) return thrown;
  return new KindredError("storage", `${path} could not be written, ${why}; what was stored before is safe`, {
    cause: thrown,
  });
}

/**
 * Takes the lock at `path`. The operating system releases it however its holder ends. Works between processes and
 * between threads.
 *
 * @returns A function that releases the lock; null if another holder has it.
 */
export function tryLock(path: string): (() => void) | null {
  let database: Database | undefined;
  try {
    const lock = new Sqlite(path, { timeout: 0 });
    database = lock;
    // A journal on disk would need room, and removing a key must work on a full disk.
    lock.pragma("journal_mode = MEMORY");
    lock.exec("BEGIN EXCLUSIVE");
    return () => lock.close();
  } catch (thrown) {
    database?.close();
    const code = thrown instanceof Sqlite.SqliteError ? thrown.code : "";
    if (code.startsWith("SQLITE_BUSY")) return null;
    if (code === "SQLITE_NOTADB" && statSync(path).size > 0) {
      // Nothing is ever written to it, so nobody can hold a file that is not a database. Truncated in place, because
      // another process may be doing the same.
      truncateSync(path);
      return tryLock(path);
    }
    throw openingError(thrown, path);
  }
}
