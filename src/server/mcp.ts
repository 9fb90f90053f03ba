/** Serves the Model Context Protocol at /mcp. Every request is complete in itself: nothing is kept between them. */
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { RequestHandler } from "express";
import type { Kindred } from "../kindred.js";
import { revokedOf, type Protected } from "./access.js";
import { isForwarded } from "./guard.js";
import type { Lanes } from "./lanes.js";
import { leaving } from "./pace.js";
import { sendProblem, type explaining } from "./problems.js";

type Serving = {
  lanes: Lanes;
  protects: Protected;
  local: boolean;
  /** Called after papers were added. */
  changed: () => void;
  explain: ReturnType<typeof explaining>;
};

/** What is read here of a message; the protocol's library validates it. */
type Message = { id?: unknown; method?: unknown; params?: { requestId?: unknown } | null };

/** The headers that the protocol reads. */
const READ = /^(accept|content-type|mcp-.*)$/;

export function mcpEndpoint(kindred: Kindred, { lanes, protects, local, changed, explain }: Serving): RequestHandler {
  /** Requests that are being answered, by session and id: older clients cancel them with another request. */
  const running = new Map<string, AbortController>();
  return async (request, response) => {
    if (Array.isArray(request.body)) {
      sendProblem(response, 400, "the body: got several messages, expected one: the protocol has no batches any more");
      return;
    }
    const { id, method, params }: Message = request.body ?? {};
    const session = request.get("mcp-session-id");
    const keyOf = (one: unknown): string => JSON.stringify([session, one]);
    // Sessions serve only to know whose request is cancelled.
    if (method === "initialize") response.set("Mcp-Session-Id", randomUUID());
    if (method === "notifications/cancelled" && session !== undefined) running.get(keyOf(params?.requestId))?.abort();
    const gone = new AbortController();
    const key = session !== undefined && id !== undefined ? keyOf(id) : null;
    if (key !== null) running.set(key, gone);
    response.on("close", () => {
      gone.abort();
      if (key !== null && running.get(key) === gone) running.delete(key);
    });
    revokedOf(response)?.addEventListener("abort", () => response.destroy());
    // Most servers have no such client, and it takes a quarter of a second to load.
    const { answerHttp } = await import("../mcp/server.js");
    // A request without a key comes here only if it may read.
    const write = protects === "nothing" || response.locals["key"] !== undefined;
    const connection = {
      kindred,
      write,
      add: write,
      local: local && !isForwarded(request),
      queued: <T>(lane: keyof Lanes, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) =>
        lanes[lane].run(work, signal),
      changed,
      said: (thrown: unknown) => explain(thrown, response),
    };
    const headers = Object.entries(request.headers).filter(([name]) => READ.test(name)) as [string, string][];
    const asked = new Request("http://localhost/mcp", { method: "POST", headers, signal: gone.signal });
    // The client waits for the server now, so the connection may be silent.
    response.setTimeout(0);
    const answer = await answerHttp(connection, asked, request.body, () => {});
    if (gone.signal.aborted) {
      response.destroy();
      return;
    }
    response.status(answer.status);
    answer.headers.forEach((value, name) => response.set(name, value));
    if (answer.body === null) {
      response.end();
      return;
    }
    const pieces: AsyncIterable<string> = Readable.fromWeb(answer.body, { encoding: "utf8" });
    // Clients that go away, or do not take their answer, are no defect.
    await pipeline(
      leaving(pieces, () => response.destroy()),
      response,
    ).catch(() => {});
  };
}
