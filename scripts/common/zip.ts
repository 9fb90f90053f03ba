/** Writes ZIP archives for tests, also such as no program would write. */
import { crc32, deflateRawSync } from "node:zlib";

export interface File {
  name: string;
  bytes: Buffer | string;
  /** Whether the bytes are kept as they are. */
  stored?: boolean;
  /** Written in place of the true values. */
  method?: number;
  flags?: number;
  crc?: number;
}

export function zipped(files: readonly File[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, stored = false, method = stored ? 0 : 8, flags = 0x800, crc } of files) {
    const content = Buffer.from(bytes);
    const packed = stored ? content : deflateRawSync(content);
    // A longer name has no place in the format.
    const path = Buffer.from(name).subarray(0, 65_535);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc ?? crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(path.length, 22);
    parts.push(Buffer.from("PK\x03\x04", "latin1"), fields, path, packed);
    const end = Buffer.alloc(14);
    end.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, end, path);
    offset += 30 + path.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const last = Buffer.alloc(22);
  last.write("PK\x05\x06", "latin1");
  last.writeUInt16LE(files.length, 8);
  last.writeUInt16LE(files.length, 10);
  last.writeUInt32LE(list.length, 12);
  last.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, list, last]);
}
