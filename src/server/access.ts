/** Who may ask: what needs a key, and how one is shown. */
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Request, RequestHandler, Response } from "express";
import { z } from "zod";
import { KindredError } from "../errors.js";
import { type Keys, SESSION } from "../keys.js";
import { validate } from "../validate.js";
import { WrongKeys } from "./rate.js";

/** What needs a key: nothing, what changes something, or all but whether the server is alive. */
export type Protected = "nothing" | "writes" | "all";

/** How often it is checked whether what let in the requests under way still does, in milliseconds. */
const CHECK_EVERY = 1_000;

/** Up to version 0.1 the cookie held the key itself. It is not read any more, and taken away. */
const OLD_COOKIE = "kindred_key";
const COOKIES = /(?:^|;\s*)(kindred_[0-9a-f]{16})=([\w-]{1,100})(?=\s*(?:;|$))/g;
/** Cookies that are looked at: one of another Kindred on the same host may come before this one's. */
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
   * Lets a request through that shows a key as `Authorization: Bearer KEY`, or a session in the page's cookie. It is
   * `revoked` when the key is removed, or the session ended, before it is answered.
   */
  readonly keyed: RequestHandler = async (request, response, next) => {
    const key = inHeader(request);
    const found = key === undefined ? await this.#sessionOf(request) : await this.#keys.nameOf(key);
    if (found === null) {
      if (key !== undefined && this.#wrong.tooMany(request, response)) return;
      response.set("WWW-Authenticate", 'Bearer realm="Kindred"');
      throw new KindredError(
        "no-key",
        `${key === undefined ? "this needs a key" : "the key is not known here"}: send one that ` +
          `"kindred key add NAME" has made there, as Authorization: Bearer KEY`,
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

  /**
   * Begins a session with the key of this request, in a cookie that no script can read and no other site send. The
   * page says at which path it is: another application of the same host is not sent the cookie.
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

  /** Ends the session of this page. */
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
        // A file of keys that cannot be read lets nobody in.
        if (await one.allowed().catch(() => false)) continue;
        this.#underWay.delete(one);
        one.revoked.abort();
      }
    }
    this.#checking = false;
  }
}

/** Aborted when what let a request in does so no more; undefined where nothing had to. */
export const revokedOf = (response: Response): AbortSignal | undefined =>
  response.locals["revoked"] as AbortSignal | undefined;

export const revokedError = (): KindredError =>
  new KindredError("no-key", "the key was removed, or its session ended, meanwhile; what had been read stays");

/** The header in which a page says at which path it is. */
export const PATH_HEADER = "Kindred-Path";

/** A path of the host that ends in a slash, as an address has it and a cookie can. */
export const pathSchema = z
  .string()
  .max(2_000)
  .regex(/^\/(?:[!-:=-~]*\/)?$/, "expected a path that starts and ends with a slash, as an address has it")
  .default("/")
  .describe("The path of the page, for which alone a browser sends the cookie.");

const pathOf = (request: Request): string =>
  validate(z.object({ "Kindred-Path": pathSchema }), { [PATH_HEADER]: request.get(PATH_HEADER) })[PATH_HEADER];

/** One name for each page, so that Kindreds on one host, at other ports or paths, leave each other's cookies alone. */
function cookieName(request: Request, path: string): string {
  const site = request.get("origin") ?? request.get("host") ?? "";
  return `kindred_${createHash("sha256").update(`${site.toLowerCase()}${path}`).digest("hex").slice(0, 16)}`;
}

const options = (request: Request, path: string) =>
  ({ httpOnly: true, sameSite: "strict", path, secure: isSecure(request) }) as const;

/** Whether the page was loaded by HTTPS: a browser says so itself, for other clients a proxy does. */
const isSecure = (request: Request): boolean =>
  /^https\b/.test(request.get("origin") ?? request.get("x-forwarded-proto") ?? "");
