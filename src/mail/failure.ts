/** Why the mail server takes no mail at all. */
import { KindredError } from "../core/errors.js";

/** The message is for the owner: it may contain addresses, and where the server is. `brief` is for everybody. */
export class ServerFailure extends KindredError {
  readonly brief: string;

  constructor(brief: string, message: string, options?: { cause?: unknown }) {
    super("unreachable", message, options);
    this.brief = brief;
  }
}
