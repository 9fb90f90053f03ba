/** Copies of papers.db: all that cannot be made again is in it. */
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { copyFile, link } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ModelDescription } from "./embedding/description.js";
import { KindredError } from "./errors.js";
import { copyWhole, sync, writingError } from "./files.js";
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
} from "./store/database.js";
import { Store } from "./store/store.js";

type Progress = (done: number, total: number) => void;

/**
 * Writes papers.db as it is at one moment to a new file, while others read and write it. The file is whole and on disk
 * when this ends; until then it has another name.
 *
 * @throws KindredError `invalid` when the file exists; `damaged` when papers.db is; `storage` when it cannot be written.
 */
export async function backup(
  directory: string,
  model: ModelDescription,
  file: string,
  progress: Progress = () => {},
): Promise<void> {
  const path = resolve(file);
  if (existsSync(path)) throw new KindredError("invalid", `${file} exists: name a new file, so that no backup is lost`);
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

/** What is wrong with a copy was wrong before. */
function checkCopied(part: string, papers: string): void {
  try {
    checkCopy(part, papers);
  } catch (thrown) {
    if (!(thrown instanceof KindredError && thrown.code === "damaged")) throw thrown;
    throw new KindredError("damaged", `${papers} is damaged, so no backup was made of it: run kindred verify`, {
      cause: thrown,
    });
  }
}

/**
 * Puts a backup in the place of papers.db. What was there before stays beside it under another name, which is returned;
 * null when there was nothing. Killed at any moment, the one or the other is there, and whole. The index is made again
 * from the vectors in the backup.
 *
 * @throws KindredError `damaged` when the file is no backup, or not whole; `busy` while anybody has the directory open.
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
    // One that was killed may have left its own.
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
    throw new KindredError("invalid", `${file} may not be read`, { cause: thrown });
  }
}

/** Gives a file the name of papers.db, which keeps another. @returns That; null where there was none. */
async function putInPlace(part: string, path: string): Promise<string | null> {
  const kept = existsSync(path) ? `${path}.${new Date().toISOString().replaceAll(/[:.]/g, "-")}` : null;
  let release = (): void => {};
  try {
    // What somebody wrote meanwhile would be lost to them. Where there is none yet, this makes one.
    release = holdAlone(path);
  } catch (thrown) {
    // A damaged one is what backups are for.
    if (!(thrown instanceof KindredError && thrown.code === "damaged")) throw thrown;
  }
  try {
    for (const suffix of kept === null ? [] : [...LOGS, ""])
      if (existsSync(path + suffix)) await nameToo(path + suffix, kept + suffix);
    // Made from the papers of before: it would not be believed, but it is of no use either.
    for (const name of ["tables.bin", "vectors.json", "vectors.hnsw"])
      rmSync(join(dirname(path), name), { force: true });
    // Logs of another database would be taken for this one's. Only a damaged one has any left.
    for (const suffix of [...LOGS, "-shm"]) rmSync(path + suffix, { force: true });
    renameSync(part, path);
    await sync(dirname(path));
  } finally {
    release();
  }
  return kept;
}

/** Gives a file another name as well, without opening it; where files can have but one, copies it. */
async function nameToo(path: string, name: string): Promise<void> {
  try {
    await link(path, name);
  } catch {
    await copyWhole(path, name);
  }
}
