/** Access control: which requests need a key, and how a client sends it. */
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Request, RequestHandler, Response } from "express";
import { z } from "zod";
import { KindredError } from "../core/errors.js";
import { type Keys, SESSION } from "./keys.js";
import { validate } from "../core/validate.js";
import { basePathAt } from "./base-path.js";
import { WrongKeys } from "./rate.js";

/** Which requests need a key: none, those that write, or all except health checks. */
export type Protected = "nothing" | "writes" | "all";

/** How often the keys of running requests are checked again, in milliseconds. */
const CHECK_EVERY = 1_000;

/** Until version 0.1 a cookie held the key itself. It is ignored and removed. */
const OLD_COOKIE = "kindred_key";
const COOKIES = /(?:^|;\s*)(kindred_[0-9a-f]{16})=([\w-]{1,100})(?=\s*(?:;|$))/g;
/** Cookies to check: those of other servers on the same host may come first. */
const MOST_COOKIES = 50;

const inHeader = (request: Request): string | undefined =>
  /^Bearer +(\S+)$/i.exec(request.get("authorization") ?? "")?.[1];

const inCookies = (request: Request): { name: string; token: string }[] =>
  [...(request.get("cookie") ?? "").matchAll(COOKIES)]
    .slice(0, MOST_COOKIES)
    .map(([, name = "", token = ""]) => ({ name, token }));

