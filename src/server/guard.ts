/** Keeps out requests from pages of other sites. */
import { isIP, type Socket } from "node:net";
import { hostname } from "node:os";
import type { Request, RequestHandler } from "express";
import { sendProblem } from "./problems.js";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether only this machine can reach a server that listens on the address. */
export const isLoopback = (address: string): boolean =>
  LOOPBACK.test(address.includes(":") ? `[${address}]` : address.toLowerCase());

/** Headers that proxies add. */
const PROXIES = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/** Whether a request came through a proxy, so that its client may be anybody. Not every proxy says so. */
export const isForwarded = ({ headers }: Request): boolean => PROXIES.some((name) => headers[name] !== undefined);

/** Whether a request comes from this machine, as far as can be seen. */
export function isFromHere(request: Request): boolean {
  // Null when the client has gone before it is answered.
  const socket = request.socket as Socket | null;
  return isLoopback((socket?.remoteAddress ?? "").replace(/^::ffff:/, "")) && !isForwarded(request);
}

/**
 * Refuses writes from another site, by the headers of the browser, and all requests to a host name that is not the
 * server's own, so that a foreign name that points at its address (DNS rebinding) reads nothing.
 *
 * @param listening The address the server listens on.
 * @param allowed More host names, such as that of a proxy.
 */
export function sameSite(listening: string, allowed: readonly string[]): RequestHandler {
  const proxies = new Set(allowed.map(lower));
  const names = new Set([...proxies, ...(isLoopback(listening) ? [] : ownNames(listening)).map(lower)]);
  const known = (host: string): boolean => {
    const name = lower(host).replace(/:\d*$/, "").replace(/\.$/, "");
    if (LOOPBACK.test(name) || names.has(name)) return true;
    // No DNS name can take the place of an address. A server on a loopback address has no other.
    return !isLoopback(listening) && isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
  };
  return (request, response, next) => {
    // RFC 9112, 3.2. Node's parser keeps the first; a proxy may use the other.
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

/** Why a request is taken to come from another site, and what to do if it does not; null if it is not. */
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
    // With or without the default port: `name:443` is `name` with https.
    if (from.host === urlOf(`${from.protocol}//${host}`)?.host) return null;
    // A proxy that sends its own Host, at any port. Browsers themselves keep ports apart.
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
