/** Keeps web pages from elsewhere out. */
import { isIP } from "node:net";
import { hostname } from "node:os";
import type { RequestHandler } from "express";
import { sendProblem } from "./problems.js";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether only this machine can reach what listens there. */
export const isLoopback = (address: string): boolean =>
  LOOPBACK.test(address.includes(":") ? `[${address}]` : address.toLowerCase());

/**
 * A browser says where a request comes from, so one from another site may not write. And no answer is given to a name
 * that is not the server's own, so that a foreign one pointed at its address (DNS rebinding) reads nothing.
 *
 * @param listening The address it listens on.
 * @param allowed More names it goes by: of a proxy before it, say.
 */
export function sameSite(listening: string, allowed: readonly string[]): RequestHandler {
  const names = new Set([...allowed, ...(isLoopback(listening) ? [] : ownNames(listening))].map(lower));
  const known = (host: string): boolean => {
    const name = lower(host).replace(/:\d+$/, "");
    if (LOOPBACK.test(name) || names.has(name)) return true;
    // An address cannot be pointed anywhere; but who listens to this machine alone is not asked by another address.
    return !isLoopback(listening) && isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
  };
  return (request, response, next) => {
    const host = request.get("host") ?? "";
    if (!known(host)) {
      const expected = isLoopback(listening) ? "localhost or 127.0.0.1" : "this machine's name or address";
      sendProblem(
        response,
        403,
        `the Host header: got "${host.slice(0, 100)}", expected ${expected}; kindred serve --allow-host allows another name`,
      );
      return;
    }
    const site = request.get("sec-fetch-site");
    const origin = request.get("origin");
    const foreign =
      (site !== undefined && site !== "same-origin" && site !== "none") ||
      (origin !== undefined && !/^https?:\/\//.test(origin) ? true : origin !== undefined && hostOf(origin) !== host);
    if (foreign && !SAFE.has(request.method)) {
      sendProblem(response, 403, "a page of another site may not change anything here");
      return;
    }
    next();
  };
}

const lower = (name: string): string => name.toLowerCase();

const ownNames = (listening: string): string[] => [listening, hostname(), `${hostname()}.local`];

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
