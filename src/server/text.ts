/** Answers that are text or bytes rather than JSON. */
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { leaving } from "./pace.js";

export class Bytes {
  /** @param version Another one whenever the bytes are others: the ETag. */
  constructor(
    readonly bytes: Uint8Array,
    readonly version: string,
  ) {}
}

/** Text that is sent as it is made. */
export class Text {
  /**
   * @param type The media type.
   * @param file What a browser is to save it as; shown rather than saved without.
   */
  constructor(
    readonly type: string,
    readonly pieces: AsyncIterable<string>,
    readonly file?: string,
  ) {}
}

/**
 * Sends the pieces no faster than the client takes them, and ends them when it goes. What fails before anything is sent
 * is thrown and can be answered; what fails later is thrown once the connection is cut, so that half a text is never
 * taken for a whole one.
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
    // Else it is the client that went.
    if (thrown === failure) throw thrown;
  }
}
