/** A running server: listens, embeds what is imported, runs jobs, and lets running requests finish when it stops. */
import { createServer } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { KindredError, messageOf } from "../core/errors.js";
import { keepIndexed } from "../indexing/keep-indexed.js";
import type { EmbeddingProgress, Kindred } from "../kindred.js";
import { mailSettings, publicUrl } from "../mail/settings.js";
import type { Protected } from "./access.js";
import { createApp } from "./app.js";
import { basePathOf } from "./base-path.js";
import { StatusEvents } from "./events.js";
import { isLoopback } from "./guard.js";
import { HOURS, lanes } from "./lanes.js";
import { createLogger, type Logger } from "./log.js";
import { Metrics } from "./metrics.js";
import { MAX_HEADER, onClientError, onExpectation } from "./problems.js";
import { clientOf } from "./rate.js";

export type Serving = {
  /** Where it is reached: `http://127.0.0.1:3000/`. */
  url: string;
  protects: Protected;
  /** Stops listening, lets running requests finish, then resolves. The Kindred it served stays open. */
  close(): Promise<void>;
};

export type ServeOptions = {
  host: string;
  /** 0 for any free one. */
  port: number;
  /** More host names, such as that of a proxy. */
  allowedHosts?: readonly string[];
  /** The path at which a proxy serves it, such as `/papers/`. Default the path of `KINDRED_URL`, otherwise `/`. */
  basePath?: string;
  /**
   * Which requests need a key. Default `nothing` on a loopback address without a proxy's name or path, elsewhere `writes`.
   * On other addresses `nothing` is refused.
   */
  protects?: Protected;
  /** Requests per client and minute. Default any number on a loopback address, elsewhere 1,200. */
  perMinute?: number;
  /** Default: defects, on standard error. */
  log?: Logger;
  /** Called with the progress of embedding, which runs whenever something is pending. */
  onProgress?: (progress: EmbeddingProgress) => void;
  /** Called whenever embedding has finished. */
  onIndexed?: () => void;
};

/** How long running requests may take to finish when the server stops, in milliseconds. */
const GRACE = 5_000;

/** How long a connection may be idle, in milliseconds: longer than the pause between two server-sent events. */
const IDLE_TIMEOUT = 120_000;
/** Open connections: of all clients, and of each where others can reach the server (a local proxy is many clients). */
const MAX_CONNECTIONS = 1_000;
const MAX_CONNECTIONS_PER_CLIENT = 250;
/** How long the address and the headers of a request may take to arrive, in milliseconds. */
const HEADERS_TIMEOUT = 20_000;
/** Requests of one client in a minute: fast typing sends ten searches a second. */
const MAX_REQUESTS_PER_MINUTE = 1_200;
/** How long it may take to say that questions are answered, in milliseconds. */
const READY = 2_000;

