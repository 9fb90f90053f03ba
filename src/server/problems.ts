/** Every error as application/problem+json (RFC 9457), in one shape. */
import { STATUS_CODES } from "node:http";
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import { z } from "zod";
import { KindredError, type ErrorCode } from "../errors.js";

export const problemSchema = z.strictObject({
  /** Always about:blank: the status says what kind of problem it is. */
  type: z.literal("about:blank"),
  /** The status in words. */
  title: z.string(),
  status: z.int(),
  /** What was got, what was expected, what to do. */
  detail: z.string(),
  /** The parameter that was wrong, where there is one. */
  parameter: z.string().optional(),
});

const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  "not-found": 404,
  busy: 409,
  "too-large": 413,
  damaged: 500,
  cancelled: 503,
};

export function sendProblem(response: Response, status: number, detail: string, parameter?: string): void {
  const problem: z.infer<typeof problemSchema> = {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail,
    ...(parameter === undefined ? {} : { parameter }),
  };
  response.status(status).type("application/problem+json").send(JSON.stringify(problem));
}

/** A path nothing is served at. */
export const notFound: RequestHandler = (request, response) =>
  sendProblem(
    response,
    404,
    `there is nothing at ${request.path.slice(0, 200)}; api/openapi.json lists what there is ` +
      `(an id with a slash in it is written with %2F)`,
  );

export const methodNotAllowed =
  (allowed: readonly string[]): RequestHandler =>
  (request, response) => {
    response.set("Allow", allowed.join(", "));
    sendProblem(response, 405, `${request.method} is not possible here, only ${allowed.join(", ")}`);
  };

/** Errors of Kindred's own, of Express's body parser (which bring a status), and defects. */
export const onError =
  (log: (error: unknown) => void): ErrorRequestHandler =>
  (thrown: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    if (thrown instanceof KindredError) {
      sendProblem(response, STATUS[thrown.code], thrown.message, thrown.parameter);
      return;
    }
    const { status, message } = thrown as { status?: unknown; message?: unknown };
    if (typeof status === "number" && status >= 400 && status < 500) {
      sendProblem(response, status, `the request could not be read: ${String(message)}`);
      return;
    }
    log(thrown);
    sendProblem(response, 500, "something went wrong inside Kindred; its log says what");
  };
