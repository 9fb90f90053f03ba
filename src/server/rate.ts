/** How often one client may ask. */
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import type { Request, RequestHandler, Response } from "express";
import { sendProblem } from "./problems.js";

const MINUTE = 60_000;

/** Behind a proxy, the proxy is the client: its headers about other clients are not trusted, and not reported. */
const validate = { xForwardedForHeader: false, forwardedHeader: false };

/** Limits the requests of each client per minute; the answer to any more says when to try again. */
export const atMost = (requests: number): RequestHandler =>
  rateLimit({
    windowMs: MINUTE,
    validate,
    limit: requests,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    handler: (_request, response) =>
      sendProblem(response, 429, `got more than ${requests} requests in a minute: wait, or raise --rate-limit`),
  });

/** Wrong keys that one client may send in a minute. */
const MAX_WRONG_KEYS = 20;

/** Counts failed key attempts per client; all counts are reset a minute after the first. */
export class WrongKeys {
  readonly #counts = new Map<string, number>();

  /** Counts an attempt. @returns Whether there were too many; the request is then answered with 429. */
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

/** The client: its address, or for IPv6 the network of one subscriber. */
export const clientOf = (address: string | undefined): string => ipKeyGenerator(address ?? "");
