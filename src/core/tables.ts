/**
 * Tables of an engine in one derived file. Reading it takes a fraction of the time of reading papers.db row by row.
 *
 * Format: a line of JSON that describes the file and the length of each part, then the parts.
 */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { z } from "zod";
import { messageOf } from "./errors.js";

/** Increased when the parts or their meaning change. */
const FORMAT = 5;
/** The longest first line, and the size of one read, in bytes. */
const HEADER = 4_096;
const CHUNK = 1 << 22;

const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** The identity of the embedding model, as in the store. */
  model: z.string(),
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

/** Writes the parts as they are now. Blocks its thread: never call it in a thread that answers queries. */
export function writeTables(path: string, model: string, parts: Parts): void {
  const described = Object.entries(parts).map(([name, { length }]) => ({ name, bytes: length }));
  const header: Header = { format: FORMAT, model, parts: described };
  const file = openSync(path, "w");
  try {
    write(file, Buffer.from(`${JSON.stringify(header)}\n`));
    for (const part of Object.values(parts)) write(file, part);
  } finally {
    closeSync(file);
  }
}

/**
 * Reads a file of this model.
 *
 * @param build Builds the caller's result from the parts; to be discarded if the file turns out to be another than expected.
 * @returns The result and the file's SHA-256 in hex; null if it cannot be used.
 */
export function readTables<T>(
  path: string,
  model: string,
  build: (reader: Reader) => T,
): { built: T; sha256: string } | null {
  const file = openSync(path, "r");
  try {
    const { start, end, header } = readHeader(file);
    const size = header.parts.reduce((sum, { bytes }) => sum + bytes, end + 1);
    if (header.model !== model || fstatSync(file).size !== size) return null;
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
    return { built, sha256: hash.digest("hex") };
  } catch (thrown) {
    // Whatever is wrong with the file, the store contains everything in it.
    if (thrown instanceof RangeError || thrown instanceof SyntaxError || thrown instanceof z.ZodError) return null;
    // An error of the store is not about this file.
    if (!(thrown instanceof Error && "syscall" in thrown)) throw thrown;
    throw new Error(`${path} could not be read: ${messageOf(thrown)}`, { cause: thrown });
  } finally {
    closeSync(file);
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
