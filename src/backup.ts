/** Copies of papers.db: all that cannot be made again is in it. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ModelDescription } from "./embedding/description.js";
import { KindredError } from "./errors.js";
import { checkCopy, databasePath, holdAlone } from "./store/database.js";
import { Store } from "./store/store.js";

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
    sync(part);
    renameSync(part, path);
    sync(dirname(path));
  } catch (thrown) {
    rmSync(part, { force: true });
    throw thrown;
  } finally {
    store.close();
  }
}

/**
 * Puts a backup in the place of papers.db. What was there before stays beside it under another name, which is returned;
 * null when there was nothing. The index is made again from the vectors in the backup.
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
      // Nobody may have it open: what they wrote after it was moved would be lost.
      holdAlone(path);
    } catch (thrown) {
      // A damaged one is what backups are for.
      if (!(thrown instanceof KindredError && thrown.code === "damaged")) throw thrown;
    }
    kept = `${path}.${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  }
  const part = `${path}.part`;
  await copyFile(file, part);
  sync(part);
  // Made from the papers of before: it would be found out, but it is of no use either.
  for (const name of ["tables.bin", "vectors.json", "vectors.hnsw"]) rmSync(join(directory, name), { force: true });
  for (const suffix of ["-wal", "-shm", ""])
    if (kept !== null && existsSync(path + suffix)) renameSync(path + suffix, kept + suffix);
  renameSync(part, path);
  sync(directory);
  return kept;
}

/** Has what was written reach the disk; for a directory, the names in it. */
function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
