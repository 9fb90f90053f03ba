/**
 * The tables of an engine in one derived file, `tables.bin`. Reading it takes a fraction of the time of reading
 * papers.db row by row. It may be deleted.
 *
 * Format: a line of JSON that describes the file and the length of each part, then the parts, then the SHA-256 of
 * everything before, 32 bytes. Written under another name, and renamed once it is complete and synced.
 */
import { createHash, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "./errors.js";
import { hashOf, sync, writingError } from "./files.js";

/** Increased when the parts or their meaning change. 2: the words of papers are the terms of `text.ts`. */
const FORMAT = 3;
const CHECKSUM = 32;
/** The longest first line, and the size of one read, in bytes. */
const HEADER = 4_096;
const CHUNK = 1 << 22;

const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** The identity of the embedding model, as in the store. */
  model: z.string(),
  /** The tables contain every change of the store up to this one, and none after it. */
  change: z.int().nonnegative(),
  /** Identifies the file to the store. */
  token: z.uuid(),
  parts: z.array(z.strictObject({ name: z.string(), bytes: z.int().nonnegative() })),
});
type Header = z.infer<typeof headerSchema>;

/** The parts by name, in the order in which they are written and must be read. */
export type Parts = Record<string, Uint8Array>;

/** Reads the parts of a file, each into memory of its size. */
export type Reader = {
  /** The size of the next part in bytes; `name` must be its name. */
  size(name: string): number;
  read(name: string, into: Uint8Array): void;
};

const pathOf = (directory: string) => join(directory, "tables.bin");

/**
 * Writes the parts as they are now. Blocks its thread until they are synced: never call it in a thread that answers
 * queries.
 *
 * @param register Registers the token in the store, durably, before the file takes its name.
 */
export async function saveTables(
  directory: string,
  { model, change }: { model: string; change: number },
  parts: Parts,
  register: (token: string) => void,
): Promise<void> {
  const path = `${pathOf(directory)}.new`;
  const token = randomUUID();
  const described = Object.entries(parts).map(([name, { length }]) => ({ name, bytes: length }));
  const header: Header = { format: FORMAT, model, change, token, parts: described };
  try {
    const file = openSync(path, "w");
    try {
      write(file, Buffer.from(`${JSON.stringify(header)}\n`));
      for (const part of Object.values(parts)) write(file, part);
      write(file, (await hashOf(path)).digest());
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    register(token);
    renameSync(path, pathOf(directory));
    await sync(directory);
  } catch (thrown) {
    rmSync(path, { force: true });
    throw writingError(thrown, pathOf(directory));
  }
}

/**
 * Reads the file in `directory`, if it is complete, was made with this model, and the store knows its token.
 *
 * @param build Builds the caller's result from the parts; discarded if the file turns out to be damaged.
 * @returns The result and the change up to which it is valid; null if there is no usable file.
 */
export function loadTables<T>(
  directory: string,
  model: string,
  known: (token: string, change: number) => boolean,
  build: (reader: Reader) => T,
): { built: T; change: number } | null {
  let file: number;
  try {
    file = openSync(pathOf(directory), "r");
  } catch {
    return null;
  }
  try {
    const { start, end, header } = readHeader(file);
    const size = header.parts.reduce((sum, { bytes }) => sum + bytes, end + 1 + CHECKSUM);
    if (header.model !== model || statSync(pathOf(directory)).size !== size) return null;
    if (!known(header.token, header.change)) return null;
    const hash = createHash("sha256").update(start.subarray(0, end + 1));
    let place = end + 1;
    const left = header.parts.values();
    const sizes = new Map(header.parts.map(({ name, bytes }) => [name, bytes]));
    const built = build({
      size: (name) => {
        const bytes = sizes.get(name);
        if (bytes === undefined) throw new RangeError(`there is no part ${name}`);
        return bytes;
      },
      read: (name, into) => {
        const part = left.next().value;
        if (part?.name !== name || part.bytes !== into.length)
          throw new RangeError(`part: got ${name} of ${into.length} bytes, expected ${part?.name} of ${part?.bytes}`);
        for (let done = 0; done < into.length;) {
          const chunk = into.subarray(done, done + CHUNK);
          const got = readSync(file, chunk, 0, chunk.length, place);
          if (got === 0) throw new RangeError("the file was truncated while it was read");
          hash.update(chunk.subarray(0, got));
          done += got;
          place += got;
        }
      },
    });
    const checksum = Buffer.alloc(CHECKSUM);
    readSync(file, checksum, 0, CHECKSUM, place);
    return hash.digest().equals(checksum) ? { built, change: header.change } : null;
  } catch (thrown) {
    // Whatever is wrong with the file, the store contains everything in it.
    if (thrown instanceof RangeError || thrown instanceof SyntaxError || thrown instanceof z.ZodError) return null;
    // An error of the store is not about this file.
    if (!(thrown instanceof Error && "syscall" in thrown)) throw thrown;
    throw new Error(`tables.bin could not be read: ${messageOf(thrown)}`, { cause: thrown });
  } finally {
    closeSync(file);
  }
}

/** The token of the tables in `directory`; null if there are none that can be read. */
export function tablesToken(directory: string): string | null {
  let file: number | undefined;
  try {
    file = openSync(pathOf(directory), "r");
    return readHeader(file).header.token;
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Reads the first line; `end` is the offset after it. */
function readHeader(file: number): { start: Buffer; end: number; header: Header } {
  const start = Buffer.alloc(HEADER);
  const end = start.subarray(0, readSync(file, start, 0, HEADER, 0)).indexOf("\n");
  return { start, end, header: headerSchema.parse(JSON.parse(start.toString("utf8", 0, end))) };
}

function write(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, Math.min(CHUNK, bytes.length - done));
}
