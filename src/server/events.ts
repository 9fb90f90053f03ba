/** Server-sent events: the status, sent to all listening pages whenever it changes. */
import type { RequestHandler, Response } from "express";
import type { Kindred } from "../kindred.js";
import { revokedOf } from "./access.js";
import { sendProblem } from "./problems.js";

/** How often the status is read while pages listen, in milliseconds. */
const LOOK_EVERY = 400;
/** A comment after this many silent milliseconds keeps proxies from closing the connection. */
const BREATH = 15_000;
/** Pages that may listen at once. */
const MAX_LISTENERS = 100;

export class StatusEvents {
  readonly #kindred;
  readonly #listeners = new Set<Response>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #last = "";
  #spoke = 0;
  #closed = false;

  constructor(kindred: Kindred) {
    this.#kindred = kindred;
  }

  readonly listen: RequestHandler = (request, response) => {
    if (this.#closed || this.#listeners.size >= MAX_LISTENERS) {
      response.set("Retry-After", "10");
      sendProblem(response, 503, `${this.#listeners.size} pages are listening already: use api/status instead`);
      return;
    }
    response.set({
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store, no-transform",
      // Otherwise nginx buffers events.
      "X-Accel-Buffering": "no",
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    response.flushHeaders();
    revokedOf(response)?.addEventListener("abort", () => response.end());
    response.on("close", () => {
      this.#listeners.delete(response);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
    this.#listeners.add(response);
    if (this.#last !== "" && this.#timer !== undefined) response.write(this.#last);
    else this.#last = "";
    this.#timer ??= setInterval(() => void this.#look(), LOOK_EVERY);
    void this.#look();
  };

  /** Closes all connections and accepts no more. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const response of this.#listeners) response.end();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const event = `event: status\ndata: ${JSON.stringify(await this.#kindred.status())}\n\n`;
      if (event !== this.#last) this.#send((this.#last = event));
      else if (performance.now() - this.#spoke > BREATH) this.#send(":\n\n");
    } catch {
      // Requests for papers report the reason.
    } finally {
      this.#looking = false;
    }
  }

  #send(text: string): void {
    this.#spoke = performance.now();
    for (const response of this.#listeners) {
      // Disconnects a page that does not read; it reconnects.
      if (response.writableLength > text.length * 10) response.destroy();
      else response.write(text);
    }
  }
}
