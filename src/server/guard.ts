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
  const proxies = new Set(allowed.map(lower));
  const names = new Set([...proxies, ...(isLoopback(listening) ? [] : ownNames(listening)).map(lower)]);
  const known = (host: string): boolean => {
    const name = lower(host).replace(/:\d*$/, "").replace(/\.$/, "");
    if (LOOPBACK.test(name) || names.has(name)) return true;
    // An address cannot be pointed anywhere; but who listens to this machine alone is not asked by another address.
    return !isLoopback(listening) && isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
  };
  return (request, response, next) => {
    // RFC 9112, 3.2. Node's parser keeps the first; what lies between may go by the other.
    if (request.rawHeaders.filter((name, i) => i % 2 === 0 && lower(name) === "host").length > 1) {
      sendProblem(response, 400, "the Host header: got several, expected one");
      return;
    }
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
    const foreign = SAFE.has(request.method)
      ? null
      : foreignSite(request.get("sec-fetch-site"), request.get("origin"), host, proxies);
    if (foreign === null) next();
    else sendProblem(response, 403, foreign);
  };
}

const NO_CHANGE = "a page of another site may not change anything here";

/** Why a request comes from a page of another site, and what to do where it does not; null when it is none. */
function foreignSite(
  site: string | undefined,
  origin: string | undefined,
  host: string,
  proxies: ReadonlySet<string>,
): string | null {
  if (site !== undefined && site !== "same-origin" && site !== "none")
    return `the Sec-Fetch-Site header: got "${site.slice(0, 20)}": ${NO_CHANGE}`;
  if (origin === undefined) return null;
  const from = /^https?:\/\//.test(origin) ? urlOf(origin) : undefined;
  if (from !== undefined) {
    // Whether the port is written or not: `name:443` by https is `name`.
    if (from.host === urlOf(`${from.protocol}//${host}`)?.host) return null;
    // A proxy that sends a Host of its own, at whatever port. Browsers tell one port's page from another's themselves.
    if (proxies.has(from.hostname)) return null;
  }
  const expected = `the Origin header: got "${origin.slice(0, 100)}", expected the name and port of the Host header, "${host.slice(0, 100)}": ${NO_CHANGE}`;
  if (from === undefined) return expected;
  return (
    `${expected}. If it is Kindred's own page behind a proxy, start kindred serve with ` +
    `--allow-host ${from.hostname.slice(0, 100)}, or have the proxy pass on the Host header it gets`
  );
}

const lower = (name: string): string => name.toLowerCase();

const ownNames = (listening: string): string[] => [listening, hostname(), `${hostname()}.local`];

function urlOf(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}
