/** The path at which clients see Kindred, where a proxy serves it below one: `/papers/`; otherwise `/`. */
import type { Express, Request, RequestHandler } from "express";
import { KindredError } from "../core/errors.js";

/** Segments of letters, digits and the other characters that need no encoding. */
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~!$&'()*+,=:@%-]+)*\/?$/;
/** Below these, an address with and one without the base path could not be told apart. */
const OWN = /^\/(?:api|chunks|feeds|mail|mcp|metrics|unapi)\//;

/**
 * The base path, with a slash at both ends.
 *
 * @param given With or without a slash at the end.
 * @param url Where readers reach this Kindred: its path is the default.
 * @throws KindredError `invalid` when it is no path, or another one than that of `url`.
 */
export function basePathOf(given: string | undefined, url: string | null): string {
  const invalid = (problem: string) => new KindredError("invalid", problem, { parameter: "base-path" });
  const known = url === null ? undefined : new URL(url).pathname;
  const path = given === undefined || given === "" ? (known ?? "/") : given.replace(/\/?$/, "/");
  if (!PATH.test(path)) throw invalid(`the base path: got "${path.slice(0, 200)}", expected a path such as /papers/`);
  if (OWN.test(path))
    throw invalid(`the base path: got "${path}", which is one of Kindred's own addresses: choose another`);
  if (known !== undefined && path !== known)
    throw invalid(
      `the base path: got "${path}", but KINDRED_URL has the path "${known}": make them the same, or leave one out`,
    );
  return path;
}

const SETTING = "base path";

/**
 * Serves an app below a path: an address may begin with it, for proxies that pass on what they get, or not, for proxies
 * that remove it. What comes after this sees the address without it.
 */
export function belowPath(app: Express, path: string): RequestHandler {
  app.set(SETTING, path);
  return (request, response, next) => {
    const { url } = request;
    if (url.startsWith(path)) request.url = request.originalUrl = url.slice(path.length - 1);
    else if (`${url.replace(/[?].*/s, "")}/` === path) {
      // The page's own addresses are relative to the path with the slash.
      response.redirect(308, path + url.slice(path.length - 1));
      return;
    }
    next();
  };
}

export const basePathAt = ({ app }: Request): string => app.get(SETTING) as string;

/** The address of the page, as the client sees it. */
export function homeOf(request: Request): string {
  const secure = request.secure || /^https\b/.test(request.get("x-forwarded-proto") ?? "");
  return `${secure ? "https" : "http"}://${request.get("host") ?? "localhost"}${basePathAt(request)}`;
}
