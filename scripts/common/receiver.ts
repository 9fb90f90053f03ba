/** A real HTTP server that keeps what is posted to it, and does what it is told. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { webhookMessageSchema, type WebhookMessage } from "../../src/api.js";

export type Posted = { id: string; path: string; headers: IncomingHttpHeaders; body: string; message: WebhookMessage };

/** What it does with a message; undefined to accept it. It keeps what it answers with 2xx, and what it is told to keep. */
export type Answer =
  | { status: number; headers?: Record<string, string>; body?: string }
  | "silence"
  | "hang up"
  | "keep and hang up"
  | "endless"
  | undefined;

export class Receiver {
  readonly received: Posted[] = [];
  /** The paths and ids of all messages, in order, whether or not they were kept. */
  readonly asked: string[] = [];
  onMessage: (posted: Posted) => Answer = () => undefined;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const { headers, url = "" } = request;
      const message = webhookMessageSchema.parse(JSON.parse(body));
      const posted = { id: String(headers["webhook-id"]), path: url, headers, body, message };
      this.asked.push(`${url} ${posted.id}`);
      this.#answer(posted, response);
    });
  });

  /** @param cleanup Stops the server when a test ends. */
  static async start(cleanup: { after(work: () => unknown): void }): Promise<Receiver> {
    const receiver = new Receiver();
    const server = receiver.#server;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanup.after(() => {
      server.closeAllConnections();
      return new Promise<void>((done) => server.close(() => done()));
    });
    return receiver;
  }

  #answer(posted: Posted, response: ServerResponse): void {
    const answer = this.onMessage(posted);
    const status = typeof answer === "object" ? answer.status : 200;
    if (answer === "keep and hang up" || (answer !== "hang up" && answer !== "silence" && status < 300))
      this.received.push(posted);
    if (answer === "hang up" || answer === "keep and hang up") response.destroy();
    else if (answer === "endless") {
      response.writeHead(status);
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    } else if (answer !== "silence")
      response.writeHead(status, typeof answer === "object" ? answer.headers : {}).end(answer?.body);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Messages with the same id count once, as receivers treat them. */
  get different(): Posted[] {
    return [...new Map(this.received.map((one) => [one.path + one.id, one])).values()];
  }
}

/** The titles of the papers in messages. */
export const titlesIn = (posted: readonly Posted[]): string[] =>
  posted.flatMap(({ message }) => message.papers.map(({ title }) => title));
