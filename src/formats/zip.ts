/**
 * Reads the files in a ZIP archive. The list of its files is at its end, so the archive is first copied to a temporary
 * file, which has no name and is gone with the process.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Entry, fromFdPromise, getFileNameLowLevel, type ZipFile } from "yauzl";
import { messageOf } from "../core/errors.js";
import { DamagedInput, MAX_RATIO, MAX_UNPACKED } from "./bytes.js";
import { excerpt } from "./text.js";

/** Largest archive, most bytes in all of its files together, and most files. */
const MAX_ARCHIVE = 8 * 1024 * 1024 * 1024;
const MAX_ARCHIVE_UNPACKED = 64 * 1024 * 1024 * 1024;
const MAX_ARCHIVE_FILES = 50_000;
const inGB = (bytes: number): string => `${bytes / 1024 ** 3} GB`;

export const isZip = (head: Buffer): boolean => ["PK\x03\x04", "PK\x05\x06"].includes(head.toString("latin1", 0, 4));

/** A file of an archive; what is skipped without reading it; or why a file, or all of them, cannot be read. */
export type Archived =
  | { name: string; bytes: AsyncIterable<Buffer> }
  | { skipped: string }
  | { name: string; problem: string }
  | { problem: string }
  | { office: true };

export async function* filesIn(archive: AsyncIterable<Buffer>): AsyncGenerator<Archived> {
  const copied = await copyOf(archive);
  if ("problem" in copied) {
    yield copied;
    return;
  }
  const { file, size } = copied;
  try {
    // The list is read twice rather than kept: it may be as large as the archive.
    for await (const { name } of listed(file)) {
      if (/^(?:\[Content_Types\]\.xml|mimetype)$/.test(name)) {
        yield { office: true };
        return;
      }
    }
    const total = { unpacked: 0, packed: size };
    let files = 0;
    for await (const { name: path, entry, zip } of listed(file)) {
      if (path.endsWith("/")) continue;
      files++;
      const name = excerpt(path, 200);
      if (/(?:^|\/)(?:__MACOSX\/|\.[^/]*$)/.test(path)) yield { skipped: "hidden files of the archive" };
      else if (entry.uncompressedSize === 0) yield { skipped: "empty files of the archive" };
      else if (entry.isEncrypted()) yield { name, problem: "it is encrypted: unpack the archive with its password" };
      else if (entry.canDecodeFileData()) yield { name, bytes: bytesOf(zip, entry, total) };
      else {
        yield {
          name,
          problem: `it is compressed by method ${entry.compressionMethod}, which is not read: unpack the archive`,
        };
      }
      if (isTooMuch(total)) {
        yield { problem: "the ZIP archive is read no further" };
        return;
      }
    }
    if (files === 0) yield { problem: "the ZIP archive is empty: expected one file or more" };
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    yield { problem: error.message };
  } finally {
    await file.close();
  }
}

/** The list of files cannot be read, or is too long. */
class Damaged extends Error {}

async function copyOf(
  archive: AsyncIterable<Buffer>,
): Promise<{ file: FileHandle; size: number } | { problem: string }> {
  const folder = tmpdir();
  const path = join(folder, `kindred-${randomUUID()}.zip`);
  let file: FileHandle | undefined;
  let size = 0;
  const failed = (error: unknown): { problem: string } => ({
    problem: `the ZIP archive could not be copied to ${folder} (${messageOf(error)}): make room there, set TMPDIR to another folder, or unpack the archive`,
  });
  try {
    file = await open(path, "wx+", 0o600);
    await unlink(path);
  } catch (error) {
    await file?.close();
    return failed(error);
  }
  let whole = false;
  try {
    for await (const bytes of archive) {
      size += bytes.length;
      if (size > MAX_ARCHIVE) {
        return { problem: `the ZIP archive is larger than ${inGB(MAX_ARCHIVE)}, the most that is read: unpack it` };
      }
      try {
        await file.writeFile(bytes);
      } catch (error) {
        return failed(error);
      }
    }
    whole = true;
    return { file, size };
  } finally {
    if (!whole) await file.close();
  }
}

/** @throws {Damaged} */
async function* listed(file: FileHandle): AsyncGenerator<{ name: string; entry: Entry; zip: ZipFile }> {
  const list = await orDamaged(fromFdPromise(file.fd, { decodeStrings: false, autoClose: false }));
  if (list.entryCount > MAX_ARCHIVE_FILES) {
    throw new Damaged(
      `the ZIP archive has ${list.entryCount} files, the most that are read are ${MAX_ARCHIVE_FILES}: unpack it, or split it`,
    );
  }
  const entries = list.eachEntry();
  for (;;) {
    const next = await orDamaged(entries.next());
    if (next.done === true) return;
    const { generalPurposeBitFlag, fileNameRaw, extraFields } = next.value;
    // Names are not used as paths, so none is refused.
    const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
    yield { name, entry: next.value, zip: list };
  }
}

async function orDamaged<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw new Damaged(
      `this is a ZIP archive, or an Excel or Word file, and it is damaged or cut off (${excerpt(messageOf(error), 120)}): copy or download it again`,
    );
  }
}

interface Total {
  unpacked: number;
  packed: number;
}

const isTooMuch = ({ unpacked, packed }: Total): boolean =>
  unpacked > MAX_ARCHIVE_UNPACKED || (unpacked > MAX_UNPACKED && unpacked > MAX_RATIO * packed);

/** @throws {DamagedInput} after what could be read. */
async function* bytesOf(zip: ZipFile, entry: Entry, total: Total): AsyncGenerator<Buffer> {
  let sum = 0;
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      const bytes = chunk as Buffer;
      total.unpacked += bytes.length;
      if (isTooMuch(total)) {
        throw new DamagedInput(
          `the archive unpacks to more than ${MAX_RATIO} times its size, or ${inGB(MAX_ARCHIVE_UNPACKED)}, which is not expected of papers: ` +
            "unpack it yourself if that is what you want; everything before was read",
        );
      }
      sum = crc32(bytes, sum);
      yield bytes;
    }
  } catch (error) {
    if (error instanceof DamagedInput) throw error;
    throw new DamagedInput(`the file is damaged in the archive (${messageOf(error)}); everything before was read`);
  }
  if (sum !== entry.crc32)
    throw new DamagedInput(
      "the file is damaged in the archive: its checksum is wrong; what was read may be wrong, too",
    );
}
