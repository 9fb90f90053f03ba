/** How often one client may ask. */
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import type { Request, RequestHandler, Response } from "express";
import { sendProblem } from "./problems.js";

const MINUTE = 60_000;

/** Behind a proxy it is the proxy that asks: what it says of other clients is not trusted, and not reported either. */
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

/** Wrong keys that one client may send in a minute. */
const MAX_WRONG_KEYS = 20;

/** Counts the wrong keys of each client; all counts end a minute after the first. A right key is never counted. */
export class WrongKeys {
  readonly #counts = new Map<string, number>();

  /** Counts one more. @returns Whether there were too many: then the client has been told to wait. */
  tooMany(request: Request, response: Response): boolean {
    if (this.#counts.size === 0) setTimeout(() => this.#counts.clear(), MINUTE).unref();
    const client = clientOf(request.ip);
    const count = (this.#counts.get(client) ?? 0) + 1;
    this.#counts.set(client, count);
    if (count <= MAX_WRONG_KEYS) return false;
    response.set("Retry-After", String(MINUTE / 1_000));
    sendProblem(response, 429, `got more than ${MAX_WRONG_KEYS} wrong keys in a minute: wait a minute`);
    return true;
  }
}

/** Who asks: an address, or for IPv6 the network that one subscriber has. */
export const clientOf = (address: string | undefined): string => ipKeyGenerator(address ?? "");
