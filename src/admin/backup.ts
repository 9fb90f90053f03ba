/** Copies of papers.db, which contains everything that cannot be derived. */
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { copyFile, link } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ModelDescription } from "../embedding/description.js";
import { KindredError } from "../core/errors.js";
import { copyWhole, sync, writingError } from "../core/files.js";
import {
  checkCopy,
  databasePath,
  holdAlone,
  inUse,
  LOGS,
  partPath,
  removeDatabase,
  storageError,
  tryLock,
} from "../store/database.js";
import { Store } from "../store/store.js";

type Progress = (done: number, total: number) => void;

/**
 * Writes a copy of papers.db, as it is at one moment, to a new file, while others read and write. The file is complete
 * and synced when this returns; until then it has another name.
 *
 * @throws KindredError `invalid` when the file exists; `damaged` when papers.db is; `storage` when it cannot be
 *   written.
 */
export async function backup(
  directory: string,
  model: ModelDescription,
  file: string,
  progress: Progress = () => {},
): Promise<void> {
  const path = resolve(file);
  if (existsSync(path))
    throw new KindredError("invalid", `${file} exists: name a new file, so that the old one is not lost`);
  const part = `${path}.part`;
  const store = Store.openForReading(directory, model);
  try {
    mkdirSync(dirname(path), { recursive: true });
    removeDatabase(part);
    await store.copyTo(part, progress);
    checkCopied(part, databasePath(directory));
    await sync(part);
    renameSync(part, path);
    await sync(dirname(path));
  } catch (thrown) {
    removeDatabase(part);
    throw writingError(storageError(thrown, path), path);
  } finally {
    store.close();
  }
}

/** An error in the copy is one in the original. */
function checkCopied(part: string, papers: string): void {
  try {
    checkCopy(part, papers);
  } catch (thrown) {
    if (!(thrown instanceof KindredError && thrown.code === "damaged")) throw thrown;
    throw new KindredError("damaged", `${papers} is damaged, so it was not backed up: run "kindred verify"`, {
      cause: thrown,
    });
  }
}

/**
 * Replaces papers.db with a backup. The old file is kept under another name, which is returned; null if there was none.
 * However this is interrupted, one of the two is in place, and complete. The index is rebuilt from the vectors in the
 * backup.
 *
 * @throws KindredError `damaged` when the file is not a complete backup; `busy` while anyone has the directory open.
 */
export async function restore(directory: string, file: string): Promise<string | null> {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new KindredError("not-found", `there is no file ${file}`);
  mayBeRead(file);
  mkdirSync(directory, { recursive: true });
  const path = databasePath(directory);
  const part = partPath(directory);
  const unlock = tryLock(join(directory, "indexing.lock"));
  if (unlock === null) throw inUse(path);
  try {
    // Left by a restore that was killed.
    removeDatabase(part);
    await copyFile(file, part, constants.COPYFILE_FICLONE);
    checkCopy(part, file);
    await sync(part);
    return await putInPlace(part, path);
  } catch (thrown) {
    removeDatabase(part);
    throw writingError(thrown, path);
  } finally {
    unlock();
  }
}

function mayBeRead(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (thrown) {
    throw new KindredError("invalid", `${file} cannot be read by this user`, { cause: thrown });
  }
}

/** Renames a file to papers.db, and keeps the old one. @returns Its new name; null if there was none. */
async function putInPlace(part: string, path: string): Promise<string | null> {
  const kept = existsSync(path) ? `${path}.${new Date().toISOString().replaceAll(/[:.]/g, "-")}` : null;
  let release = (): void => {};
  try {
    // Nobody may write meanwhile: it would be lost. Creates the database if there is none.
    release = holdAlone(path);
  } catch (thrown) {
    // A backup is there to replace a damaged database.
    if (!(thrown instanceof KindredError && thrown.code === "damaged")) throw thrown;
  }
  try {
    for (const suffix of kept === null ? [] : [...LOGS, ""])
      if (existsSync(path + suffix)) await linkOrCopy(path + suffix, kept + suffix);
    // Made from the old papers: the new database does not know their tokens.
    for (const name of ["tables.bin", "vectors.json", "vectors.hnsw"])
      rmSync(join(dirname(path), name), { force: true });
    // SQLite would replay logs of the old database. Only a damaged one has any left.
    for (const suffix of [...LOGS, "-shm"]) rmSync(path + suffix, { force: true });
    renameSync(part, path);
    await sync(dirname(path));
  } finally {
    release();
  }
  return kept;
}

/** Gives a file a second name without opening it; copies it where hard links are not supported. */
async function linkOrCopy(path: string, name: string): Promise<void> {
  try {
    await link(path, name);
  } catch {
    await copyWhole(path, name);
  }
}
