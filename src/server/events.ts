/** Server-sent events: how the server is doing, told to all pages that listen as soon as it changes. */
import type { RequestHandler, Response } from "express";
import type { Kindred } from "../kindred.js";
import { revokedOf } from "./access.js";
import { sendProblem } from "./problems.js";

/** How often the status is looked at while anybody listens, in milliseconds. */
const LOOK_EVERY = 400;
/** A silent connection is ended by what lies in between; a comment keeps it open. In milliseconds. */
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
      sendProblem(response, 503, `${this.#listeners.size} pages listen already: ask api/status instead`);
      return;
    }
    response.set({
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store, no-transform",
      // Else nginx keeps events until it has many.
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

  /** Ends all connections, and takes no more. */
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
      // Whoever asks for papers is told why.
    } finally {
      this.#looking = false;
    }
  }

  #send(text: string): void {
    this.#spoke = performance.now();
    for (const response of this.#listeners) {
      // A page that does not read is not waited for: it asks again.
      if (response.writableLength > text.length * 10) response.destroy();
      else response.write(text);
    }
  }
}
