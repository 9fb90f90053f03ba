/** Files that are to outlast a power loss. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { constants, copyFile, open, rename, rm } from "node:fs/promises";

/** Has what was written reach the disk; for a directory, the names in it. */
export async function sync(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** SHA-256 of what is in a file; more may be added to it. */
export async function hashOf(path: string): Promise<Hash> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>)
    hash.update(chunk);
  return hash;
}

/** Copies a file: under its new name it is whole and on disk, or not there, or what was there before. */
export async function copyWhole(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  try {
    await copyFile(from, part, constants.COPYFILE_FICLONE);
    await sync(part);
    await rename(part, to);
  } catch (thrown) {
    await rm(part, { force: true });
    throw thrown;
  }
}
