import { KindredError } from "../core/errors.js";

/** A service cannot be reached, refuses, or answers something else than expected. The message names its host. */
export class SourceError extends KindredError {
  /** The service asked not to be asked before this time, in milliseconds since 1970. */
  readonly retryAt: number | undefined;
  /** The HTTP status of a refusal. */
  readonly status: number | undefined;
  /** Whether it may pass by itself. */
  readonly passing: boolean;

  constructor(
    message: string,
    options: { retryAt?: number; status?: number; passing?: boolean; cause?: unknown } = {},
  ) {
    super("unreachable", message, options.cause === undefined ? {} : { cause: options.cause });
    this.retryAt = options.retryAt;
    this.status = options.status;
    this.passing = options.passing ?? false;
  }

  static later(hostname: string, until: number, now: number): SourceError {
    const seconds = Math.ceil((until - now) / 1000);
    const wait = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
    return new SourceError(
      `${hostname} asks for a pause of ${wait}: nothing is asked before ${new Date(until).toISOString()}`,
      { retryAt: until, passing: true },
    );
  }
}

export const ANOTHER_LIBRARY =
  "this is another Zotero library than before, as when another profile is open: if that is meant, remove the source and add it again";
