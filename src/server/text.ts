/** Answers in text or bytes instead of JSON. */
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { leaving } from "./pace.js";

export class Bytes {
  /** @param version Changes with the bytes: the ETag. */
  constructor(
    readonly bytes: Uint8Array,
    readonly version: string,
  ) {}
}

/** Text that is sent while it is generated. */
export class Text {
  /**
   * @param type The media type.
   * @param file The file name under which a browser saves it. Without one it shows the text.
   */
  constructor(
    readonly type: string,
    readonly pieces: AsyncIterable<string>,
    readonly file?: string,
  ) {}
}

/**
 * Sends the pieces no faster than the client takes them, and stops when it goes. Throws an error that occurs before the
 * first piece, so that it can be answered; cuts the connection before it throws a later one, so that the client does not
 * take a partial text for a complete one.
 */
export async function sendText(
  response: ServerResponse,
  { type, pieces, file }: Text,
  signal: AbortSignal,
): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  let next = await iterator.next();
  response.setHeader("Content-Type", `${type}; charset=utf-8`);
  if (file !== undefined) response.setHeader("Content-Disposition", `attachment; filename="${file}"`);
  if (response.req.method === "HEAD") {
    await iterator.return?.();
    response.end();
    return;
  }
  let failure: unknown;
  const rest = async function* () {
    try {
      for (; next.done !== true; next = await iterator.next()) yield next.value;
    } catch (thrown) {
      failure = thrown;
      throw thrown;
    } finally {
      await iterator.return?.();
    }
  };
  try {
    await pipeline(
      leaving(rest(), () => response.destroy()),
      response,
      { signal },
    );
  } catch (thrown) {
    // Otherwise the client has gone.
    if (thrown === failure) throw thrown;
  }
}
