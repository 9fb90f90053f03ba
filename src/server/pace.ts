/** Cuts off clients that send or take bytes very slowly, because they hold resources that others need. */
import type { RequestHandler, Response } from "express";
import { KindredError } from "../core/errors.js";
import { sendProblem } from "./problems.js";

/** How long an upload or export may stall, in milliseconds; below, the slowest rate for its bytes, in bytes per millisecond. */
const TRANSFER_TIMEOUT = 60_000;
const SLOWEST = 1;

/**
 * Passes chunks on as they arrive. Counts only the time it waits for them, not the time it takes to process them.
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
    // Not awaited, because it waits for the pending chunk first.
    iterator.return?.().catch(() => {});
  }
}

/** Passes pieces on as the client takes them; calls `cut` when it stops taking them. */
export async function* leaving(
  pieces: AsyncIterable<string>,
  cut: () => void,
  patience = TRANSFER_TIMEOUT,
): AsyncGenerator<string> {
  let [waited, characters] = [0, 0];
  for await (const piece of pieces) {
    characters += piece.length;
    // The generator is suspended until the next piece is requested.
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

/** Answers 408 and closes the connection if the body does not arrive in time. */
export const arrivesWithin =
  (milliseconds: number): RequestHandler =>
  (request, response, next) => {
    const late = setTimeout(() => {
      if (request.complete) return;
      // Answered already, without reading the body, and the rest of it never came.
      if (response.headersSent) {
        request.destroy();
        return;
      }
      response.set("Connection", "close");
      response.on("finish", () => request.destroy());
      sendProblem(response, 408, `the body: it did not arrive within ${milliseconds / 1_000} seconds`);
    }, milliseconds);
    for (const event of ["end", "close"]) request.on(event, () => clearTimeout(late));
    next();
  };

/** Closes the connection if the client does not take a finished answer in time. Mounted after compression. */
export const leavesWithin =
  (milliseconds: number): RequestHandler =>
  (_request, response, next) => {
    // Not an event of the response: a compressed one ends only when the client has taken nearly all of it.
    const end = response.end.bind(response) as (...given: unknown[]) => Response;
    response.end = (...given: unknown[]) => {
      // A client that has gone takes nothing, and no "close" follows that would clear the timer.
      if (response.closed) return end(...given);
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
            `the body: it arrived slower than ${SLOWEST} kB a second; what was read stays imported`,
          ),
        ),
      milliseconds,
    );
  });
  return Promise.race([work, over]).finally(() => clearTimeout(late));
}
