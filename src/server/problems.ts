/** Answers every error in one shape, application/problem+json (RFC 9457). */
import { sep } from "node:path";
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import { z } from "zod";
import { KindredError, type ErrorCode } from "../core/errors.js";
import type { Logger } from "./log.js";

export const problemSchema = z.strictObject({
  /** Always about:blank: the status says what kind of problem it is. */
  type: z.literal("about:blank"),
  /** The status in words. */
  title: z.string(),
  status: z.int(),
  /** What was received, what was expected and what to do. */
  detail: z.string(),
  /** The invalid parameter, if there is one. */
  parameter: z.string().optional(),
});

const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  "not-found": 404,
  busy: 409,
  "too-large": 413,
  damaged: 500,
  storage: 507,
  "no-key": 401,
  "too-slow": 408,
  overloaded: 503,
  interrupted: 503,
  unreachable: 502,
  cancelled: 503,
};

/** Seconds after which a client should retry a busy server. */
const AGAIN = 2;

const PROBLEM_TYPE = "application/problem+json";

function problemOf(status: number, detail: string, parameter?: string): string {
  const problem: z.infer<typeof problemSchema> = {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail,
    ...(parameter === undefined ? {} : { parameter }),
  };
  return JSON.stringify(problem);
}

export function sendProblem(response: Response, status: number, detail: string, parameter?: string): void {
  if (status === 503 && !response.hasHeader("Retry-After")) response.set("Retry-After", String(AGAIN));
  response
    .status(status)
    .type(PROBLEM_TYPE)
    .send(problemOf(status, detail, parameter));
}

/** Bytes of the address and the headers of a request. */
export const MAX_HEADER = 64 * 1024;

/** How long a client that sent something other than a request has to read the answer, in milliseconds. */
const LINGER = 1_000;

/** Answers requests that are not HTTP, or whose address is too long: Express never sees them. */
export function onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? [431, `the address and headers: got more than ${MAX_HEADER} bytes; send a long query with POST instead`]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? [408, "the request: it did not arrive in time"]
        : [400, `the request could not be read as HTTP: ${error.message}`];
  const body = problemOf(status, detail);
  // Sockets of a server may be half open: without this, one would count until its client ends it too.
  const late = setTimeout(() => socket.destroy(), LINGER);
  socket.on("close", () => clearTimeout(late));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${PROBLEM_TYPE}; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** Answers an unknown `Expect` header, which Express never sees either. */
export function onExpectation(request: IncomingMessage, response: ServerResponse): void {
  const body = problemOf(417, `Expect: got ${request.headers.expect?.slice(0, 100)}, expected 100-continue or nothing`);
  response.writeHead(417, { "Content-Type": `${PROBLEM_TYPE}; charset=utf-8`, Connection: "close" }).end(body);
}

/** Answers a path that nothing is served at. */
export const notFound: RequestHandler = (request, response) =>
  sendProblem(
    response,
    404,
    `there is nothing at ${request.originalUrl.replace(/[?].*/, "").slice(0, 200)}; api/openapi.json lists what there is ` +
      `and how an id is written`,
  );

export const methodNotAllowed =
  (allowed: readonly string[]): RequestHandler =>
  (request, response) => {
    response.set("Allow", allowed.join(", "));
    sendProblem(response, 405, `${request.method} is not possible here, only ${allowed.join(", ")}`);
  };

/** Removes folders from paths in a message: clients need not know them, and the log has them. */
const withoutFolders = (message: string, folders: readonly string[]): string =>
  folders.reduce((text, folder) => text.replaceAll(`${folder}${sep}`, ""), message);

/**
 * The message of an error for a client. Logs defects, and what is wrong with the disk.
 *
 * @param folders Removed from messages.
 * @param known A message that was reported when the server started, and is not logged again.
 */
export const explaining =
  (log: Logger, folders: readonly string[] = [], known: string | null = null) =>
  (thrown: unknown, response: Response): string => {
    const { id } = response.locals as { id?: string };
    if (!(thrown instanceof KindredError)) {
      log.error({ err: thrown, id }, "a defect");
      return `something went wrong inside Kindred; its log says what, under ${id}`;
    }
    if ((thrown.code === "damaged" || thrown.code === "storage") && thrown.message !== known)
      log.error({ err: thrown, id }, thrown.message);
    return withoutFolders(thrown.message, folders);
  };

/** Answers errors of Kindred, errors of the body parser of Express (which have a status), and defects. */
export const onError =
  (log: Logger, explain: ReturnType<typeof explaining> = explaining(log)): ErrorRequestHandler =>
  (thrown: unknown, _request, response, _next) => {
    // Answered already with 408.
    if (response.writableEnded) return;
    // All that is left is to cut the answer off.
    if (response.headersSent) {
      log.error({ err: thrown, id: (response.locals as { id?: string }).id }, "an answer was cut off");
      response.destroy();
      return;
    }
    if (thrown instanceof KindredError) {
      sendProblem(response, STATUS[thrown.code], explain(thrown, response), thrown.parameter);
      return;
    }
    const { status, message, limit } = thrown as { status?: unknown; message?: unknown; limit?: unknown };
    if (status === 413) {
      sendProblem(response, 413, `the body is too large: expected at most ${String(limit)} bytes of JSON`);
      return;
    }
    if (typeof status === "number" && status >= 400 && status < 500) {
      sendProblem(response, status, `the request could not be read: ${String(message)}`);
      return;
    }
    sendProblem(response, 500, explain(thrown, response));
  };
