/** A JSON line for each request and each defect, without abstracts, queries or keys, except URLs at level debug. */
import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import pino, { type DestinationStream, type Logger } from "pino";

export type { Logger } from "pino";

/** Defects; also refused requests; all requests; their URLs. */
export type Level = "error" | "warn" | "info" | "debug";

/** @param destination Default the standard error output. */
export const createLogger = (level: Level, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Synchronous, so that the last lines before the process ends are written.
    destination ?? pino.destination({ dest: 2, sync: true }),
  );

/** Gives each request an id, or keeps the client's, returns it in a header, and logs how the request ended. */
export const logged =
  (log: Logger): RequestHandler =>
  (request, response, next) => {
    const start = performance.now();
    const given = request.get("x-request-id");
    const id = given !== undefined && /^[\w-]{1,64}$/.test(given) ? given : randomUUID();
    response.locals["id"] = id;
    response.set("X-Request-Id", id);
    let whole = false;
    response.on("finish", () => (whole = true));
    response.on("close", () => {
      const { route = "none", key } = response.locals as { route?: string; key?: string };
      const { statusCode: status } = response;
      const line = {
        id,
        method: request.method,
        route,
        status,
        ms: Math.round(performance.now() - start),
        ...(key === undefined ? {} : { key }),
        ...(whole ? {} : { cut: true }),
        ...(log.isLevelEnabled("debug")
          ? { url: request.originalUrl.replaceAll(/([?&]secret=)[^&]*|(\/mail\/)[^?]*/gi, "$1$2...") }
          : {}),
      };
      if (status === 503 || status === 429) log.warn(line, "refused");
      else log.info(line, "request");
    });
    next();
  };