export class Access {
  readonly #keys;
  readonly #wrong = new WrongKeys();
  readonly #underWay = new Set<{ allowed: () => Promise<boolean>; revoked: AbortController }>();
  #checking = false;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /**
   * Accepts a request with a key (`Authorization: Bearer KEY`) or with the cookie of a session. It is `revoked` if the key
   * is removed, or the session ends, before it is answered.
   */
  readonly keyed: RequestHandler = async (request, response, next) => {
    const key = inHeader(request);
    const found = key === undefined ? await this.#sessionOf(request) : await this.#keys.nameOf(key);
    if (found === null) {
      if (key !== undefined && this.#wrong.tooMany(request, response)) return;
      response.set("WWW-Authenticate", 'Bearer realm="Kindred"');
      throw new KindredError(
        "no-key",
        `${key === undefined ? "this needs a key" : "unknown key"}: send one that "kindred key add NAME" ` +
          `has created on the server, as Authorization: Bearer KEY`,
      );
    }
    response.locals["key"] = typeof found === "string" ? found : found.name;
    this.#watch(response, async () =>
      typeof found === "string"
        ? (await this.#keys.nameOf(key ?? "")) !== null
        : (await this.#keys.nameOfSession(found.token)) !== null,
    );
    next();
  };

  /** Like `keyed`, but accepts requests without a key, too. */
  readonly keyedIfSent: RequestHandler = (request, response, next) =>
    inHeader(request) === undefined ? next() : this.keyed(request, response, next);

  /** Like `keyed`, and accepts the secret of a feed in its address, which gives access to this feed only. */
  readonly keyedOrSecret =
    (feedOf: (request: Request) => string): RequestHandler =>
    async (request, response, next) => {
      const { secret } = request.query;
      if (secret === undefined) {
        await this.keyed(request, response, next);
        return;
      }
      const feed = feedOf(request);
      const read = typeof secret === "string" ? () => this.#keys.nameOfSecret(secret, feed) : async () => null;
      const name = await read();
      if (name === null) {
        if (this.#wrong.tooMany(request, response)) return;
        throw new KindredError("no-key", "the secret in the address is not one of this feed, or its key was removed");
      }
      response.locals["key"] = name;
      this.#watch(response, async () => (await read()) !== null);
      next();
    };

  /** The secret of a feed for the reader of this response; null if it was answered without a key. */
  async secretFor(response: Response, feed: string): Promise<string | null> {
    const name: unknown = response.locals["key"];
    return typeof name === "string" ? this.#keys.secretOf(name, feed) : null;
  }

  /**
   * Begins a session with the key of the request, in a cookie that scripts cannot read and other sites cannot send. The
   * page sends its path, so that other applications on the host do not receive the cookie.
   */
  readonly begin: RequestHandler = async (request, response) => {
    const path = pathOf(request);
    const key = inHeader(request);
    if (key !== undefined) {
      const name = cookieName(request, path);
      const before = inCookies(request).filter((cookie) => cookie.name === name);
      const token = await this.#keys.beginSession(
        key,
        before.map((cookie) => cookie.token),
      );
      if (token === null) throw revokedError();
      response.cookie(name, token, { ...options(request, path), maxAge: SESSION });
      response.clearCookie(OLD_COOKIE, { httpOnly: true, sameSite: "strict" });
    }
    response.status(204).end();
  };

  /** Ends the session of the page. */
  readonly end: RequestHandler = async (request, response) => {
    const path = pathOf(request);
    const name = cookieName(request, path);
    const own = inCookies(request).filter((cookie) => cookie.name === name);
    await this.#keys.endSessions(own.map((cookie) => cookie.token));
    response.clearCookie(name, options(request, path));
    response.clearCookie(OLD_COOKIE, { httpOnly: true, sameSite: "strict" });
    response.status(204).end();
  };

  async #sessionOf(request: Request): Promise<{ name: string; token: string } | null> {
    for (const { token } of inCookies(request)) {
      const name = await this.#keys.nameOfSession(token);
      if (name !== null) return { name, token };
    }
    return null;
  }

  #watch(response: Response, allowed: () => Promise<boolean>): void {
    const revoked = new AbortController();
    response.locals["revoked"] = revoked.signal;
    const one = { allowed, revoked };
    this.#underWay.add(one);
    response.on("close", () => this.#underWay.delete(one));
    if (!this.#checking) void this.#check();
  }

  async #check(): Promise<void> {
    this.#checking = true;
    while (this.#underWay.size > 0) {
      await setTimeout(CHECK_EVERY, undefined, { ref: false });
      for (const one of this.#underWay) {
        // If the file of keys cannot be read, no key is valid.
        if (await one.allowed().catch(() => false)) continue;
        this.#underWay.delete(one);
        one.revoked.abort();
      }
    }
    this.#checking = false;
  }
}

/** Aborted when the key of a request is revoked; undefined if it needed none. */
export const revokedOf = (response: Response): AbortSignal | undefined =>
  response.locals["revoked"] as AbortSignal | undefined;

export const revokedError = (): KindredError =>
  new KindredError("no-key", "the key was removed, or its session ended, during the request; what was imported stays");

/** The header with the path of the page. */
export const PATH_HEADER = "Kindred-Path";

/** A path that ends in a slash and is allowed in a cookie. */
export const pathSchema = z
  .string()
  .max(2_000)
  .regex(/^\/(?:[!-:=-~]*\/)?$/, "expected a path that starts and ends with a slash")
  .describe("The path of the page, by default the server's base path: the browser sends the cookie only there.");

const pathOf = (request: Request): string =>
  validate(z.object({ "Kindred-Path": pathSchema }), {
    [PATH_HEADER]: request.get(PATH_HEADER) ?? basePathAt(request),
  })[PATH_HEADER];

/** A name for each page, so that servers at other ports or paths of the host do not overwrite each other's cookies. */
function cookieName(request: Request, path: string): string {
  const site = request.get("origin") ?? request.get("host") ?? "";
  return `kindred_${createHash("sha256").update(`${site.toLowerCase()}${path}`).digest("hex").slice(0, 16)}`;
}

const options = (request: Request, path: string) =>
  ({ httpOnly: true, sameSite: "strict", path, secure: isSecure(request) }) as const;

/** Whether the page was loaded with HTTPS, according to the browser or a proxy. */
const isSecure = (request: Request): boolean =>
  /^https\b/.test(request.get("origin") ?? request.get("x-forwarded-proto") ?? "");