/** @throws KindredError `invalid` when the address cannot be listened on, or the settings of mail are wrong. */
export async function serve(kindred: Kindred, options: ServeOptions): Promise<Serving> {
  const { host, log = createLogger("error") } = options;
  // Wrong settings are better found now than when a mail is due.
  mailSettings(process.env);
  const publicly = publicUrl(process.env);
  const basePath = basePathOf(options.basePath, publicly);
  const allowedHosts = [...(options.allowedHosts ?? []), ...publicHost(publicly)];
  const alone = isLoopback(host);
  // A proxy, whose name is allowed or which has a path for it, lets others in.
  const proxied = allowedHosts.some((name) => !isLoopback(name)) || basePath !== "/";
  const protects = options.protects ?? (alone && !proxied ? "nothing" : "writes");
  if (!alone && protects === "nothing")
    throw new KindredError(
      "invalid",
      `protects: got "nothing", but every client that can reach ${host} could change papers: expected "writes" or "all"`,
    );
  let prepared = false;
  // A request that needs the model reports what is wrong with it.
  Promise.all([kindred.prepare(), kindred.openingNotice()]).then(
    () => (prepared = true),
    () => {},
  );
  const inLanes = lanes();
  const metrics = new Metrics(kindred, inLanes);
  const background = keepIndexed(kindred, {
    progress: () => {
      const embedded = metrics.embedding();
      return (progress) => {
        embedded(progress);
        options.onProgress?.(progress);
      };
    },
    done: () => options.onIndexed?.(),
    failed: (thrown) => log.error({ err: thrown }, `indexing failed: ${messageOf(thrown)}`),
  });
  const events = new StatusEvents(kindred);
  const app = createApp(kindred, {
    host,
    allowedHosts,
    basePath,
    protects,
    // Others may come through a proxy, whose name is allowed or which has a path for it, or with a key.
    local: alone && protects === "nothing" && allowedHosts.length === 0 && basePath === "/",
    perMinute: options.perMinute ?? (alone ? null : MAX_REQUESTS_PER_MINUTE),
    changed: background.look,
    events,
    metrics,
    lanes: inLanes,
    ready: async () => prepared && (await Promise.race([answers(kindred), setTimeout(READY, false)])),
    log,
  });
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER,
      headersTimeout: HEADERS_TIMEOUT,
      connectionsCheckingInterval: HEADERS_TIMEOUT / 4,
      requestTimeout: HOURS,
    },
    app,
  );
  server.timeout = IDLE_TIMEOUT;
  server.maxConnections = MAX_CONNECTIONS;
  if (!alone) server.on("connection", atMostEach(MAX_CONNECTIONS_PER_CLIENT));
  server.on("clientError", onClientError);
  server.on("checkExpectation", onExpectation);
  try {
    await listen(server, options);
  } catch (thrown) {
    await background.stop();
    throw thrown;
  }
  const { port } = server.address() as AddressInfo;
  background.look();
  if (kindred.readOnly === null) {
    kindred.jobs.start((message, thrown) => log.warn({ err: thrown }, message));
    kindred.sources.start((thrown) => log.warn({ err: thrown }, `sources could not be read: ${messageOf(thrown)}`));
    kindred.alerts.start((thrown) => log.warn({ err: thrown }, `alerts could not be read: ${messageOf(thrown)}`));
    kindred.mail.start((thrown) => log.warn({ err: thrown }, `mail could not be sent: ${messageOf(thrown)}`));
    kindred.webhooks.start((thrown) => log.warn({ err: thrown }, `webhooks could not be read: ${messageOf(thrown)}`));
  }
  return {
    protects,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}${basePath}`,
    close: async () => {
      events.close();
      kindred.sources.stop();
      kindred.alerts.stop();
      kindred.mail.stop();
      kindred.webhooks.stop();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      const ended = new AbortController();
      setTimeout(GRACE, undefined, { signal: ended.signal }).then(
        () => server.closeAllConnections(),
        () => {},
      );
      await Promise.all([closed, background.stop(), kindred.jobs.stop()]);
      ended.abort();
    },
  };
}

/** The host name in `KINDRED_URL`, unless only this machine can reach it. */
function publicHost(url: string | null): string[] {
  const name = url === null ? "localhost" : new URL(url).hostname;
  return isLoopback(name.replace(/^\[(.*)\]$/, "$1")) ? [] : [name];
}

/** Closes the connections of a client beyond a number. */
function atMostEach(most: number): (socket: Socket) => void {
  const open = new Map<string, number>();
  return (socket) => {
    const { remoteAddress = "" } = socket;
    if (isLoopback(remoteAddress.replace(/^::ffff:/, ""))) return;
    const client = clientOf(remoteAddress);
    const count = (open.get(client) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(client, count);
    socket.on("close", () => {
      const left = (open.get(client) ?? 0) - 1;
      if (left > 0) open.set(client, left);
      else open.delete(client);
    });
  };
}

const answers = (kindred: Kindred): Promise<boolean> =>
  kindred.status().then(
    () => true,
    () => false,
  );

/** @throws KindredError `invalid` that says what to do. */
export function listen(server: Server, { host, port }: Pick<ServeOptions, "host" | "port">): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why: Record<string, string> = {
        EADDRINUSE: `port ${port} is taken: another program, or another Kindred, listens there; name another with --port`,
        EACCES: `port ${port} may not be used by this user: name one above 1024 with --port`,
        EADDRNOTAVAIL: `${host} is not an address of this machine: name another with --host`,
        ENOTFOUND: `${host} is not an address: name another with --host`,
      };
      reject(new KindredError("invalid", why[error.code ?? ""] ?? error.message, { parameter: "port", cause: error }));
    });
    server.listen(port, host, resolve);
  });
}
