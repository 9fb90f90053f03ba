/** How often one client may ask. */
import { rateLimit } from "express-rate-limit";
import type { RequestHandler } from "express";
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

/** So many times one client may be refused for its key a minute. */
export const guessesAtMost = (guesses: number): RequestHandler =>
  rateLimit({
    windowMs: MINUTE,
    validate,
    limit: guesses,
    standardHeaders: false,
    legacyHeaders: false,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request, response) => response.statusCode !== 401,
    handler: (_request, response) => {
      response.set("Retry-After", String(MINUTE / 1_000));
      sendProblem(response, 429, `got more than ${guesses} keys in a minute that are none here: wait a minute`);
    },
  });
