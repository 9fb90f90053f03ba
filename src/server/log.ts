/** One line of JSON for each request, and each defect: who reads them reads no abstract, query or key, unless asked for. */
import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import pino, { type DestinationStream, type Logger } from "pino";

export type { Logger } from "pino";

/** From the fewest lines to the most: defects, what was refused for want of room, every request, and its address too. */
export const LEVELS = ["error", "warn", "info", "debug"] as const;

/** @param destination Default the standard error output. */
export const createLogger = (level: (typeof LEVELS)[number], destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // At once, so that the last lines of a process that ends are there.
    destination ?? pino.destination({ dest: 2, sync: true }),
  );

/** Gives each request an id, its client's own if it has one, which its answer bears; and tells how it ended. */
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
        ...(log.isLevelEnabled("debug") ? { url: request.originalUrl } : {}),
      };
      if (status === 503 || status === 429) log.warn(line, "refused");
      else log.info(line, "request");
    });
    next();
  };
