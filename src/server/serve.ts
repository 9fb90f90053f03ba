/** A running server: it listens, embeds what is imported, and stops without cutting anybody off. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { KindredError, messageOf } from "../errors.js";
import type { EmbeddingProgress, Kindred } from "../kindred.js";
import { createApp } from "./app.js";
import { StatusEvents } from "./events.js";
import { MAX_HEADER, onClientError } from "./problems.js";

export type Serving = {
  /** Where it is reached: `http://127.0.0.1:3000/`. */
  url: string;
  /** Stops listening, lets running requests finish, then resolves. The Kindred it served stays open. */
  close(): Promise<void>;
};

export type ServeOptions = {
  host: string;
  /** 0 for any free one. */
  port: number;
  log: (line: string) => void;
  /** News of embedding, which runs whenever something is pending. */
  onProgress?: (progress: EmbeddingProgress) => void;
  /** Called each time nothing is pending any more. */
  onIndexed?: () => void;
};

/** How often it is looked whether another process has imported something, in milliseconds. */
const LOOK_EVERY = 2_000;
/** Changes a snapshot may be behind before it is written again, when nothing else is to be done. */
const OLD = 1_000;
/** How long nothing is tried again after it failed, in milliseconds. */
const REST = 60_000;
/** How long one request may take to arrive, in milliseconds: a large import over a slow line. */
const REQUEST_TIMEOUT = 3_600_000;
/** How long requests may take to finish when the server stops. */
const GRACE = 5_000;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** @throws KindredError `invalid` when the address cannot be listened on. */
export async function serve(kindred: Kindred, options: ServeOptions): Promise<Serving> {
  // What is wrong with the model is told to whoever asks something that needs it.
  kindred.prepare().catch(() => {});
  const background = keepIndexed(kindred, options);
  const events = new StatusEvents(kindred);
  const app = createApp(kindred, {
    loopback: LOOPBACK.test(options.host),
    changed: background.look,
    events,
    log: (error) => options.log(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  const server = createServer({ maxHeaderSize: MAX_HEADER, requestTimeout: REQUEST_TIMEOUT }, app);
  server.on("clientError", onClientError);
  try {
    await listen(server, options);
  } catch (thrown) {
    await background.stop();
    throw thrown;
  }
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  background.look();
  return {
    url: `http://${host}:${port}/`,
    close: async () => {
      events.close();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), GRACE);
      await Promise.all([closed, background.stop()]);
      clearTimeout(late);
    },
  };
}

function listen(server: Server, { host, port }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why: Record<string, string> = {
        EADDRINUSE: `port ${port} is taken: another program, or another Kindred, listens there; name another with --port`,
        EACCES: `port ${port} may not be used by this user: name one above 1024 with --port`,
        EADDRNOTAVAIL: `${host} is no address of this machine: name another with --host`,
        ENOTFOUND: `${host} is no address: name another with --host`,
      };
      reject(new KindredError("invalid", why[error.code ?? ""] ?? error.message, { parameter: "port", cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

/** Embeds whatever is pending, whoever imported it, for as long as the server runs. */
function keepIndexed(kindred: Kindred, { log, onProgress, onIndexed }: ServeOptions) {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let resting = 0;
  const run = async () => {
    try {
      // Whether the snapshot will do is known by then.
      await kindred.found();
      const { pending, pendingSentences, pendingPoints, index } = await kindred.status();
      // Indexing also writes a snapshot: where there is none, or a damaged or an old one.
      const old = index.notice !== null || index.storeChange - index.saved > (index.saved === 0 ? 0 : OLD);
      if (pending + pendingSentences + pendingPoints === 0 && !old) return;
      const options = { signal: stopping.signal, ...(onProgress === undefined ? {} : { onProgress }) };
      const report = await kindred.index(options);
      if (report.state === "done") onIndexed?.();
    } catch (thrown) {
      if (!stopping.signal.aborted) log(`indexing failed: ${messageOf(thrown)}`);
      resting = performance.now() + REST;
    }
  };
  const look = () => {
    if (!stopping.signal.aborted && performance.now() >= resting)
      running ??= run().finally(() => (running = undefined));
  };
  const timer = setInterval(look, LOOK_EVERY);
  return {
    look,
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await running;
    },
  };
}
