/** The Express application: the API, the page, and what protects both. The only importer of express. */
import { join } from "node:path";
import { parse } from "node:querystring";
import { setTimeout } from "node:timers/promises";
import compression from "compression";
import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import helmet from "helmet";
import { z } from "zod";
import { Keys } from "./keys.js";
import type { Kindred, Stages } from "../kindred.js";
import { ROOT } from "../core/root.js";
import { Access, type Protected, revokedError, revokedOf } from "./access.js";
import { belowPath } from "./base-path.js";
import type { StatusEvents } from "./events.js";
import { feedOf, FEEDS, Feeds, OPML } from "./feeds.js";
import { describeSearch, OPENSEARCH, UNAPI, unapi } from "./found-by.js";
import { isForwarded, isFromHere, sameSite } from "./guard.js";
import type { Lanes } from "./lanes.js";
import { logged, type Logger } from "./log.js";
import { followLink, showLink } from "./mail.js";
import { mcpEndpoint } from "./mcp.js";
import type { Metrics } from "./metrics.js";
import { shallow } from "./nesting.js";
import { openApi } from "./openapi.js";
import { arrivesWithin, leavesWithin } from "./pace.js";
import { explaining, methodNotAllowed, notFound, onError, sendProblem } from "./problems.js";
import { parseQuery } from "./query.js";
import { atMost } from "./rate.js";
import { ROUTES, type Route } from "./routes.js";
import { Bytes, sendText, Text } from "./text.js";

/** The largest JSON body: enough for a query of 200,000 characters in any script. */
const MAX_JSON = "4mb";

/** The gzip level: a higher one takes longer and saves little. */
const COMPRESSION = 2;

/** How long a JSON body may take to arrive, and a complete answer to leave, in milliseconds. */
const BODY_TIMEOUT = 30_000;
const ANSWER_TIMEOUT = 60_000;
/** How long a health check may wait for a cluster, in milliseconds. */
const HEALTH = 1_900;

export type AppOptions = {
  /** The address it listens on. On a loopback address, the Host header must name this machine. */
  host: string;
  /** More host names. */
  allowedHosts: readonly string[];
  /** The path at which clients see it, with a slash at both ends. */
  basePath: string;
  protects: Protected;
  /** Whether every client that does not come through a proxy is the person at this machine. */
  local: boolean;
  /** Requests per client and minute; null for any number. */
  perMinute: number | null;
  /** Called after papers were added or removed. */
  changed: () => void;
  events: StatusEvents;
  metrics: Metrics;
  lanes: Lanes;
  /** Whether the search thread answers and the model and the index are loaded. */
  ready: () => Promise<boolean>;
  log: Logger;
};

export function createApp(kindred: Kindred, options: AppOptions): Express {
  const { host, allowedHosts, basePath, protects, perMinute, events, metrics, ready, log } = options;
  const app = express();
  app.disable("x-powered-by");
  // If a client drops an id from a path, the request must not reach its parent: `lists/mine/` is not `lists/mine`.
  app.enable("strict routing");
  // Express's own parser silently stops after 1,000 parameters; here the schemas limit them.
  app.set("query parser", (query: string) => parse(query, "&", "=", { maxKeys: 0 }));
  app.use(logged(log), metrics.count);
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
      // The server speaks plain HTTP.
      strictTransportSecurity: false,
    }),
  );
  app.use((_request, response, next) => {
    // The steps below, and the pipeline of a streamed answer, each listen once for the end: a dozen, not a leak.
    response.setMaxListeners(20);
    next();
  });
  app.use(sameSite(host, allowedHosts), belowPath(app, basePath));
  app.get("/api/health", named, health(kindred));
  app.get("/api/ready", named, readiness(ready));
  if (perMinute !== null) app.use(["/api", "/metrics", "/feeds", "/mail", "/mcp", UNAPI.path], atMost(perMinute));
  app.use(compression({ level: COMPRESSION, filter: isCompressed }), leavesWithin(ANSWER_TIMEOUT));
  const access = new Access(new Keys(kindred.directory));
  const reads = protects === "all" ? [access.keyed] : [];
  const writes = protects === "nothing" ? [] : [access.keyed];
  const document = openApi(basePath);
  app.get("/api/openapi.json", named, (_request, response) => void response.json(document));
  app.post("/api/session", named, access.keyed, access.begin);
  app.delete("/api/session", named, access.end);
  app.get("/metrics", named, reads, metrics.serve);
  const json = [arrivesWithin(BODY_TIMEOUT), express.json({ limit: MAX_JSON }), shallow];
  app.get("/api/events", named, reads, events.listen);
  const feeds = new Feeds(kindred, access, options.lanes);
  const feedReads = protects === "all" ? [access.keyedOrSecret(feedOf)] : [];
  for (const kind of FEEDS) app.get(kind.path, named, feedReads, feeds.serve(kind));
  app.get(OPML.path, named, feedReads, feeds.serveOpml);
  app.get(UNAPI.path, named, reads, unapi(kindred, options.lanes.questions));
  app.get(OPENSEARCH.path, named, describeSearch);
  const allowed = allowedMethods(document);
  for (const path of byDepth(ROUTES.map((route) => route.path))) {
    for (const route of ROUTES.filter((one) => one.path === path)) {
      const keys = route.access === "write" ? writes : reads;
      const body = route.body === undefined || route.body === "papers" ? [] : json;
      app[route.method](pattern(path), namedAs(`/api${path}`), keys, body, answering(kindred, route, options));
    }
    app.all(pattern(path), methodNotAllowed(allowed.get(`/api${path}`) ?? []));
  }
  for (const [path, methods] of allowed) app.all(path, methodNotAllowed(methods));
  const explain = explaining(log, [kindred.directory, ROOT], kindred.readOnly);
  const assistants = protects === "writes" ? [access.keyedIfSent] : reads;
  app.post("/mcp", named, assistants, json, mcpEndpoint(kindred, { ...options, explain }));
  app.all("/mcp", methodNotAllowed(["POST"]));
  // Links in mails are signed, and need no key.
  app.get("/mail/:token", named, showLink(kindred, options.lanes.questions));
  app.post("/mail/:token", named, followLink(kindred, options.lanes.questions));
  app.all("/mail/:token", methodNotAllowed(["GET", "HEAD", "POST"]));
  app.use(["/api", "/feeds"], notFound);
  app.use(express.static(join(ROOT, "dist", "web"), { index: "index.html", redirect: false }));
  app.use(notFound);
  app.use(onError(log, explain));
  return app;
}

