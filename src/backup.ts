/** Copies of papers.db: all that cannot be made again is in it. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ModelDescription } from "./embedding/description.js";
import { KindredError } from "./errors.js";
import { copyWhole, sync, writingError } from "./files.js";
import { checkCopy, databasePath, holdAlone, storageError } from "./store/database.js";
import { Store } from "./store/store.js";

/** What SQLite has not put into the file itself yet, or is to take out of it again. */
const LOGS = ["-wal", "-journal"];

type Progress = (done: number, total: number) => void;

/**
 * Writes papers.db as it is at one moment to a new file, while others read and write it. The file is whole and on disk
 * when this ends; until then it has another name.
 *
 * @throws KindredError `invalid` when the file exists; `storage` when it cannot be written.
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
    rmSync(part, { force: true });
    await store.copyTo(part, progress);
    checkCopy(part);
    await sync(part);
    renameSync(part, path);
    await sync(dirname(path));
  } catch (thrown) {
    rmSync(part, { force: true });
    throw writingError(storageError(thrown, path), path);
  } finally {
    store.close();
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
  if (!existsSync(file)) throw new KindredError("not-found", `there is no file ${file}`);
  checkCopy(file);
  mkdirSync(directory, { recursive: true });
  const path = databasePath(directory);
  let kept: string | null = null;
  if (existsSync(path)) {
    try {
      // Nobody may have it open: what they wrote after it was copied would be lost.
      holdAlone(path);
    } catch (thrown) {
      // A damaged one is what backups are for.
      if (!(thrown instanceof KindredError && thrown.code === "damaged")) throw thrown;
    }
    kept = `${path}.${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
    for (const suffix of [...LOGS, ""]) if (existsSync(path + suffix)) await copyWhole(path + suffix, kept + suffix);
  }
  // Made from the papers of before: it would not be believed, but it is of no use either.
  for (const name of ["tables.bin", "vectors.json", "vectors.hnsw"]) rmSync(join(directory, name), { force: true });
  // Logs of another database would be taken for this one's. Only a damaged one has any left.
  for (const suffix of [...LOGS, "-shm"]) rmSync(path + suffix, { force: true });
  await copyWhole(file, path);
  await sync(directory);
  return kept;
}
