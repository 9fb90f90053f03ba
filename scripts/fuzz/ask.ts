/** Sends what was generated, and takes whatever comes back. */
import { Agent, request as ask } from "node:http";
import { connect, type Socket } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Raw, Request } from "./requests.js";

export type Reply = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer };

/** How long an answer to what is not whole is waited for before the client goes, in milliseconds. */
const PATIENCE = 300;

export class Client {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(url: URL) {
    this.#url = url;
  }

  /** @returns null when the connection ended without an answer. @throws Error "late" when none came in time. */
  send({ method, path, headers, body, whole }: Request, milliseconds: number): Promise<Reply | null> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#url;
      const sent = ask({
        hostname,
        port,
        method,
        path,
        agent: this.#agent,
        headers: {
          "Accept-Encoding": "gzip",
          ...(body === null || headers["Transfer-Encoding"] !== undefined
            ? {}
            : { "Content-Length": String(body.length) }),
          ...headers,
        },
      });
      const late = setTimeout(
        () => {
          sent.destroy();
          if (whole) reject(new Error("late"));
          else resolve(null);
        },
        whole ? milliseconds : PATIENCE,
      );
      const end = (reply: Reply | null) => {
        clearTimeout(late);
        resolve(reply);
      };
      sent.on("error", () => end(null));
      sent.on("upgrade", (_, socket) => socket.destroy());
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", () => end(null));
        response.on("end", () => {
          const bytes = Buffer.concat(chunks);
          const { "content-encoding": encoding } = response.headers;
          const unpack =
            bytes.length === 0
              ? undefined
              : encoding === "gzip"
                ? gunzipSync
                : encoding === "br"
                  ? brotliDecompressSync
                  : undefined;
          end({
            status: response.statusCode!,
            headers: response.headers,
            body: unpack === undefined ? bytes : unpack(bytes),
          });
        });
      });
      sent.end(body ?? undefined);
    });
  }

  /** @returns What came back until the connection ended, or until nothing more was said for a moment. */
  bytes({ bytes }: Raw, patience: number): Promise<Buffer> {
    return new Promise((resolve) => {
      const { hostname, port } = this.#url;
      const socket = connect(Number(port), hostname);
      const chunks: Buffer[] = [];
      let quiet: NodeJS.Timeout | undefined;
      const hush = () => {
        clearTimeout(quiet);
        quiet = setTimeout(() => socket.destroy(), patience);
      };
      socket.on("data", (chunk) => {
        chunks.push(chunk);
        hush();
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        clearTimeout(quiet);
        resolve(Buffer.concat(chunks));
      });
      hush();
      socket.write(bytes);
    });
  }

  /** Opens connections that send half a request, and stay. */
  half(count: number): Socket[] {
    const { hostname, port, host } = this.#url;
    return Array.from({ length: count }, () => {
      const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      socket.on("error", () => {});
      socket.resume();
      socket.write(`GET /api/status HTTP/1.1\r\nHost: ${host}\r\nX: `);
      return socket;
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
