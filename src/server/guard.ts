import type { RequestHandler } from "express";
import { sendProblem } from "./problems.js";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Keeps web pages from elsewhere out: a browser says where a request comes from, so one from another site may not
 * write; and a server that only this machine can reach answers only to this machine's names, so that a foreign name
 * pointed at 127.0.0.1 (DNS rebinding) reads nothing.
 */
export function sameSite(loopback: boolean): RequestHandler {
  return (request, response, next) => {
    const host = request.get("host") ?? "";
    if (loopback && !/^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)) {
      sendProblem(response, 403, `the Host header: got "${host.slice(0, 100)}", expected localhost or 127.0.0.1`);
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

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
