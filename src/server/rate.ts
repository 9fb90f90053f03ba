/** How often one client may ask. */
import { ipKeyGenerator, MemoryStore, type Options, rateLimit } from "express-rate-limit";
import type { Request, RequestHandler, Response } from "express";
import { sendProblem } from "./problems.js";

const MINUTE = 60_000;

/** Of a proxy before it, it is the proxy that asks: what such a one says of others is not believed, nor complained of. */
const validate = { xForwardedForHeader: false, forwardedHeader: false };

/** So many requests of one client a minute; what is more is told when to ask again. */
export const atMost = (requests: number): RequestHandler =>
  rateLimit({
    windowMs: MINUTE,
    validate,
    limit: requests,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    handler: (_request, response) =>
      sendProblem(response, 429, `got more than ${requests} requests in a minute: wait, or have --rate-limit raised`),
  });

/** Counts the keys that are none, by client, for a minute from its first. */
export class Guesses {
  readonly #most;
  readonly #store = new MemoryStore();

  /** @param most So many one client may show in a minute. */
  constructor(most: number) {
    this.#most = most;
    this.#store.init({ windowMs: MINUTE } as Options);
  }

  async count(request: Request): Promise<void> {
    await this.#store.increment(clientOf(request));
  }

  /** Whether the client has shown so many: then it is told to wait, and what it shows is not looked at. */
  async refused(request: Request, response: Response): Promise<boolean> {
    const shown = await this.#store.get(clientOf(request));
    if ((shown?.totalHits ?? 0) < this.#most) return false;
    response.set("Retry-After", String(MINUTE / 1_000));
    sendProblem(response, 429, `got ${this.#most} keys in a minute that are none here: wait a minute`);
    return true;
  }
}

const clientOf = (request: Request): string => ipKeyGenerator(request.ip ?? "");
