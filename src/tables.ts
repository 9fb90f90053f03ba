/**
 * What an engine holds in memory, in one file, `tables.bin`: a start reads it in a fraction of the time that reading
 * papers.db row by row takes. It is derived, and may be deleted.
 *
 * A line of JSON that says what it is and how long each part is, the parts one after the other, and the SHA-256 of all
 * that in its last 32 bytes. It is written under another name, and renamed when it is whole and on disk.
 */
import { createHash, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "./errors.js";
import { hashOf, sync, writingError } from "./files.js";

/** Another one whenever its parts change, or what they mean: 2 since the words of papers are the terms of `text.ts`. */
const FORMAT = 3;
const CHECKSUM = 32;
/** Bytes of the first line at most, and of one read. */
const HEADER = 4_096;
const CHUNK = 1 << 22;

const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** The identity of the model that made the vectors, as the store spells it. */
  model: z.string(),
  /** Every change of the store up to this one is in the tables, and none behind it. */
  change: z.int().nonnegative(),
  /** By which the store knows the file. */
  token: z.uuid(),
  parts: z.array(z.strictObject({ name: z.string(), bytes: z.int().nonnegative() })),
});
type Header = z.infer<typeof headerSchema>;

/** Parts by name, in the order in which they are written, and are to be read. */
export type Parts = Record<string, Uint8Array>;

/** Reads the parts of a file, each into memory that has its size. */
export type Reader = {
  /** How many bytes the next part has, which is to be this one. */
  size(name: string): number;
  read(name: string, into: Uint8Array): void;
};

const pathOf = (directory: string) => join(directory, "tables.bin");

/**
 * Writes the parts as they are now. It holds up its thread until the disk has all of them: no thread that answers may call
 * it.
 *
 * @param vouch Has the store know the token, for good, before the file takes its name.
 */
export async function saveTables(
  directory: string,
  { model, change }: { model: string; change: number },
  parts: Parts,
  vouch: (token: string) => void,
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
    vouch(token);
    renameSync(path, pathOf(directory));
    await sync(directory);
  } catch (thrown) {
    rmSync(path, { force: true });
    throw writingError(thrown, pathOf(directory));
  }
}

/**
 * Reads the file in `directory`, if it is whole, was made with this model, and the store knows its token.
 *
 * @param build Makes of the parts what the caller wants; thrown away when the file turns out to be damaged.
 * @returns What was built and the change it is good for; null when there is no such file, or none to be used.
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
          if (got === 0) throw new RangeError("the file has become shorter");
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
    // Whatever is wrong with it, the store has all that was in it.
    if (thrown instanceof RangeError || thrown instanceof SyntaxError || thrown instanceof z.ZodError) return null;
    // What the store says of itself is not about this file.
    if (!(thrown instanceof Error && "syscall" in thrown)) throw thrown;
    throw new Error(`tables.bin could not be read: ${messageOf(thrown)}`, { cause: thrown });
  } finally {
    closeSync(file);
  }
}

/** The token of the tables in `directory`; null when there are none that can be read. */
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

/** The first line, which ends at `end`. */
function readHeader(file: number): { start: Buffer; end: number; header: Header } {
  const start = Buffer.alloc(HEADER);
  const end = start.subarray(0, readSync(file, start, 0, HEADER, 0)).indexOf("\n");
  return { start, end, header: headerSchema.parse(JSON.parse(start.toString("utf8", 0, end))) };
}

function write(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, Math.min(CHUNK, bytes.length - done));
}
