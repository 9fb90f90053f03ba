/** The Express application: the API, the page, and what guards both. The only importer of express. */
import { join } from "node:path";
import { parse } from "node:querystring";
import compression from "compression";
import express, { type Express, type RequestHandler, type Response } from "express";
import helmet from "helmet";
import { z } from "zod";
import type { Kindred } from "../kindred.js";
import { ROOT } from "../root.js";
import type { StatusEvents } from "./events.js";
import { sameSite } from "./guard.js";
import { openApi } from "./openapi.js";
import { methodNotAllowed, notFound, onError } from "./problems.js";
import { parseQuery } from "./query.js";
import { ROUTES, type Route } from "./routes.js";

/** Bytes of a JSON body: room for a query of 200,000 characters in any script. */
const MAX_JSON = "4mb";

/** Of gzip: a higher level takes longer and makes answers hardly smaller. */
const COMPRESSION = 2;

export type AppOptions = {
  /** Whether only this machine can reach the server: then requests must also name it as this machine. */
  loopback: boolean;
  /** Called when papers were imported or removed. */
  changed: () => void;
  /** Sends news to whoever listens. */
  events: StatusEvents;
  log: (error: unknown) => void;
};

export function createApp(kindred: Kindred, { loopback, changed, events, log }: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  // Express's own stops silently after 1,000 parameters; how many there may be is said by each schema.
  app.set("query parser", (query: string) => parse(query, "&", "=", { maxKeys: 0 }));
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          imgSrc: ["'self'", "data:"],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
      // Served over plain HTTP on one's own machine.
      strictTransportSecurity: false,
    }),
  );
  app.use(sameSite(loopback));
  app.use(compression({ level: COMPRESSION }));
  const document = openApi();
  app.get("/api/openapi.json", (_request, response) => void response.json(document));
  const json = express.json({ limit: MAX_JSON });
  for (const route of ROUTES) {
    const handlers = route.body === undefined || route.body === "papers" ? [] : [json];
    app[route.method](`/api${route.path}`, ...handlers, answering(kindred, route, changed));
  }
  app.get("/api/events", events.listen);
  for (const [path, methods] of allowedMethods()) app.all(path, methodNotAllowed(methods));
  app.use("/api", notFound);
  app.use(express.static(join(ROOT, "dist", "web"), { index: "index.html", redirect: false }));
  app.use(notFound);
  app.use(onError(log));
  return app;
}

const NOTHING = z.strictObject({});

function answering(kindred: Kindred, route: Route, changed: () => void): RequestHandler {
  const writes = route.body === "papers" || route.method === "delete" || route.path.startsWith("/imports/");
  return async (request, response) => {
    const start = performance.now();
    const gone = new AbortController();
    response.on("close", () => {
      if (!response.writableFinished) gone.abort();
    });
    try {
      // Where nothing can be asked in the address, something that is asked there is a mistake.
      if (route.query === undefined) parseQuery(NOTHING, request.query);
      const body = await route.handle(kindred, request, gone.signal);
      if (gone.signal.aborted) return;
      response.set("Server-Timing", `total;dur=${(performance.now() - start).toFixed(1)}`);
      if (body === undefined) response.status(204).end();
      else if (route.answer === "bytes") sendBytes(response, body as Awaited<ReturnType<Kindred["mapPoints"]>>);
      else if (typeof body === "string") response.type("json").send(body);
      else response.json(body);
    } catch (thrown) {
      // Nobody is there to be told.
      if (gone.signal.aborted) return;
      if (request.readable && route.body === "papers") response.set("Connection", "close");
      throw thrown;
    } finally {
      if (writes) changed();
    }
  };
}

/** A client that has this version is told so, and nothing more. */
function sendBytes(response: Response, { bytes, version }: { bytes: Uint8Array; version: string }): void {
  response.type("application/octet-stream").set({ ETag: `"${version}"`, "Cache-Control": "no-cache" });
  response.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

function allowedMethods(): Map<string, string[]> {
  const allowed = new Map(
    ["/api/openapi.json", "/api/events"].map((path): [string, string[]] => [path, ["GET", "HEAD"]]),
  );
  for (const { path, method } of ROUTES) {
    const methods = allowed.get(`/api${path}`) ?? [];
    methods.push(...(method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()]));
    allowed.set(`/api${path}`, methods);
  }
  return allowed;
}
