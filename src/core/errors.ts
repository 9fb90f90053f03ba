import type { ImportReport } from "./import-report.js";

/** The kinds of error, as the caller sees them. HTTP maps them to a status, the command line to an exit code. */
export type ErrorCode =
  /** The request is wrong; the message says which part, what was got, and what is allowed. */
  | "invalid"
  /** There is nothing with that id. */
  | "not-found"
  /** Another process is doing this work. */
  | "busy"
  /** A stored file is damaged, or was made by something this version cannot read. */
  | "damaged"
  /** The disk or the folder refuses a write. */
  | "storage"
  /** The request was larger than a stated limit. */
  | "too-large"
  /** The request needs a valid key. */
  | "no-key"
  /** The client sends or reads too slowly. */
  | "too-slow"
  /** The server has too much to do, or took too long. */
  | "overloaded"
  /** A thread ended before it had answered, for example because memory ran out. A new one has been started. */
  | "interrupted"
  /** A service on the network does not answer, refuses, or answers something else than expected. */
  | "unreachable"
  /** The caller disconnected, or cancelled the request. */
  | "cancelled";

/**
 * An error with a message a person can act on: what was got, what was expected, what to do. Any other thrown value is a
 * defect of Kindred itself.
 */
export class KindredError extends Error {
  override readonly name = "KindredError";
  readonly code: ErrorCode;
  /** The parameter or field that was wrong, if any. */
  readonly parameter: string | undefined;
  /** For an import that stopped after some papers were stored: what it had done. */
  report: ImportReport | undefined;

  constructor(code: ErrorCode, message: string, options: { parameter?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.parameter = options.parameter;
  }

  /** Includes errors of another copy of this module: threads are bundled, but the module of an engine that they import is not. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== KindredError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return value instanceof Error && value.name === "KindredError" && "code" in value;
  }
}

export const unknownPaper = (id: string): KindredError =>
  new KindredError(
    "not-found",
    `there is no paper with the id "${id.slice(0, 200)}": search for its title to find its id`,
    { parameter: "id" },
  );

export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
