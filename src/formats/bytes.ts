/**
 * Turns the bytes of a file into UTF-8 in pieces of bounded size: decompresses gzip, and converts UTF-16 with a byte
 * order mark.
 */
import { constants, createGunzip } from "node:zlib";

/** Small enough that processing one piece does not block the event loop for long. */
const PIECE_BYTES = 64 * 1024;
/** gzip expands one byte to up to a thousand, and the output is buffered until it is read. */
const GZIP_PIECE_BYTES = 8 * 1024;

/**
 * Above this size, data that expands by more than this ratio is not a list of papers: text shrinks about four times,
 * nearly identical records twenty times. Otherwise a few bytes could keep Kindred busy for hours.
 */
export const MAX_UNPACKED = 4 * 1024 * 1024;
export const MAX_RATIO = 100;

/** The data ended early or could not be read further; everything before is valid. */
export class DamagedInput extends Error {
  override readonly name = "DamagedInput";
}

export async function* toUtf8(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  yield* newlines(decoded(decompressed(pieces(source, PIECE_BYTES))));
}

export async function* pieces(source: AsyncIterable<Uint8Array>, size = PIECE_BYTES): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
}

/** The first `count` bytes of a stream (fewer if it ends before), and the whole stream again, including them. */
export async function peek(
  source: AsyncIterable<Buffer>,
  count: number,
): Promise<{ head: Buffer; failed: unknown; all: AsyncGenerator<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let size = 0;
  let ended = false;
  let failed: unknown;
  while (size < count && !ended) {
    try {
      const next = await iterator.next();
      if (next.done === true) ended = true;
      else {
        taken.push(next.value);
        size += next.value.length;
      }
    } catch (error) {
      // Thrown after the bytes that did arrive.
      failed = error;
      ended = true;
    }
  }
  const head = Buffer.concat(taken);
  async function* all(): AsyncGenerator<Buffer> {
    try {
      for (let at = 0; at < head.length; at += PIECE_BYTES) yield head.subarray(at, at + PIECE_BYTES);
      if (failed !== undefined) throw failed;
      if (ended) return;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.(undefined);
    }
  }
  return { head, failed, all: all() };
}

async function* decompressed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, all } = await peek(source, 2);
  if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzip(all);
  else yield* all;
}

async function* gunzip(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: PIECE_BYTES });
  const out: Buffer[] = [];
  let failure: NodeJS.ErrnoException | undefined;
  let [packed, unpacked] = [0, 0];
  stream.on("data", (bytes: Buffer) => {
    out.push(bytes);
    unpacked += bytes.length;
  });
  stream.on("error", (error) => (failure = error));
  let closed = false;
  let answered = () => {};
  const close = () => {
    closed = true;
    answered();
  };
  stream.once("end", close);
  stream.once("close", close);
  /** Waits for a write or end; a failed or finished stream may close without calling back. */
  const completed = (start: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      answered = resolve;
      start(resolve);
      if (closed) resolve();
    });
  try {
    for await (const chunk of pieces(source, GZIP_PIECE_BYTES)) {
      packed += chunk.length;
      await completed((done) => stream.write(chunk, () => done()));
      yield* out.splice(0);
      if (failure !== undefined) break;
      if (unpacked > MAX_UNPACKED && unpacked > MAX_RATIO * packed)
        throw new DamagedInput(
          `the gzip data unpacks to more than ${MAX_RATIO} times its size, which is not expected of papers: unpack it yourself if that is ` +
            "what you want; everything before was read",
        );
    }
    if (failure === undefined) await completed(() => stream.end());
    yield* out.splice(0);
  } finally {
    stream.destroy();
  }
  if (failure === undefined) return;
  const early = failure.errno === constants.Z_BUF_ERROR;
  throw new DamagedInput(
    early
      ? "the gzip data ends too early: the file is truncated; everything before was read"
      : `the gzip data is damaged (${failure.message}); everything before was read`,
  );
}

async function* decoded(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, all } = await peek(source, 4);
  const encoding = utf16In(head);
  if (encoding !== undefined) {
    const decoder = new TextDecoder(encoding);
    for await (const bytes of all) yield Buffer.from(decoder.decode(bytes, { stream: true }));
    yield Buffer.from(decoder.decode());
    return;
  }
  let mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  for await (const bytes of all) {
    const skipped = Math.min(mark, bytes.length);
    mark -= skipped;
    if (bytes.length > skipped) yield bytes.subarray(skipped);
  }
}

/** Detected from the byte order mark, or from the zero bytes of the first two letters. */
function utf16In(head: Buffer): "utf-16le" | "utf-16be" | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = head;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first > 0 && second === 0 && third > 0 && fourth === 0 && head.length >= 4) return "utf-16le";
  return first === 0 && second > 0 && third === 0 && fourth > 0 ? "utf-16be" : undefined;
}

/** Old Macs end lines with a lone carriage return. */
async function* newlines(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, all } = await peek(source, PIECE_BYTES);
  const old = head.includes(0x0d) && !head.includes(0x0a);
  for await (const bytes of all) {
    yield old ? Buffer.from(bytes.map((byte) => (byte === 0x0d ? 0x0a : byte))) : bytes;
  }
}