/** Log and metrics name the route instead of the address. */
const named: RequestHandler = (request, response, next) => {
  response.locals["route"] = (request.route as { path: string }).path;
  next();
};

const namedAs =
  (route: string): RequestHandler =>
  (_request, response, next) => {
    response.locals["route"] = route;
    next();
  };

/** Each path once, deepest first: `/papers/a/related` is not the paper `a/related`. */
const byDepth = (paths: readonly string[]): string[] =>
  [...new Set(paths)].toSorted((a, b) => b.split("/").length - a.split("/").length);

/** The Express pattern. An id may contain slashes, because proxies decode `%2F`. */
const pattern = (path: string): string => `/api${path.replace(":id", "*id")}`;

/**
 * Whether to compress: text of any media type, including those unknown to the library, unless it stays on this machine, where
 * compressing it takes longer than sending it.
 */
const isCompressed = (request: Request, response: Response): boolean =>
  !isFromHere(request) && (response.locals["text"] === true || compression.filter(request, response));

/** Says how the cluster is, if there is one, but not where: this needs no key. */
const health =
  (kindred: Kindred): RequestHandler =>
  async (_request, response) => {
    const late = setTimeout(HEALTH, null, { ref: false });
    const state = await Promise.race([kindred.cluster(), late.then(() => ({ reachable: false }) as const)]).catch(
      () => ({ reachable: false }) as const,
    );
    if (state === null) response.json({ status: "alive" });
    else {
      const { reason: _, ...cluster } = { reason: "", ...state };
      response.json({ status: "alive", cluster });
    }
  };

const readiness =
  (ready: () => Promise<boolean>): RequestHandler =>
  async (_request, response) => {
    if (await ready()) response.json({ status: "ready" });
    else sendProblem(response, 503, "the model or the index is still being loaded, or the cluster does not answer");
  };

const NOTHING = z.strictObject({});

function answering(kindred: Kindred, route: Route, { lanes, metrics, changed, local }: AppOptions): RequestHandler {
  const lane = lanes[route.lane];
  return async (request, response) => {
    const start = performance.now();
    const stages: Stages = {};
    const gone = new AbortController();
    response.on("close", () => {
      if (!response.writableFinished) gone.abort();
    });
    const revoked = revokedOf(response);
    revoked?.addEventListener("abort", () => gone.abort());
    try {
      // A route without query parameters refuses all of them.
      if (route.query === undefined) parseQuery(NOTHING, request.query);
      await lane.run(async (signal) => {
        stages["queue"] = performance.now() - start;
        // The client waits for the server now, so the connection may be silent.
        response.setTimeout(0);
        const body = await route.handle(kindred, request, { signal, stages, local: local && !isForwarded(request) });
        // A request that finished although its key was removed is still answered.
        if (signal.aborted && (revoked?.aborted !== true || response.headersSent)) return;
        response.set("Server-Timing", timing({ ...stages, total: performance.now() - start }));
        if (body === undefined) response.status(204).end();
        else if (body instanceof Bytes) sendBytes(response, body);
        else if (body instanceof Text) {
          response.locals["text"] = true;
          await sendText(response, body, signal);
        } else if (typeof body === "string") response.type("json").send(body);
        else response.json(body);
      }, gone.signal);
      metrics.observe(stages);
    } catch (thrown) {
      const cancelled = gone.signal.aborted && !response.headersSent;
      // The client has gone; nothing to send.
      if (cancelled && revoked?.aborted !== true) return;
      if (request.readable && route.body === "papers") response.set("Connection", "close");
      throw cancelled ? revokedError() : thrown;
    } finally {
      if (route.changesPapers === true) changed();
    }
  };
}

/** https://www.w3.org/TR/server-timing/: milliseconds. */
const timing = (stages: Stages): string =>
  Object.entries(stages)
    .map(([name, milliseconds]) => `${name};dur=${milliseconds.toFixed(1)}`)
    .join(", ");

/** Sends bytes with an ETag, so that a client that has this version receives 304. */
function sendBytes(response: Response, { bytes, version }: Bytes): void {
  response.type("application/octet-stream").set({ ETag: `"${version}"`, "Cache-Control": "no-cache" });
  response.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

/** The methods of each path in the document. */
function allowedMethods({ paths }: ReturnType<typeof openApi>): Map<string, string[]> {
  return new Map(
    Object.entries(paths).map(([path, operations]) => [
      path.replaceAll(/\{(\w+)\}/g, ":$1"),
      Object.keys(operations).flatMap((method) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()])),
    ]),
  );
}
