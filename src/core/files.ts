/** Writing files so that they survive a power loss. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { constants, copyFile, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { KindredError } from "./errors.js";

/** What to do about a process that has reached its limit of open files. */
export const TOO_MANY_FILES = "too many files are open: raise the limit (`ulimit -n 1024`)";

export const isTooManyFiles = (thrown: unknown): boolean =>
  ["EMFILE", "ENFILE"].includes((thrown as NodeJS.ErrnoException | null)?.code ?? "");

/** The error of a failed write as a KindredError, if the cause is the disk or the file; any other error unchanged. */
export function writingError(thrown: unknown, path: string): unknown {
  const code = (thrown as NodeJS.ErrnoException | null)?.code;
  const why = {
    ENOSPC: "the disk is full: make room",
    EDQUOT: "this user's part of the disk is full: make room",
    EFBIG: "it would exceed the largest file size allowed here",
    EROFS: "the disk is read-only",
    EACCES: "this user may not write it",
    EPERM: "this user may not write it",
    EIO: "the disk reports an error",
    EMFILE: TOO_MANY_FILES,
    ENFILE: TOO_MANY_FILES,
  }[code ?? ""];
  if (why === undefined) return thrown;
  return new KindredError("storage", `${path} could not be written, ${why}; what was stored before is safe`, {
    cause: thrown,
  });
}

/** Syncs a file to disk; for a directory, the names in it. */
export async function sync(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** SHA-256 of a file's content; more may be added to it. */
export async function hashOf(path: string): Promise<Hash> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>)
    hash.update(chunk);
  return hash;
}

/** Copies a file atomically: the new name refers to the complete, synced copy, or to what it was before. */
export async function copyWhole(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  try {
    await copyFile(from, part, constants.COPYFILE_FICLONE);
    await sync(part);
    await rename(part, to);
  } catch (thrown) {
    await rm(part, { force: true });
    throw writingError(thrown, to);
  }
}

/** Writes a file atomically: the name refers to the complete, synced text, or to what was there before. Keeps its permissions. */
export async function replaceWhole(path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    const mode = await stat(path).then(
      (known) => known.mode,
      () => undefined,
    );
    await writeFile(part, text, mode === undefined ? {} : { mode });
    await sync(part);
    await rename(part, path);
  } catch (thrown) {
    await rm(part, { force: true });
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT")
      throw new KindredError("not-found", `${path} could not be written: there is no folder ${dirname(path)}`);
    throw writingError(thrown, path);
  }
}
