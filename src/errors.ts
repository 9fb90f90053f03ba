import type { ImportReport } from "./api.js";

/** What went wrong, in the terms of whoever asked. Faces map it: HTTP to a status, the command line to an exit code. */
export type ErrorCode =
  /** The request is wrong: say which part, what was got, what is allowed. */
  | "invalid"
  /** Nothing has that id. */
  | "not-found"
  /** Another process is doing this work. */
  | "busy"
  /** A stored file is damaged, or was made by something this version cannot read. */
  | "damaged"
  /** The disk, or the folder, does not take what is to be stored. */
  | "storage"
  /** The request was larger than a stated limit. */
  | "too-large"
  /** It needs a key, and none was shown that is known. */
  | "no-key"
  /** The client sends or takes bytes too slowly. */
  | "too-slow"
  /** What answers has too much to do, or took too long. */
  | "overloaded"
  /** What answers ended before it had answered, and has begun anew: memory, say, ran out. */
  | "interrupted"
  /** The caller went away or asked to stop. */
  | "cancelled";

/**
 * An error with words a person can act on: what was got, what was expected, what to do.
 * Anything thrown that is not one of these is a defect of Kindred itself.
 */
export class KindredError extends Error {
  override readonly name = "KindredError";
  readonly code: ErrorCode;
  /** The parameter or field that was wrong, when there is one. */
  readonly parameter: string | undefined;
  /** Of an import that stopped after some papers were stored: what it did until then. */
  report: ImportReport | undefined;

  constructor(code: ErrorCode, message: string, options: { parameter?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.parameter = options.parameter;
  }
}

export const unknownPaper = (id: string): KindredError =>
  new KindredError(
    "not-found",
    `there is no paper with the id "${id.slice(0, 200)}": search for its title to find its id`,
    { parameter: "id" },
  );

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
