/** Who may ask: what needs a key, and how one is shown. */
import type { Request, RequestHandler } from "express";
import { KindredError } from "../errors.js";
import type { Keys } from "../keys.js";
import { Guesses } from "./rate.js";

/** What needs a key: nothing, what changes something, or all but whether the server is alive. */
export type Protected = "nothing" | "writes" | "all";

/** Keys that are none, which one client may show in a minute. */
const GUESSES = 20;

const COOKIE = "kindred_key";
const IN_COOKIE = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`);

const inHeader = (request: Request): string | undefined =>
  /^Bearer +(\S+)$/i.exec(request.get("authorization") ?? "")?.[1];

/** Lets a request through that shows a key, as `Authorization: Bearer KEY` or in the page's cookie. */
export function keyed(keys: Keys): RequestHandler {
  const guesses = new Guesses(GUESSES);
  return async (request, response, next) => {
    const shown = inHeader(request) ?? IN_COOKIE.exec(request.get("cookie") ?? "")?.[1];
    if (shown !== undefined && (await guesses.refused(request, response))) return;
    const name = shown === undefined ? null : await keys.nameOf(shown);
    if (name === null) {
      if (shown !== undefined) await guesses.count(request);
      response.set("WWW-Authenticate", 'Bearer realm="Kindred"');
      throw new KindredError(
        "no-key",
        `${shown === undefined ? "this needs a key" : "the key is none that is known here"}: send one that ` +
          `"kindred key add NAME" has made there, as Authorization: Bearer KEY`,
      );
    }
    response.locals["key"] = name;
    next();
  };
}

/** Has a browser show the key that came with this request: no script can read it there, and no other site send it. */
export const keep: RequestHandler = (request, response) => {
  const key = inHeader(request);
  if (key !== undefined)
    response.cookie(COOKIE, key, { httpOnly: true, sameSite: "strict", maxAge: 365 * 24 * 3_600_000 });
  response.status(204).end();
};

/** Has a browser forget its key. */
export const forget: RequestHandler = (_request, response) => {
  response.clearCookie(COOKIE, { httpOnly: true, sameSite: "strict" });
  response.status(204).end();
};
