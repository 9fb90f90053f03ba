/** Sends generated requests and reads whatever comes back. */
import { Agent, request as ask } from "node:http";
import { connect, type Socket } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Raw, Request } from "./requests.js";

export type Reply = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer };

/** How long to wait for the answer to an incomplete request, in milliseconds. */
const PATIENCE = 300;

export class Client {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(url: URL) {
    this.#url = url;
  }

  /** @returns null if the connection closed without an answer. @throws Error "late" if no answer came in time. */
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

  /** @returns What was received until the connection closed, or was silent for `patience` milliseconds. */
  bytes({ bytes }: Raw, patience: number): Promise<Buffer> {
    return new Promise((resolve) => {
      const { hostname, port } = this.#url;
      const socket = connect(Number(port), hostname);
      const chunks: Buffer[] = [];
      let silence: NodeJS.Timeout | undefined;
      const restartTimer = () => {
        clearTimeout(silence);
        silence = setTimeout(() => socket.destroy(), patience);
      };
      socket.on("data", (chunk) => {
        chunks.push(chunk);
        restartTimer();
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        clearTimeout(silence);
        resolve(Buffer.concat(chunks));
      });
      restartTimer();
      socket.write(bytes);
    });
  }

  /** Opens connections that send half a request and stay open. */
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
