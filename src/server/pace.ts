/** Clients that send or take bytes very slowly hold what others need: they are cut off. */
import type { RequestHandler, Response } from "express";
import { KindredError } from "../errors.js";
import { sendProblem } from "./problems.js";

/** How long an upload or export may stall, in milliseconds, plus what its bytes take at the slowest rate, in bytes a millisecond. */
const TRANSFER_TIMEOUT = 60_000;
const SLOWEST = 1;

/**
 * Chunks as they come, as long as they come. Only the time that is waited for them counts, not what is done with them.
 *
 * @throws KindredError `too-slow`.
 */
export async function* arriving(
  chunks: AsyncIterable<Uint8Array>,
  patience = TRANSFER_TIMEOUT,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let [waited, bytes] = [0, 0];
  try {
    for (;;) {
      const began = performance.now();
      const next = await within(patience + bytes / SLOWEST - waited, iterator.next());
      waited += performance.now() - began;
      if (next.done === true) return;
      bytes += next.value.byteLength;
      yield next.value;
    }
  } finally {
    // Not awaited: where the next chunk is still waited for, that comes first.
    iterator.return?.().catch(() => {});
  }
}

/** Pieces as they are taken; when they are not any more, `cut` is called. */
export async function* leaving(
  pieces: AsyncIterable<string>,
  cut: () => void,
  patience = TRANSFER_TIMEOUT,
): AsyncGenerator<string> {
  let [waited, characters] = [0, 0];
  for await (const piece of pieces) {
    characters += piece.length;
    // While nobody asks for the next piece, nothing here runs.
    const late = setTimeout(cut, patience + characters / SLOWEST - waited);
    const began = performance.now();
    try {
      yield piece;
    } finally {
      clearTimeout(late);
    }
    waited += performance.now() - began;
  }
}

/** A request whose body is not there in so many milliseconds is answered, and its connection ended. */
export const arrivesWithin =
  (milliseconds: number): RequestHandler =>
  (request, response, next) => {
    const late = setTimeout(() => {
      if (request.complete) return;
      // Nobody read it, its type being no JSON's, say, and the rest of it never came.
      if (response.headersSent) {
        request.destroy();
        return;
      }
      response.set("Connection", "close");
      response.on("finish", () => request.destroy());
      sendProblem(response, 408, `the body: it was not there within ${milliseconds / 1_000} seconds`);
    }, milliseconds);
    for (const event of ["end", "close"]) request.on(event, () => clearTimeout(late));
    next();
  };

/** An answer that is whole and not taken in so many milliseconds is not waited for. Goes behind what compresses. */
export const leavesWithin =
  (milliseconds: number): RequestHandler =>
  (_request, response, next) => {
    // Not on an event of the response: what is compressed ends only when the client has taken nearly all of it.
    const end = response.end.bind(response) as (...given: unknown[]) => Response;
    response.end = (...given: unknown[]) => {
      const late = setTimeout(() => response.destroy(), milliseconds);
      response.on("close", () => clearTimeout(late));
      return end(...given);
    };
    next();
  };

function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let late: NodeJS.Timeout;
  const over = new Promise<never>((_, reject) => {
    late = setTimeout(
      () =>
        reject(
          new KindredError(
            "too-slow",
            `the body: it came slower than ${SLOWEST} kB a second; what had been read stays`,
          ),
        ),
      milliseconds,
    );
  });
  return Promise.race([work, over]).finally(() => clearTimeout(late));
}
